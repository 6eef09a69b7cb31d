import { onlyInforms, type EventName, type ForMails } from "../../events.ts";
import { textFor, type MailText, type Text } from "../../text/index.ts";
import { linkOf } from "../who/links.ts";
import { unsubscribeLink } from "./unsubscribe.ts";

/*
 * What a mail says, in words and with its links. The same row says the same, however often it is
 * asked, so that a mail can be shown again.
 */

/** A mail as the record has it. */
export interface MailRow {
  readonly id: string;
  readonly org: number | null;
  readonly user: string | null;
  readonly email: string;
  readonly kind: string;
  /** JSON. */
  readonly data: string;
  readonly at: number;
}

export interface Words {
  readonly language: string;
  readonly subject: string;
  readonly before: readonly string[];
  readonly button: {
    readonly label: string;
    readonly url: string;
    readonly otherwise: string;
  } | null;
  readonly after: readonly string[];
  /** Why it was sent. */
  readonly foot: string;
  readonly unsubscribe: { readonly label: string; readonly url: string } | null;
}

/** Where the mails of an event lead: a page below the org's settings, or one's own access. */
const LEADS: ForMails<string | null> = {
  "member.invited": { person: null },
  "member.joined": { person: "team-members" },
  "member.declined": { person: "team-members" },
  "member.removed": { person: null },
  "grant.added": { person: null },
  "recipient.added": { person: null },
  "share.offered": { person: null, partner: "shared-with-us" },
  "share.accepted": { person: "shared-by-us", partner: "shared-by-us" },
  "share.declined": { person: "shared-by-us", partner: "shared-by-us" },
  "share.changed": { person: null, partner: "shared-with-us" },
  "share.removed": { person: null, partner: "shared-with-us" },
  "share.left": { person: "shared-by-us" },
  "share.frozen": { partner: "shared-with-us" },
  "share.thawed": { partner: "shared-with-us" },
  "share.reviewAsked": { partner: "shared-with-us" },
  "share.confirmed": { partner: "access-review" },
  "review.due": { org: "access-review" },
  "org.frozen": { org: "shared-by-us" },
  "org.thawed": { org: "shared-by-us" },
  "rule.added": { person: null },
  "rule.changed": { person: null },
  "rule.removed": { person: null },
  "share.expired": { person: null, partner: "shared-with-us", org: "shared-by-us" },
  "share.expiring": { person: null, partner: "shared-with-us", org: "shared-by-us" },
  "grant.expired": { person: null },
  "grant.expiring": { person: null },
  "rule.expired": { person: null },
  "rule.expiring": { person: null },
  "webhook.disabled": { org: "webhooks" },
  "platformRole.granted": { person: null },
  "platformRole.removed": { person: null },
  "collaboration.asked": { partner: "collaborations" },
  "collaboration.accepted": { partner: "collaborations" },
  "collaboration.declined": { partner: "collaborations" },
  "collaboration.ended": { partner: "collaborations" },
};

type Fields = Readonly<Record<string, string | undefined>>;

/** What an event's mail keeps of it, beside the event's own fields. */
interface Told {
  readonly org: { readonly id: number; readonly name: string };
  readonly toOrg: number | null;
  /** The name of the org whose admins are told. */
  readonly us?: string;
  readonly actor: { readonly id: string; readonly email: string | null };
  readonly language?: string | null;
}

export async function wordsOf(mail: MailRow, origin: string, rootKey: string): Promise<Words> {
  const data = JSON.parse(mail.data) as Record<string, unknown>;
  const text = textFor(typeof data["language"] === "string" ? data["language"] : undefined);
  const link = await linkOf(mail, origin, rootKey);
  return mail.kind in LEADS
    ? eventWords(mail, data as unknown as Told, text, link, origin, rootKey)
    : accountWords(mail, data, text, link);
}

/** A mail about an account: its first line, the link, and what else is to be said. */
function accountWords(
  mail: MailRow,
  data: Record<string, unknown>,
  text: Text,
  link: string | null,
): Words {
  const { mails, addressMails, pages } = text;
  const own = mail.kind === "sign-in" ? mails.signIn : addressMails[mail.kind];
  if (!own) throw new Error(`there is no text for ${mail.kind}`);
  const fields = fieldsOf(data);
  const [first = "", ...after] = own.lines.map((line) => filled(line, fields) ?? "");
  const label = own === mails.signIn ? mails.signIn.button : pages.goOn;
  return {
    language: text.language,
    subject: oneLine(filled(own.subject, fields) ?? ""),
    before: [first],
    button: link === null ? null : { label, url: link, otherwise: mails.openAddress },
    after,
    foot: filled(mails.sentTo, { to: mail.email }) ?? "",
    unsubscribe: null,
  };
}

async function eventWords(
  mail: MailRow,
  told: Told,
  text: Text,
  link: string | null,
  origin: string,
  rootKey: string,
): Promise<Words> {
  const { mails } = text;
  const { org, toOrg } = told;
  const to = toOrg === null ? "person" : toOrg === org.id ? "org" : "partner";
  const event = mail.kind as EventName;
  const said = (mails.events as Record<string, Record<string, MailText>>)[event]?.[to];
  if (!said) throw new Error(`there is no text for ${event} to ${to}`);
  const fields = eventFields(told, text);
  const page = (LEADS as Record<string, Record<string, string | null>>)[event]?.[to] ?? null;
  const url =
    link ?? `${origin}${page === null ? "/your-access" : `/${toOrg ?? org.id}/settings/${page}`}`;
  const about = told.us ?? org.name;
  const stops = onlyInforms(event) && mail.user !== null && mail.org !== null;
  return {
    language: text.language,
    subject: oneLine(filled(said.subject, fields) ?? plain(org.name)),
    before: said.lines.flatMap((line) => filled(line, fields) ?? []),
    button: { label: said.button, url, otherwise: mails.openAddress },
    after: [],
    foot: filled(mails.sentAbout, { to: mail.email, org: plain(about) }) ?? "",
    unsubscribe: stops
      ? {
          label: filled(mails.unsubscribe, { org: plain(about) }) ?? "",
          url: await unsubscribeLink(origin, rootKey, { user: mail.user, org: mail.org }),
        }
      : null,
  };
}

function eventFields(told: Told, text: Text): Fields {
  const { mails, roles, language } = text;
  const own = fieldsOf(told as unknown as Record<string, unknown>);
  const org = plain(told.org.name) || String(told.org.id);
  const { id, email } = told.actor;
  const { platform, latchkey, key } = mails.actors;
  const nobody =
    id === "platform" ? platform : id === "latchkey" ? latchkey : (filled(key, { org }) ?? "");
  const { role, expiresAt, partner, because } = own;
  return {
    ...own,
    org,
    us: told.us === undefined ? undefined : plain(told.us),
    actor: email === null ? nobody : plain(email),
    role: role === undefined ? undefined : ((roles as Fields)[role] ?? role),
    partner: partner === "everyone" ? mails.everyone : partner,
    because: because === undefined ? undefined : (mails.because as Fields)[because],
    until: expiresAt === undefined ? undefined : instantText(expiresAt, language),
  };
}

const instantText = (instant: string, language: string): string =>
  new Intl.DateTimeFormat(language, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: "UTC",
  }).format(new Date(instant)) + " UTC";

/** The fields of data that are texts or numbers, as they may stand in a sentence. */
const fieldsOf = (data: Record<string, unknown>): Fields =>
  Object.fromEntries(
    Object.entries(data).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" ? [[name, plain(String(value))]] : [],
    ),
  );

/** A sentence with its fields; `null` where one of them is not there. */
function filled(sentence: string, fields: Fields): string | null {
  let whole = true;
  const said = sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    whole &&= fields[name] !== undefined && fields[name] !== "";
    return fields[name] ?? "";
  });
  return whole ? said : null;
}

const NAME_MAX = 100;
const SUBJECT_MAX = 200;

/**
 * A name that somebody chose, as it may stand in a mail: on one line, without characters that are
 * not seen or turn the direction of reading, and not long enough to be a message of its own.
 */
function plain(name: string): string {
  const shown = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return shown.length > NAME_MAX ? `${shown.slice(0, NAME_MAX)}…` : shown;
}

const oneLine = (subject: string): string =>
  subject.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").slice(0, SUBJECT_MAX);

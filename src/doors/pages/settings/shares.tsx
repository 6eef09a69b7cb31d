import { isRefusal, malformed, type Refusal } from "../../../refusals.ts";
import type { Listed } from "../kit/api.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { When } from "../kit/dates.tsx";
import { Act, type Field } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { savedOr, termsBody, termsForm, type Again, type Terms } from "../kit/terms.tsx";
import { fill, roleLabel, scopeLabel } from "../kit/words.tsx";
import type { Fields, Outcome } from "../page.ts";

interface Share extends Terms {
  readonly id: string;
  readonly to:
    | { readonly email: string | null; readonly name: string | null }
    | { readonly org: number; readonly name: string | null };
  readonly status: string;
  readonly frozen: boolean;
}
interface Freeze {
  readonly partner: number | null;
}

const PATH = "shared-by-us";
const pageOf = (share: string) => `${PATH}/${encodeURIComponent(share)}`;
const recipient = ({ to }: Share): string =>
  "org" in to
    ? to.name
      ? `${to.name} (${to.org})`
      : String(to.org)
    : to.name
      ? `${to.name}, ${to.email ?? ""}`
      : (to.email ?? "");

const stateOf = ({ words }: OrgVisit, { status, frozen }: Share): string =>
  [words.states[status] ?? status, ...(frozen ? [words.shares.frozen] : [])].join(", ");

async function list(visit: OrgVisit): Promise<Outcome> {
  const { api, at, here, words, text } = visit;
  const freezes = await api.get<Listed<Freeze>>(`${at}/freezes`);
  if (!freezes.ok) return freezes;
  const frozen = freezes.value.items.map(({ partner }) => partner);
  const all = frozen.includes(null);
  const listed = await table<Share>(visit, {
    caption: words.shares.caption,
    list: { path: `${at}/shares` },
    filters: [
      {
        key: "status",
        label: words.state,
        options: ["active", "pending", "declined"].map((value) => ({
          value,
          label: words.states[value] ?? value,
        })),
        of: ({ status }) => status,
      },
      {
        key: "with",
        label: words.shares.kind,
        options: [
          { value: "person", label: words.shares.person },
          { value: "org", label: words.shares.org },
        ],
        of: ({ to }) => ("org" in to ? "org" : "person"),
      },
    ],
    empty: (
      <p>
        {words.shares.none} <a href={here(`${PATH}/new`)}>{words.shares.share}</a>
      </p>
    ),
    columns: [
      {
        key: "recipient",
        label: words.shares.recipient,
        value: recipient,
        cell: (row) => <a href={here(pageOf(row.id))}>{recipient(row)}</a>,
      },
      { key: "role", label: words.role, value: ({ role }) => roleLabel(text, role) },
      { key: "scope", label: words.which, value: ({ scope }) => scopeLabel(text, scope) },
      { key: "status", label: words.state, value: (row) => stateOf(visit, row) },
      {
        key: "until",
        label: words.until,
        value: ({ expiresAt }) => expiresAt,
        cell: ({ expiresAt }) => (expiresAt ? <When visit={visit} at={expiresAt} /> : words.noEnd),
      },
    ],
    acts: (row) => (
      <>
        {row.status === "pending" && (
          <Act
            action={here(`${pageOf(row.id)}/resend`)}
            label={words.shares.resend}
            about={recipient(row)}
          />
        )}
        {"org" in row.to && !all && (
          <Act
            action={here(`${PATH}/freezes`)}
            label={frozen.includes(row.to.org) ? words.shares.thaw : words.shares.freeze}
            about={recipient(row)}
            hidden={{
              act: frozen.includes(row.to.org) ? "thaw" : "freeze",
              partner: String(row.to.org),
              name: row.to.name ?? String(row.to.org),
            }}
          />
        )}
        <Act
          action={here(`${pageOf(row.id)}/remove`)}
          label={words.shares.stop}
          about={recipient(row)}
        />
      </>
    ),
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.sections.sharedByUs,
    body: (
      <>
        {all && <p class="notice">{words.shares.allFrozen}</p>}
        <p>
          <a href={here(`${PATH}/new`)} role="button">
            {words.shares.share}
          </a>
        </p>
        {listed.view}
        <h2>{words.shares.freezes}</h2>
        <p>{words.shares.freezesHow}</p>
        <Act
          action={here(`${PATH}/freezes`)}
          label={all ? words.shares.thawAll : words.shares.freezeAll}
          about={visit.org.name}
          hidden={{ act: all ? "thaw" : "freeze" }}
        />
      </>
    ),
  };
}

const recipientFields = ({ words }: OrgVisit): readonly Field[] => [
  {
    name: "with",
    label: words.shares.kind,
    type: "radio",
    pointer: "/to",
    value: "person",
    options: [
      { value: "person", label: words.shares.person },
      { value: "org", label: words.shares.org },
    ],
  },
  { name: "name", label: words.name, pointer: "/to/name", autocomplete: "off" },
  {
    name: "email",
    label: words.email,
    type: "email",
    pointer: "/to/email",
    autocomplete: "off",
  },
  { name: "org", label: words.shares.orgId, hint: words.shares.orgHow, pointer: "/to/org" },
];

const recipientBody = ({ with: kind, name = "", email = "", org = "" }: Fields) =>
  kind === "org" ? { org: /^\d{1,15}$/.test(org.trim()) ? Number(org) : org } : { name, email };

/** The API says in JSON what a recipient is; here it is said in words. */
const inWords = ({ words }: OrgVisit, refusal: Refusal | undefined): Refusal | undefined =>
  refusal?.errors
    ? {
        ...refusal,
        errors: refusal.errors.map((error) =>
          error.pointer === "/to" && refusal.status === 400
            ? { ...error, detail: words.shares.whom }
            : error,
        ),
      }
    : refusal;

const offerForm = (visit: OrgVisit, again: Again = {}) =>
  termsForm(visit, {
    title: visit.words.shares.shareTitle,
    action: visit.here(`${PATH}/new`),
    fields: recipientFields(visit),
    submit: visit.words.shares.share,
    who: again.sent?.fields["name"] || again.sent?.fields["org"] || "",
    ...again,
    refusal: inWords(visit, again.refusal),
  });

const shareOf = (visit: OrgVisit) =>
  visit.api.get<Share>(`${visit.at}/shares/${encodeURIComponent(visit.param("share"))}`);

const changeForm = (visit: OrgVisit, share: Share, again: Again = {}) =>
  termsForm(visit, {
    title: fill(visit.words.shares.changeTitle, { name: recipient(share) }),
    action: visit.here(pageOf(share.id)),
    current: share,
    submit: visit.words.save,
    who: recipient(share),
    intro: `${visit.words.state}: ${stateOf(visit, share)}`,
    ...again,
  });

export const shareSections: readonly Section[] = [
  { section: "sharedByUs", path: PATH, admins: true, show: list },
  {
    section: "sharedByUs",
    path: `${PATH}/new`,
    admins: true,
    inside: true,
    show: (visit) => offerForm(visit),
    act: (visit, fields, every) =>
      savedOr(
        visit,
        { fields, every },
        {
          method: "POST",
          path: `${visit.at}/shares`,
          body: { to: recipientBody(fields), ...termsBody(visit, fields, every) },
        },
        (again) => offerForm(visit, again),
        () => after(visit, PATH, "shared"),
      ),
  },
  {
    section: "sharedByUs",
    path: `${PATH}/freezes`,
    admins: true,
    inside: true,
    async act(visit, fields, every) {
      const { api, at, here, words, org } = visit;
      const { act, partner, name = words.shares.everyone } = fields;
      if (act !== "freeze" && act !== "thaw") return malformed("Freeze or thaw.");
      const body = partner === undefined ? {} : { partner: Number(partner) };
      const edit = { method: "POST", path: `${at}/${act}`, body } as const;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: act === "freeze" ? words.shares.freezeTitle : words.shares.thawTitle,
          what: (
            <p>
              {fill(act === "freeze" ? words.shares.freezeWhat : words.shares.thawWhat, {
                name,
                org: org.name,
              })}
            </p>
          ),
          submit: act === "freeze" ? words.shares.freeze : words.shares.thaw,
          back: here(PATH),
          edit,
        },
      );
      if (asked) return asked;
      const done = await api.send(edit.method, edit.path, body);
      return done.ok ? after(visit, PATH, act === "freeze" ? "frozen" : "thawed") : done;
    },
  },
  {
    section: "sharedByUs",
    path: `${PATH}/:share`,
    admins: true,
    inside: true,
    async show(visit) {
      const found = await shareOf(visit);
      return found.ok ? changeForm(visit, found.value) : found;
    },
    async act(visit, fields, every) {
      const found = await shareOf(visit);
      if (!found.ok) return found;
      const { id } = found.value;
      return savedOr(
        visit,
        { fields, every },
        {
          method: "PATCH",
          path: `${visit.at}/shares/${encodeURIComponent(id)}`,
          body: termsBody(visit, fields, every),
        },
        (again) => changeForm(visit, found.value, again),
        () => after(visit, PATH, "changed"),
      );
    },
  },
  {
    section: "sharedByUs",
    path: `${PATH}/:share/resend`,
    admins: true,
    inside: true,
    async act(visit) {
      const path = `${visit.at}/shares/${encodeURIComponent(visit.param("share"))}/resend`;
      const sent = await visit.api.send("POST", path, {});
      return sent.ok ? after(visit, PATH, "resent") : sent;
    },
  },
  {
    section: "sharedByUs",
    path: `${PATH}/:share/remove`,
    admins: true,
    inside: true,
    async act(visit, fields, every) {
      const { words, text, here } = visit;
      const found = await shareOf(visit);
      if (isRefusal(found)) return found;
      const share = found.value;
      const said = {
        name: recipient(share),
        role: roleLabel(text, share.role),
        scope: scopeLabel(text, share.scope),
      };
      const edit = {
        method: "DELETE",
        path: `${visit.at}/shares/${encodeURIComponent(share.id)}`,
      } as const;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.shares.removeTitle, said),
          what: <p>{fill(words.shares.removeWhat, said)}</p>,
          submit: words.shares.stop,
          back: here(PATH),
          edit,
        },
      );
      if (asked) return asked;
      const removed = await visit.api.send(edit.method, edit.path);
      return removed.ok ? after(visit, PATH, "removed") : removed;
    },
  },
];

/**
 * Every event: what is said of it in the history, and who is told. The endpoints of the org in which
 * it happened always hear of it; `told` names who else does: the other org of a share, and the
 * person concerned, by mail. `mails` names the orgs whose admins are told by mail, too.
 */

interface EventKind {
  /** The sentence of the history; `{name}` stands for a field of the event's data. */
  readonly says: string;
  readonly told: readonly ("partner" | "person")[];
  readonly mails?: readonly ("org" | "partner")[];
  /** The fields of the data that the partner hears: it learns nothing of the other's inside. */
  readonly partnerHears?: readonly string[];
  /** Its mails only inform: who has unsubscribed from an org's gets none. */
  readonly informs?: true;
}

export const EVENTS = {
  "org.created": { says: "created the organisation {name}", told: [] },
  "org.changed": { says: "changed the organisation {name}", told: [] },
  "org.frozen": {
    says: "suspended what {name} shares with {partner}",
    told: [],
    mails: ["org"],
    informs: true,
  },
  "org.thawed": {
    says: "resumed what {name} shares with {partner}",
    told: [],
    mails: ["org"],
    informs: true,
  },
  "org.moved": { says: "moved the organisation {name} from {from} to {to}", told: [] },
  "org.deleted": { says: "deleted the organisation {name}", told: [] },
  "roleSet.changed": { says: "defined the role set {set}", told: [] },
  "roleSet.removed": { says: "removed the role set {set}", told: [] },
  "type.changed": { says: "defined the type {type}", told: [] },
  "type.removed": { says: "removed the definition of the type {type}", told: [] },
  "resource.created": { says: "added {type} {id}", told: [] },
  "resource.changed": { says: "changed {type} {id}", told: [] },
  "resource.removed": { says: "removed {type} {id}", told: [] },
  "resource.copied": { says: "copied {from} to {type} {id}", told: [] },
  "resource.elevated": { says: "took the role {role} on {type} {id}", told: [] },
  "recipient.added": {
    says: "shared {type} {id} with {to} as {role}",
    told: ["person"],
    informs: true,
  },
  "recipient.changed": { says: "changed {to} to {role} on {type} {id}", told: [] },
  "recipient.removed": { says: "took {type} {id} from {to}", told: [] },
  "recipient.left": { says: "left {type} {id} ({to})", told: [] },
  "link.created": { says: "made the link {link} to {type} {id}", told: [] },
  "link.removed": { says: "removed the link {link} to {type} {id}", told: [] },
  "link.opened": { says: "opened the link {link} to {type} {id} as {role}", told: [] },
  "member.invited": { says: "invited {email}", told: ["person"] },
  "member.joined": {
    says: "accepted the invitation of {email}",
    told: ["person"],
    informs: true,
  },
  "member.declined": {
    says: "declined the invitation ({email})",
    told: ["person"],
    informs: true,
  },
  "member.changed": { says: "changed the member {email}", told: [] },
  "member.removed": { says: "removed {email}", told: ["person"] },
  "member.left": { says: "left ({email})", told: [] },
  "team.created": { says: "made the team {name}", told: [] },
  "team.changed": { says: "renamed a team to {name}", told: [] },
  "team.removed": { says: "removed the team {name}", told: [] },
  "team.joined": { says: "put {email} into the team {name}", told: [] },
  "team.left": { says: "took {email} out of the team {name}", told: [] },
  "grant.added": { says: "gave {to} the role {role}", told: ["person"], informs: true },
  "grant.changed": { says: "changed an access of {to} to {role}", told: [] },
  "grant.removed": { says: "took the role {role} from {to}", told: [] },
  "share.offered": {
    says: "shared with {to} as {role}",
    told: ["partner", "person"],
    mails: ["partner"],
    partnerHears: ["share", "role", "expiresAt"],
  },
  "share.accepted": {
    says: "accepted the share {share}",
    told: ["partner", "person"],
    mails: ["partner"],
    partnerHears: ["share"],
    informs: true,
  },
  "share.declined": {
    says: "declined the share {share}",
    told: ["partner", "person"],
    mails: ["partner"],
    partnerHears: ["share"],
    informs: true,
  },
  "share.changed": {
    says: "changed the share with {to} to {role}",
    told: ["partner", "person"],
    mails: ["partner"],
    partnerHears: ["share", "role", "expiresAt"],
    informs: true,
  },
  "share.removed": {
    says: "removed the share with {to}",
    told: ["partner", "person"],
    mails: ["partner"],
    partnerHears: ["share", "role"],
  },
  "share.left": { says: "left the share {share}", told: ["person"], informs: true },
  "share.frozen": {
    says: "suspended the shares with {to}",
    told: ["partner"],
    mails: ["partner"],
    informs: true,
  },
  "share.thawed": {
    says: "resumed the shares with {to}",
    told: ["partner"],
    mails: ["partner"],
    informs: true,
  },
  "share.expired": {
    says: "the share with {to} ended",
    told: ["partner", "person"],
    mails: ["org", "partner"],
    partnerHears: ["share", "role", "expiresAt"],
    informs: true,
  },
  "share.expiring": {
    says: "the share with {to} ends soon",
    told: ["partner", "person"],
    mails: ["org", "partner"],
    partnerHears: ["share", "role", "expiresAt"],
    informs: true,
  },
  "share.reviewAsked": {
    says: "asked {to} whether it still needs the share {share}",
    told: ["partner"],
    mails: ["partner"],
    partnerHears: ["share", "role"],
    informs: true,
  },
  "share.confirmed": {
    says: "confirmed that the share {share} is needed",
    told: ["partner"],
    mails: ["partner"],
    partnerHears: ["share"],
    informs: true,
  },
  "review.started": { says: "started an access review of {items} accesses", told: [] },
  "review.kept": { says: "reviewed and kept what {to} has ({kind})", told: [] },
  "review.ended": { says: "reviewed and ended what {to} had ({kind})", told: [] },
  "review.closed": {
    says: "closed an access review: {kept} kept, {ended} ended, {left} left undecided",
    told: [],
  },
  "review.due": {
    says: "it is time to review who outside has access to {name}",
    told: [],
    mails: ["org"],
    informs: true,
  },
  "grant.expired": { says: "the role {role} of {to} ended", told: ["person"], informs: true },
  "grant.expiring": { says: "the role {role} of {to} ends soon", told: ["person"], informs: true },
  "rule.expired": { says: "the rule for {to} ended", told: ["person"], informs: true },
  "rule.expiring": { says: "the rule for {to} ends soon", told: ["person"], informs: true },
  "rule.added": {
    says: "let {to} use the share {share} as {role}",
    told: ["person"],
    informs: true,
  },
  "rule.changed": {
    says: "changed the rule for {to} to {role}",
    told: ["person"],
    informs: true,
  },
  "rule.removed": { says: "removed the rule for {to}", told: ["person"], informs: true },
  "platformRole.granted": {
    says: "gave {email} the platform role {role}",
    told: ["person"],
  },
  "platformRole.removed": {
    says: "took the platform role {role} from {email}",
    told: ["person"],
  },
  "collaboration.asked": {
    says: "asked the organisation {with} to collaborate",
    told: ["partner"],
    mails: ["partner"],
    partnerHears: ["collaboration", "with"],
  },
  "collaboration.accepted": {
    says: "agreed to collaborate with the organisation {with}",
    told: ["partner"],
    mails: ["partner"],
    partnerHears: ["collaboration", "with"],
    informs: true,
  },
  "collaboration.declined": {
    says: "declined to collaborate with the organisation {with}",
    told: ["partner"],
    mails: ["partner"],
    partnerHears: ["collaboration", "with"],
    informs: true,
  },
  "collaboration.ended": {
    says: "ended the collaboration with the organisation {with}",
    told: ["partner"],
    mails: ["partner"],
    partnerHears: ["collaboration", "with"],
    informs: true,
  },
  "library.created": { says: "made the library {library}", told: [] },
  "library.changed": { says: "changed the library {library}", told: [] },
  "library.removed": { says: "removed the library {library}", told: [] },
  "library.copied": {
    says: "copied the library {library} from the organisation {from}",
    told: [],
  },
  "person.readdressed": { says: "{from} is reached at {to} from now on", told: [] },
  "issuer.created": { says: "trusted the issuer {issuer}", told: [] },
  "issuer.changed": { says: "changed the issuer {issuer}", told: [] },
  "issuer.removed": { says: "no longer trusts the issuer {issuer}", told: [] },
  "webhook.created": { says: "made the webhook {url}", told: [] },
  "webhook.changed": { says: "changed the webhook {url}", told: [] },
  "webhook.rotated": { says: "gave the webhook {url} a new secret", told: [] },
  "webhook.removed": { says: "removed the webhook {url}", told: [] },
  "webhook.disabled": { says: "disabled the webhook {url}", told: [], mails: ["org"] },
  "key.created": { says: "made the key {name}", told: [] },
  "key.removed": { says: "removed the key {name}", told: [] },
} as const satisfies Record<string, EventKind>;

export type EventName = keyof typeof EVENTS;

/** To whom mails of an event go: the person concerned, or the admins of the org or of its partner. */
type Mailed<E extends EventName> =
  | Extract<(typeof EVENTS)[E]["told"][number], "person">
  | ((typeof EVENTS)[E] extends { mails: readonly (infer Side extends string)[] } ? Side : never);

/** A value for each event that mails, and for each kind of receiver of it. */
export type ForMails<T> = {
  readonly [E in EventName as Mailed<E> extends never ? never : E]: {
    readonly [To in Mailed<E>]: T;
  };
};

/** Can one do without the mails of this event? */
export const onlyInforms = (name: EventName): boolean =>
  (EVENTS[name] as EventKind).informs ?? false;

export interface Event {
  readonly name: EventName;
  readonly org: number;
  readonly data: Readonly<Record<string, string | number | null>>;
  /** The other org of a share, where there is one. */
  readonly partner?: number;
  /** The user concerned; or whom a team (its id), `members` or `admins` stand for in the org. */
  readonly person?: string;
}

/** What an edit leaves to be told: to an org (its endpoints, perhaps its admins), or to a person. */
export interface Notice {
  readonly event: EventName;
  /** The org in which it happened. */
  readonly org: number;
  readonly toOrg: number | null;
  readonly toUser: string | null;
  /** Are people told by mail, and not endpoints alone? */
  readonly mail: boolean;
  readonly data: Event["data"];
}

/** The notices of an event; `wanted` says whether an endpoint of an org of the tree wants to hear of it. */
export function noticesOf(
  event: Event,
  wanted: (org: number, name: EventName) => boolean,
): readonly Notice[] {
  const { name, org, partner, person, data } = event;
  const kind: EventKind = EVENTS[name];
  const mails = (side: "org" | "partner") => kind.mails?.includes(side) ?? false;
  const notices: Notice[] = [];
  const add = (notice: Pick<Notice, "mail" | "data"> & Partial<Notice>) =>
    notices.push({ event: name, org, toOrg: null, toUser: null, ...notice });
  if (mails("org") || wanted(org, name)) add({ toOrg: org, mail: mails("org"), data });
  if (partner !== undefined && kind.told.includes("partner")) {
    const heard = Object.entries(data).filter(([field]) => kind.partnerHears?.includes(field));
    add({ toOrg: partner, mail: mails("partner"), data: Object.fromEntries(heard) });
  }
  if (person !== undefined && kind.told.includes("person"))
    add({ toUser: person, mail: true, data });
  return notices;
}

/** A notice on its way to the side that hears of it. */
export interface Heard {
  /** The notice's own; who hears of it twice keeps it once. */
  readonly id: string;
  readonly event: EventName;
  /** Where it happened. */
  readonly org: { readonly id: number; readonly name: string };
  readonly toOrg: number | null;
  readonly toUser: string | null;
  readonly mail: boolean;
  readonly data: Event["data"];
  readonly at: number;
  /** Who acted. */
  readonly actor: { readonly id: string; readonly email: string | null };
}

/** The history's sentence for an event, in the words of a language or its own. */
export const sentence = (
  name: EventName,
  data: Event["data"],
  words: Readonly<Record<EventName, string>> | null = null,
): string =>
  (words?.[name] ?? EVENTS[name].says).replace(/\{(\w+)\}/g, (_, field: string) =>
    String(data[field] ?? ""),
  );

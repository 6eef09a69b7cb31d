/**
 * Every event: what is said of it in the history, and who is told. `told` names the sides that
 * hear of it: the org in which it happened, the other org of a share, the person concerned.
 */
type Side = "org" | "partner" | "person";

interface EventKind {
  /** The sentence of the history; `{name}` stands for a field of the event's data. */
  readonly says: string;
  readonly told: readonly Side[];
}

export const EVENTS = {
  "org.created": { says: "created the organisation {name}", told: [] },
  "org.changed": { says: "changed the organisation {name}", told: [] },
  "resource.created": { says: "added {type} {id}", told: [] },
  "resource.changed": { says: "changed {type} {id}", told: [] },
  "resource.removed": { says: "removed {type} {id}", told: [] },
  "member.invited": { says: "invited {email}", told: ["person"] },
  "member.joined": { says: "accepted the invitation of {email}", told: ["org"] },
  "member.changed": { says: "changed the member {email}", told: [] },
  "member.removed": { says: "removed {email}", told: ["org"] },
  "member.left": { says: "left ({email})", told: ["org"] },
  "team.created": { says: "made the team {name}", told: [] },
  "team.changed": { says: "renamed a team to {name}", told: [] },
  "team.removed": { says: "removed the team {name}", told: [] },
  "team.joined": { says: "put {email} into the team {name}", told: [] },
  "team.left": { says: "took {email} out of the team {name}", told: [] },
  "grant.added": { says: "gave {to} the role {role}", told: [] },
  "grant.changed": { says: "changed an access of {to} to {role}", told: [] },
  "grant.removed": { says: "took the role {role} from {to}", told: [] },
  "share.offered": { says: "shared with {to} as {role}", told: ["org", "partner", "person"] },
  "share.accepted": { says: "accepted the share {share}", told: ["org", "partner"] },
  "share.declined": { says: "declined the share {share}", told: ["org", "partner"] },
  "share.changed": { says: "changed the share with {to} to {role}", told: ["org", "partner"] },
  "share.removed": { says: "removed the share with {to}", told: ["org", "partner"] },
  "share.left": { says: "left the share {share}", told: ["org"] },
  "rule.added": { says: "let {to} use the share {share} as {role}", told: [] },
  "rule.changed": { says: "changed the rule for {to} to {role}", told: [] },
  "rule.removed": { says: "removed the rule for {to}", told: [] },
  "platformRole.granted": {
    says: "gave {email} the platform role {role}",
    told: ["org", "person"],
  },
  "platformRole.removed": {
    says: "took the platform role {role} from {email}",
    told: ["org", "person"],
  },
  "key.created": { says: "made the key {name}", told: ["org"] },
  "key.removed": { says: "removed the key {name}", told: ["org"] },
} as const satisfies Record<string, EventKind>;

export type EventName = keyof typeof EVENTS;

export interface Event {
  readonly name: EventName;
  readonly org: number;
  readonly data: Readonly<Record<string, string | number | null>>;
  /** The other org of a share, and the person concerned, where there is one. */
  readonly partner?: number;
  readonly person?: string;
}

/** What an edit leaves to be told: one notice for each side that hears of the event. */
export interface Notice {
  readonly event: EventName;
  readonly toOrg: number | null;
  readonly toUser: string | null;
  readonly data: Event["data"];
}

export function noticesOf(event: Event): readonly Notice[] {
  const addressee: Record<Side, { toOrg?: number; toUser?: string } | null> = {
    org: { toOrg: event.org },
    partner: event.partner === undefined ? null : { toOrg: event.partner },
    person: event.person === undefined ? null : { toUser: event.person },
  };
  return EVENTS[event.name].told.flatMap((side) => {
    const to = addressee[side];
    if (!to) return [];
    return [
      { event: event.name, data: event.data, toOrg: to.toOrg ?? null, toUser: to.toUser ?? null },
    ];
  });
}

/** The history's sentence for an event. */
export const sentence = (name: EventName, data: Event["data"]): string =>
  EVENTS[name].says.replace(/\{(\w+)\}/g, (_, field: string) => String(data[field] ?? ""));

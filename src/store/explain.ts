import {
  awaiting,
  isOpenStill,
  nearPathsOf,
  explain,
  firstHalf,
  roleText,
  sharePath,
  type Explanation,
  type FirstHalf,
  type Lack,
  type Missing,
  type Path,
  type Question,
  type RoleBook,
  type Share,
  type Step,
  type StoredScope,
} from "../access/index.ts";
import type { GrantRow, RuleRow, ShareRow } from "../commands/record.ts";
import type { LackMaterial, NearMaterial, OrgNamed, StepMaterial } from "../views/materials.ts";
import { refsOf } from "./queries/page.ts";
import { shareOf, type Slice } from "./slice.ts";

/*
 * An explanation in the words of a reader: which facts stand behind the steps of the model's paths,
 * and who can put right what is missing. It decides nothing.
 */

/** So many of the nearest ways are told. */
export const NEAREST = 5;
/** So many partners are asked what keeps a share from letting somebody in: each costs a call. */
const ASKED_MAX = 2;

export const orgNamed = (slice: Slice, id: number): OrgNamed => ({
  id,
  name: slice.org(id)?.name ?? "",
});

type Fact = GrantRow | ShareRow | RuleRow;

const TABLES = { grant: "grants", share: "shares", rule: "rules" } as const;

/** Who acted: a person by their address, anything else by its name in the record. */
const actorShown = (slice: Slice, actor: string): string =>
  (actor.startsWith("usr_") && slice.emailOf(actor)) || actor;

/** The fact behind a step; of an org that the reader does not administer, only what it lets through. */
function stepShown(slice: Slice, step: Step, path: Path, mayKnow: (org: number) => boolean) {
  const { kind, id } = step.from;
  const common = { kind, role: roleText(step.role), expiresAt: step.expiresAt };
  if (kind === "owner") {
    const nothing = { scope: { all: true }, refs: [], to: null, via: null, by: null } as const;
    return { ...common, ...nothing, id, org: orgNamed(slice, path.org), at: null, reason: null };
  }
  const row = slice.first<Fact>(`select * from "${TABLES[kind]}" where id = ?`, id);
  if (!row || !mayKnow(row.org)) {
    const hidden = { id: null, scope: null, refs: [], to: null, via: null, by: null } as const;
    return { ...common, ...hidden, org: orgNamed(slice, path.org), at: null, reason: null };
  }
  const scope = JSON.parse(row.scope) as StoredScope;
  return {
    ...common,
    id,
    org: orgNamed(slice, row.org),
    // A rule lists resources of its partner's tree, which has their names.
    scope: kind === "rule" && "keys" in scope ? null : scope,
    refs: "keys" in scope && kind !== "rule" ? refsOf(slice, scope.keys) : [],
    to: recipientOf(slice, row),
    via: "via" in row ? row.via : null,
    by: actorShown(slice, row.createdBy),
    at: row.createdAt,
    reason: row.reason,
  };
}

function recipientOf(slice: Slice, row: Fact): StepMaterial["to"] {
  if ("toUser" in row)
    return row.toUser === null
      ? { kind: "org", id: String(row.toOrg), name: orgNamed(slice, row.toOrg ?? 0).name }
      : { kind: "person", id: row.toUser, name: slice.emailOf(row.toUser) };
  const { toKind: kind, toId: id } = row;
  if (kind === "member") {
    const member = slice.member(id ?? "");
    return { kind, id, name: member ? slice.emailOf(member.user) : "" };
  }
  return { kind, id, name: (kind === "team" && slice.team(id ?? "")?.name) || "" };
}

/** A share to whom it lets in: who gave it and why is its owner's own, and all that an org was given, too. */
const toWhomItLets = (step: StepMaterial): StepMaterial =>
  step.kind !== "share"
    ? step
    : {
        ...step,
        by: null,
        reason: null,
        ...(step.to?.kind === "org" ? { scope: null, refs: [] } : {}),
      };

/** Shows paths and what they lack to who knows some orgs from the inside. */
export class Shown {
  readonly #slice: Slice;
  readonly #mayKnow: (org: number) => boolean;
  readonly question: Question;
  readonly #self: boolean;

  constructor(
    slice: Slice,
    question: Question,
    mayKnow: (org: number) => boolean,
    self: boolean = false,
  ) {
    this.#slice = slice;
    this.#self = self;
    this.#mayKnow = mayKnow;
    this.question = question;
  }

  steps(path: Path): StepMaterial[] {
    const shown = path.steps.map((step) => stepShown(this.#slice, step, path, this.#mayKnow));
    return this.#self ? shown.map(toWhomItLets) : shown;
  }

  near({ path, missing }: Explanation["near"][number]): NearMaterial {
    return { steps: this.steps(path), lacks: missing.map((one) => this.lack(path, one)) };
  }

  lack(path: Path, { step, obstacle }: Missing): LackMaterial {
    const slice = this.#slice;
    const { resource, lineage } = this.question;
    const found = { what: obstacle, step: step && path.steps.indexOf(step) } as const;
    const admins = (org: number) => ({ kind: "admins", org: orgNamed(slice, org) }) as const;
    if (!step) return { ...found, who: admins(lineage[0] ?? resource.org) };
    const { kind, id } = step.from;
    const share = kind === "share" ? slice.share(id) : undefined;
    const partner =
      share?.toOrg == null
        ? null
        : ({ kind: "partner", org: orgNamed(slice, share.toOrg) } as const);
    const person = { kind: "person", email: slice.emailOf(this.question.user) } as const;
    switch (obstacle) {
      case "action":
        return { ...found, ...this.#shortOf(step, path), who: admins(path.org) };
      case "invited": {
        const row = slice.first<GrantRow>(`select * from grants where id = ?`, id);
        const org = slice.org(row?.org ?? path.org);
        const member = slice.memberIn(row?.org ?? path.org, this.question.user);
        const open = org && member && isOpenStill(org, member.sentAt, this.question.now);
        return open === false
          ? { ...found, what: "offer_ended", who: admins(path.org) }
          : { ...found, who: person };
      }
      case "unaccepted": {
        const org = share && slice.org(share.org);
        const open = !org || isOpenStill(org, share.sentAt, this.question.now);
        return open
          ? { ...found, who: partner ?? person }
          : { ...found, what: "offer_ended", who: admins(path.org) };
      }
      case "unruled":
      case "unnamed":
        return { ...found, who: partner ?? admins(path.org) };
      default:
        return { ...found, who: admins(path.org) };
    }
  }

  /** Is it the role that does not allow the action, or only a condition that is not met? */
  #shortOf(step: Step, path: Path): Pick<LackMaterial, "what" | "roles"> {
    const { book } = this.#slice;
    const { action, resource } = this.question;
    if (book.permits(step.role, action, resource.type, path.admin) !== false)
      return { what: "condition" };
    return { what: "action", roles: rolesAllowing(book, action, resource.type) };
  }
}

/** The roles of a type's set that allow an action, weakest first. */
export function rolesAllowing(book: RoleBook, action: string, type: string): string[] {
  const { roleSet: set } = book.type(type);
  return (book.set(set)?.roles ?? [])
    .map(({ name: role }) => ({ set, role }))
    .filter((role) => book.permits(role, action, type, true) !== false)
    .map(roleText);
}

/** What the tree knows of a question by itself, read at one moment. */
export interface Seen {
  readonly book: RoleBook;
  readonly own: {
    readonly paths: readonly (readonly StepMaterial[])[];
    readonly near: readonly Near[];
  };
  /** The halves that would allow it, if a receiver completes them. */
  readonly halves: readonly Half[];
  /** Shares to orgs that would be nearest to allowing it, and how many more there are; wanted of a no only. */
  readonly waiting: () => Waiting;
}

interface Waiting {
  readonly halves: readonly Half[];
  readonly more: number;
}

export interface Near {
  readonly weight: number;
  readonly shown: NearMaterial;
}

export interface Half {
  readonly path: FirstHalf;
  readonly toOrg: number;
  readonly toTree: number;
  readonly collaboration: string | null;
  readonly step: StepMaterial;
  /** What is shown where the receiver leaves it at that. */
  readonly left: (lack: Left) => Near;
}

const LEFT = ["unaccepted", "declined", "ended", "unruled"] as const;
type Left = (typeof LEFT)[number];

export interface Asked {
  readonly slice: Slice;
  readonly org: number;
  readonly question: Question;
  /** Only what a person may know of themself is looked at. */
  readonly self: boolean;
  /** Are the receivers' words on whom to ask about those of today, or not those of then? */
  readonly askable: boolean;
  readonly mayKnow: (org: number) => boolean;
}

/** The tree's own part of an explanation. */
export function see(asked: Asked): Seen {
  const { slice, org, question, self, mayKnow } = asked;
  const { book } = slice;
  const { user, lineage } = question;
  const shown = new Shown(slice, question, mayKnow, self);
  const within = ({ org: at }: Path) => lineage.includes(at) || slice.lineage(at).includes(org);
  const { by, near } = explain(book, slice.paths(user), question, nearPathsOf(slice, user));
  const weigh = (one: Explanation["near"][number]): Near => ({
    weight: one.missing.length,
    shown: shown.near(one),
  });
  const known = asked.askable
    ? slice.halves(user)
    : sharesOut(slice, lineage).flatMap((row) => firstHalf(slice, shareOf(row)) ?? []);
  const could = new Set(
    known.filter((half) => explain(book, [half], question).allowed).map((half) => half.share),
  );
  const halfOf = (row: ShareRow): Half => {
    const share: Share = shareOf(row);
    const bare = { ...sharePath(share), share: row.id };
    const step = shown.steps(bare)[0] as StepMaterial;
    const left = (lack: Lack): Near => {
      const path = awaiting(slice, share, lack);
      const missing = explain(book, [], question, [path]).near.flatMap((one) => one.missing);
      const lacks = missing.map((one) => shown.lack(path, one));
      return { weight: missing.length, shown: { steps: [step], lacks } };
    };
    const all = asked.askable ? null : new Map(LEFT.map((lack) => [lack, left(lack)]));
    return {
      path: bare,
      toOrg: row.toOrg ?? 0,
      toTree: row.toTree ?? slice.tree,
      collaboration: row.collaboration,
      step,
      left: (lack) => all?.get(lack) ?? left(lack),
    };
  };
  const rows = [...could].flatMap((id) => slice.share(id) ?? []);
  const halves = rows.map(halfOf);
  const look = (): Waiting => {
    if (self || by.length > 0) return { halves: [], more: 0 };
    const others = sharesOut(slice, lineage).filter(
      (row) => !could.has(row.id) && mayKnow(row.org),
    );
    const weighed: { readonly row: ShareRow; readonly weight: number }[] = [];
    for (const row of others) {
      weighed.push({ row, weight: weightOf(row) });
      // None lacks less than one thing.
      if (weighed.filter(({ weight }) => weight === 1).length === ASKED_MAX) break;
    }
    const nearest = weighed
      .toSorted((a, b) => a.weight - b.weight)
      .slice(0, ASKED_MAX)
      .map(({ row }) => halfOf(row));
    return { halves: nearest, more: others.length - nearest.length };
  };
  // Of the past it has to be read before that is gone.
  const then = asked.askable ? null : look();
  return {
    book,
    own: {
      paths: by.map((path) => shown.steps(path)),
      near: by.length > 0 ? [] : near.filter(({ path }) => within(path)).map(weigh),
    },
    halves,
    waiting: () => then ?? look(),
  };

  function weightOf(row: ShareRow): number {
    const [one] = explain(book, [], question, [awaiting(slice, shareOf(row), "unruled")]).near;
    return one?.missing.length ?? 9;
  }
}

/** The shares to orgs that lie where the resource does, those that were not removed. */
const sharesOut = (slice: Slice, lineage: readonly number[]): ShareRow[] =>
  slice.all<ShareRow>(
    `select * from shares where org in (select value from json_each(?)) and toOrg is not null and status <> 'removed' order by id`,
    JSON.stringify(lineage),
  );

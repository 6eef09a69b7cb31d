import {
  isLive,
  isWithin,
  readScope,
  roleOn,
  roleText,
  selects,
  type Resource,
  type RoleBook,
  type RoleName,
  type Scope,
  type StoredScope,
} from "../access/index.ts";
import type {
  FreezeRow,
  GrantRow,
  MemberRow,
  ResourceRow,
  RowChange,
  RuleRow,
  ShareRow,
  TableName,
  Tables,
} from "../commands/record.ts";
import type { AccessMaterial, EffectMaterial, EffectsMaterial } from "../views/materials.ts";
import { adminsOf } from "./askable.ts";
import { Crowd } from "./crowd.ts";
import type { OrgTree } from "./org-tree.ts";
import { refsOf } from "./queries/page.ts";
import { shareOf, type Slice } from "./slice.ts";
import { PART } from "./storage.ts";

/*
 * What changes of rows do to people: who gains, loses or changes which access. Worked out by the
 * model from the facts before and after, for the people whom the changed facts concern and no
 * others; it writes the changes, so it runs where they are taken back.
 */

/** So many people are looked at, so many resources, and so many named; the rest is openly cut. */
export const PEOPLE_MAX = 2_000;
const RESOURCES_MAX = 200;
const PAIRS_MAX = 40_000;
const NAMED_MAX = 100;

/** One thing that a person holds. */
interface Held {
  readonly id: string;
  readonly kind: "grant" | "share" | "rule" | "owner";
  /** Where it is held; where it was given may lie above. */
  readonly org: number;
  readonly from: number;
  readonly share: string | null;
  readonly role: RoleName;
  readonly scope: Scope;
  readonly until: number | null;
  readonly admin: boolean;
  readonly owned: string | null;
}

/** One side of a change: what there is, and when it is looked at. */
interface Moment {
  readonly orgs: OrgTree;
  readonly book: RoleBook;
  readonly crowd: Crowd;
  readonly held: ReadonlyMap<string, readonly Held[]>;
  readonly on: ReadonlyMap<string, RoleName | null>;
  readonly ownsOne: (user: string, type: string) => boolean;
}

export interface Effects {
  readonly shown: EffectsMaterial;
  /** All of it, uncut: what a word of confirmation stands for. */
  readonly whole: unknown;
  /** Types and role sets that were defined anew; what that does is told by roles, not by people. */
  readonly types: readonly string[];
}

/** When it is looked at before and after, and by whom. */
export interface Looking {
  readonly from: number;
  readonly to: number;
  /** Does the reader know an org's inside, as the tree is or was? */
  readonly knows: (org: number, tree: OrgTree) => boolean;
  /** Of what ends between the two, what ends in this org is looked at. */
  readonly endsOf?: number | undefined;
}

type Named = GrantRow | RuleRow;
interface Shift {
  readonly user: string;
  readonly before: Held | ResourceOn | null;
  readonly after: Held | ResourceOn | null;
}
interface ResourceOn {
  readonly on: RoleName;
  readonly of: ResourceRow;
}

/** Makes the changes and says what they do. */
export function effectsOf(slice: Slice, rows: readonly RowChange[], looking: Looking): Effects {
  const { from, to } = looking;
  const concerned = new Concerned(slice, rows, looking);
  const all = [...concerned.users].toSorted();
  const users = all.slice(0, PEOPLE_MAX);
  const room = Math.max(1, Math.floor(PAIRS_MAX / Math.max(1, users.length)));
  const resources = concerned.resources.slice(0, Math.min(RESOURCES_MAX, room));
  const look = { slice, users, moved: concerned.moved, resources };
  const owned = ownersOf(slice, rows);
  const sharesBefore = sharesAt(slice, concerned.shares, from);
  const before = momentOf(look, from, "before", owned);
  slice.write(rows);
  const after = momentOf(look, to, "after", owned);
  const sharesAfter = sharesAt(slice, concerned.shares, to);

  const gains: Shift[] = [];
  const loses: Shift[] = [];
  const changes: Shift[] = [];
  for (const user of users) {
    const [had, has] = [before.held.get(user) ?? [], after.held.get(user) ?? []];
    const lost = missingIn(user, had, has, before, after);
    const gained = missingIn(user, has, had, after, before);
    const told = new Set<string>();
    for (const one of lost) {
      const now = has.find((other) => isSame(other, one));
      if (now) changes.push({ user, before: one, after: now });
      else loses.push({ user, before: one, after: null });
      told.add(sourceOf(one));
    }
    for (const one of gained) {
      const then = had.find((other) => isSame(other, one));
      if (then && told.has(sourceOf(one))) continue;
      if (then) changes.push({ user, before: then, after: one });
      else gains.push({ user, before: null, after: one });
    }
    for (const row of resources) {
      const key = `${user} ${keyOf(row)}`;
      const [was, is] = [before.on.get(key) ?? null, after.on.get(key) ?? null];
      if ((was && roleText(was)) === (is && roleText(is))) continue;
      const on = (role: RoleName | null, image: ResourceRow | null) =>
        role && image && { on: role, of: image };
      const one = { user, before: on(was, row.before), after: on(is, row.after) };
      (was === null ? gains : is === null ? loses : changes).push(one);
    }
  }
  const partners = [...concerned.shares].flatMap(([id, { org, share }]) => {
    const [was, is] = [sharesBefore.get(id) ?? null, sharesAfter.get(id) ?? null];
    return JSON.stringify(was) === JSON.stringify(is)
      ? []
      : [{ org, share, before: was, after: is, people: null }];
  });
  const mark = markOf(rows);
  const whole = [
    ...[gains, loses, changes].map((list) =>
      list.map(({ user, before: was, after: is }) => [user, was && mark(was), is && mark(is)]),
    ),
    partners,
    all,
    concerned.types,
  ];
  const knows = (org: number) =>
    [before, after].some(({ orgs }) => orgs.org(org) && looking.knows(org, orgs));
  const seen = (list: readonly Shift[]) =>
    list.filter((one) =>
      [one.before, one.after].some((side) => side && knows("on" in side ? side.of.org : side.org)),
    );
  const [gained, lost, changed] = [seen(gains), seen(loses), seen(changes)];
  const others = partners.filter((one) => knows((one.after ?? one.before)?.org.id ?? 0));
  const names = namesOf(slice, rows, knows);
  const unseen = all.length - users.length + concerned.resources.length - resources.length;
  const shown = (list: readonly Shift[]): EffectMaterial[] =>
    list.slice(0, NAMED_MAX).map(({ user, before: was, after: is }) => ({
      person: after.crowd.emailOf(user) || user,
      before: was && names(was, "before"),
      after: is && names(is, "after"),
    }));
  return {
    shown: {
      gains: shown(gained),
      loses: shown(lost),
      changes: shown(changed),
      partners: others.slice(0, NAMED_MAX),
      counts: {
        gains: gained.length,
        loses: lost.length,
        changes: changed.length,
        partners: others.length,
        people: all.length,
      },
      more: unseen > 0 || [gained, lost, changed, others].some((one) => one.length > NAMED_MAX),
      examined: users.length,
    },
    whole,
    types: concerned.types,
  };
}

/** What a person holds at one moment that nothing which they hold at the other gives. */
function missingIn(
  user: string,
  ones: readonly Held[],
  others: readonly Held[],
  here: Moment,
  there: Moment,
): Held[] {
  return ones.filter(
    (one) =>
      !others.some((other) => covers(there, other, one)) &&
      (one.owned === null || here.ownsOne(user, one.owned)),
  );
}

/**
 * What an access comes to, in words that are the same whenever it is looked at: ids and keys of what
 * the changes make are not, for they hold the revision.
 */
function markOf(rows: readonly RowChange[]) {
  const made = new Map<number, string>();
  for (const row of rows)
    if (row.table === "resources" && row.before === null && row.after)
      made.set(row.after.key, `${row.after.type}:${row.after.id}`);
  return (one: Held | ResourceOn): unknown => {
    if ("on" in one) return ["resource", `${one.of.type}:${one.of.id}`, roleText(one.on)];
    const { kind, org, share, role, scope, until, admin, owned } = one;
    const terms =
      scope.kind === "resources" ? scope.keys.map((key) => made.get(key) ?? key) : scope;
    return [kind, org, share, roleText(role), terms, until, admin, owned];
  };
}

const keyOf = (row: ResourceChange): number => (row.before ?? row.after)?.key ?? 0;
const sourceOf = (one: Held): string => `${one.kind} ${one.id} ${one.org}`;
const isSame = (a: Held, b: Held): boolean => sourceOf(a) === sourceOf(b);

/** Is everything that the one gives given by the other, too, and for as long? */
function covers({ orgs, book }: Moment, a: Held, b: Held): boolean {
  return (
    a.share === b.share &&
    orgs.lineage(b.org).includes(a.org) &&
    (a.owned === null || a.owned === b.owned) &&
    (a.admin || !b.admin) &&
    (book.atMost(b.role, a.role) || (a.admin && outranks(book, b.role))) &&
    isWithin(b.scope, a.scope) &&
    (a.until ?? Infinity) >= (b.until ?? Infinity)
  );
}

/** Has an admin the top role wherever a role of this set counts [R7]? */
const outranks = (book: RoleBook, { set }: RoleName): boolean =>
  [...book.types()].every((type) => type.roleSet !== set || type.adminAccess === "implicit");

// Whom it concerns -----------------------------------------------------------------------------------

type ResourceChange = Extract<RowChange, { table: "resources" }>;
type OrgChange = Extract<RowChange, { table: "orgs" }>;

const ENDING = ["grants", "shares", "rules"] as const;

/** The people, shares and resources that changed facts concern; read before they change. */
class Concerned {
  readonly users = new Set<string>();
  readonly shares = new Map<string, { org: number; share: string | null }>();
  readonly resources: ResourceChange[] = [];
  /** Orgs that lie elsewhere afterwards, or nowhere. */
  readonly moved: number[] = [];
  readonly types: string[] = [];
  readonly #slice: Slice;
  /** The members that the changes themselves name. */
  readonly #members = new Map<string, MemberRow>();

  constructor(slice: Slice, rows: readonly RowChange[], { from, to, endsOf }: Looking) {
    this.#slice = slice;
    for (const row of rows)
      if (row.table === "members")
        for (const image of [row.before, row.after]) if (image) this.#members.set(image.id, image);
    for (const row of rows) this.#add(row);
    if (to > from && endsOf !== undefined) this.#addEndings(from, to, endsOf);
  }

  #add(change: RowChange): void {
    switch (change.table) {
      case "members":
        for (const image of imagesOf(change)) this.users.add(image.user);
        break;
      case "teamMembers":
        for (const { member } of imagesOf(change)) this.#addMember(member);
        break;
      case "grants":
      case "rules":
        for (const image of imagesOf<"grants" | "rules">(change)) this.#addHolders(image);
        break;
      case "shares":
        for (const image of imagesOf(change)) this.#addShare(image, change.before === null);
        break;
      case "receipts":
        for (const { share } of imagesOf(change))
          for (const rule of this.#slice.ruleRowsOn(share)) this.#addHolders(rule);
        break;
      case "links":
        if (change.before && !change.after)
          for (const grant of this.#slice.rows("grants", { via: change.before.id }))
            this.#addHolders(grant);
        break;
      case "freezes":
        for (const image of imagesOf(change)) this.#addFrozen(image);
        break;
      case "collaborations":
        for (const { id, org } of imagesOf(change))
          for (const share of this.#slice.rows("shares", { collaboration: id, org }))
            this.#addShare(share);
        break;
      case "orgs":
        this.#addOrg(change);
        break;
      case "resources":
        this.#addResource(change);
        break;
      case "types":
        this.types.push((change.before ?? change.after)?.name ?? "");
        break;
      case "roleSets": {
        const name = (change.before ?? change.after)?.name;
        for (const type of this.#slice.book.types())
          if (type.roleSet === name) this.types.push(type.name);
        break;
      }
      default: // no path depends on it
    }
  }

  #addMember(id: string): void {
    const user = (this.#members.get(id) ?? this.#slice.member(id))?.user;
    if (user !== undefined) this.users.add(user);
  }

  #addHolders(row: Pick<Named, "org" | "toKind" | "toId">): void {
    const { org, toKind, toId } = row;
    if (toKind === "admins") {
      for (const user of adminsOf(this.#slice, this.#slice.lineage(org))) this.users.add(user);
      return;
    }
    if (toKind === "member") return this.#addMember(toId ?? "");
    const to = toKind === "members" ? { kind: toKind } : { kind: toKind, id: toId ?? "" };
    for (const { user } of this.#slice.activeMembers(to, org, EVERYONE)) this.users.add(user);
  }

  #addShare(row: ShareRow, isNew = false): void {
    if (row.toUser !== null) this.users.add(row.toUser);
    // What a new share will be called is not known before it is there.
    else this.shares.set(row.id, { org: row.toOrg ?? 0, share: isNew ? null : row.id });
  }

  #addFrozen({ org, partner }: FreezeRow): void {
    const orgs = this.#slice.subtree(org).map(({ id }) => id);
    for (const share of this.#slice.rows("shares", { org: orgs, status: ["pending", "active"] }))
      if (partner === 0 || share.toOrg === partner) this.#addShare(share);
  }

  /** A move and a deletion concern whom anything was given above the org, or within it. */
  #addOrg({ before, after }: OrgChange): void {
    if (!before || !after) return;
    if (before.parent === after.parent && before.deletedAt === after.deletedAt) return;
    this.moved.push(after.id);
    const slice = this.#slice;
    const above = after.parent === null ? [] : slice.lineage(after.parent);
    const orgs = new Set([
      ...slice.lineage(after.id),
      ...above,
      ...slice.subtree(after.id).map(({ id }) => id),
    ]);
    const org = [...orgs];
    for (const grant of slice.rows("grants", { org })) this.#addHolders(grant);
    for (const rule of slice.rows("rules", { org })) this.#addHolders(rule);
    for (const share of slice.rows("shares", { org, status: ["pending", "active"] }))
      if (share.toUser !== null || after.deletedAt !== null) this.#addShare(share);
  }

  #addResource(change: ResourceChange): void {
    const { before, after } = change;
    const same = (field: "tagKeys" | "owner" | "org") => before?.[field] === after?.[field];
    if (before && after && same("tagKeys") && same("owner") && same("org")) return;
    this.resources.push(change);
    if (this.resources.length > RESOURCES_MAX) return;
    for (const image of [before, after]) if (image?.owner != null) this.users.add(image.owner);
    const [was, is] = [before && resourceOf(before), after && resourceOf(after)];
    const orgs = new Set([was, is].flatMap((one) => (one ? this.#slice.lineage(one.org) : [])));
    const moves = was?.org !== is?.org;
    const matters = ({ scope: text }: { scope: string }): boolean => {
      const scope = readScope(JSON.parse(text) as StoredScope);
      const [a, b] = [was, is].map((one) => one !== null && selects(scope, one));
      return moves ? a === true || b === true : a !== b;
    };
    // What stays selected by the same stays with who holds that.
    const kept = new Set(moves ? [] : was?.tags.filter((tag) => is?.tags.includes(tag)));
    const tags = new Set([...(was?.tags ?? []), ...(is?.tags ?? [])]);
    const parts = [
      ...[...tags].filter((tag) => !kept.has(tag)).map(PART.tag),
      ...(moves ? [PART.all, PART.key((was ?? is)?.key ?? 0)] : []),
    ];
    const found = <R>(table: "grants" | "shares") =>
      this.#slice.all<R>(
        `select distinct f.* from scopeParts p join "${table}" f on f.id = p.id
         where p.org in (select value from json_each(?)) and p.part in (select value from json_each(?))`,
        JSON.stringify([...orgs]),
        JSON.stringify(parts),
      );
    for (const grant of found<GrantRow>("grants").filter(matters)) this.#addHolders(grant);
    for (const { toUser } of found<ShareRow>("shares").filter(matters))
      if (toUser !== null) this.users.add(toUser);
  }

  #addEndings(from: number, to: number, org: number): void {
    for (const table of ENDING)
      for (const row of this.#slice.all<never>(
        `select * from "${table}" where expiresAt > ? and expiresAt <= ? and org = ?`,
        from,
        to,
        org,
      ))
        if (table === "shares") this.#addShare(row);
        else this.#addHolders(row);
  }
}

const EVERYONE = 1_000_000;

const imagesOf = <T extends TableName>(change: {
  table: T;
  before: Tables[T] | null;
  after: Tables[T] | null;
}): Tables[T][] => [change.before, change.after].filter((image) => image !== null);

const resourceOf = (row: ResourceRow): Resource => ({
  ...row,
  tags: JSON.parse(row.tagKeys) as string[],
});

// What people hold -----------------------------------------------------------------------------------

interface Look {
  readonly slice: Slice;
  readonly users: readonly string[];
  readonly moved: readonly number[];
  readonly resources: readonly ResourceChange[];
}

function momentOf(
  { slice, users, moved, resources }: Look,
  now: number,
  side: "before" | "after",
  owners: Owners,
): Moment {
  const receipts = slice
    .all<{ share: string; org: number }>(
      `select share, org from receipts where status = 'accepted'`,
    )
    .filter(({ org }) => slice.org(org));
  const received = new Map(receipts.map(({ share, org }) => [share, org]));
  const crowd = new Crowd(slice, users);
  const above = new Map(moved.map((org) => [org, slice.lineage(org).slice(1)]));
  const on = new Map<string, RoleName | null>();
  const held = new Map<string, readonly Held[]>();
  const images = resources.flatMap((change) => {
    const image = change[side];
    if (!image) return [];
    const resource = resourceOf(image);
    return [{ key: keyOf(change), resource, lineage: slice.lineage(resource.org) }];
  });
  for (const user of users) {
    held.set(user, heldBy(slice, crowd, user, now, above, received));
    for (const { key, resource, lineage } of images) {
      const asked = { user, resource, lineage, now };
      on.set(`${user} ${key}`, roleOn(slice.book, crowd.paths(user), asked));
    }
  }
  return {
    orgs: slice.orgTree(),
    book: slice.book,
    crowd,
    held,
    on,
    ownsOne: owners[side](slice),
  };
}

function heldBy(
  slice: Slice,
  crowd: Crowd,
  user: string,
  now: number,
  moved: ReadonlyMap<number, readonly number[]>,
  received: ReadonlyMap<string, number>,
): Held[] {
  const own = crowd
    .paths(user)
    .filter((path) => isLive(path, now) && slice.org(path.org))
    .flatMap((path): Held[] =>
      path.steps.map((step) => ({
        id: step.from.id,
        kind: step.from.kind,
        org: path.org,
        from: path.org,
        share: null,
        role: step.role,
        scope: step.scope,
        until: step.expiresAt,
        admin: path.admin,
        owned: path.owned,
      })),
    );
  // What is held above an org that moves is held on that org, too, while it lies there.
  const through = [...moved].flatMap(([org, above]) =>
    own.filter((one) => above.includes(one.org)).map((one): Held => ({ ...one, org })),
  );
  const rules = crowd
    .secondHalves(user, [...received.keys()], now)
    .filter(({ step }) => step.expiresAt === null || now < step.expiresAt)
    .map(({ share, step }): Held => {
      const org = received.get(share) ?? 0;
      const { role, scope, expiresAt: until } = step;
      const common = { id: step.from.id, kind: "rule", admin: false, owned: null } as const;
      return { ...common, org, from: org, share, role, scope, until };
    });
  return [...own, ...through, ...rules];
}

type OwnsOne = (user: string, type: string) => boolean;
interface Owners {
  readonly before: (slice: Slice) => OwnsOne;
  readonly after: (slice: Slice) => OwnsOne;
}

/** Who owns something of a type: to all others, what owners may do is nothing. */
function ownersOf(slice: Slice, rows: readonly RowChange[]): Owners {
  const read: Owners["before"] = (from) => {
    const known = new Map<string, ReadonlySet<string>>();
    return (user, type) => {
      const found =
        known.get(type) ??
        new Set(
          from
            .all<{ owner: string }>(
              `select distinct owner from resources where tree = ? and type = ? and owner is not null`,
              from.tree,
              type,
            )
            .map(({ owner }) => owner),
        );
      known.set(type, found);
      return found.has(user);
    };
  };
  // Where no resource changes, owners are the same before: they are read only where it matters.
  const changed = new Set(
    rows.map((row) => row.table === "resources" && (row.before ?? row.after)?.type),
  );
  const before = read(slice);
  for (const { type } of slice.ownerRoles()) if (changed.has(type)) before("", type);
  return { before: () => before, after: read };
}

/** What the shares give to orgs, by id: their terms where they count. */
function sharesAt(slice: Slice, ids: ReadonlyMap<string, unknown>, now: number) {
  const found = new Map<string, AccessMaterial>();
  for (const id of ids.keys()) {
    const row = slice.share(id);
    if (!row || row.status === "removed" || row.status === "declined") continue;
    if (row.expiresAt !== null && row.expiresAt <= now) continue;
    if (slice.isFrozen(shareOf(row))) continue;
    const { collaboration } = row;
    if (
      collaboration !== null &&
      slice.row("collaborations", { id: collaboration, status: "ended" })
    )
      continue;
    found.set(id, { ...termsShown(slice, row), org: named(slice, row.org), kind: "share" });
  }
  return found;
}

const named = (slice: Slice, id: number, name?: string) => ({
  id,
  name: name ?? slice.org(id)?.name ?? "",
});

const termsShown = (
  slice: Slice,
  row: { role: string; scope: string; expiresAt: number | null },
) => {
  const scope = JSON.parse(row.scope) as StoredScope;
  const refs = "keys" in scope ? refsOf(slice, scope.keys) : [];
  return { role: row.role, scope, refs, resource: null, share: null, expiresAt: row.expiresAt };
};

const ofResource = (role: RoleName, row: ResourceRow, slice: Slice): AccessMaterial => ({
  kind: "resource",
  org: named(slice, row.org),
  role: roleText(role),
  scope: null,
  refs: [],
  resource: `${row.type}:${row.id}`,
  share: null,
  expiresAt: null,
});

/** Shows what is held, as it was written at the time: from the images of rows, or as it still is. */
function namesOf(slice: Slice, rows: readonly RowChange[], knows: (org: number) => boolean) {
  const images = { before: new Map<string, Named>(), after: new Map<string, Named>() };
  const gone = new Map<number, string>();
  const orgs = new Map<number, string>();
  for (const row of rows) {
    if (row.table === "resources" && row.before)
      gone.set(row.before.key, `${row.before.type}:${row.before.id}`);
    if (row.table === "orgs" && row.before) orgs.set(row.before.id, row.before.name);
    if (row.table !== "grants" && row.table !== "rules" && row.table !== "shares") continue;
    if (row.before) images.before.set(row.before.id, row.before as Named);
    if (row.after) images.after.set(row.after.id, row.after as Named);
  }
  const known = new Map<string, Pick<AccessMaterial, "scope" | "refs">>();
  const tables = { grant: "grants", share: "shares", rule: "rules" } as const;
  const writtenOf = (one: Held, side: "before" | "after") => {
    if (one.kind === "owner") return { scope: { all: true } as const, refs: [] };
    // Of what was given above, where the reader does not see, it is told who has it and no more.
    if (!knows(one.from)) return { scope: null, refs: [] };
    const key = `${side} ${one.id}`;
    const found = known.get(key);
    if (found) return found;
    const row =
      images[side].get(one.id) ??
      slice.first<Named>(`select * from "${tables[one.kind]}" where id = ?`, one.id);
    const scope = JSON.parse(row?.scope ?? '{"all":true}') as StoredScope;
    const lost = "keys" in scope ? scope.keys.flatMap((each) => gone.get(each) ?? []) : [];
    const refs = "keys" in scope ? [...new Set([...refsOf(slice, scope.keys), ...lost])] : [];
    // A rule lists resources of its partner's tree, which has their names.
    const written =
      one.kind === "rule" && "keys" in scope ? { scope: null, refs } : { scope, refs };
    known.set(key, written);
    return written;
  };
  return (one: Held | ResourceOn, side: "before" | "after"): AccessMaterial =>
    "on" in one
      ? ofResource(one.on, one.of, slice)
      : {
          kind: one.kind,
          org: named(slice, one.org, orgs.get(one.org)),
          role: roleText(one.role),
          ...writtenOf(one, side),
          resource: null,
          share: one.share,
          expiresAt: one.until,
        };
}

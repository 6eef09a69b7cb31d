import {
  isLive,
  isWithin,
  readScope,
  roleOn,
  roleText,
  secondHalves,
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
import type { OrgTree } from "./org-tree.ts";
import { refsOf } from "./queries/page.ts";
import { shareOf, type Slice } from "./slice.ts";

/*
 * What changes of rows do to people: who gains, loses or changes which access. Worked out by the
 * model from the facts before and after, for the people whom the changed facts concern and no
 * others; it writes the changes, so it runs where they are taken back.
 */

/** So many people are looked at, so many resources, and so many named; the rest is openly cut. */
export const PEOPLE_MAX = 2_000;
const RESOURCES_MAX = 20;
const NAMED_MAX = 100;

/** One thing that a person holds. */
interface Held {
  readonly id: string;
  readonly kind: "grant" | "share" | "rule" | "owner";
  readonly org: number;
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
  readonly held: ReadonlyMap<string, readonly Held[]>;
  readonly on: ReadonlyMap<string, RoleName | null>;
}

export interface Effects {
  readonly shown: EffectsMaterial;
  /** All of it, uncut: what a word of confirmation stands for. */
  readonly whole: unknown;
  /** Types and role sets that were defined anew; what that does is told by roles, not by people. */
  readonly types: readonly string[];
}

type Named = GrantRow | RuleRow;

/** Makes the changes and says what they do; `from` and `to` are the instants before and after. */
export function effectsOf(
  slice: Slice,
  rows: readonly RowChange[],
  from: number,
  to: number,
): Effects {
  const concerned = new Concerned(slice, rows, from, to);
  const all = [...concerned.users].toSorted();
  const users = all.slice(0, PEOPLE_MAX);
  const resources = concerned.resources.slice(0, RESOURCES_MAX);
  const moved = concerned.moved;
  const sharesBefore = sharesAt(slice, concerned.shares, from);
  const before = momentOf(slice, users, from, moved, resources, "before");
  slice.write(rows);
  const after = momentOf(slice, users, to, moved, resources, "after");
  const sharesAfter = sharesAt(slice, concerned.shares, to);

  const names = namesOf(slice, rows);
  const gains: EffectMaterial[] = [];
  const loses: EffectMaterial[] = [];
  const changes: EffectMaterial[] = [];
  for (const user of users) {
    const person = slice.emailOf(user) || user;
    const [had, has] = [before.held.get(user) ?? [], after.held.get(user) ?? []];
    const lost = had.filter((one) => !has.some((other) => covers(after, other, one)));
    const gained = has.filter((one) => !had.some((other) => covers(before, other, one)));
    const told = new Set<string>();
    for (const one of lost) {
      const now = has.find((other) => isSame(other, one));
      if (now) changes.push({ person, before: names(one, "before"), after: names(now, "after") });
      else loses.push({ person, before: names(one, "before"), after: null });
      told.add(sourceOf(one));
    }
    for (const one of gained) {
      if (told.has(sourceOf(one)) && had.some((other) => isSame(other, one))) continue;
      const then = had.find((other) => isSame(other, one));
      if (then) changes.push({ person, before: names(then, "before"), after: names(one, "after") });
      else gains.push({ person, before: null, after: names(one, "after") });
    }
    for (const row of resources) {
      const key = `${user} ${keyOf(row)}`;
      const [was, is] = [before.on.get(key) ?? null, after.on.get(key) ?? null];
      if ((was && roleText(was)) === (is && roleText(is))) continue;
      const on = (role: RoleName | null, image: ResourceRow | null) =>
        role && image && ofResource(role, image, slice);
      const one = { person, before: on(was, row.before), after: on(is, row.after) };
      (was === null ? gains : is === null ? loses : changes).push(one);
    }
  }
  const partners = [...concerned.shares].flatMap(([id, { org, share }]) => {
    const [was, is] = [sharesBefore.get(id) ?? null, sharesAfter.get(id) ?? null];
    return JSON.stringify(was) === JSON.stringify(is)
      ? []
      : [{ org, share, before: was, after: is, people: null }];
  });
  const counts = { gains: gains.length, loses: loses.length, changes: changes.length };
  const unseen = all.length - users.length + concerned.resources.length - resources.length;
  const cut = <T>(list: readonly T[]) => list.slice(0, NAMED_MAX);
  return {
    shown: {
      gains: cut(gains),
      loses: cut(loses),
      changes: cut(changes),
      partners: cut(partners),
      counts: { ...counts, partners: partners.length, people: all.length },
      more: unseen > 0 || [gains, loses, changes, partners].some((one) => one.length > NAMED_MAX),
      examined: users.length,
    },
    whole: [gains, loses, changes, partners, all, concerned.types],
    types: concerned.types,
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

  constructor(slice: Slice, rows: readonly RowChange[], from: number, to: number) {
    this.#slice = slice;
    for (const row of rows)
      if (row.table === "members")
        for (const image of [row.before, row.after]) if (image) this.#members.set(image.id, image);
    for (const row of rows) this.#add(row);
    if (to > from) this.#addEndings(from, to);
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
    const matters = (text: string): boolean => {
      const scope = readScope(JSON.parse(text) as StoredScope);
      const [a, b] = [was, is].map((one) => one !== null && selects(scope, one));
      return moves ? a === true || b === true : a !== b;
    };
    const org = JSON.stringify([...orgs]);
    const listed = (table: string) =>
      this.#slice
        .all<{ scope: string }>(
          `select distinct scope from "${table}" where org in (select value from json_each(?))`,
          org,
        )
        .filter(({ scope }) => matters(scope))
        .map(({ scope }) => scope);
    for (const grant of this.#slice.rows("grants", { org: [...orgs], scope: listed("grants") }))
      this.#addHolders(grant);
    for (const { toUser } of this.#slice.rows("shares", {
      org: [...orgs],
      scope: listed("shares"),
    }))
      if (toUser !== null) this.users.add(toUser);
  }

  #addEndings(from: number, to: number): void {
    for (const table of ENDING)
      for (const row of this.#slice.all<never>(
        `select * from "${table}" where expiresAt > ? and expiresAt <= ?`,
        from,
        to,
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

function momentOf(
  slice: Slice,
  users: readonly string[],
  now: number,
  moved: readonly number[],
  resources: readonly ResourceChange[],
  side: "before" | "after",
): Moment {
  const received = slice
    .all<{ share: string; org: number }>(
      `select share, org from receipts where status = 'accepted'`,
    )
    .filter(({ org }) => slice.org(org));
  const on = new Map<string, RoleName | null>();
  const held = new Map<string, readonly Held[]>();
  const owners = ownersOf(slice);
  for (const user of users) {
    held.set(user, heldBy(slice, user, now, moved, received, owners));
    for (const change of resources) {
      const image = change[side];
      const resource = image && resourceOf(image);
      const role =
        resource &&
        roleOn(slice.book, slice.paths(user), {
          user,
          resource,
          lineage: slice.lineage(resource.org),
          now,
        });
      on.set(`${user} ${keyOf(change)}`, role);
    }
  }
  return { orgs: slice.orgTree(), book: slice.book, held, on };
}

function heldBy(
  slice: Slice,
  user: string,
  now: number,
  moved: readonly number[],
  received: readonly { share: string; org: number }[],
  owners: (type: string) => ReadonlySet<string>,
): Held[] {
  const paths = slice.paths(user);
  const own = paths
    .filter((path) => isLive(path, now) && slice.org(path.org))
    .filter(({ owned }) => owned === null || owners(owned).has(user))
    .flatMap((path): Held[] =>
      path.steps.map((step) => ({
        id: step.from.id,
        kind: step.from.kind,
        org: path.org,
        share: null,
        role: step.role,
        scope: step.scope,
        until: step.expiresAt,
        admin: path.admin,
        owned: path.owned,
      })),
    );
  // What is held above an org that moves is held on that org, too, while it lies there.
  const through = moved.flatMap((org) => {
    const [, ...above] = slice.lineage(org);
    return own.filter((one) => above.includes(one.org)).map((one): Held => ({ ...one, org }));
  });
  const orgs = new Map(received.map(({ share, org }) => [share, org]));
  const rules = secondHalves(slice, user, paths, [...orgs.keys()], now)
    .filter(({ step }) => step.expiresAt === null || now < step.expiresAt)
    .map(({ share, step }): Held => ({
      id: step.from.id,
      kind: "rule",
      org: orgs.get(share) ?? 0,
      share,
      role: step.role,
      scope: step.scope,
      until: step.expiresAt,
      admin: false,
      owned: null,
    }));
  return [...own, ...through, ...rules];
}

/** Who owns something of a type: to all others, what owners may do is nothing. */
function ownersOf(slice: Slice): (type: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  return (type) => {
    const found =
      known.get(type) ??
      new Set(
        slice
          .all<{ owner: string }>(
            `select distinct owner from resources where tree = ? and type = ? and owner is not null`,
            slice.tree,
            type,
          )
          .map(({ owner }) => owner),
      );
    known.set(type, found);
    return found;
  };
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
function namesOf(slice: Slice, rows: readonly RowChange[]) {
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
  return (one: Held, side: "before" | "after"): AccessMaterial => ({
    kind: one.kind,
    org: named(slice, one.org, orgs.get(one.org)),
    role: roleText(one.role),
    ...writtenOf(one, side),
    resource: null,
    share: one.share,
    expiresAt: one.until,
  });
}

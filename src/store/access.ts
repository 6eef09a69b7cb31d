import {
  allowed,
  endOf,
  isLive,
  joinHalves,
  parseRole,
  roleText,
  rolesOn,
  secondHalves,
  type FirstHalf,
  type Path,
  type Question,
  type Resource,
  type SecondHalf,
} from "../access/index.ts";
import type { ResourceRow } from "../commands/record.ts";
import type { UsersAnswer } from "../commands/rpc.ts";
import type {
  AccessRowMaterial,
  AccessSource,
  ReachedMaterial,
  ReadInput,
  WayMaterial,
} from "../views/materials.ts";
import { everyoneOn } from "./askable.ts";
import { orgNamed, Shown } from "./explain.ts";
import { rowsBelow } from "./queries/resources.ts";
import { reachCondition } from "./reach.ts";
import type { Slice } from "./slice.ts";

/*
 * Who may do what to a resource, and what somebody may do to which: read off the same paths as a
 * check, each path with the actions that a check would allow by it.
 */

/** A resource, or one of an open type that has no row. */
export type On = Pick<ResourceRow, "key" | "org" | "type" | "id" | "tagKeys" | "owner">;

export interface Way extends WayMaterial {
  readonly path: Path;
}

export const reachedOf = (slice: Slice, row: On & { name?: string }): ReachedMaterial => ({
  key: row.key,
  type: row.type,
  id: row.id,
  name: row.name ?? row.id,
  org: orgNamed(slice, row.org),
});

const questionOn = (slice: Slice, row: On, user: string, now: number): Question => ({
  user,
  action: "",
  resource: { ...row, tags: JSON.parse(row.tagKeys) as string[] } satisfies Resource,
  lineage: slice.lineage(row.org),
  now,
  holds: () => false,
});

/** The paths, of those given, by which a user may do something to a resource, and what. */
export function waysOn(
  slice: Slice,
  row: On,
  user: string,
  paths: readonly Path[],
  now: number,
): Way[] {
  const question = questionOn(slice, row, user, now);
  const resource = { org: row.org, type: row.type, id: row.id };
  const asked = (action: string): Question => ({
    ...question,
    action,
    holds: slice.holds({ user, action, resource }),
  });
  return paths.flatMap((path) => {
    const [role] = rolesOn(slice.book, [path], question);
    if (!role) return [];
    const may = allowed(slice.book, path, row.type, asked);
    if (may.actions.length + may.conditional.length === 0) return [];
    return { path, role: roleText(role), ...may, expiresAt: endOf(path) };
  });
}

/** All ways as one: every action that some way allows, the strongest role, the last end. */
export function united(slice: Slice, type: string, ways: readonly WayMaterial[]): WayMaterial {
  const { book } = slice;
  const by = (of: (way: WayMaterial) => readonly string[]) => new Set(ways.flatMap(of));
  const actions = by((way) => way.actions);
  const conditional = by((way) => way.conditional);
  const order = book.actionsFor(type);
  const rank = (role: string | null) => (role === null ? -1 : book.rank(parseRole(role)));
  const ends = ways.map(({ expiresAt }) => expiresAt ?? Infinity);
  const last = Math.max(...ends);
  return {
    role: ways.map(({ role }) => role).reduce((a, b) => (rank(b) > rank(a) ? b : a)),
    actions: order.filter((action) => actions.has(action)),
    conditional: order.filter((action) => conditional.has(action) && !actions.has(action)),
    expiresAt: last === Infinity ? null : last,
  };
}

/** As what the access along a path was given. */
export function sourceOf(slice: Slice, path: Path): AccessSource {
  const [first, second] = path.steps;
  if (!first || second) return "received";
  const { kind, id } = first.from;
  if (kind !== "grant") return kind === "owner" ? "owner" : "user_share";
  const grant = slice.grant(id);
  if (grant?.via === "recipients") return "recipient";
  if (grant?.via === "elevation") return "elevation";
  if (grant?.via != null) return "link";
  if (path.admin) return "admin";
  return grant?.toKind === "team" || grant?.toKind === "members" ? grant.toKind : "grant";
}

export function personOf(
  slice: Slice,
  user: string,
  org: number,
): NonNullable<AccessRowMaterial["person"]> {
  const lineage = slice.lineage(org);
  const members = slice.membershipsOf(user).filter((member) => member.status === "active");
  const [nearest] = lineage.flatMap((id) => members.find((member) => member.org === id) ?? []);
  const name = nearest?.name ?? slice.person(user)?.name ?? null;
  return { user, email: slice.emailOf(user), name: name || null, member: nearest?.id ?? null };
}

/** Only access of one role, or by one source, may be asked for. */
export interface Only {
  readonly role?: string | undefined;
  readonly source?: AccessSource | undefined;
}

/** A row of a person, by those ways that were asked for; none where there is none. */
export function rowOf(
  slice: Slice,
  row: On & { name?: string },
  user: string,
  paths: readonly Path[],
  { role, source }: Only,
  now: number,
  mayKnow: (org: number) => boolean,
): AccessRowMaterial | null {
  const ways = waysOn(slice, row, user, paths, now)
    .map((way) => ({ ...way, source: sourceOf(slice, way.path) }))
    .filter((way) => (!role || way.role === role) && (!source || way.source === source));
  if (ways.length === 0) return null;
  const shown = new Shown(slice, questionOn(slice, row, user, now), mayKnow);
  const { key: _, ...resource } = reachedOf(slice, row);
  return {
    person: personOf(slice, user, row.org),
    partner: null,
    resource,
    share: null,
    ...united(slice, row.type, ways),
    sources: ways.map(({ path, ...way }) => ({ ...way, steps: shown.steps(path) })),
  };
}

/** A row of the people of another org: what the most of them may do, and how many may do something. */
export function partnerRow(
  slice: Slice,
  row: On & { name?: string },
  half: FirstHalf,
  toOrg: number,
  { name, groups }: UsersAnswer,
  { role, source }: Only,
  now: number,
  mayKnow: (org: number) => boolean,
): AccessRowMaterial | null {
  if (source && source !== "org_share") return null;
  let people = 0;
  const ways: Way[] = [];
  for (const group of groups) {
    const paths = group.seconds.map((second) => joinHalves(half, second));
    const found = waysOn(slice, row, "", paths, now).filter((way) => !role || way.role === role);
    if (found.length > 0) people += group.people;
    ways.push(...found);
  }
  if (ways.length === 0) return null;
  const all = united(slice, row.type, ways);
  const shown = new Shown(slice, questionOn(slice, row, "", now), mayKnow);
  const { key: _, ...resource } = reachedOf(slice, row);
  const org = { id: toOrg, name };
  const steps = shown
    .steps(half)
    .map((step) => (step.to ? { ...step, to: { ...step.to, name } } : step));
  return {
    person: null,
    partner: { ...org, people },
    resource,
    share: null,
    ...all,
    sources: [{ source: "org_share", ...all, steps }],
  };
}

/** The people who could have something to do with an org and those below it, by id. */
export function peopleAround(slice: Slice, org: number, after: string, limit: number): string[] {
  const orgs = [...slice.lineage(org), ...slice.subtree(org).map(({ id }) => id)];
  return slice
    .all<{ user: string }>(
      `with given(orgs) as (select ?), o(id) as (select value from json_each((select orgs from given)))
       select user from (
         select user from members where status = 'active' and org in (select id from o)
         union select toUser from shares where toUser is not null and status = 'active' and org in (select id from o)
         union select m.user from grants g join members m on m.id = g.toId
           where g.via is not null and g.toKind = 'member' and g.org in (select id from o)
         union select m.user from grants g join teamMembers t on t.team = g.toId join members m on m.id = t.member
           where g.via is not null and g.toKind = 'team' and g.org in (select id from o))
       where user > ? order by user limit ?`,
      JSON.stringify([...new Set(orgs)]),
      after,
      limit,
    )
    .map(({ user }) => user);
}

/** The live paths of a user that lead into an org or below it, of one source where that is asked. */
export function pathsInto(
  slice: Slice,
  user: string,
  org: number,
  { source }: Only,
  now: number,
): Path[] {
  const lineage = slice.lineage(org);
  return slice
    .paths(user)
    .filter((path) => isLive(path, now))
    .filter((path) => lineage.includes(path.org) || slice.lineage(path.org).includes(org))
    .filter((path) => !source || sourceOf(slice, path) === source);
}

/** Resources of an org and below that paths could reach, by key; one more than the limit. */
export const reachedRows = (
  slice: Slice,
  org: number,
  user: string,
  paths: readonly Path[],
  { type, tag, after, limit }: Pick<ReadInput, "type" | "tag" | "after" | "limit">,
  now: number,
): ResourceRow[] =>
  rowsBelow(slice, org, { type, tag, after, limit }, reachCondition(slice, user, paths, now));

/** The people whom the rules on a share let in, by id, each with what lets them. */
export function usersOf(
  slice: Slice,
  share: string,
  now: number,
): readonly { user: string; seconds: readonly SecondHalf[] }[] {
  const users = new Set(everyoneOn(slice, [share], now).map((one) => one.user));
  return [...users]
    .toSorted()
    .map((user) => ({
      user,
      seconds: secondHalves(slice, user, slice.paths(user), [share], now),
    }))
    .filter(({ seconds }) => seconds.length > 0);
}

/** How many they are, by which rules let them in. */
export function usersBy(slice: Slice, share: string, now: number): UsersAnswer["groups"] {
  const groups = new Map<string, { seconds: readonly SecondHalf[]; people: number }>();
  for (const { seconds } of usersOf(slice, share, now)) {
    const key = seconds.map(({ step }) => step.from.id).join();
    groups.set(key, { seconds, people: (groups.get(key)?.people ?? 0) + 1 });
  }
  return [...groups.values()];
}

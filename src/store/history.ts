import {
  readScope,
  roleOn,
  rolesOn,
  roleText,
  selects,
  type Question,
  type Resource,
  type StoredScope,
} from "../access/index.ts";
import type { ShareRow } from "../commands/record.ts";
import type { AccessAtMaterial } from "../views/materials.ts";
import { Shown } from "./explain.ts";
import { shareOf, type Slice } from "./slice.ts";

/*
 * Who has access to a resource, by the facts that the slice holds at the moment: those of today, or
 * of an instant that it was taken back to.
 */

const NAMED_MAX = 500;
const EVERYONE = 1_000_000;

export function accessTo(
  slice: Slice,
  org: number,
  named: { readonly type: string; readonly id: string },
  at: number,
  mayKnow: (org: number) => boolean,
): AccessAtMaterial {
  const row = slice.resource(named.type, named.id);
  const lineage = row ? slice.lineage(row.org) : [];
  const nobody = { resource: named, at, items: [], partners: [], count: 0, more: false };
  if (!row || !lineage.includes(org)) return nobody;
  const resource: Resource = { ...row, tags: JSON.parse(row.tagKeys) as string[] };
  const questionOf = (user: string): Question => ({
    user,
    action: "",
    resource,
    lineage,
    now: at,
    holds: () => false,
  });
  const found = peopleOn(slice, resource, lineage).flatMap((user) => {
    const role = roleOn(slice.book, slice.paths(user), questionOf(user));
    return role ? [{ user, role }] : [];
  });
  const items = found.slice(0, NAMED_MAX).map(({ user, role }) => {
    const question = questionOf(user);
    const shown = new Shown(slice, question, mayKnow);
    return {
      person: slice.emailOf(user) || user,
      role: roleText(role),
      paths: slice
        .paths(user)
        .filter((path) => rolesOn(slice.book, [path], question).length > 0)
        .map((path) => shown.steps(path)),
    };
  });
  const partners = sharesOn(slice, resource, lineage)
    .filter(({ toOrg, org: of }) => toOrg !== null && mayKnow(of))
    .map(shareOf)
    .filter((share) => !slice.isFrozen(share) && (share.expiresAt === null || at < share.expiresAt))
    .flatMap((share) => {
      const path = { org: share.org, admin: false, owned: null };
      const step = { ...share, from: { kind: "share", id: share.id } } as const;
      return new Shown(slice, questionOf(""), mayKnow).steps({ ...path, steps: [step] });
    });
  const more = found.length > items.length;
  return { resource: named, at, items, partners, count: found.length, more };
}

/** The shares that select the resource, and were not removed. */
const sharesOn = (slice: Slice, resource: Resource, lineage: readonly number[]): ShareRow[] =>
  slice
    .rows("shares", { org: [...lineage], status: ["pending", "active"] })
    .filter(({ scope }) => selects(readScope(JSON.parse(scope) as StoredScope), resource));

/** Everyone whom a grant or a share that selects the resource could let in, and who owns it. */
function peopleOn(slice: Slice, resource: Resource, lineage: readonly number[]): string[] {
  const users = new Set<string>(resource.owner === null ? [] : [resource.owner]);
  const org = [...lineage];
  const scope = slice
    .all<{ scope: string }>(
      `select distinct scope from grants where org in (select value from json_each(?))`,
      JSON.stringify(org),
    )
    .map((row) => row.scope)
    .filter((text) => selects(readScope(JSON.parse(text) as StoredScope), resource));
  for (const grant of slice.rows("grants", { org, scope })) {
    const to =
      grant.toKind === "members"
        ? ({ kind: "members" } as const)
        : { kind: grant.toKind, id: grant.toId ?? "" };
    for (const { user } of slice.activeMembers(to, grant.org, EVERYONE)) users.add(user);
  }
  for (const { toUser } of sharesOn(slice, resource, lineage))
    if (toUser !== null) users.add(toUser);
  return [...users].toSorted();
}

import { isOpenStill, roleText } from "../../access/index.ts";
import type { ShareRow } from "../../commands/record.ts";
import type { OwnAccessMaterial } from "../../views/materials.ts";
import { countReached } from "../reach.ts";
import { shareOf, type Slice } from "../slice.ts";
import { memberShown, strongest } from "./members.ts";
import { terms } from "./page.ts";

/** What a person can reach by memberships and by shares to themself: one row for each. */
export function ownAccess(slice: Slice, user: string, now: number): OwnAccessMaterial[] {
  const paths = slice.paths(user);
  const orgOf = (id: number) => ({ id, name: slice.org(id)?.name ?? "" });
  const members = slice.membershipsOf(user).map((row): OwnAccessMaterial => {
    const { grants, status } = memberShown(slice, now)(row);
    const teams = slice.teamsOf(row.id);
    const held = [
      ...slice.grantsTo({ kind: "member", id: row.id }, row.org),
      ...slice.grantsTo({ kind: "members" }, row.org),
      ...teams.flatMap((id) => slice.grantsTo({ kind: "team", id }, row.org)),
    ];
    const ids = held.map((grant) => grant.id);
    const inForce = held.filter(({ expiresAt }) => expiresAt === null || now < expiresAt);
    const own = paths.filter((path) =>
      path.steps.some(({ from }) => from.kind === "grant" && ids.includes(from.id)),
    );
    const widest = grants.find((grant) => "all" in grant.scope) ?? grants[0];
    return {
      id: row.id,
      org: orgOf(row.org),
      kind: "member",
      via: null,
      role: strongest(
        slice,
        inForce.map((grant) => ({ role: roleText(grant.role) })),
      ),
      scope: widest?.scope ?? null,
      refs: widest?.refs ?? [],
      status,
      resources: row.status === "active" ? countReached(slice, user, own, now) : 0,
      expiresAt: widest?.expiresAt ?? null,
    };
  });
  const shares = slice
    .all<ShareRow>(
      `select * from shares where toUser = ? and status in ('pending', 'active')`,
      user,
    )
    .filter((row) => slice.org(row.org))
    .map((row): OwnAccessMaterial => {
      const { scope, refs } = terms(slice, row);
      const own = paths.filter((path) =>
        path.steps.some(({ from }) => from.kind === "share" && from.id === row.id),
      );
      const org = slice.org(row.org);
      const ended =
        (row.expiresAt !== null && row.expiresAt <= now) ||
        (row.status === "pending" && org !== undefined && !isOpenStill(org, row.sentAt, now));
      return {
        id: row.id,
        org: orgOf(row.org),
        kind: "user_share",
        via: null,
        role: row.role,
        scope,
        refs,
        status: ended ? "expired" : row.status,
        ...(slice.isFrozen(shareOf(row)) ? { frozen: true } : {}),
        resources: countReached(slice, user, own, now),
        expiresAt: row.expiresAt,
      };
    });
  return [...members, ...shares];
}

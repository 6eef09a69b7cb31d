import { isAdminRole, isOpenStill, parseRole } from "../../access/index.ts";
import type { MemberRow } from "../../commands/record.ts";
import type { Materials } from "../../views/materials.ts";
import type { Slice } from "../slice.ts";
import { terms } from "./page.ts";

export const memberShown =
  (slice: Slice, now: number) =>
  (row: MemberRow): Materials["member"] => {
    const grants = slice
      .grantsNaming(row.id)
      .filter((grant) => grant.via === null)
      .map((grant) => terms(slice, grant));
    const org = slice.org(row.org);
    const waits = row.status === "pending" && org;
    return {
      ...row,
      status: waits && !isOpenStill(org, row.sentAt, now) ? "expired" : row.status,
      email: slice.person(row.user)?.email ?? "",
      role: strongest(
        slice,
        grants.filter((grant) => grant.expiresAt === null || now < grant.expiresAt),
      ),
      grants,
      teams: slice.teamsOf(row.id).flatMap((id) => {
        const team = slice.team(id);
        return team ? [{ id, name: team.name }] : [];
      }),
    };
  };

/** The strongest of some roles; an admin's counts above all. */
export function strongest(slice: Slice, rows: readonly { role: string }[]): string | null {
  let best: string | null = null;
  const weight = (text: string) => {
    const role = parseRole(text);
    return (isAdminRole(role) ? 1_000 : 0) + slice.book.rank(role);
  };
  for (const { role } of rows) if (best === null || weight(role) > weight(best)) best = role;
  return best;
}

import type { MemberRow, TeamRow } from "../../commands/record.ts";
import type { Materials, ReadInput } from "../../views/materials.ts";
import type { Slice } from "../slice.ts";
import { memberShown } from "./members.ts";
import { page, terms, type Asking, type Page } from "./page.ts";

export const teamShown =
  (slice: Slice) =>
  (row: TeamRow): Materials["team"] => ({
    ...row,
    members: slice.count("teamMembers", { team: row.id }),
    grants: slice
      .rows("grants", { toKind: "team", toId: row.id, via: null })
      .map((grant) => terms(slice, grant)),
  });

/** The members of a team, by id. */
export function teamMembers(
  { slice, now }: Asking,
  input: ReadInput,
): Page<Materials["teamMembers"]> {
  const rows = slice.all<MemberRow>(
    `select m.* from teamMembers t join members m on m.id = t.member where t.team = ? and t.member > ? order by t.member limit ?`,
    input.team ?? "",
    input.after,
    input.limit + 1,
  );
  return page(rows, input.limit, (row) => row.id, memberShown(slice, now));
}

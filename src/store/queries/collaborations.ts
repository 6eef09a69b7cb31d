import type { Materials, ReadInput } from "../../views/materials.ts";
import { collaborationsOf, sharedIn } from "../outside.ts";
import { page, type Asking, type Page } from "./page.ts";

/** Of each way, so many shares are named; all are counted. */
const NAMED_MAX = 100;

/** The collaborations of an org, both halves of each put together; ended ones only where asked for. */
export async function collaborations(
  { slice, db, org, now }: Asking,
  input: ReadInput,
): Promise<Page<Materials["collaborations"]>> {
  const rows = await collaborationsOf(db, slice.tree, org, {
    id: input.id ?? null,
    status: input.status ?? null,
    after: input.after,
    limit: input.limit + 1,
  });
  const named = input.id === undefined ? 0 : NAMED_MAX;
  const ids = rows.map((row) => row.id);
  const shared = await sharedIn(db, org, ids, now, named);
  return page(
    rows,
    input.limit,
    (row) => row.id,
    ({ other, otherName, ...row }) => {
      const here = shared.filter((one) => one.collaboration === row.id);
      const way = (given: number) => here.filter((one) => one.given === given);
      const counted = (given: number) => way(given)[0]?.total ?? 0;
      return {
        ...row,
        org,
        with: { id: other, name: otherName },
        shared: { given: counted(1), received: counted(0) },
        shares: named === 0 ? null : { given: way(1), received: way(0) },
      };
    },
  );
}

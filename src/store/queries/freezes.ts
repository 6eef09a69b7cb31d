import type { FreezeRow } from "../../commands/record.ts";
import type { Materials, ReadInput } from "../../views/materials.ts";
import { page, type Asking, type Page } from "./page.ts";

/** The org's own freezes, by partner; `id` narrows to one. */
export function freezes({ slice, org }: Asking, input: ReadInput): Page<Materials["freezes"]> {
  const rows = slice.all<FreezeRow>(
    `select * from freezes where org = ?1 and (?2 is null or partner = ?2) and partner > ?3 order by partner limit ?4`,
    org,
    input.id === undefined ? null : Number(input.id),
    input.after === "" ? -1 : Number(input.after),
    input.limit + 1,
  );
  return page(
    rows,
    input.limit,
    (row) => String(row.partner),
    (row) => row,
  );
}

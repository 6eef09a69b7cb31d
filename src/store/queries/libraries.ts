import type { LibraryRow } from "../../commands/record.ts";
import type { Materials, ReadInput } from "../../views/materials.ts";
import { one, page, type Asking, type Page } from "./page.ts";

/** The org's libraries, by name, each with how many values it has. */
export function libraries({ slice, org }: Asking, input: ReadInput): Page<Materials["libraries"]> {
  const rows = slice.all<Materials["libraries"]>(
    `select org, name, json_array_length(body) as count from libraries where org = ? and name > ? order by name limit ?`,
    org,
    input.after,
    input.limit + 1,
  );
  return page(
    rows,
    input.limit,
    (row) => row.name,
    (row) => row,
  );
}

export function library({ slice, org }: Asking, input: ReadInput): Page<Materials["library"]> {
  const row: LibraryRow | undefined = slice.row("libraries", { org, name: input.id ?? "" });
  if (!row) return one<Materials["library"]>(null);
  const values = JSON.parse(row.body) as Materials["library"]["values"];
  return one({ org, name: row.name, count: values.length, values });
}

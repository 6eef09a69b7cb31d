import { foldTag } from "../../access/index.ts";
import type { Materials, ReadInput } from "../../views/materials.ts";
import { page, type Asking, type Page } from "./page.ts";

/** The tags of the resources of an org and below, each with how many resources carry it. */
export function tags({ slice, org }: Asking, input: ReadInput): Page<Materials["tags"]> {
  const orgs = slice.subtree(org).map((below) => below.id);
  const whole = slice.org(org)?.parent === null;
  const counted = slice.all<{ tag: string; n: number; key: number }>(
    `select t.tag, count(*) as n, min(t.key) as key from resourceTags t
       ${whole ? "" : "join resources r on r.key = t.key and r.org in (select value from json_each(?1))"}
       where t.tag > ?2 and (?3 = '' or instr(t.tag, ?3) > 0) and ?1 <> ''
       group by t.tag order by t.tag limit ?4`,
    JSON.stringify(orgs),
    input.after,
    foldTag(input.q ?? ""),
    input.limit + 1,
  );
  const written = new Map(
    slice
      .all<{ key: number; tags: string }>(
        `select key, tags from resources where key in (select value from json_each(?))`,
        JSON.stringify(counted.map(({ key }) => key)),
      )
      .map((row) => [row.key, JSON.parse(row.tags) as string[]]),
  );
  return page(
    counted,
    input.limit,
    ({ tag }) => tag,
    ({ tag, n, key }) => ({
      tag,
      name: written.get(key)?.find((name) => foldTag(name) === tag) ?? tag,
      resources: n,
    }),
  );
}

import type { Child } from "hono/jsx";
import { isRefusal, type Refusal } from "../../../refusals.ts";
import { csvOf } from "../../api/csv.ts";
import type { Answer, Listed } from "./api.ts";
import { withQuery } from "./api.ts";
import type { Option } from "./form.tsx";
import type { OrgVisit } from "./settings.tsx";

export interface Column<R> {
  readonly key: string;
  readonly label: string;
  /** What it sorts and filters by, and what CSV says. */
  readonly value: (row: R) => string | number | null | undefined;
  /** What the page shows in its place. */
  readonly cell?: (row: R) => Child;
  readonly sort?: false;
}

export interface Filter<R> {
  readonly key: string;
  readonly label: string;
  readonly options: readonly Option[];
  /** What of a row it compares; without it, the API's list is asked with the key in its query. */
  readonly of?: (row: R) => string | null | undefined;
}

export interface TableOf<R> {
  readonly caption: string;
  readonly columns: readonly Column<R>[];
  /** A list of the API, or the rows themselves. `q`: the list has a text filter of its own. */
  readonly list: { readonly path: string; readonly q?: true } | { readonly rows: readonly R[] };
  readonly filters?: readonly Filter<R>[];
  /** Of the page's query: what stays as it is when one filters. */
  readonly keep?: readonly string[];
  /** What stands beside each row; in no CSV. */
  readonly acts?: (row: R) => Child;
  /** What to do where there is nothing yet. */
  readonly empty: Child;
}

const EACH = 50;
/** So few rows are seen at a glance: there is nothing to filter. */
const FEW = 7;
/** A list no longer than this is turned over by page numbers; a longer one goes on and on. */
const SHORT = 200;
/** So many rows of a list are sorted and searched here. */
const ALL_MAX = 20_000;

/**
 * A table whose state stands in the page's query: `q`, `sort` (`-` before it for downwards), `page` or
 * `cursor`, and its filters. `format=csv` answers with all rows that it would show.
 */
export async function table<R extends object>(
  visit: OrgVisit,
  of: TableOf<R>,
): Promise<{ readonly view: Child } | Refusal | Response> {
  const { c, words } = visit;
  const asked = readState(visit, of);
  if (asked.csv) return csv(visit, of, asked);
  const found = await rowsFor(visit, of, asked);
  if (isRefusal(found)) return found;
  const { rows, cut, next, total } = found;
  const { pathname, search } = new URL(c.req.url);
  const here = withQuery(pathname + search, { done: null });
  const to = (more: Readonly<Record<string, string | number | null>>) => withQuery(here, more);
  const narrowed = asked.q !== "" || asked.chosen.some(({ value }) => value !== "");
  const pages = total === null ? 1 : Math.max(1, Math.ceil(total / EACH));
  const number = Math.min(asked.page, pages);
  const kept = (of.keep ?? []).flatMap((name) => {
    const value = c.req.query(name);
    return value ? [[name, value] as const] : [];
  });
  const many = narrowed || total === null || total > FEW;
  return {
    view: (
      <div id="table">
        {many && (
          <form
            method="get"
            action={pathname}
            class="filter"
            aria-label={words.filter}
            hx-get={pathname}
            hx-trigger="submit, change, input changed delay:400ms"
            hx-target="#rows"
            hx-select="#rows"
            hx-swap="outerHTML"
            hx-push-url="true"
          >
            {kept.map(([name, value]) => (
              <input type="hidden" name={name} value={value} />
            ))}
            {asked.sort && <input type="hidden" name="sort" value={asked.sort} />}
            <label>
              {words.filter}
              <input type="search" name="q" value={asked.q} />
            </label>
            {asked.chosen.map(({ filter, value }) => (
              <label>
                {filter.label}
                <select name={filter.key}>
                  <option value="">{words.any}</option>
                  {filter.options.map((option) => (
                    <option value={option.value} selected={option.value === value}>
                      {option.label}
                    </option>
                  ))}
                </select>
              </label>
            ))}
            <button type="submit" class="secondary">
              {words.apply}
            </button>
          </form>
        )}
        <div id="rows">
          {rows.length === 0 ? (
            narrowed ? (
              <p>
                {words.nothingFound}{" "}
                <a href={withQuery(pathname, Object.fromEntries(kept))}>{words.showAll}</a>
              </p>
            ) : (
              <div class="empty">{of.empty}</div>
            )
          ) : (
            <>
              <div class="scrolls" tabindex={0} role="region" aria-label={of.caption}>
                <table>
                  <caption>
                    {of.caption}
                    {total !== null && ` (${total})`}
                  </caption>
                  <thead>
                    <tr>
                      {of.columns.map((column) => (
                        <Head column={column} sort={asked.sort} to={to} />
                      ))}
                      {of.acts && <th scope="col">{words.actions}</th>}
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((row) => (
                      <tr>
                        {of.columns.map((column, n) => {
                          const cell = column.cell ? column.cell(row) : column.value(row);
                          return n === 0 ? <th scope="row">{cell}</th> : <td>{cell}</td>;
                        })}
                        {of.acts && <td class="acts">{of.acts(row)}</td>}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              {cut && <p role="note">{words.tooMany.replace("{max}", String(ALL_MAX))}</p>}
              <nav class="pages" aria-label={words.pagesOf.replace("{what}", of.caption)}>
                {(number > 1 || asked.cursor !== null) && (
                  <a href={to({ page: number > 2 ? number - 1 : null, cursor: null })}>
                    {asked.cursor === null ? words.previous : words.first}
                  </a>
                )}{" "}
                {pages > 1 && (
                  <span>
                    {number} / {pages}
                  </span>
                )}{" "}
                {(number < pages || next !== null) && (
                  <a
                    rel="next"
                    href={next === null ? to({ page: number + 1 }) : to({ cursor: next })}
                  >
                    {words.next}
                  </a>
                )}{" "}
                <a href={to({ format: "csv", page: null, cursor: null })} download="">
                  {words.asCsv}
                </a>
              </nav>
            </>
          )}
        </div>
      </div>
    ),
  };
}

function Head<R>({
  column: { key, label, sort: sorts },
  sort,
  to,
}: {
  column: Column<R>;
  sort: string;
  to: (more: Record<string, string | null>) => string;
}) {
  if (sorts === false) return <th scope="col">{label}</th>;
  const up = sort === key;
  const down = sort === `-${key}`;
  return (
    <th scope="col" {...(up || down ? { "aria-sort": up ? "ascending" : "descending" } : {})}>
      <a href={to({ sort: up ? `-${key}` : key, page: null, cursor: null })}>
        {label}
        {up && <span aria-hidden="true"> ▲</span>}
        {down && <span aria-hidden="true"> ▼</span>}
      </a>
    </th>
  );
}

interface State<R> {
  readonly q: string;
  readonly sort: string;
  readonly page: number;
  readonly cursor: string | null;
  readonly csv: boolean;
  readonly chosen: readonly { readonly filter: Filter<R>; readonly value: string }[];
}

function readState<R>({ c }: OrgVisit, { columns, filters = [] }: TableOf<R>): State<R> {
  const query = c.req.query();
  const sorts = columns.filter(({ sort }) => sort !== false).flatMap(({ key }) => [key, `-${key}`]);
  const sort = query["sort"] ?? "";
  const page = Number(query["page"] ?? 1);
  return {
    q: (query["q"] ?? "").trim().slice(0, 200),
    sort: sorts.includes(sort) ? sort : "",
    page: Number.isInteger(page) && page > 0 ? page : 1,
    cursor: query["cursor"] ?? null,
    csv: query["format"] === "csv",
    chosen: filters.map((filter) => {
      const value = query[filter.key] ?? "";
      return { filter, value: filter.options.some((one) => one.value === value) ? value : "" };
    }),
  };
}

/** The path of the API's list with what it filters by itself, and what is left to filter here. */
function split<R>({ list }: TableOf<R>, { q, chosen }: State<R>, columns: readonly Column<R>[]) {
  const asks: Record<string, string> = {};
  const tests: ((row: R) => boolean)[] = [];
  for (const { filter, value } of chosen) {
    const { of } = filter;
    if (value !== "" && of) tests.push((row) => of(row) === value);
    else if (value !== "") asks[filter.key] = value;
  }
  if (q !== "" && "path" in list && list.q) asks["q"] = q;
  else if (q !== "") {
    const wanted = plain(q);
    tests.push((row) =>
      columns.some(({ value }) => plain(String(value(row) ?? "")).includes(wanted)),
    );
  }
  return {
    path: "path" in list ? withQuery(list.path, asks) : null,
    passes: tests.length === 0 ? null : (row: R) => tests.every((test) => test(row)),
  };
}

export const plain = (text: string): string =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

interface Found<R> {
  readonly rows: readonly R[];
  readonly total: number | null;
  readonly next: string | null;
  readonly cut: boolean;
}

async function rowsFor<R>(
  visit: OrgVisit,
  of: TableOf<R>,
  asked: State<R>,
): Promise<Found<R> | Refusal> {
  const { api } = visit;
  const { path, passes } = split(of, asked, of.columns);
  let all: readonly R[] = "rows" in of.list ? of.list.rows : [];
  let cut = false;
  if (path !== null && (passes || asked.sort !== "")) {
    const found = await api.all<R>(path, ALL_MAX + 1);
    if (!found.ok) return found;
    cut = found.value.length > ALL_MAX;
    all = found.value.slice(0, ALL_MAX);
  } else if (path !== null) {
    const limit = asked.cursor === null ? SHORT : EACH;
    const get = (size: number): Promise<Answer<Listed<R>> | Refusal> =>
      api.get(withQuery(path, { limit: size, cursor: asked.cursor }));
    let found = await get(limit);
    if (found.ok && limit === SHORT && found.value.next_cursor !== null) found = await get(EACH);
    if (!found.ok) return found;
    const { items, next_cursor: next } = found.value;
    if (next !== null || asked.cursor !== null) return { rows: items, total: null, next, cut };
    all = items;
  }
  const rows = sorted(visit, of, asked, passes ? all.filter(passes) : all);
  const last = Math.max(1, Math.ceil(rows.length / EACH));
  const from = (Math.min(asked.page, last) - 1) * EACH;
  return { rows: rows.slice(from, from + EACH), total: rows.length, next: null, cut };
}

function sorted<R>(
  { text }: OrgVisit,
  { columns }: TableOf<R>,
  { sort }: State<R>,
  rows: readonly R[],
): readonly R[] {
  const down = sort.startsWith("-");
  const column = columns.find(({ key }) => key === (down ? sort.slice(1) : sort));
  if (!column) return rows;
  const { compare } = new Intl.Collator(text.language, { numeric: true });
  const keyed = rows.map((row) => ({ row, key: column.value(row) ?? "" }));
  keyed.sort((a, b) => {
    // What is empty comes last, either way.
    if (a.key === "" || b.key === "") return Number(a.key === "") - Number(b.key === "");
    const order =
      typeof a.key === "number" && typeof b.key === "number"
        ? a.key - b.key
        : compare(String(a.key), String(b.key));
    return down ? -order : order;
  });
  return keyed.map(({ row }) => row);
}

/** All rows, as a file for spreadsheets. What needs no sorting is sent page by page. */
async function csv<R extends object>(
  visit: OrgVisit,
  of: TableOf<R>,
  asked: State<R>,
): Promise<Response | Refusal> {
  const { c, api } = visit;
  const { path, passes } = split(of, asked, of.columns);
  const names = of.columns.map(({ label }) => label);
  const lines = (rows: readonly R[], first: boolean) =>
    csvOf(
      (passes ? rows.filter(passes) : rows).map((row) =>
        Object.fromEntries(of.columns.map(({ label, value }) => [label, value(row) ?? ""])),
      ),
      names,
      first,
    );
  const name = (new URL(c.req.url).pathname.split("/").at(-1) ?? "list").replace(/[^\w-]/g, "");
  const headers = {
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": `attachment; filename="${name}.csv"`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  if (path === null || asked.sort !== "") {
    const all = path === null ? null : await api.all<R>(path, Number.MAX_SAFE_INTEGER);
    if (all && !all.ok) return all;
    const rows = all ? all.value : "rows" in of.list ? of.list.rows : [];
    return c.body(lines(sorted(visit, of, asked, rows), true), 200, headers);
  }
  const pages = api.pages<R>(path);
  const begun = await pages.next();
  if (!begun.done && !begun.value.ok) return begun.value;
  const encoder = new TextEncoder();
  const first = begun.done || !begun.value.ok ? [] : begun.value.value;
  const body = new ReadableStream<Uint8Array>({
    start: (into) => into.enqueue(encoder.encode(lines(first, true))),
    async pull(into) {
      const { done, value } = await pages.next();
      if (done) into.close();
      // A list that breaks off must not look whole.
      else if (!value.ok) into.error(new Error(value.detail));
      else into.enqueue(encoder.encode(lines(value.value, false)));
    },
  });
  return c.body(body, 200, headers);
}

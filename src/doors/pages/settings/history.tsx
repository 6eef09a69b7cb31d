import type { Child } from "hono/jsx";
import { isRefusal, NOT_FOUND, type Refusal } from "../../../refusals.ts";
import { withQuery, type Listed } from "../kit/api.ts";
import { Meaning, type Effects } from "../kit/confirm.tsx";
import { instantAt, localOf, When } from "../kit/dates.tsx";
import { Problem } from "../kit/form.tsx";
import type { OrgVisit, Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill, roleLabel } from "../kit/words.tsx";
import type { Outcome } from "../page.ts";

interface Change {
  readonly id: string;
  readonly org: number;
  readonly at: string;
  readonly actor: { readonly id: string; readonly email?: string };
  readonly what: string;
  readonly events: readonly { readonly name: string; readonly org: number }[];
  readonly says: readonly string[];
  readonly reason: string | null;
}

const PATH = "history";
/** How many of the tree's last revisions a look goes through, and a search. */
const LOOKED_AT = 100;
const SEARCHED = 20_000;

const whoOf = ({ actor }: Change): string => actor.email ?? actor.id;
/** What a change did, as one word each: an edit without events goes by its own name. */
const whatOf = ({ events, what }: Change): readonly string[] =>
  events.length === 0 ? [what] : [...new Set(events.map(({ name }) => name))];
const SAID_MAX = 5;

/** The first events of a change; its page and the CSV say all. */
const shortOf = (change: Change): string => {
  const more = change.says.length - SAID_MAX;
  const first = saysOf({ ...change, says: change.says.slice(0, SAID_MAX) });
  return more > 0 ? `${first}; … (+${more})` : first;
};

const saysOf = (change: Change): string =>
  change.says.length === 0 ? change.what : change.says.join("; ");

/** The last changes below a revision, newest first; the list itself goes the other way. */
async function lastChanges(
  { api, at }: OrgVisit,
  before: number | null,
  span: number,
): Promise<{ readonly rows: readonly Change[]; readonly from: number } | Refusal> {
  const first = await api.get<Listed<Change>>(`${at}/changes?limit=1`);
  if (!first.ok) return first;
  const last = Number(first.revision?.split(".")[1] ?? 0);
  const end = before === null ? last : Math.min(before - 1, last);
  const from = Math.max(0, end - span);
  const rows: Change[] = [];
  for await (const found of api.pages<Change>(`${at}/changes?after=${from}`)) {
    if (!found.ok) return found;
    rows.push(...found.value.filter(({ id }) => Number(id) <= end));
    if (Number(found.value.at(-1)?.id ?? end) >= end) break;
  }
  return { rows: rows.toReversed(), from };
}

async function list(visit: OrgVisit): Promise<Outcome> {
  const { c, here, words } = visit;
  const query = c.req.query();
  const said = /^[1-9]\d{0,14}$/.test(query["before"] ?? "") ? Number(query["before"]) : null;
  const searched = ["q", "who", "what", "sort"].some((name) => query[name]);
  // A file holds all there is.
  const span =
    query["format"] === "csv" ? Number.MAX_SAFE_INTEGER : searched ? SEARCHED : LOOKED_AT;
  const found = await lastChanges(visit, said, span);
  if (isRefusal(found)) return found;
  const { rows, from } = found;
  const options = (all: readonly string[]) =>
    [...new Set(all)].toSorted().map((value) => ({ value, label: value }));
  const what = query["what"] ?? "";
  const listed = await table<Change>(visit, {
    caption: words.sections.history,
    list: { rows },
    keep: ["before"],
    filters: [
      { key: "who", label: words.history.who, options: options(rows.map(whoOf)), of: whoOf },
      {
        key: "what",
        label: words.history.kind,
        options: options(rows.flatMap(whatOf)),
        of: (row) => (whatOf(row).includes(what) ? what : null),
      },
    ],
    empty: <p>{words.history.none}</p>,
    columns: [
      {
        key: "at",
        label: words.history.at,
        value: ({ at }) => at,
        cell: ({ at, id }) => (
          <a href={here(`${PATH}/${id}`)}>
            <When visit={visit} at={at} />
          </a>
        ),
      },
      { key: "who", label: words.history.who, value: whoOf },
      {
        key: "says",
        label: words.history.what,
        value: saysOf,
        cell: (row) => shortOf(row),
      },
      { key: "reason", label: words.reason, value: ({ reason }) => reason },
      { key: "what", label: words.history.kind, value: (row) => whatOf(row).join(", ") },
    ],
  });
  if (!("view" in listed)) return listed;
  const { pathname, search } = new URL(c.req.url);
  return {
    title: words.sections.history,
    body: (
      <>
        <p>
          <a href={here(`${PATH}/as-of`)}>{words.history.asOf}</a>
        </p>
        {listed.view}
        {from > 0 && (
          <p>
            <a href={withQuery(pathname + search, { before: from + 1, page: null, done: null })}>
              {words.history.earlier}
            </a>
          </p>
        )}
      </>
    ),
  };
}

/** One change, and whom it gave or took what. */
async function one(visit: OrgVisit): Promise<Outcome> {
  const { api, at, words, param } = visit;
  const id = param("change");
  if (!/^[1-9]\d{0,14}$/.test(id)) return NOT_FOUND;
  const asked = `limit=1&after=${Number(id) - 1}`;
  const found = await api.get<Listed<Change>>(`${at}/changes?${asked}`);
  if (!found.ok) return found;
  const change = found.value.items.find((item) => item.id === id);
  if (!change) return NOT_FOUND;
  // What gave and took nothing is not in this list.
  const meant = await api.get<Listed<Change & Effects>>(`${at}/changes/effective?${asked}`);
  const effects = meant.ok ? meant.value.items.find((item) => item.id === id) : undefined;
  return {
    title: fill(words.history.oneTitle, { id }),
    body: (
      <>
        <dl class="facts">
          <dt>{words.history.at}</dt>
          <dd>
            <When visit={visit} at={change.at} />
          </dd>
          <dt>{words.history.who}</dt>
          <dd>{whoOf(change)}</dd>
          <dt>{words.history.what}</dt>
          <dd>{saysOf(change)}</dd>
          <dt>{words.history.kind}</dt>
          <dd>{whatOf(change).join(", ")}</dd>
          {change.reason && (
            <>
              <dt>{words.reason}</dt>
              <dd>{change.reason}</dd>
            </>
          )}
        </dl>
        {!meant.ok && <Problem visit={visit} refusal={meant} />}
        {effects && (
          <Meaning
            visit={visit}
            effects={effects}
            title={words.history.meant}
            nobody={words.history.nobody}
          />
        )}
        {meant.ok && !effects && <p>{words.history.nobody}</p>}
      </>
    ),
  };
}

interface AccessAt {
  readonly at: string;
  readonly items: readonly {
    readonly person: string;
    readonly role: string;
    readonly paths: readonly { readonly says: string }[];
  }[];
  readonly partners: readonly {
    readonly org: { readonly id: number; readonly name: string };
    readonly role: string;
    readonly says: string;
  }[];
  readonly more: boolean;
  readonly uncovered: readonly string[];
}
interface Named {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

const FOUND_MAX = 50;

/** Who had access to a resource at an instant. Its address holds the question, so it can be sent to others. */
async function asOf(visit: OrgVisit): Promise<Outcome> {
  const { c, words, here } = visit;
  const { on = "", resource = "" } = c.req.query();
  const answered = resource.trim() === "" ? null : await answerAt(visit, on, resource.trim());
  if (answered instanceof Response) return answered;
  const refusal = isRefusal(answered) ? answered : null;
  return {
    title: words.history.asOf,
    status: refusal?.status ?? 200,
    body: (
      <>
        {refusal && (
          <Problem
            visit={visit}
            refusal={refusal}
            fields={[
              { name: "on", label: words.history.on, pointer: "/at" },
              { name: "resource", label: words.history.resource, pointer: "/question" },
            ]}
          />
        )}
        <form method="get" action={here(`${PATH}/as-of`)} novalidate>
          <label for="f-on">{words.history.on}</label>
          <input
            type="datetime-local"
            id="f-on"
            name="on"
            value={on || localOf(visit, Date.now())}
          />
          <label for="f-resource">{words.history.resource}</label>
          <input
            id="f-resource"
            name="resource"
            value={resource}
            aria-describedby="f-resource-hint"
          />
          <small id="f-resource-hint">{words.history.resourceHow}</small>
          <p class="buttons">
            <button type="submit">{words.history.ask}</button>
          </p>
        </form>
        {refusal ? <></> : (answered as Child)}
      </>
    ),
  };
}

async function answerAt(
  visit: OrgVisit,
  on: string,
  resource: string,
): Promise<Child | Refusal | Response> {
  const { api, at, here, words, text } = visit;
  const [, type, id] = /^([\w-]+):(.+)$/s.exec(resource) ?? [];
  if (type === undefined) {
    const path = withQuery(`${at}/resources`, { q: resource, limit: FOUND_MAX });
    const found = await api.get<Listed<Named>>(path);
    if (!found.ok) return found;
    const { items } = found.value;
    if (items.length === 0) return <p>{words.nothingFound}</p>;
    return (
      <>
        <h2>{words.history.whichOne}</h2>
        <ul>
          {items.map((one) => {
            const ref = `${one.type}:${one.id}`;
            return (
              <li>
                <a href={withQuery(here(`${PATH}/as-of`), { on, resource: ref })}>
                  {one.name} ({ref})
                </a>
              </li>
            );
          })}
        </ul>
        {found.value.next_cursor !== null && <p>{words.scope.searchMore}</p>}
      </>
    );
  }
  const when = on === "" ? new Date().toISOString() : (instantAt(visit, on) ?? on);
  const found = await api.send<AccessAt>("POST", `${at}/history`, {
    at: when,
    question: { resource: { type, id } },
  });
  if (!found.ok) return found;
  const { items, partners, more, uncovered } = found.value;
  const rows = [
    ...items.map(({ person, role, paths }) => ({
      who: person,
      role,
      how: paths.map(({ says }) => says).join(" "),
    })),
    ...partners.map(({ says, role }) => ({ who: words.shares.org, role, how: says })),
  ];
  const listed = await table<(typeof rows)[number]>(visit, {
    caption: words.history.had,
    list: { rows },
    keep: ["on", "resource"],
    empty: <p>{words.history.nobodyThen}</p>,
    columns: [
      { key: "who", label: words.history.who, value: ({ who }) => who },
      { key: "role", label: words.role, value: ({ role }) => roleLabel(text, role) },
      { key: "how", label: words.history.how, value: ({ how }) => how },
    ],
  });
  if (!("view" in listed)) return listed;
  return (
    <>
      <h2>{fill(words.history.hadTitle, { resource })}</h2>
      <p>
        <When visit={visit} at={found.value.at} />
      </p>
      {listed.view}
      {more && <p>{words.meaning.more}</p>}
      {uncovered.length > 0 && <p role="note">{words.history.uncovered}</p>}
    </>
  );
}

export const historySections: readonly Section[] = [
  { section: "history", path: PATH, admins: true, show: list },
  { section: "history", path: `${PATH}/as-of`, admins: true, inside: true, show: asOf },
  { section: "history", path: `${PATH}/:change`, admins: true, inside: true, show: one },
];

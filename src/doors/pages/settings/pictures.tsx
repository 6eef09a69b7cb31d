import type { Listed } from "../kit/api.ts";
import { withQuery } from "../kit/api.ts";
import { instantText } from "../kit/dates.tsx";
import { Control, type Field } from "../kit/form.tsx";
import type { OrgVisit, Section } from "../kit/settings.tsx";
import { fill, roleLabel, scopeLabel, type ScopeShown } from "../kit/words.tsx";
import type { Outcome } from "../page.ts";

/*
 * Pictures, drawn here as SVG; each says the same below it as a table. Colours are classes of the
 * style sheet, for light and dark.
 */

/** A picture's filter: a form that leads back to it. */
const Narrow = ({
  visit,
  path,
  fields,
}: {
  visit: OrgVisit;
  path: string;
  fields: readonly Field[];
}) => (
  <form method="get" action={visit.here(path)} class="filter">
    {fields.map((field) => (
      <Control field={field} />
    ))}
    <button type="submit" class="secondary">
      {visit.words.pictures.show}
    </button>
  </form>
);

/** The same as the picture, for who does not look at pictures. */
const AsTable = ({
  visit,
  heads,
  rows,
}: {
  visit: OrgVisit;
  heads: readonly string[];
  rows: readonly (readonly string[])[];
}) => (
  <details>
    <summary>{visit.words.pictures.asTable}</summary>
    <div class="scrolls">
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th scope="col">{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells) => (
            <tr>
              {cells.map((cell) => (
                <td>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </details>
);

const shortened = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max - 1)}…` : text;

// The matrix ---------------------------------------------------------------------------------------

interface AccessRow {
  readonly person?: { readonly email: string };
  readonly org?: { readonly name: string };
  readonly resource: { readonly type: string; readonly id: string; readonly name: string };
  readonly role: string | null;
  readonly actions: readonly string[];
  readonly sources: readonly { readonly source: string }[];
}

/** So many squares are looked up at once: each comes with all its ways. */
const SQUARES_MAX = 150;
const SIDE_MAX = 40;
const CELL = 18;
const NAMES = 220;
const SHADES = 5;

/** How dark a square is: by how much of what anybody here may do it allows. */
const shadeOf = (row: AccessRow, most: number): number =>
  Math.max(1, Math.ceil((SHADES * row.actions.length) / Math.max(1, most)));

async function matrix(visit: OrgVisit): Promise<Outcome> {
  const { api, at, c, words, text } = visit;
  const of = (name: string) => c.req.query(name)?.trim() ?? "";
  const [person, type, tag] = [of("person"), of("type"), of("tag")];
  const found = await api.get<Listed<AccessRow>>(
    withQuery(`${at}/access`, { limit: SQUARES_MAX, person, type, tag }),
  );
  if (!found.ok) return found;
  const rows = found.value.items;
  const whoOf = ({ person: one, org }: AccessRow): string => one?.email ?? org?.name ?? "";
  const refOf = ({ resource }: AccessRow): string => `${resource.type}:${resource.id}`;
  const people = [...new Set(rows.map(whoOf))];
  const resources = [...new Map(rows.map((row) => [refOf(row), row.resource.name]))];
  const across = new Map(resources.slice(0, SIDE_MAX).map(([ref], n) => [ref, n]));
  const down = new Map(people.slice(0, SIDE_MAX).map((who, n) => [who, n]));
  const cut =
    found.value.next_cursor !== null || people.length > SIDE_MAX || resources.length > SIDE_MAX;
  const most = Math.max(0, ...rows.map(({ actions }) => actions.length));
  const says = (row: AccessRow): string => {
    const by = [...new Set(row.sources.map(({ source }) => words.pictures.sources[source]))];
    return `${whoOf(row)}, ${row.resource.name}: ${roleLabel(text, row.role) || row.actions.join(", ")} (${by.join(", ")})`;
  };
  const [width, height] = [NAMES + across.size * CELL + 80, NAMES / 2 + down.size * CELL + 10];
  const top = NAMES / 2;
  return {
    title: words.pictures.matrix,
    body: (
      <>
        <p>{words.pictures.matrixHow}</p>
        <Narrow
          visit={visit}
          path="matrix"
          fields={[
            { name: "person", label: words.pictures.person, value: person },
            { name: "type", label: words.pictures.type, value: type },
            { name: "tag", label: words.pictures.tag, value: tag },
          ]}
        />
        {rows.length === 0 ? (
          <p>{words.pictures.none}</p>
        ) : (
          <>
            {cut && <p class="notice">{words.pictures.cut}</p>}
            <div class="scrolls" tabindex={0} role="group" aria-label={words.pictures.matrix}>
              <svg
                width={width}
                height={height}
                viewBox={`0 0 ${width} ${height}`}
                role="img"
                aria-label={words.pictures.matrix}
                class="picture"
              >
                {[...across].map(([ref, n]) => (
                  <text
                    transform={`translate(${NAMES + n * CELL + 13} ${top - 6}) rotate(-45)`}
                    class="label"
                  >
                    {shortened(resources.find(([one]) => one === ref)?.[1] ?? ref, 16)}
                    <title>{ref}</title>
                  </text>
                ))}
                {[...down].map(([who, n]) => (
                  <text x={NAMES - 6} y={top + n * CELL + 13} text-anchor="end" class="label">
                    {shortened(who, 30)}
                    <title>{who}</title>
                  </text>
                ))}
                {rows.map((row) => {
                  const [x, y] = [across.get(refOf(row)), down.get(whoOf(row))];
                  return x === undefined || y === undefined ? (
                    <></>
                  ) : (
                    <rect
                      x={NAMES + x * CELL + 1}
                      y={top + y * CELL + 1}
                      width={CELL - 2}
                      height={CELL - 2}
                      class={`shade-${shadeOf(row, most)}`}
                    >
                      <title>{says(row)}</title>
                    </rect>
                  );
                })}
              </svg>
            </div>
            <AsTable
              visit={visit}
              heads={[
                words.pictures.person,
                words.pictures.resource,
                words.role,
                words.pictures.by,
              ]}
              rows={rows.map((row) => [
                whoOf(row),
                `${row.resource.name} (${refOf(row)})`,
                roleLabel(text, row.role) || row.actions.join(", "),
                row.sources
                  .map(({ source }) => words.pictures.sources[source] ?? source)
                  .join(", "),
              ])}
            />
          </>
        )}
      </>
    ),
  };
}

// The map ------------------------------------------------------------------------------------------

interface Given {
  readonly id: string;
  readonly to: { readonly org?: number; readonly name?: string | null; readonly email?: string };
  readonly role: string;
  readonly status: string;
}
interface Received {
  readonly id: string;
  readonly from: { readonly id: number; readonly name: string };
  readonly role: string;
  readonly status: string;
}
interface Edge {
  readonly name: string;
  readonly out: boolean;
  readonly role: string;
  readonly waits: boolean;
}

const SHARES_MAX = 1_000;
const AROUND_MAX = 24;
const MAP = { width: 720, height: 520, radius: 190 };

/** How far from the middle of a name, in a direction, a line begins beside it. */
const clear = (name: string, max: number, ux: number, uy: number): number => {
  const half = 3.7 * Math.min(name.length, max) + 8;
  return Math.min(half / Math.max(Math.abs(ux), 0.01), 20 / Math.max(Math.abs(uy), 0.01));
};

async function map(visit: OrgVisit): Promise<Outcome> {
  const { api, at, org, words, text } = visit;
  const [given, received] = await Promise.all([
    api.all<Given>(`${at}/shares`, SHARES_MAX),
    api.all<Received>(`${at}/received-shares`, SHARES_MAX),
  ]);
  if (!given.ok) return given;
  if (!received.ok) return received;
  const stands = ["active", "pending"];
  const edges: Edge[] = [
    ...given.value.flatMap(({ to, role, status }) =>
      stands.includes(status)
        ? [
            {
              name:
                to.org === undefined
                  ? (to.name ?? to.email ?? "")
                  : `${to.name ?? ""} (${to.org})`.trim(),
              out: true,
              role,
              waits: status === "pending",
            },
          ]
        : [],
    ),
    ...received.value.flatMap(({ from, role, status }) =>
      stands.includes(status)
        ? [{ name: `${from.name} (${from.id})`, out: false, role, waits: status === "pending" }]
        : [],
    ),
  ];
  const names = [...new Set(edges.map(({ name }) => name))];
  const shown = names.slice(0, AROUND_MAX);
  const [cx, cy] = [MAP.width / 2, MAP.height / 2];
  const place = (n: number) => {
    const angle = (2 * Math.PI * n) / shown.length - Math.PI / 2;
    return { x: cx + 1.35 * MAP.radius * Math.cos(angle), y: cy + MAP.radius * Math.sin(angle) };
  };
  const us = fill(words.pictures.us, { org: org.name });
  const says = ({ name, out, role, waits }: Edge): string =>
    [
      fill(words.pictures.shares, {
        from: out ? org.name : name,
        to: out ? name : org.name,
        role: roleLabel(text, role),
      }),
      waits ? `(${words.states["pending"]})` : "",
    ].join(" ");
  return {
    title: words.pictures.map,
    body:
      edges.length === 0 ? (
        <p>{words.pictures.none}</p>
      ) : (
        <>
          <p>{words.pictures.mapHow}</p>
          {names.length > AROUND_MAX && <p class="notice">{words.pictures.cut}</p>}
          <div class="scrolls" tabindex={0} role="group" aria-label={words.pictures.map}>
            <svg
              width={MAP.width}
              height={MAP.height}
              viewBox={`0 0 ${MAP.width} ${MAP.height}`}
              role="img"
              aria-label={words.pictures.map}
              class="picture"
            >
              <defs>
                <marker
                  id="arrow"
                  viewBox="0 0 8 8"
                  refX="7"
                  refY="4"
                  markerWidth="8"
                  markerHeight="8"
                  orient="auto-start-reverse"
                >
                  <path d="M0 0 L8 4 L0 8 Z" class="tip" />
                </marker>
              </defs>
              {edges.map((edge) => {
                const n = shown.indexOf(edge.name);
                if (n < 0) return <></>;
                const { x, y } = place(n);
                // Two that share with each other have two lines, side by side.
                const length = Math.hypot(x - cx, y - cy);
                const [ux, uy] = [(x - cx) / length, (y - cy) / length];
                const [sx, sy] = edge.out ? [-uy * 5, ux * 5] : [uy * 5, -ux * 5];
                const [left, right] = [clear(us, 24, ux, uy), clear(edge.name, 26, ux, uy)];
                const near = { x: cx + ux * left + sx, y: cy + uy * left + sy };
                const far = { x: x - ux * right + sx, y: y - uy * right + sy };
                const [from, to] = edge.out ? [near, far] : [far, near];
                return (
                  <line
                    x1={from.x}
                    y1={from.y}
                    x2={to.x}
                    y2={to.y}
                    class={edge.waits ? "waits" : "stands"}
                    marker-end="url(#arrow)"
                  >
                    <title>{says(edge)}</title>
                  </line>
                );
              })}
              <text x={cx} y={cy + 4} text-anchor="middle" class="label own">
                {shortened(us, 24)}
              </text>
              {shown.map((name, n) => {
                const { x, y } = place(n);
                return (
                  <text x={x} y={y + 4} text-anchor="middle" class="label">
                    {shortened(name, 26)}
                    <title>{name}</title>
                  </text>
                );
              })}
            </svg>
          </div>
          <AsTable
            visit={visit}
            heads={[words.pictures.from, words.pictures.to, words.role, words.state]}
            rows={edges.map(({ name, out, role, waits }) => [
              out ? org.name : name,
              out ? name : org.name,
              roleLabel(text, role),
              (waits ? words.states["pending"] : words.states["active"]) ?? "",
            ])}
          />
        </>
      ),
  };
}

// The timeline -------------------------------------------------------------------------------------

interface Access {
  readonly kind: string;
  readonly org: { readonly name: string };
  readonly role: string | null;
  readonly scope?: ScopeShown | null;
  readonly resource?: string;
}
interface Effective {
  readonly at: string;
  readonly gains: readonly (Access & { readonly person: string })[];
  readonly loses: readonly (Access & { readonly person: string })[];
  readonly changes: readonly {
    readonly person: string;
    readonly before: Access | null;
    readonly after: Access | null;
  }[];
}
interface Bar {
  readonly label: string;
  readonly from: number;
  readonly to: number | null;
}

/** So many pages of the history are looked through; the rest is said to be left out. */
const PAGES_MAX = 30;
const BARS_MAX = 60;
const AXIS = 640;
const BAR = 22;

/** What a person had, and when, from what each change did to people. */
async function barsOf(visit: OrgVisit, person: string) {
  const { api, at, text } = visit;
  const label = (one: Access): string =>
    [one.org.name, roleLabel(text, one.role), one.resource ?? scopeLabel(text, one.scope)]
      .filter(Boolean)
      .join(", ");
  const open = new Map<string, number[]>();
  const bars: Bar[] = [];
  const begin = (one: Access, when: number) =>
    open.set(label(one), [...(open.get(label(one)) ?? []), when]);
  const end = (one: Access, when: number) => {
    const [from, ...others] = open.get(label(one)) ?? [];
    open.set(label(one), others);
    if (from !== undefined) bars.push({ label: label(one), from, to: when });
  };
  let path = `${at}/changes/effective?limit=100`;
  let cut = true;
  for (let n = 0; n < PAGES_MAX; n++) {
    const found = await api.get<Listed<Effective>>(path);
    if (!found.ok) return found;
    for (const change of found.value.items) {
      const when = Date.parse(change.at);
      for (const one of change.gains) if (one.person === person) begin(one, when);
      for (const one of change.loses) if (one.person === person) end(one, when);
      for (const one of change.changes)
        if (one.person === person) {
          if (one.before) end(one.before, when);
          if (one.after) begin(one.after, when);
        }
    }
    if (found.value.next_cursor === null) {
      cut = false;
      break;
    }
    path = withQuery(path, { cursor: found.value.next_cursor });
  }
  for (const [name, begun] of open)
    for (const from of begun) bars.push({ label: name, from, to: null });
  const sorted = bars.toSorted((a, b) => a.from - b.from);
  return { ok: true as const, bars: sorted.slice(0, BARS_MAX), cut: cut || bars.length > BARS_MAX };
}

async function timeline(visit: OrgVisit): Promise<Outcome> {
  const { c, words } = visit;
  const person = (c.req.query("person") ?? "").trim().toLowerCase();
  const found =
    person === "" ? { ok: true as const, bars: [], cut: false } : await barsOf(visit, person);
  if (!found.ok) return found;
  const { bars, cut } = found;
  const now = Date.now();
  const first = bars[0]?.from ?? now;
  const span = Math.max(1, now - first);
  const x = (when: number) => ((when - first) / span) * AXIS;
  const height = bars.length * 2 * BAR + 30;
  const day = (when: number) => instantText(visit, new Date(when).toISOString());
  const ends = ({ to }: Bar) => (to === null ? words.pictures.now : day(to));
  return {
    title: words.pictures.timeline,
    body: (
      <>
        <p>{words.pictures.timelineHow}</p>
        <Narrow
          visit={visit}
          path="timeline"
          fields={[{ name: "person", label: words.pictures.person, type: "email", value: person }]}
        />
        {cut && <p class="notice">{words.pictures.cut}</p>}
        {bars.length === 0 ? (
          person !== "" && <p>{words.pictures.none}</p>
        ) : (
          <>
            <div class="scrolls" tabindex={0} role="group" aria-label={words.pictures.timeline}>
              <svg
                width={AXIS + 20}
                height={height}
                viewBox={`-10 0 ${AXIS + 20} ${height}`}
                role="img"
                aria-label={`${words.pictures.timeline}: ${person}`}
                class="picture"
              >
                {bars.map((bar, n) => (
                  <g>
                    <title>{`${bar.label}: ${day(bar.from)} – ${ends(bar)}`}</title>
                    <text x={0} y={n * 2 * BAR + 14} class="label">
                      {shortened(bar.label, 90)}
                    </text>
                    <rect
                      x={x(bar.from)}
                      y={n * 2 * BAR + 20}
                      width={Math.max(3, x(bar.to ?? now) - x(bar.from))}
                      height={BAR - 8}
                      rx={3}
                      class={bar.to === null ? "shade-4" : "shade-2"}
                    />
                  </g>
                ))}
                <text x={0} y={height - 4} class="label">
                  {day(first)}
                </text>
                <text x={AXIS} y={height - 4} text-anchor="end" class="label">
                  {words.pictures.now}
                </text>
              </svg>
            </div>
            <AsTable
              visit={visit}
              heads={[words.pictures.resource, words.pictures.from, words.pictures.to]}
              rows={bars.map((bar) => [bar.label, day(bar.from), ends(bar)])}
            />
          </>
        )}
      </>
    ),
  };
}

export const pictureSections: readonly Section[] = [
  { section: "matrix", path: "matrix", admins: true, show: matrix },
  { section: "map", path: "map", admins: true, show: map },
  { section: "timeline", path: "timeline", admins: true, show: timeline },
];

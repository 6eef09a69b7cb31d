import type { Event } from "../events.ts";
import { isRefusal, NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import type { LibraryMaterial } from "../views/materials.ts";
import { define } from "./change.ts";
import type { Given, TreeFacts } from "./facts.ts";
import { insert, remove, replace, type LibraryRow, type RowChange } from "./record.ts";
import { needAdmin } from "./standing.ts";

/*
 * Libraries: named lists of values of one org, which affect no other org [R25]. Everyone inside may
 * read them, admins write them.
 */

const LIBRARIES_MAX = 200;
const VALUES_MAX = 1_000;
/** Of a library as JSON: a row and its images stay well below what the record takes. */
const CHARS_MAX = 131_072;
/** So many conflicts are named one by one. */
const CONFLICTS_NAMED_MAX = 100;

export interface LibraryValue {
  value: string;
  label?: string | null | undefined;
  color?: string | null | undefined;
  properties?: Record<string, unknown> | null | undefined;
}

interface OfLibrary {
  org: number;
  library: string;
}

const shown = (library: string) => ({ read: "library", id: library }) as const;

const eventOf = (
  name: Event["name"],
  { org, library }: OfLibrary,
  data: Event["data"] = {},
): Event => ({ name, org, data: { library, ...data } });

/** A value in the form in which it is kept and compared. */
const plain = ({ value, label, color, properties }: LibraryValue): LibraryValue => ({
  value,
  ...(label == null ? {} : { label }),
  ...(color == null ? {} : { color }),
  ...(properties == null ? {} : { properties }),
});

/** The row that makes these the library's values. */
function store(
  facts: TreeFacts,
  { org, library }: OfLibrary,
  before: LibraryRow | undefined,
  values: readonly LibraryValue[],
): RowChange | Refusal {
  const body = JSON.stringify(values);
  if (values.length > VALUES_MAX)
    return refuse("limit", `A library holds at most ${VALUES_MAX} values.`);
  if (body.length > CHARS_MAX)
    return refuse("limit", `The values of a library take at most ${CHARS_MAX} characters.`);
  if (before) return replace("libraries", before, { body });
  return facts.count("libraries", { org }) >= LIBRARIES_MAX
    ? refuse("limit", `An organisation has at most ${LIBRARIES_MAX} libraries.`)
    : insert("libraries", { tree: facts.tree, org, name: library, body });
}

/** Makes the library, or replaces its values. A value is in it once, by its exact text. */
export const putLibrary = define<OfLibrary & { values: readonly LibraryValue[] }>({
  current: (input) => shown(input.library),
  run(facts, actor, input, stamp) {
    const { org, library, values } = input;
    const refused = needAdmin(facts, actor, org, stamp.at) ?? twice(values);
    if (refused) return refused;
    const before = facts.row("libraries", { org, name: library });
    const row = store(facts, input, before, values.map(plain));
    if ("ok" in row) return row;
    return {
      ok: true,
      org,
      rows: [row],
      events: [eventOf(before ? "library.changed" : "library.created", input)],
      status: before ? 200 : 201,
      shows: shown(library),
    };
  },
});

function twice(values: readonly LibraryValue[]): Refusal | null {
  const seen = new Set<string>();
  for (const [index, { value }] of values.entries()) {
    if (seen.has(value))
      return refuse("invalid", `The value ${value} is there twice.`, `/values/${index}/value`);
    seen.add(value);
  }
  return null;
}

export const removeLibrary = define<OfLibrary>({
  current: (input) => shown(input.library),
  run(facts, actor, input, stamp) {
    const { org, library } = input;
    const refused = needAdmin(facts, actor, org, stamp.at);
    if (refused) return refused;
    const before = facts.row("libraries", { org, name: library });
    if (!before) return NOT_FOUND;
    return {
      ok: true,
      org,
      rows: [remove("libraries", before)],
      events: [eventOf("library.removed", input)],
      status: 204,
      shows: null,
    };
  },
});

/** `org` is the one that gets the copy: the edit is made in its tree. */
export interface CopyLibrary extends OfLibrary {
  from: number;
  value?: string | undefined;
  onConflict?: "keep" | "replace" | undefined;
}

/**
 * Copies a library, or one value of it, into another org, perhaps of another tree, by an admin of
 * both [R25]: the source is read with the rights of who asks. Values that are there with another
 * content are named, unless the request says what becomes of them.
 */
export const copyLibrary = define<CopyLibrary>({
  needs: ({ from, library }) => ({
    reading: { org: from, read: "libraryToCopy", input: { id: library } },
  }),
  run(facts, actor, input, stamp, given) {
    const { org, from, library } = input;
    const refused = needAdmin(facts, actor, org, stamp.at);
    if (refused) return refused;
    const source = sourceOf(given);
    if ("ok" in source) return source;
    if (from === org) return refuse("invalid", "A library is copied to another org.", "/to");
    const copied = source.values.filter((one) => (input.value ?? one.value) === one.value);
    if (copied.length === 0 && input.value !== undefined)
      return refuse("invalid", "The library has no such value.", "/value");
    const before = facts.row("libraries", { org, name: library });
    const values = merge(before, copied, input.onConflict);
    if ("ok" in values) return values;
    const done = { ok: true, org, shows: shown(library) } as const;
    if (before && JSON.stringify(values) === before.body)
      return { ...done, rows: [], events: [], status: 200 };
    const row = store(facts, input, before, values);
    if ("ok" in row) return row;
    return {
      ...done,
      rows: [row],
      events: [eventOf("library.copied", input, { from, value: input.value ?? null })],
      status: before ? 200 : 201,
    };
  },
});

/** The library that is copied. A key knows no other tree than its own: to it, there is none. */
function sourceOf({ reading }: Given): LibraryMaterial | Refusal {
  if (isRefusal(reading)) return reading.code === "unauthenticated" ? NOT_FOUND : reading;
  return (reading?.items[0] as LibraryMaterial | undefined) ?? NOT_FOUND;
}

/** The values that there are, and those that are copied after or over them. */
function merge(
  before: LibraryRow | undefined,
  copied: readonly LibraryValue[],
  onConflict: CopyLibrary["onConflict"],
): readonly LibraryValue[] | Refusal {
  const there = before ? (JSON.parse(before.body) as LibraryValue[]) : [];
  const values = new Map(there.map((one) => [one.value, one]));
  const conflicts: string[] = [];
  for (const one of copied) {
    const other = values.get(one.value);
    const differs = other && JSON.stringify(plain(other)) !== JSON.stringify(plain(one));
    if (differs && !onConflict) conflicts.push(one.value);
    if (!other || (differs && onConflict === "replace")) values.set(one.value, plain(one));
  }
  if (conflicts.length === 0) return [...values.values()];
  const detail = `Values are there with another content: ${conflicts.length}. Say with onConflict whether to keep or to replace them.`;
  const errors = conflicts
    .slice(0, CONFLICTS_NAMED_MAX)
    .map((value) => ({ pointer: "/onConflict", detail: value }));
  return { ...refuse("conflict", detail), errors };
}

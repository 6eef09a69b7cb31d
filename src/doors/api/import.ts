import { parse } from "csv-parse/stream";
import type { Hono } from "hono";
import type { Edit } from "../../commands/index.ts";
import type { Done } from "../../commands/rpc.ts";
import { logFault } from "../../kit/log.ts";
import { isRefusal, malformed, refuse, type Refusal, type Result } from "../../refusals.ts";
import { IMPORT_MAX, parseJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem, problemOf, tooLarge, wrongType } from "../problem.ts";
import { imported } from "./answers.ts";
import { on } from "./describe.ts";
import { conditions, locate, type Located } from "./index.ts";
import * as form from "./schemas.ts";

/** One edit of an import takes at most this many rows, and this much text [R32]. */
const ROWS_AT_ONCE = 500;
const CHARS_AT_ONCE = 500_000;
const ROW_MAX = 256 * 1024;
const NDJSON = "application/x-ndjson";

type RowEdit = (org: number, row: unknown) => Edit | Refusal;

const resourceEdit: RowEdit = (org, row) => {
  const read = form.resourceRow.safeParse(row);
  return read.success
    ? { command: "resource.put", input: { org, ...read.data } }
    : formErrors(read.error);
};

const memberEdit: RowEdit = (org, row) => {
  const read = form.memberRow.safeParse(row);
  if (!read.success) return formErrors(read.error);
  const name = read.data.name ?? read.data.email;
  return { command: "member.invite", input: { org, ...read.data, name } };
};

/**
 * Imports: NDJSON or CSV, streamed, at most 32 MiB, as a series of edits of up to 500 rows; openly
 * not one edit. The answer is streamed too, with a result for each row in the order of the rows.
 */
export function importRoutes(app: Hono, ports: Ports): void {
  const route = (rowEdit: RowEdit, probing: "org" | "members") => async (c: Ctx) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const under = conditions(c);
    if (isRefusal(under)) return problem(c, under);
    if (Number(c.req.header("content-length") ?? 0) > IMPORT_MAX)
      return problem(c, tooLarge(IMPORT_MAX));
    // Before the first byte of the answer: is this somebody who may import here at all?
    const input = { after: "", limit: 1 };
    const probe = await ports.object(asked.tree).read({ ...asked, read: probing, input });
    if (!probe.ok) return problem(c, probe);
    const { body } = c.req.raw;
    const rows = body && rowsOf(c.req.header("content-type") ?? "", body);
    if (!rows) return problem(c, wrongType("application/x-ndjson or text/csv"));
    const results = importRows(ports, asked, rows, rowEdit, under.idempotencyKey);
    return (c.req.header("accept") ?? "").includes(NDJSON) ? lines(c, results) : answer(c, results);
  };
  for (const [what, rows, edit, probing] of [
    ["resources", form.resourceRow, resourceEdit, "org"],
    ["members", form.memberRow, memberEdit, "members"],
  ] as const) {
    const says = `Import ${what} as a series of edits, with a result for each row`;
    const answers = { 200: imported } as const;
    const operation = { says, rows, max: IMPORT_MAX, answers, also: [NDJSON] };
    const under = ["Idempotency-Key"] as const;
    const path = `/v1/orgs/:org/${what}/import`;
    on(app, "POST", path, { ...operation, under }, route(edit, probing));
  }
}

type Row = Result<unknown>;

function rowsOf(type: string, body: ReadableStream<Uint8Array>): AsyncIterable<Row> | null {
  if (/^application\/(x-ndjson|ndjson|jsonl)\b/i.test(type)) return ndjson(bounded(body));
  if (/^text\/csv\b/i.test(type)) return csv(bounded(body));
  return null;
}

/** The rest of the body cannot be read. */
class TooLarge extends Error {
  readonly max: number;

  constructor(max: number) {
    super();
    this.max = max;
  }
}

async function* bounded(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > IMPORT_MAX) throw new TooLarge(IMPORT_MAX);
    yield chunk;
  }
}

async function* ndjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Row> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield rowOfLine(line);
    if (rest.length > ROW_MAX) throw new TooLarge(ROW_MAX);
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield rowOfLine(rest);
}

const rowOfLine = (line: string): Row =>
  line.length > ROW_MAX ? tooLongRow(ROW_MAX) : parseJson(line, "The line");

const tooLongRow = (max: number): Refusal =>
  refuse("too_large", `A row of an import holds at most ${max} characters.`);

/**
 * CSV with a header line; `tags` are parted by `;`, a scope is `all`, or `tags`/`resources` columns. Where the
 * header has no commas, its semicolons or tabs part the columns, as spreadsheets write it in some languages.
 */
async function* csv(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Row> {
  const first = await chunks.next();
  const begun = first.done === true ? new Uint8Array() : first.value;
  const [header = ""] = new TextDecoder().decode(begun).split("\n", 1);
  async function* whole() {
    yield begun;
    yield* chunks;
  }
  const stream = streamOf(whole()).pipeThrough(
    parse({
      columns: true,
      delimiter: [",", ";", "\t"].find((one) => header.includes(one)) ?? ",",
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: ROW_MAX,
    }) as never,
  ) as ReadableStream<Record<string, string>>;
  try {
    for await (const record of stream) yield rowOfRecord(record);
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    yield malformed(`The CSV is malformed: ${error instanceof Error ? error.message : ""}`);
  }
}

const parted = (text: string): string[] =>
  text
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "");

function rowOfRecord(record: Record<string, string>): Row {
  const row: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(record)) if (text !== "") row[name] = text;
  if ("properties" in row) {
    const read = parseJson(record["properties"] ?? "", "The text of the properties");
    if (!read.ok) return read;
    row["properties"] = read.value;
  }
  const tags = record["tags"] === undefined ? undefined : parted(record["tags"]);
  if (!("email" in record)) {
    if (tags) row["tags"] = tags;
    return { ok: true, value: row };
  }
  delete row["tags"];
  delete row["resources"];
  delete row["scope"];
  if (record["scope"] === "all") row["scope"] = { all: true };
  else if (tags?.length) row["scope"] = { tags };
  else if (record["resources"]) row["scope"] = { resources: parted(record["resources"]) };
  return { ok: true, value: row };
}

export interface RowResult {
  row: number;
  status: number;
  id?: string;
  code?: string;
  detail?: string;
  errors?: Refusal["errors"];
}

async function* importRows(
  ports: Ports,
  asked: Located,
  rows: AsyncIterable<Row>,
  rowEdit: RowEdit,
  idempotencyKey: string | undefined,
): AsyncGenerator<RowResult> {
  let pending: { row: number; edit: Edit | Refusal }[] = [];
  let chars = 0;
  let row = 0;
  let part = 0;
  const flush = async (): Promise<RowResult[]> => {
    const taken = pending;
    [pending, chars] = [[], 0];
    const edits = taken.flatMap(({ edit }) => (isRefusal(edit) ? [] : [edit]));
    const key = idempotencyKey === undefined ? undefined : `${idempotencyKey}#${part++}`;
    const { credentials, org, tree } = asked;
    const performed =
      edits.length === 0
        ? null
        : await ports
            .object(tree)
            .perform({ credentials, edits, mode: "each", org, idempotencyKey: key })
            .catch(lost);
    let next = 0;
    return taken.map(({ row: number, edit }) => {
      if (isRefusal(edit)) return refusedRow(number, edit);
      if (!performed?.ok) return refusedRow(number, performed ?? malformed("Nothing was done."));
      const done = performed.value.results[next++];
      return done?.ok
        ? doneRow(number, done)
        : refusedRow(number, done ?? malformed("Nothing was done."));
    });
  };
  try {
    for await (const read of rows) {
      row += 1;
      const edit = read.ok ? rowEdit(asked.org, read.value) : read;
      pending.push({ row, edit });
      chars += JSON.stringify(edit).length;
      if (pending.length >= ROWS_AT_ONCE || chars >= CHARS_AT_ONCE) yield* await flush();
    }
    yield* await flush();
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    yield* await flush();
    yield refusedRow(row + 1, error.max === ROW_MAX ? tooLongRow(ROW_MAX) : tooLarge(IMPORT_MAX));
  }
}

/** The answer has begun, and must say of every row what is known of it. */
function lost(error: unknown): Refusal {
  logFault("import", error);
  return refuse("unavailable", "The outcome is not known; ask again.");
}

const doneRow = (row: number, done: Done): RowResult => ({
  row,
  status: done.status,
  id: (done.material as { id?: string } | null)?.id ?? "",
});

function refusedRow(row: number, refusal: Refusal): RowResult {
  const { status, code, detail, errors } = problemOf(refusal);
  return { row, status, code, detail, ...(errors ? { errors } : {}) };
}

/** Streams the results as they come, one on each line. */
function lines(c: Ctx, results: AsyncGenerator<RowResult>): Response {
  const encoder = new TextEncoder();
  async function* text(): AsyncGenerator<Uint8Array> {
    for await (const result of results) yield encoder.encode(`${JSON.stringify(result)}\n`);
  }
  return c.body(streamOf(text()), 200, { "content-type": NDJSON });
}

/** Streams `{"items":[…],"next_cursor":null}`. */
function answer(c: Ctx, results: AsyncGenerator<RowResult>): Response {
  const encoder = new TextEncoder();
  async function* text(): AsyncGenerator<Uint8Array> {
    yield encoder.encode('{"items":[');
    let some = false;
    let lines: string[] = [];
    for await (const result of results) {
      lines.push(JSON.stringify(result));
      if (lines.length < ROWS_AT_ONCE) continue;
      yield encoder.encode((some ? "," : "") + lines.join(","));
      [some, lines] = [true, []];
    }
    if (lines.length > 0) yield encoder.encode((some ? "," : "") + lines.join(","));
    yield encoder.encode('],"next_cursor":null}');
  }
  return c.body(streamOf(text()), 200, { "content-type": "application/json" });
}

/** A stream of what is made on demand. */
function streamOf<T>(source: AsyncIterable<T>): ReadableStream<T> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<T>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

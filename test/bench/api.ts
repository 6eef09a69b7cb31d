// A server of a world's own, and the public API by which it is loaded.
import { boot } from "../../src/local/server.ts";
import type { Target } from "./load.ts";

export interface Answer {
  id: string;
  token: string;
  items: { id: string; status: number; detail?: string }[];
  results: { status: number; body: { id: string } }[];
}
export interface Api extends Target {
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Imports rows; answers with what became of each. */
  importAll(org: number, what: string, rows: readonly unknown[]): Promise<Answer["items"]>;
  /** Makes edits in batches; answers with the ids of what they made. */
  batchAll(org: number, edits: readonly Item[]): Promise<string[]>;
  /** The platform's key. */
  readonly key: string;
  stop(): Promise<void>;
}
export type Item = { method: string; path: string; body?: unknown };

const KEY = "bench-root-key-that-guards-nothing";
const IMPORT_CHARS = 30_000_000;
const BATCH = 1_000;

/** mulberry32: the same world at every run. */
export function dice(seed: number): (n: number) => number {
  let a = seed;
  return (n) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** Starts a server on state of its own and fills it. */
export async function serve<W>(state: string, fill: (api: Api) => Promise<W>): Promise<W> {
  const vars = { LATCHKEY_ROOT_KEY: KEY, DEV_MAIL: "1" };
  const log = (line: string) =>
    void (/error/i.test(line) && !/evicted/.test(line) && console.error(line));
  const server = await boot({ entry: "test/bench/worker.ts", port: 0, state, vars, log });
  try {
    return await fill(apiOf(server));
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function apiOf(server: Awaited<ReturnType<typeof boot>>): Api {
  const pid = server.workerdPid();
  if (pid === undefined) throw new Error("workerd has ended");
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const type = typeof body === "string" ? "application/x-ndjson" : "application/json";
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${KEY}`, "content-type": type },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? {} : JSON.parse(text)) as Answer;
  };
  const importAll = async (org: number, what: string, rows: readonly unknown[]) => {
    const lines = rows.map((row) => JSON.stringify(row));
    const items: Answer["items"] = [];
    for (let from = 0; from < lines.length;) {
      let [to, chars] = [from, 0];
      while (to < lines.length && chars < IMPORT_CHARS) chars += (lines[to++]?.length ?? 0) + 1;
      const answer = await call(
        "POST",
        `/v1/orgs/${org}/${what}/import`,
        lines.slice(from, to).join("\n"),
      );
      items.push(...answer.items);
      from = to;
    }
    const refused = items.find(({ status }) => status >= 300);
    if (refused || items.length !== rows.length)
      throw new Error(`Import: ${JSON.stringify(refused)}`);
    return items;
  };

  const batchAll = async (org: number, edits: readonly Item[]) => {
    const ids: string[] = [];
    for (let from = 0; from < edits.length; from += BATCH) {
      const part = edits.slice(from, from + BATCH);
      const { results } = await call("POST", `/v1/orgs/${org}/batch`, { edits: part });
      ids.push(...results.map(({ body }) => body?.id));
    }
    return ids;
  };
  return { url: server.url, pid, key: KEY, call, importAll, batchAll, stop: () => server.stop() };
}

// A small load generator: keep-alive connections, one request on each at a time, sent as bytes made beforehand.
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { performance } from "node:perf_hooks";

/** A request as bytes, with what its answer's body must be. */
export interface Shot {
  readonly bytes: Buffer;
  readonly expect: string;
  /** Is the answer only to start so? */
  readonly starts?: true;
}
export interface Measured {
  readonly rps: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuUs: number;
  readonly wrong: number;
}
export interface Target {
  readonly url: string;
  readonly pid: number;
}

export function shot(path: string, token: string | null, body: unknown, expect: unknown): Shot {
  const text = JSON.stringify(body);
  const auth = token === null ? "" : `authorization: Bearer ${token}\r\n`;
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${auth}content-type: application/json\r\n`;
  const bytes = Buffer.from(`${head}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  return { bytes, expect: JSON.stringify(expect) };
}

/** The body of a whole answer, or `undefined` while it is not whole. */
function bodyOf(text: string): string | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const body = text.slice(end + 4);
    return body.length >= Number(length) ? body : undefined;
  }
  if (!text.endsWith("\r\n0\r\n\r\n")) return undefined;
  let body = "";
  for (let at = end + 4; ;) {
    const line = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (!size) return body;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 4 + size;
  }
}

interface Limits {
  readonly connections: number;
  readonly ms: number;
  /** At most this many requests. */
  readonly max?: number;
}

export async function fire(
  target: Target,
  shots: readonly Shot[],
  limits: Limits,
): Promise<Measured> {
  const { hostname, port } = new URL(target.url);
  const max = limits.max ?? 1_000_000;
  const times: number[] = [];
  let [sent, wrong] = [0, 0];
  const cpu = cpuOf(target.pid);
  const start = performance.now();
  const until = start + limits.ms;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      let [text, began] = ["", 0];
      let now: Shot | undefined;
      const next = () => {
        began = performance.now();
        if (began >= until || sent >= max) {
          socket.destroy();
          return resolve();
        }
        now = shots[sent++ % shots.length];
        text = "";
        if (now) socket.write(now.bytes);
      };
      socket.setEncoding("latin1");
      socket.on("connect", next).on("error", reject);
      socket.on("end", () => reject(new Error("The server closed a connection.")));
      socket.on("data", (chunk) => {
        text += String(chunk);
        const body = bodyOf(text);
        if (body === undefined) return;
        times.push(performance.now() - began);
        if (!(now?.starts ? body.startsWith(now.expect) : body === now?.expect) && wrong++ === 0)
          console.error(`Expected ${now?.expect}, got ${text}`);
        next();
      });
    });
  await Promise.all(Array.from({ length: limits.connections }, one));
  const seconds = (performance.now() - start) / 1_000;
  const used = cpuOf(target.pid) - cpu;
  times.sort((a, b) => a - b);
  const quantile = (q: number) => times[Math.floor(times.length * q)] ?? Number.NaN;
  const cpuUs = (used * 1e6) / times.length;
  return { rps: times.length / seconds, p50: quantile(0.5), p99: quantile(0.99), cpuUs, wrong };
}

/** Seconds of CPU that a process has used; Linux counts in hundredths. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** MiB of memory that a process holds now, or held at most. */
export function memoryOf(pid: number, field: "VmRSS" | "VmHWM" = "VmRSS"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const high = sorted[half] ?? Number.NaN;
  return sorted.length % 2 ? high : (high + (sorted[half - 1] ?? high)) / 2;
};

// `npm start`, set by PORT, HOST, STATE, DEMO=0 and LATCHKEY_ROOT_KEY.
// /healthz answers 200 only when everything is there. Until then this process holds the port and answers 503, while
// migrations and demo run on a private port; then workerd starts once more on PORT, which the Worker need not know of.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "./server.ts";

const env = process.env;
const port = Number(env["PORT"] || 8787);
const host = env["HOST"] || "127.0.0.1";
const state = env["STATE"] || ".wrangler/state";
const log = (line: string) => console.log(line);
const gate = createServer((_, response) =>
  response.writeHead(503, { "retry-after": "1", connection: "close" }).end("starting\n"),
);

let server: Server | undefined;
let stopping: Promise<void> | undefined;
// In the middle of a boot there is no server yet: the exit itself then ends workerd.
const stop = () => (stopping ??= Promise.resolve(server?.stop()).then(() => process.exit(0)));
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, stop);
// A killed npm passes no signal on: a server whose npm is gone stops by itself.
const parent = process.ppid;
if (env["npm_lifecycle_event"]) setInterval(() => process.ppid !== parent && stop(), 200).unref();

/** Takes the port first of all, so that a second `npm start` never touches the state of the first. */
async function holdPort(): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await once(gate.listen(port, host), "listening");
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE") throw new Error(`Cannot listen on ${host}:${port}: ${message}`);
      if (tries === 10)
        throw new Error(
          `Port ${port} is in use. Stop what runs there, or choose another: PORT=${port + 1} npm start`,
        );
      await sleep(200); // one that was killed a moment ago may still be on its way out
    }
  }
}

/** The key of the first administrator: given, or made once and kept for this user's eyes. */
function rootKey(): string {
  if (env["LATCHKEY_ROOT_KEY"]) return env["LATCHKEY_ROOT_KEY"];
  const file = join(state, "root-key");
  const kept = existsSync(file) && readFileSync(file, "utf8").trim();
  if (kept) return kept;
  mkdirSync(state, { recursive: true });
  const made = `lkr_${randomBytes(32).toString("base64url")}`;
  writeFileSync(file, `${made}\n`, { mode: 0o600 });
  log(`Root key, shown once and kept in ${file}: ${made}`);
  return made;
}

async function healthy(url: string): Promise<void> {
  for (let tries = 1; tries <= 50; tries++) {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await sleep(100);
  }
  throw new Error("The Worker runs, but its /healthz does not answer 200.");
}

try {
  if (!(Number.isInteger(port) && port > 0 && port < 65_536))
    throw new Error(`PORT must be a number from 1 to 65535, not ${env["PORT"]}`);
  await holdPort();
  const { boot } = await import("./server.ts"); // loads wrangler, which takes a second: signals and the port come first
  const key = rootKey();
  const beforeOpen = async (url: string) => {
    await healthy(url);
    if (env["DEMO"] !== "0") await (await import("./demo.ts")).loadDemo({ url, rootKey: key, log });
    await new Promise((closed) => gate.close(closed).closeAllConnections());
  };
  server = await boot({
    port,
    state,
    vars: {
      LATCHKEY_ROOT_KEY: key,
      ORIGIN: `http://localhost:${port}`,
      DEV_MAIL: "1",
      LOCAL_ADDRESSES: "1",
    },
    log,
    beforeOpen,
  });
  await healthy(server.url);
  log(`Latchkey is ready at ${server.url}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await server?.stop();
  process.exit(1);
}

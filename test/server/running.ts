import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";

const root = resolve(import.meta.dirname, "../..");

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** `npm start` on a state of its own, which may be killed and started again. */
export class Running {
  readonly state = mkdtempSync(join(tmpdir(), "latchkey-server-"));
  server: ChildProcess | undefined;
  url = "";

  /** Starts the server as a group of its own, and waits until it says that it is well. */
  async start(): Promise<ChildProcess> {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const server = spawn("npm", ["start"], {
      cwd: root,
      detached: true,
      stdio: "ignore",
      env: {
        ...process.env,
        PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`,
        PORT: String(port),
        STATE: this.state,
        DEMO: "0",
        LATCHKEY_ROOT_KEY: "root",
      },
    });
    this.server = server;
    for (let tries = 0; tries < 400; tries++) {
      const health = await fetch(`${this.url}/healthz`).catch(() => undefined);
      await health?.body?.cancel();
      if (health?.status === 200) return server;
      expect(server.exitCode, "the server runs").toBeNull();
      await sleep(100);
    }
    throw new Error("the server did not start");
  }

  /** Ends it and all it started, at once and without a word. */
  async kill(): Promise<void> {
    const { server } = this;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, "exit");
    process.kill(-(server.pid ?? 0), "SIGKILL");
    await exited;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.state, { recursive: true, force: true });
  }

  async call(method: string, path: string, body?: unknown, key?: string) {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: "Bearer root",
        "content-type": "application/json",
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  }
}

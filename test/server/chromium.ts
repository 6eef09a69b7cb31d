import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { boot } from "../../src/local/server.ts";

/** The browser of this machine; where there is none, what needs one is left out. */
export const executablePath = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => existsSync(path));

export interface Opened {
  readonly base: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

/** A server on state of its own, whose mails can be read, and a browser. */
export async function open(): Promise<Opened> {
  const state = mkdtempSync(join(tmpdir(), "latchkey-browser-"));
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  // A passkey needs a name.
  const base = `http://localhost:${port}`;
  const vars = { LATCHKEY_ROOT_KEY: "root", ORIGIN: base, DEV_MAIL: "1" };
  const server = await boot({ port, state, vars });
  const browser = await chromium.launch({
    executablePath: executablePath ?? "",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
  });
  return {
    base,
    browser,
    async close() {
      await browser.close();
      await server.stop();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

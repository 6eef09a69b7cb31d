// Fills .wrangler/assets, which the Worker serves below /assets, from the packages that are installed.
// Run by `npm install`, and again by whatever starts the Worker on this machine.
import { copyFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");

const FILES: Readonly<Record<string, string>> = {
  "pico.css": "node_modules/@picocss/pico/css/pico.min.css",
  "htmx.js": "node_modules/htmx.org/dist/htmx.min.js",
  "webauthn.js": "node_modules/@simplewebauthn/browser/dist/bundle/index.umd.min.js",
  "passkeys.js": "src/doors/pages/passkeys.js",
  "settings.js": "src/doors/pages/settings.js",
  "latchkey.css": "src/doors/pages/latchkey.css",
};

export function layOutAssets(): void {
  const folder = join(ROOT, ".wrangler/assets/assets");
  mkdirSync(folder, { recursive: true });
  for (const [name, from] of Object.entries(FILES))
    copyFileSync(join(ROOT, from), join(folder, name));
}

if (import.meta.main) layOutAssets();

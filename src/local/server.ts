// Runs the Worker as wrangler.toml describes it, on Miniflare's own port: the proxy of `wrangler dev` costs 2-3 ms a
// request. It guarantees three things:
// - D1 is migrated before the Worker runs, and each migration takes effect and is written down, or neither.
// - State lies under STATE/v3 as wrangler lays it out: `wrangler d1 … --local --persist-to STATE` works on the same.
// - workerd never outlives this process, not even after SIGKILL, so no orphan keeps a port.
import { AsyncLocalStorage } from "node:async_hooks";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, parse, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  compileModuleRules,
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  testRegExps,
} from "miniflare";
import {
  unstable_getMiniflareWorkerOptions,
  unstable_readConfig,
  unstable_splitSqlQuery,
} from "wrangler";
import { layOutAssets } from "./assets.ts";

export type BootOptions = {
  configPath?: string;
  /** Runs this file in place of `main`. */
  entry?: string;
  /** 0 takes a free port. */
  port: number;
  /** The folder of all that must survive. Two servers must not share it at the same time. */
  state: string;
  /** Text bindings beside those of wrangler.toml. */
  vars: Record<string, string>;
  log?: (line: string) => void;
  /** Runs against a private address; `port` opens only after it. */
  beforeOpen?: (privateUrl: string) => Promise<void>;
};
export type Server = { url: string; workerdPid(): number | undefined; stop(): Promise<void> };

type V4Options = Parameters<typeof convertV4MiniflareOptions>[0];
type Settings = ReturnType<typeof settingsOf>;

const FILES_ONLY = `export default { fetch: (request, env) => env.ASSETS.fetch(request) }`;

function settingsOf(options: BootOptions) {
  const config = unstable_readConfig({ config: resolve(options.configPath ?? "wrangler.toml") });
  const { workerOptions, externalWorkers, main } = unstable_getMiniflareWorkerOptions(config);
  const { modulesRules = [], ...worker } = workerOptions;
  const root = dirname(config.configPath ?? ".");
  const state = resolve(options.state);
  return {
    config,
    worker,
    externalWorkers,
    modulesRules,
    main,
    root,
    state,
    log: options.log ?? (() => {}),
  };
}

export async function boot(options: BootOptions): Promise<Server> {
  layOutAssets();
  const settings = settingsOf(options);
  const { config, worker, externalWorkers, root: rootPath, state, log } = settings;
  const keeper = keepWorkerd();
  let miniflare: Miniflare | undefined;
  let time: NodeJS.Timeout | undefined;
  const stop = async () => {
    clearInterval(time);
    try {
      await miniflare?.dispose();
    } finally {
      keeper.end();
    }
  };
  try {
    const [source] = await Promise.all([
      bundle(settings, options.entry),
      migrate(settings, keeper),
    ]);
    const bindings = { ...(worker.bindings as object), ...options.vars };
    // Static files are a Worker of their own here: else Miniflare's router stands before every
    // request, and doubles what a check costs.
    const { assets, ...withoutAssets } = worker as { assets?: { binding?: string } };
    const files = assets
      ? [
          {
            modules: true,
            script: FILES_ONLY,
            name: "files",
            compatibilityDate: worker.compatibilityDate,
            assets,
          },
        ]
      : [];
    const serviceBindings = {
      ...(worker.serviceBindings as object),
      ...(assets?.binding === undefined ? {} : { [assets.binding]: "files" }),
    };
    const listening = (host: string, port: number) =>
      ({
        rootPath,
        host,
        port,
        cf: false,
        logRequests: false,
        resourcePersistencePath: join(state, "v3"),
        resourceTmpPath: join(state, "tmp"), // the e-mail that was "sent"
        log: Object.assign(new Log(LogLevel.INFO), { log }) as unknown as Log,
        handleStructuredLogs: ({ message }) => log(message),
        workers: [
          { ...withoutAssets, ...source, name: config.name ?? "worker", bindings, serviceBindings },
          ...files,
          ...externalWorkers,
        ],
      }) as V4Options;
    const open = convertV4MiniflareOptions(
      listening(process.env["HOST"] || "127.0.0.1", options.port),
    );
    const first = options.beforeOpen ? convertV4MiniflareOptions(listening("127.0.0.1", 0)) : open;
    const started = keeper.run(() => new Miniflare(first));
    miniflare = started;
    let url = await started.ready;
    if (options.beforeOpen) {
      await options.beforeOpen(url.origin);
      await keeper.run(() => started.setOptions(open)); // another workerd; the bundle is kept
      url = await started.ready;
    }
    if (config.triggers.crons?.length) time = keepTime(started, config.name ?? "worker", log);
    return { url: url.origin, workerdPid: keeper.pid, stop };
  } catch (error) {
    await stop().catch(() => {}); // the first error is the one to tell
    throw error;
  }
}

const TICK_MS = 10_000;

/** Miniflare keeps no time: what a cron does is done now, for what a crash left undone, and then often. */
function keepTime(miniflare: Miniflare, name: string, log: (line: string) => void) {
  let busy = false;
  const tick = async () => {
    if (busy) return;
    busy = true;
    try {
      await (await miniflare.getWorker(name)).scheduled();
    } catch (error) {
      log(`cron: ${String(error)}`);
    } finally {
      busy = false;
    }
  };
  void tick();
  return setInterval(() => void tick(), TICK_MS).unref();
}

/** Applies what is missing, without the Worker. Table and rows are wrangler's own: either may apply the next one. */
async function migrate(
  { config, worker, root, state, log }: Settings,
  keeper: Keeper,
): Promise<void> {
  if (!config.d1_databases.length) return;
  const only = { modules: true, script: "", cf: false, resourcePersistencePath: join(state, "v3") };
  const options = { ...only, d1Databases: worker.d1Databases } as V4Options;
  const miniflare = keeper.run(() => new Miniflare(convertV4MiniflareOptions(options)));
  try {
    for (const {
      binding,
      migrations_dir,
      migrations_table: table = "d1_migrations",
    } of config.d1_databases) {
      const folder = resolve(root, migrations_dir ?? "migrations");
      if (!existsSync(folder)) continue;
      const db = await miniflare.getD1Database(binding);
      const columns = `id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL`;
      await db.prepare(`CREATE TABLE IF NOT EXISTS "${table}"(${columns})`).run();
      const { results } = await db.prepare(`SELECT name FROM "${table}"`).all<{ name: string }>();
      const applied = new Set(results.map((row) => row.name));
      for (const name of readdirSync(folder).toSorted()) {
        if (!name.endsWith(".sql") || applied.has(name)) continue;
        const statements = unstable_splitSqlQuery(readFileSync(join(folder, name), "utf8"));
        const record = db.prepare(`INSERT INTO "${table}" (name) VALUES (?)`).bind(name);
        await db
          .batch([...statements.map((sql) => db.prepare(sql)), record])
          .catch((error: Error) => {
            throw new Error(`Migration ${name} failed and left nothing behind: ${error.message}`); // a batch is one transaction
          });
        log(`Applied migration ${name}`);
      }
    }
  } finally {
    await miniflare.dispose();
  }
}

/** What `wrangler deploy` would upload: every module it emits, typed by wrangler's own rules. */
async function bundle(
  { config, main, modulesRules, root, state }: Settings,
  other: string | undefined,
) {
  const entry = other === undefined ? main : resolve(other);
  if (!entry) throw new Error(`${config.configPath} names no main`);
  const modulesRoot = join(state, "build");
  rmSync(modulesRoot, { recursive: true, force: true });
  const cli = [
    fileURLToPath(import.meta.resolve("wrangler")),
    "deploy",
    entry,
    "--dry-run",
    "--outdir",
    modulesRoot,
  ];
  const quiet = {
    CI: "1",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
  }; // nor look for updates
  const env = { ...process.env, ...quiet };
  const building = promisify(execFile)(
    process.execPath,
    ["--no-warnings", ...cli, "--config", config.configPath ?? ""],
    { cwd: root, env },
  );
  const abandon = () => void building.child.kill();
  process.once("exit", abandon);
  await building.catch((error: { stderr?: string; message: string }) => {
    throw new Error(`The Worker does not build.\n${error.stderr || error.message}`);
  });
  process.off("exit", abandon);
  const first = `${parse(entry).name}.js`; // Miniflare takes the first module for the main one
  const rules = compileModuleRules([
    ...modulesRules,
    { type: "ESModule", include: ["**/*.js", "**/*.mjs"] },
  ]);
  const names = readdirSync(modulesRoot, { recursive: true, encoding: "utf8" }).filter(
    (name) => name !== first,
  );
  const modules = [first, ...names].flatMap((name) => {
    const type = rules.find((rule) => testRegExps(rule.include, name))?.type;
    return type ? [{ type, path: join(modulesRoot, name) }] : [];
  });
  return { modules, modulesRoot };
}

/** Miniflare hands no process out. Node tells of every child here, and the context says which boot it belongs to. */
const adopt = new AsyncLocalStorage<(child: ChildProcess) => void>();
subscribe("child_process", (message) =>
  adopt.getStore()?.((message as { process: ChildProcess }).process),
);

type Keeper = ReturnType<typeof keepWorkerd>;

/**
 * Left alone, workerd survives a SIGKILL of its parent and keeps the port. So a shell reads from a pipe that only this
 * process holds open: it hears of each workerd that starts or ends, and when the pipe closes it kills the living one.
 */
function keepWorkerd() {
  const script = "while read -r now; do pid=$now; done; kill -9 $pid";
  // Detached: Ctrl-C goes to the whole terminal group, and must not reach it.
  const watchdog = spawn("/bin/sh", ["-c", script], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.stdin.on("error", () => {}); // it has ended
  let pid: number | undefined;
  const tell = (now: number | undefined) => watchdog.stdin.write(`${(pid = now) ?? ""}\n`);
  const adopted = (child: ChildProcess) =>
    child.once("spawn", () => tell(child.pid)).once("exit", () => tell(undefined));
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  return {
    pid: () => pid,
    end: () => void watchdog.kill("SIGKILL"),
    /** Adopts what `make` spawns, and drops the signal handlers of Miniflare, which exit at once with 130 or 143. */
    run<T>(make: () => T): T {
      const before = new Set(signals.flatMap((signal) => process.listeners(signal)));
      const made = adopt.run(adopted, make);
      for (const signal of signals)
        for (const listener of process.listeners(signal))
          if (!before.has(listener)) process.off(signal, listener);
      return made;
    },
  };
}

// `npm run bench [-- --quick] [--json FILE] [--tries N] [--only memory,checks,…]`: measures the targets on this machine, against workerd's own port.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fire, median, memoryOf, shot, type Measured, type Shot, type Target } from "./load.ts";
import { loadTree, type Tree, type TreeSize } from "./tree.ts";
import { load, type Size, type World } from "./worlds.ts";

/** What is measured, in this order; `--only` names some of it. */
const GROUPS = [
  "memory",
  "checks",
  "batches",
  "search",
  "explain",
  "pages",
  "evictions",
  "tree",
  "removals",
] as const;
type Group = (typeof GROUPS)[number];

const { values: flags } = parseArgs({
  options: {
    json: { type: "string" },
    tries: { type: "string" },
    quick: { type: "boolean" },
    only: { type: "string" },
  },
});
const only = flags.only?.split(",") ?? GROUPS;
const unknown = only.filter((name) => !GROUPS.includes(name as Group));
if (unknown.length > 0) throw new Error(`--only takes ${GROUPS.join(",")}; not ${unknown.join()}.`);
const wants = (...groups: Group[]) => groups.some((group) => only.includes(group));
const quick = flags.quick === true;
const tries = Number(flags.tries ?? (quick ? 100 : 1_000));
const ROUNDS = quick ? 3 : 7;
const MS = quick ? 500 : 1_000;
const WARM_REQUESTS = quick ? 2_000 : 40_000;
const partners = quick ? { partners: 5, partnerMembers: 10 } : { partners: 20, partnerMembers: 50 };
const SMALL: Size = {
  name: "S",
  sites: quick ? 200 : 1_000,
  members: quick ? 50 : 100,
  ...partners,
};
const LARGE: Size = {
  name: "L",
  sites: quick ? 3_000 : 100_000,
  members: quick ? 500 : 10_000,
  ...partners,
};

const TREE: TreeSize = quick
  ? { workspaces: 100, teams: 100, members: 100 }
  : { workspaces: 1_000, teams: 1_000, members: 1_000 };

interface Line {
  what: string;
  target: string;
  value: number;
  low: number;
  high: number;
  met: boolean | null;
}
const lines: Line[] = [];
const ratios: Record<string, number> = {};

/** Notes values of several rounds; `target` is a bound, or none where a figure is only reported. */
function note(what: string, values: readonly number[], bound?: Bound): number {
  const value = median(values);
  const met = bound ? (bound[0] === "≥" ? value >= bound[1] : value <= bound[1]) : null;
  const line: Line = {
    what,
    target: bound?.join(" ") ?? "",
    value,
    low: Math.min(...values),
    high: Math.max(...values),
    met,
  };
  lines.push(line);
  const digits = (n: number) => (Math.abs(n) >= 100 ? n.toFixed(0) : n.toFixed(2));
  const spread = values.length > 1 ? `${digits(line.low)} … ${digits(line.high)}` : "";
  const mark = met === null ? "" : met ? "met" : "MISSED";
  console.log(
    [
      what.padEnd(62),
      line.target.padStart(9),
      digits(value).padStart(9),
      spread.padStart(18),
      mark,
    ].join("  "),
  );
  return value;
}

type Bound = ["≥" | "≤", number];
type Job = { world: Target; shots: readonly Shot[] };

/** Measures jobs in turns, so that whatever else the machine does falls on all of them. */
async function rounds<K extends string>(jobs: Record<K, Job>, connections: number, count = ROUNDS) {
  const names = Object.keys(jobs) as K[];
  const found = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    K,
    Measured[]
  >;
  for (const name of names)
    await fire(jobs[name].world, jobs[name].shots, {
      connections,
      ms: 5_000,
      max: jobs[name].shots.length,
    });
  for (let n = 0; n < count; n++)
    for (const name of n % 2 ? names.toReversed() : names) {
      const measured = await fire(jobs[name].world, jobs[name].shots, { connections, ms: MS });
      if (measured.wrong > 0) throw new Error(`${name}: ${measured.wrong} wrong answers`);
      found[name].push(measured);
    }
  return found;
}

const per = (a: readonly Measured[], b: readonly Measured[], field: "rps" | "cpuUs"): number[] =>
  a.map((one, n) => one[field] / (b[n]?.[field] ?? Number.NaN));

function noteRuns(found: Readonly<Record<string, readonly Measured[]>>, at: string): void {
  for (const [name, runs] of Object.entries(found)) {
    note(
      `${name} ${at}: requests/s`,
      runs.map((run) => run.rps),
    );
    note(
      `${name} ${at}: CPU µs a request`,
      runs.map((run) => run.cpuUs),
    );
    note(
      `${name} ${at}: p99 ms`,
      runs.map((run) => run.p99),
    );
  }
}

/** Notes a ratio; it is judged where connections do not starve, and told by its key at 16. */
const ratioAt =
  (connections: number) => (key: string, what: string, values: number[], b: Bound) => {
    const value = note(`${what} at ${connections}`, values, connections < 64 ? b : undefined);
    if (connections === 16) ratios[key] = value;
  };

async function checks(s: World, l: World, connections: number): Promise<void> {
  const at = `at ${connections}`;
  const found = await rounds(
    {
      floor: { world: s, shots: s.shots.floor },
      allow: { world: s, shots: s.shots.allow },
      cross: { world: s, shots: s.shots.cross },
      stranger: { world: s, shots: s.shots.stranger },
      large: { world: l, shots: l.shots.allow },
    },
    connections,
  );
  noteRuns(found, at);
  const { floor, allow, cross, stranger, large } = found;
  const ratio = ratioAt(connections);
  ratio("evaluation_to_floor", "evaluation / floor, requests/s", per(allow, floor, "rps"), [
    "≥",
    0.85,
  ]);
  ratio("evaluation_to_floor_cpu", "evaluation / floor, CPU", per(allow, floor, "cpuUs"), [
    "≤",
    1.2,
  ]);
  ratio("cross_tree_to_floor", "cross-tree allow / floor, requests/s", per(cross, floor, "rps"), [
    "≥",
    0.45,
  ]);
  ratio("denial_to_allow", "denial of a stranger / allow, CPU", per(stranger, allow, "cpuUs"), [
    "≤",
    1,
  ]);
  ratio("large_to_small", "L / S, CPU a check", per(large, allow, "cpuUs"), ["≤", 1.1]);
}

/** What a check costs in a deep tree with teams, against one among members and sites of one org. */
async function inTree(s: World, t: Tree, connections: number): Promise<void> {
  const jobs = {
    plain: { world: s, shots: s.shots.allow },
    tree: { world: t, shots: t.shots.tree },
    conditional: { world: t, shots: t.shots.conditional },
  };
  const found = await rounds(jobs, connections);
  noteRuns(found, `at ${connections}`);
  const { plain } = found;
  const ratio = ratioAt(connections);
  for (const [name, max] of [
    ["tree", 1.3],
    ["conditional", 1.5],
  ] as const) {
    const [time, cpu] = [per(plain, found[name], "rps"), per(found[name], plain, "cpuUs")];
    ratio(`${name}_to_plain`, `${name} / plain, time a request`, time, ["≤", max]);
    ratio(`${name}_to_plain_cpu`, `${name} / plain, CPU`, cpu, ["≤", max]);
  }
}

/** Loses the object's memory, then times one request: the floor's, or a user's first check. */
async function afterEviction(world: World): Promise<void> {
  const evict = shot("/bench/evict", null, { tree: world.org, resource: {} }, { evicted: true });
  const floor: number[] = [];
  const first: number[] = [];
  for (let n = 0; n < (quick ? 10 : 40); n++)
    for (const [shots, times] of [
      [world.shots.floor, floor],
      [world.shots.firsts, first],
    ] as const) {
      await fire(world, [evict], { connections: 1, ms: 5_000, max: 1 });
      const { p50 } = await fire(world, [shots[n % shots.length] as Shot], {
        connections: 1,
        ms: 5_000,
        max: 1,
      });
      times.push(p50);
    }
  const above = first.map((ms, n) => ms - (floor[n] ?? 0));
  note(`${world.size.name}: first floor after an eviction, ms`, floor);
  note(`${world.size.name}: first check after an eviction, ms above`, above, ["≤", 10]);
}

/** Gives access, takes it away, and asks at once: by a grant, and every tenth time by a partner's rule. */
async function removals(world: World): Promise<void> {
  let stale = 0;
  let blind = 0;
  const grants = `/v1/orgs/${world.org}/members`;
  const asks = async (email: string) => {
    const body = {
      subject: { type: "user", id: email },
      action: { name: "edit" },
      resource: { type: "site", id: "s1" },
    };
    const headers = { authorization: `Bearer ${world.token}`, "content-type": "application/json" };
    const response = await fetch(`${world.url}/access/v1/evaluation`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return ((await response.json()) as { decision: boolean }).decision;
  };
  const shared = world.partners[0];
  if (!shared) return;
  const terms = { role: "collaborator", scope: { all: true } };
  await world.call("PATCH", `/v1/orgs/${world.org}/shares/${shared.share}`, terms);
  const rules = `/v1/orgs/${shared.org}/received-shares/${shared.share}/rules`;
  const lane = async (k: number, lanes: number) => {
    const member = world.members[k];
    if (!member) return;
    for (let n = k; n < tries; n += lanes) {
      const partner = k === 0 && (n / lanes) % 3 === 0;
      const email = partner ? "p0.1@partner.example" : member.email;
      const { id } = partner
        ? await world.call("POST", rules, { to: "members", ...terms })
        : await world.call("POST", `${grants}/${member.id}/grants`, terms);
      if (!(await asks(email))) blind++;
      await world.call("DELETE", partner ? `${rules}/${id}` : `/v1/orgs/${world.org}/grants/${id}`);
      if (await asks(email)) stale++;
    }
  };
  const lanes = 4;
  await Promise.all(Array.from({ length: lanes }, (_, k) => lane(k, lanes)));
  note(`removals not seen by the next check, of ${tries}`, [stale], ["≤", 0]);
  note(`grants not seen by the next check, of ${tries}`, [blind], ["≤", 0]);
}

/** As many requests in both: the server's memory grows with those it has answered, whatever they ask. */
async function memory(s: World, l: World): Promise<void> {
  for (const world of [s, l])
    await fire(world, world.shots.allow, { connections: 16, ms: 120_000, max: WARM_REQUESTS });
  note("S: memory after load and checks, MiB", [memoryOf(s.pid)]);
  note("L: memory after load and checks, MiB", [memoryOf(l.pid)]);
  note("L: memory at its peak, MiB", [memoryOf(l.pid, "VmHWM")]);
  note("L - S: memory, MiB", [memoryOf(l.pid) - memoryOf(s.pid)], ["≤", 100]);
}

async function batches(world: World): Promise<void> {
  const { batch } = await rounds({ batch: { world, shots: world.batch } }, 4, 3);
  note(
    `${world.size.name}: evaluations of 100 at 4, decisions/s`,
    batch.map((run) => run.rps * 100),
    ["≥", 40_000],
  );
}

/** Searches in the large world: the first page of what a user reaches, all of it, and who reaches a thing. */
async function searches(world: World): Promise<void> {
  const headers = { authorization: `Bearer ${world.token}`, "content-type": "application/json" };
  const timed = async (what: string, body: object) => {
    const began = performance.now();
    const response = await fetch(`${world.url}/access/v1/search/${what}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    const { results, page } = (await response.json()) as {
      results: unknown[];
      page?: { next_token: string };
    };
    return { ms: performance.now() - began, count: results.length, token: page?.next_token ?? "" };
  };
  const view = { action: { name: "view" } };
  const first: number[] = [];
  const rates: number[] = [];
  for (const { email } of world.members.slice(0, quick ? 5 : 30)) {
    const body = { ...view, subject: { type: "user", id: email }, resource: { type: "site" } };
    first.push((await timed("resource", body)).ms);
    let [ms, count, token] = [0, 0, ""];
    do {
      const page = { limit: 1_000, ...(token ? { token } : {}) };
      const found = await timed("resource", { ...body, page });
      [ms, count, token] = [ms + found.ms, count + found.count, found.token];
    } while (token !== "");
    rates.push((count / ms) * 1_000);
  }
  note(`${world.size.name}: resource search, first page, ms`, first, ["≤", 25]);
  note(`${world.size.name}: resource search, pages of 1,000, results/s`, rates, ["≥", 50_000]);
  const who: number[] = [];
  for (let n = 0; n < (quick ? 5 : 30); n++) {
    const resource = { type: "site", id: `s${n * 7}` };
    who.push((await timed("subject", { ...view, subject: { type: "user" }, resource })).ms);
  }
  note(`${world.size.name}: subject search on a resource, ms`, who, ["≤", 50]);
}

/** An explanation against the check of the same question, by processor time: of a yes, a partner's, and a no. */
async function explains(world: World): Promise<void> {
  const { allow, cross, stranger } = world.shots;
  const path = `/v1/orgs/${world.org}/explain`;
  const { token } = (await world.call("POST", `/v1/orgs/${world.org}/keys`, {
    name: "Explains",
    holds: ["manage", "check"],
  })) as { token: string };
  /** The same questions, explained: an answer is whole when it says what the check said. */
  const explained = (shots: readonly Shot[]): Shot[] =>
    shots.map(({ bytes, expect }) => {
      const text = bytes.toString();
      const body = JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4)) as object;
      return { ...shot(path, token, body, null), expect: expect.slice(0, -1), starts: true };
    });
  const jobs = {
    check: { world, shots: allow },
    explain: { world, shots: explained(allow) },
    "check, a partner's": { world, shots: cross },
    "explain, a partner's": { world, shots: explained(cross) },
    "check, a stranger": { world, shots: stranger },
    "explain, a stranger": { world, shots: explained(stranger) },
  };
  const found = await rounds(jobs, 16);
  for (const asked of ["", ", a partner's", ", a stranger"] as const)
    note(
      `${world.size.name}: explain / check${asked}, CPU`,
      per(found[`explain${asked}`], found[`check${asked}`], "cpuUs"),
      ["≤", 3],
    );
}

/** Previews of the end of a share, and of a team's access, that reach 1,000 people. */
async function previews(world: World): Promise<void> {
  const people = quick ? 100 : 1_000;
  const at = `/v1/orgs/${world.org}`;
  const headers = { authorization: `Bearer ${world.key}`, "content-type": "application/json" };
  const timed = async (body: object) => {
    const times: number[] = [];
    let last: { counts?: Record<string, number>; partners?: { people: number }[] } = {};
    for (let n = 0; n < (quick ? 3 : 11); n++) {
      const began = performance.now();
      const init = { method: "POST", headers, body: JSON.stringify(body) };
      last = (await (await fetch(`${world.url}${at}/preview`, init)).json()) as typeof last;
      times.push(performance.now() - began);
    }
    return { times, last };
  };
  const { id: other } = await world.call("POST", "/v1/orgs", { name: "Large partner" });
  const staff = Array.from({ length: people }, (_, n) => ({
    email: `large${n}@partner.example`,
    status: "active",
  }));
  await world.importAll(Number(other), "members", staff);
  const terms = { role: "viewer", scope: { all: true } };
  const offer = { to: { org: Number(other) }, ...terms };
  const { id: share } = await world.call("POST", `${at}/shares`, offer);
  const received = `/v1/orgs/${other}/received-shares/${share}`;
  await world.call("POST", `${received}/accept`, {});
  await world.call("POST", `${received}/rules`, { to: "members", ...terms });
  const gone = await timed({ method: "DELETE", path: `${at}/shares/${share}` });
  if (gone.last.partners?.[0]?.people !== people) throw new Error("not everybody was counted");
  note(`${world.size.name}: preview, a share of ${people} people, ms`, gone.times, ["≤", 500]);
  const { id: team } = await world.call("POST", `${at}/teams`, { name: "Large" });
  const joins = world.members
    .slice(0, people)
    .map(({ id }) => ({ method: "PUT", path: `${at}/teams/${team}/members/${id}`, body: {} }));
  await world.batchAll(world.org, joins);
  const { id: grant } = await world.call("POST", `${at}/teams/${team}/grants`, terms);
  const taken = await timed({ method: "DELETE", path: `${at}/grants/${grant}` });
  if (taken.last.counts?.["loses"] !== joins.length) throw new Error("not everybody loses it");
  note(`${world.size.name}: preview, a grant of ${joins.length} people, ms`, taken.times, [
    "≤",
    500,
  ]);
}

/** The session cookie of a new admin of the world's org, by the link of a mail. */
async function adminOf(world: World): Promise<string> {
  const email = "admin@owner.example";
  const grants = [{ role: "admin", scope: { all: true } }];
  await world.importAll(world.org, "members", [{ email, status: "active", grants }]);
  const jar: string[] = [];
  const go = async (path: string, body?: object) => {
    const response = await fetch(world.url + path, {
      method: body ? "POST" : "GET",
      redirect: "manual",
      headers: {
        cookie: jar.join("; "),
        origin: world.url,
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    jar.push(...response.headers.getSetCookie().map((set) => set.split(";")[0] ?? ""));
    return response.text();
  };
  await go("/sign-in", { email });
  for (let tries = 0; tries < 100; tries++) {
    const mail = /\/dev\/mail\/[^"]+/.exec(await go("/dev/mail"))?.[0];
    const link = mail && /\/sign-in\/[\w.~-]+/.exec(await go(mail))?.[0];
    if (link) {
      await go(link, {});
      return jar.join("; ");
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("no link to sign in came");
}

const PAGES =
  "your-access team-members team-members/new teams shared-by-us shared-with-us resources tags why access-review matrix map history webhooks keys types".split(
    " ",
  );

/** How long the server takes for each page of the settings; the slowest is noted. */
async function renders(world: World, bound: number): Promise<void> {
  const cookie = await adminOf(world);
  const slowest = { name: "", times: [0], bytes: 0 };
  for (const name of PAGES) {
    const times: number[] = [];
    for (let n = 0; n < (quick ? 3 : 11); n++) {
      const began = performance.now();
      const response = await fetch(`${world.url}/${world.org}/settings/${name}`, {
        headers: { cookie },
      });
      slowest.bytes = Math.max(slowest.bytes, (await response.arrayBuffer()).byteLength);
      if (response.status !== 200) throw new Error(`${name}: ${response.status}`);
      times.push(performance.now() - began);
    }
    times.sort((a, b) => a - b);
    console.log(`  ${name}: ${times[times.length >> 1]?.toFixed(1)} ms`);
    if ((times[times.length >> 1] ?? 0) > (slowest.times[slowest.times.length >> 1] ?? 0))
      Object.assign(slowest, { name, times });
  }
  note(`${world.size.name}: slowest page (${slowest.name}), ms`, slowest.times, ["≤", bound]);
}

const state = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
const servers: { stop(): Promise<void> }[] = [];

/** Keeps a world's server until the end, and notes how long it took to load. */
async function loaded<W extends World | Tree>(name: string, world: Promise<W>, bound?: Bound) {
  servers.push(await world);
  note(`${name}: load, s`, [(await world).loadSeconds], bound);
  return world;
}

try {
  const s = await loaded("S", load(SMALL, join(state, "S")));
  if (wants("memory", "checks", "batches", "search", "explain", "pages", "evictions")) {
    const l = await loaded("L", load(LARGE, join(state, "L")), ["≤", 120]);
    if (wants("memory")) await memory(s, l);
    if (wants("checks")) for (const connections of [1, 16, 64]) await checks(s, l, connections);
    if (wants("batches")) for (const world of [s, l]) await batches(world);
    if (wants("search")) await searches(l);
    if (wants("explain")) {
      await explains(l);
      await previews(l);
    }
    if (wants("pages")) {
      await renders(s, 30);
      await renders(l, 100);
    }
    if (wants("evictions")) for (const world of [s, l]) await afterEviction(world);
  }
  if (wants("tree")) {
    const t = await loaded("T", loadTree(TREE, join(state, "T")));
    for (const connections of [1, 16]) await inTree(s, t, connections);
  }
  if (wants("removals")) await removals(s);
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version };
  if (flags.json)
    writeFileSync(flags.json, `${JSON.stringify({ quick, machine, ratios, lines }, null, 2)}\n`);
} finally {
  for (const server of servers) await server.stop();
  rmSync(state, { recursive: true, force: true });
}

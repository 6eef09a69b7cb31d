// World T: a deep tree of workspaces, in which access comes by teams.
import { dice, serve, type Api, type Item } from "./api.ts";
import { shot, type Shot } from "./load.ts";
import { ask, EVALUATION, many } from "./worlds.ts";

export interface TreeSize {
  readonly workspaces: number;
  readonly teams: number;
  readonly members: number;
}
export interface Tree extends Api {
  readonly loadSeconds: number;
  readonly shots: Readonly<Record<"tree", readonly Shot[]>>;
}

/** Below each workspace, until there are enough of them: a thousand nest five deep. */
const CHILDREN = 4;
const SITES = 3;
const TEAMS_OF_A_MEMBER = 3;
const LANES = 8;

export const loadTree = (size: TreeSize, state: string): Promise<Tree> =>
  serve(state, (api) => fill(size, api));

async function fill(size: TreeSize, api: Api): Promise<Tree> {
  const { call, importAll, batchAll } = api;
  const roll = dice(size.workspaces);
  const began = performance.now();
  const root = Number((await call("POST", "/v1/orgs", { name: "Company" })).id);
  const orgs = await workspaces(size.workspaces, api, root);
  const at = (n: number) => `/v1/orgs/${orgs[n]}`;

  const people = many(size.members, (n) => ({ email: `m${n}@tree.example`, status: "active" }));
  const members = await importAll(root, "members", people);
  const teams = await batchAll(
    root,
    many(size.teams, (n) => post(`/v1/orgs/${root}/teams`, { name: `Team ${n}` })),
  );
  /** The teams of each member, and the workspace in which each team has its grant. */
  const teamsOf = people.map(() => new Set(many(TEAMS_OF_A_MEMBER, () => roll(size.teams))));
  const placeOf = teams.map((_, n) => n % orgs.length);
  await batchAll(
    root,
    teamsOf.flatMap((own, m) =>
      [...own].map((t) => {
        const path = `/v1/orgs/${root}/teams/${teams[t]}/members/${members[m]?.id}`;
        return { method: "PUT", path };
      }),
    ),
  );
  const grants = teams.map((team, t) =>
    post(`${at(placeOf[t] ?? 0)}/grants`, { to: { team }, role: "viewer", scope: { all: true } }),
  );
  await batchAll(root, grants);
  const sites = orgs.flatMap((_, n) =>
    many(SITES, (k) => put(`${at(n)}/resources/site/s${n}.${k}`, { tags: [`t${roll(200)}`] })),
  );
  await batchAll(root, sites);
  const loadSeconds = (performance.now() - began) / 1_000;
  const { token } = await call("POST", `/v1/orgs/${root}/keys`, { name: "bench" });

  /** A workspace in which the member has something: a team's own, or one somewhere below it. */
  const reached = (m: number): number => {
    const own = [...(teamsOf[m] ?? [])];
    let place = placeOf[own[roll(own.length)] ?? 0] ?? 0;
    for (let next = place; next < orgs.length; next = firstBelow(place) + roll(CHILDREN)) {
      place = next;
      if (roll(2) === 0) break;
    }
    return place;
  };
  const tree = many(Math.min(2 * size.members, 2_000), (n) => {
    const m = n % size.members;
    const question = ask(`m${m}@tree.example`, "view", "site", `s${reached(m)}.${roll(SITES)}`);
    return shot(EVALUATION, token, question, { decision: true });
  });
  return { ...api, loadSeconds, shots: { tree } };
}

const post = (path: string, body: unknown): Item => ({ method: "POST", path, body });
const put = (path: string, body: unknown): Item => ({ method: "PUT", path, body });

/** The first child of the n-th workspace; the top ones lie below the root, which is none of them. */
const firstBelow = (n: number): number => (n + 1) * CHILDREN;
const above = (n: number): number => Math.floor(n / CHILDREN) - 1;

/** Makes workspaces, several at a time, each after the one that it lies in. */
async function workspaces(count: number, { call }: Api, root: number): Promise<number[]> {
  const made: Promise<number>[] = [];
  const free = Array.from({ length: LANES }, (): Promise<unknown> => Promise.resolve());
  for (let n = 0; n < count; n++) {
    const parent = above(n) < 0 ? Promise.resolve(root) : (made[above(n)] ?? Promise.resolve(root));
    const org = Promise.all([parent, free[n % LANES]]).then(async ([into]) => {
      const { id } = await call("POST", "/v1/orgs", { name: `Workspace ${n}`, parent: into });
      return Number(id);
    });
    made.push(org);
    free[n % LANES] = org;
  }
  return Promise.all(made);
}

// World T: a deep tree of workspaces, in which access comes by teams, and to notes under a condition.
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
  readonly shots: Readonly<Record<"tree" | "conditional", readonly Shot[]>>;
}

/** Below each workspace, until there are enough of them: a thousand nest five deep. */
const CHILDREN = 4;
const SITES = 3;
/** A writer edits the notes that they wrote themselves. */
const ROLES = {
  roles: [
    { name: "reader", actions: ["view"] },
    {
      name: "writer",
      actions: [{ name: "edit", condition: "resource.properties.writer == subject.id" }, "comment"],
    },
  ],
};
const TEAMS_OF_A_MEMBER = 3;
const LANES = 8;

export const loadTree = (size: TreeSize, state: string): Promise<Tree> =>
  serve(state, (api) => fill(size, api));

async function fill(size: TreeSize, api: Api): Promise<Tree> {
  const { call, importAll, batchAll } = api;
  const roll = dice(size.workspaces);
  const began = performance.now();
  const root = Number((await call("POST", "/v1/orgs", { name: "Company" })).id);
  await call("PUT", `/v1/orgs/${root}/role-sets/notes`, ROLES);
  await call("PUT", `/v1/orgs/${root}/types/note`, { roleSet: "notes" });
  const orgs = await workspaces(size.workspaces, api, root);
  const at = (n: number) => `/v1/orgs/${orgs[n]}`;

  const people = many(size.members, (n) => ({
    email: emailOf(n),
    externalId: `x${n}`,
    status: "active",
  }));
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
  for (const role of ["viewer", "notes.writer"]) {
    const terms = { role, scope: { all: true } };
    const grants = teams.map((team, t) =>
      post(`${at(placeOf[t] ?? 0)}/grants`, { to: { team }, ...terms }),
    );
    await batchAll(root, grants);
  }
  const sites = orgs.flatMap((_, n) =>
    many(SITES, (k) => put(`${at(n)}/resources/site/s${n}.${k}`, { tags: [`t${roll(200)}`] })),
  );
  await batchAll(root, sites);
  /** Each member's note, in the workspace of one of their teams. */
  const notes = people.map((_, m) => {
    const [team = 0] = teamsOf[m] ?? [];
    const properties = { writer: `x${m}` };
    return put(`${at(placeOf[team] ?? 0)}/resources/note/n${m}`, { properties });
  });
  await batchAll(root, notes);
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
    const question = ask(emailOf(m), "view", "site", `s${reached(m)}.${roll(SITES)}`);
    return shot(EVALUATION, token, question, { decision: true });
  });
  const conditional = many(Math.min(2 * size.members, 2_000), (n) => {
    const m = n % size.members;
    const note = n % 2 === 0 ? m : roll(size.members);
    const question = ask(emailOf(m), "edit", "note", `n${note}`);
    return shot(EVALUATION, token, question, { decision: note === m });
  });
  return { ...api, loadSeconds, shots: { tree, conditional } };
}

const emailOf = (member: number): string => `m${member}@tree.example`;
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

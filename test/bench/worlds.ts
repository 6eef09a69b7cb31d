// The worlds that are measured, made from a seed and loaded through the public API.
import { dice, serve, type Api } from "./api.ts";
import { shot, type Shot } from "./load.ts";

export interface Size {
  readonly name: string;
  readonly sites: number;
  readonly members: number;
  readonly partners: number;
  readonly partnerMembers: number;
}
export interface World extends Api {
  readonly size: Size;
  readonly org: number;
  readonly partners: readonly { org: number; share: string; rule: string }[];
  readonly members: readonly { id: string; email: string }[];
  readonly token: string;
  readonly loadSeconds: number;
  readonly shots: Readonly<
    Record<"floor" | "allow" | "cross" | "stranger" | "firsts", readonly Shot[]>
  >;
  readonly batch: readonly Shot[];
}
const TAGS = 200;
export const EVALUATION = "/access/v1/evaluation";
const question = (email: string, site: number) => ask(email, "view", "site", `s${site}`);
export const ask = (email: string, action: string, type: string, id: string) => ({
  subject: { type: "user", id: email },
  action: { name: action },
  resource: { type, id },
});

export const many = <T>(n: number, make: (n: number) => T): T[] =>
  Array.from({ length: n }, (_, i) => make(i));

export const load = (size: Size, state: string): Promise<World> =>
  serve(state, (api) => fill(size, api));

async function fill(size: Size, api: Api): Promise<World> {
  const { call, importAll } = api;
  const roll = dice(size.sites);
  const some = (n: number) => Array.from({ length: n }, () => `t${roll(TAGS)}`);
  const sites = Array.from({ length: size.sites }, (_, n) => ({
    type: "site",
    id: `s${n}`,
    name: `Site ${n}`,
    tags: [...new Set(some(roll(6)))],
  }));
  const people = Array.from({ length: size.members }, (_, n) => ({
    email: `m${n}@owner.example`,
    name: `Member ${n}`,
    status: "active",
    grants: Array.from({ length: 1 + roll(4) }, () => ({
      role: "viewer",
      scope: { tags: [...new Set(some(1 + roll(3)))] },
    })),
  }));

  const began = performance.now();
  const org = Number((await call("POST", "/v1/orgs", { name: "Owner" })).id);
  await importAll(org, "resources", sites);
  const ids = await importAll(org, "members", people);
  const partners: { org: number; share: string; rule: string }[] = [];
  for (let n = 0; n < size.partners; n++) {
    const to = Number((await call("POST", "/v1/orgs", { name: `Partner ${n}` })).id);
    const staff = Array.from({ length: size.partnerMembers }, (_, m) => ({
      email: `p${n}.${m}@partner.example`,
      status: "active",
    }));
    await importAll(to, "members", staff);
    const terms = { role: "viewer", scope: { all: true } };
    const share = (await call("POST", `/v1/orgs/${org}/shares`, { to: { org: to }, ...terms })).id;
    const received = `/v1/orgs/${to}/received-shares/${share}`;
    await call("POST", `${received}/accept`, {});
    const rule = (await call("POST", `${received}/rules`, { to: "members", ...terms })).id;
    partners.push({ org: to, share, rule });
  }
  const loadSeconds = (performance.now() - began) / 1_000;
  const { token } = await call("POST", `/v1/orgs/${org}/keys`, { name: "bench" });

  const tagsOf = people.map(({ grants }) => new Set(grants.flatMap(({ scope }) => scope.tags)));
  const decided = (m: number, s: number) =>
    sites[s]?.tags.some((tag) => tagsOf[m]?.has(tag)) ?? false;
  /** A site that the member may view. */
  const allowed = (m: number): number | undefined => {
    for (let tries = 0; tries < 5_000; tries++) {
      const s = roll(size.sites);
      if (decided(m, s)) return s;
    }
    return undefined;
  };
  const asking = (email: string, site: number, decision: boolean): Shot =>
    shot(EVALUATION, token, question(email, site), { decision });
  const allow: Shot[] = [];
  for (let n = 0; n < Math.min(size.members, 2_000); n++) {
    const [member, site] = [n % size.members, allowed(n % size.members)];
    if (site !== undefined) allow.push(asking(`m${member}@owner.example`, site, true));
  }
  const shots = {
    floor: many(500, (n) => {
      const body = { tree: org, ...question(`m${n}@owner.example`, roll(size.sites)) };
      return shot("/bench/floor", token, body, { decision: true });
    }),
    allow,
    cross: many(500, (n) => {
      const [p, m] = [n % size.partners, roll(size.partnerMembers)];
      return asking(`p${p}.${m}@partner.example`, roll(size.sites), true);
    }),
    stranger: many(500, (n) => asking(`usr_stranger${n}`, roll(size.sites), false)),
    firsts: allow.slice(-100),
  };
  const batch = many(50, () => {
    const asked = many(100, () => ({
      m: roll(Math.min(size.members, 2_000)),
      s: roll(size.sites),
    }));
    const body = { evaluations: asked.map(({ m, s }) => question(`m${m}@owner.example`, s)) };
    const answer = { evaluations: asked.map(({ m, s }) => ({ decision: decided(m, s) })) };
    return shot("/access/v1/evaluations", token, body, answer);
  });
  const members = ids.map(({ id }, n) => ({ id, email: people[n]?.email ?? "" }));
  return { ...api, size, org, partners, members, token, loadSeconds, shots, batch };
}

import {
  parseRole,
  type ResourceType,
  type RoleSet,
  type Scope,
  type StoredScope,
} from "../../src/access/index.ts";
import type { Tables } from "../../src/commands/record.ts";
import type { Rows } from "../support/world.ts";
import { DB } from "../objects/record.ts";

/** What can be asked about: a resource of a tree, with the key that it has in the reference. */
export interface Thing {
  readonly tree: number;
  readonly type: string;
  readonly id: string;
  readonly key: number;
}

const TAKEN = [
  "users",
  "orgs",
  "members",
  "teams",
  "teamMembers",
  "grants",
  "shares",
  "receipts",
  "rules",
  "resources",
  "freezes",
  "links",
  "collaborations",
  "roleSets",
  "types",
] as const;
export type Facts = { [T in Exclude<(typeof TAKEN)[number], "users">]: Tables[T][] } & {
  users: { id: string; email: string }[];
};

/** The conditions that the walk uses, and what the reference calls them. */
const CONDITIONS: Readonly<Record<string, string>> = {
  "resource.owner == subject.id": "mine",
  '"North" in resource.tags': "north",
};

const inWords = (body: string): string =>
  Object.entries(CONDITIONS).reduce(
    (text, [cel, word]) => text.replaceAll(JSON.stringify(cel), JSON.stringify(word)),
    body,
  );

/** The facts of all trees, read from D1 in one transaction. */
export async function readFacts(): Promise<Facts> {
  const found = await DB.batch(
    TAKEN.map((table) => DB.prepare(`select * from "${table}" order by 1`)),
  );
  return Object.fromEntries(
    TAKEN.map((table, n) => [table, found[n]?.results]),
  ) as unknown as Facts;
}

/** The facts as the reference takes them. Keys are a tree's own there, and of all trees here. */
export function rowsOf(facts: Facts): { rows: Rows; things: Thing[] } {
  const keys = new Map(facts.resources.map((row, n) => [`${row.tree} ${row.key}`, n + 1]));
  const treeOfShare = new Map(facts.shares.map((share) => [share.id, share.tree]));
  const scopeOf = (text: string, tree: number): Scope => {
    const stored = JSON.parse(text) as StoredScope;
    if ("all" in stored) return { kind: "all" };
    if ("tags" in stored) return { kind: "tags", tags: stored.tags };
    return { kind: "resources", keys: stored.keys.map((key) => keys.get(`${tree} ${key}`) ?? -1) };
  };
  const terms = (row: { role: string; scope: string; expiresAt: number | null }, tree: number) => ({
    role: parseRole(row.role),
    scope: scopeOf(row.scope, tree),
    expiresAt: row.expiresAt,
  });
  const to = (row: { toKind: string; toId: string | null }) =>
    ({ kind: row.toKind, ...(row.toId === null ? {} : { id: row.toId }) }) as never;
  const things = facts.resources.map(({ tree, type, id, key }) => ({
    tree,
    type,
    id,
    key: keys.get(`${tree} ${key}`) ?? 0,
  }));
  // What a link gave ends with the link [R28].
  const links = new Map(facts.links.map((link) => [link.id, link]));
  const isStanding = ({ via }: { via: string | null }) =>
    !via?.startsWith("lnk_") || links.has(via);
  const rows: Rows = {
    users: facts.users.map(({ id }) => id),
    orgs: facts.orgs
      .filter(({ deletedAt }) => deletedAt === null)
      .map(({ id, parent }) => ({ id, parent })),
    members: facts.members.map(({ id, org, user, status }) => ({ id, org, user, status })),
    teams: facts.teams.map(({ id, org }) => ({
      id,
      org,
      members: facts.teamMembers.filter((row) => row.team === id).map((row) => row.member),
    })),
    grants: facts.grants.filter(isStanding).map((row) => ({
      id: row.id,
      org: row.org,
      to: to(row),
      via: row.via,
      ...terms(row, row.tree),
    })),
    shares: facts.shares.map((row) => ({
      id: row.id,
      org: row.org,
      to: row.toUser === null ? { org: row.toOrg ?? 0 } : { user: row.toUser },
      status: row.status,
      ...terms(row, row.tree),
    })),
    receipts: facts.receipts.map(({ share, org, status }) => ({ share, org, status })),
    rules: facts.rules.map((row) => ({
      id: row.id,
      org: row.org,
      share: row.share,
      to: to(row),
      ...terms(row, treeOfShare.get(row.share) ?? 0),
    })),
    resources: facts.resources.map((row, n) => ({
      key: n + 1,
      org: row.org,
      type: row.type,
      tags: JSON.parse(row.tags) as string[],
      owner: row.owner,
    })),
    types: facts.types.map(({ tree, name, body }) => ({
      root: tree,
      type: { ...(JSON.parse(body) as ResourceType), name },
    })),
    roleSets: facts.roleSets.map(({ tree, name, body }) => ({
      root: tree,
      set: { ...(JSON.parse(inWords(body)) as RoleSet), name },
    })),
    freezes: facts.freezes.map(({ org, partner }) => ({
      org,
      partner: partner === 0 ? null : partner,
    })),
  };
  return { rows, things };
}

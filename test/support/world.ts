import type {
  Explanation,
  Facts,
  Grant,
  Grantee,
  Instant,
  Member,
  OrgId,
  Path,
  Question,
  Receipt,
  Resource,
  ResourceType,
  RoleBook,
  RoleName,
  RoleSet,
  Rule,
  Scope,
  Share,
  UserId,
} from "../../src/access/index.ts";

/** The model under test: the real one, or a mutant of it. */
export type Engine = typeof import("../../src/access/index.ts");

/** Everything that is the case, in several trees, as plain rows. Tags are as people wrote them. */
export interface Rows {
  users: UserId[];
  orgs: { id: OrgId; parent: OrgId | null }[];
  members: Member[];
  teams: { id: string; org: OrgId; members: string[] }[];
  grants: Grant[];
  shares: Share[];
  receipts: Receipt[];
  rules: Rule[];
  resources: Resource[];
  /** Types and role sets belong to a root org and hold for its tree. */
  types: { root: OrgId; type: ResourceType }[];
  roleSets: { root: OrgId; set: RoleSet }[];
  /** Orgs whose outgoing shares, or those to one partner, are suspended. */
  freezes: { org: OrgId; partner: OrgId | null }[];
}

export const emptyRows = (): Rows => ({
  users: [],
  orgs: [],
  members: [],
  teams: [],
  grants: [],
  shares: [],
  receipts: [],
  rules: [],
  resources: [],
  types: [],
  roleSets: [],
  freezes: [],
});

/** One question, as an application asks it: the resource is named by its internal key. */
export interface Asked {
  readonly user: UserId;
  readonly action: string;
  readonly resource: number;
  readonly now: Instant;
}

/** The one condition that tests use: the person owns the thing. */
export const holdsFor =
  (user: UserId, resource: Pick<Resource, "owner">) =>
  (condition: string): boolean =>
    condition === "mine" && resource.owner === user;

/** What one tree knows: its facts, and its roles and types. Nothing of other trees. */
interface Tree {
  readonly root: OrgId;
  readonly facts: Facts;
  readonly book: RoleBook;
  readonly resources: readonly Resource[];
}

/** An in-memory world of several trees. Rows are taken as they are; later changes are not seen. */
export class World {
  readonly engine: Engine;
  readonly users: readonly UserId[];
  readonly #trees = new Map<OrgId, Tree>();
  readonly #rootOf = new Map<OrgId, OrgId>();
  readonly #resources = new Map<number, Resource>();
  readonly #paths = new Map<string, readonly Path[]>();

  constructor(engine: Engine, rows: Rows) {
    this.engine = engine;
    this.users = rows.users;
    const parents = new Map(rows.orgs.map((org) => [org.id, org.parent]));
    for (const { id } of rows.orgs) this.#rootOf.set(id, lineageOf(parents, id).at(-1) ?? id);
    for (const root of new Set(this.#rootOf.values()))
      this.#trees.set(root, this.#slice(rows, root, parents));
    for (const tree of this.#trees.values())
      for (const resource of tree.resources) this.#resources.set(resource.key, resource);
  }

  /** The slice of the rows that belongs to one tree. */
  #slice(rows: Rows, root: OrgId, parents: ReadonlyMap<OrgId, OrgId | null>): Tree {
    const here = (row: { org: OrgId }) => this.#rootOf.get(row.org) === root;
    const folded = <T extends { scope: Scope }>(row: T): T => ({
      ...row,
      scope: this.#fold(row.scope),
    });
    const { foldTag, RoleBook, parseRole } = this.engine;
    const ofRoot = (row: { root: OrgId }) => row.root === root;
    const sets = rows.roleSets.filter(ofRoot).map((row) => row.set);
    const types = rows.types.filter(ofRoot).map((row) => row.type);
    const book = new RoleBook(sets, types);
    const members = rows.members.filter(here);
    const teams = rows.teams.filter(here);
    const grants = rows.grants.filter(here).map(folded);
    const shares = rows.shares.filter(here).map(folded);
    const receipts = rows.receipts.filter(here);
    const rules = rows.rules.filter(here).map(folded);
    const facts: Facts = {
      lineage: (org) => (this.#rootOf.get(org) === root ? lineageOf(parents, org) : []),
      membershipsOf: (user) => members.filter((member) => member.user === user),
      teamsOf: (member) => teams.filter((t) => t.members.includes(member)).map((t) => t.id),
      grantsTo: (to, org) => grants.filter((grant) => names(grant, to, org)),
      sharesTo: (user) => shares.filter(({ to }) => "user" in to && to.user === user),
      // All of them: the receivers' word on whom to ask about is a superset anyway.
      sharesAskable: () => shares.filter(({ to }) => "org" in to),
      receipt: (share) => receipts.find((receipt) => receipt.share === share),
      rulesOn: (share) => rules.filter((rule) => rule.share === share),
      isFrozen: (share) =>
        rows.freezes.some(
          ({ org, partner }) =>
            lineageOf(parents, share.org).includes(org) &&
            (partner === null || ("org" in share.to && share.to.org === partner)),
        ),
      ownerRoles: () =>
        [...book.types()].flatMap(({ name, roleSet, ownerRole }) =>
          ownerRole ? [{ type: name, role: parseRole(`${roleSet}.${ownerRole}`) }] : [],
        ),
    };
    const resources = rows.resources
      .filter(here)
      .map((resource) => ({ ...resource, tags: resource.tags.map(foldTag) }));
    return { root, facts, book, resources };
  }

  #fold(scope: Scope): Scope {
    if (scope.kind !== "tags") return scope;
    return { kind: "tags", tags: scope.tags.map(this.engine.foldTag) };
  }

  treeOf(org: OrgId): Tree {
    const tree = this.#trees.get(this.#rootOf.get(org) ?? -1);
    if (!tree) throw new Error(`no org ${org}`);
    return tree;
  }

  trees(): Iterable<Tree> {
    return this.#trees.values();
  }

  resource(key: number): Resource {
    const resource = this.#resources.get(key);
    if (!resource) throw new Error(`no resource ${key}`);
    return resource;
  }

  question(user: UserId, action: string, resource: Resource, now: Instant): Question {
    const lineage = this.treeOf(resource.org).facts.lineage(resource.org);
    return { user, action, resource, lineage, now, holds: holdsFor(user, resource) };
  }

  /** The paths that the owner's tree knows by itself. */
  ownPaths(tree: Tree, user: UserId): readonly Path[] {
    return this.#once(`${tree.root} ${user}`, () => this.engine.pathsOf(tree.facts, user));
  }

  /** The owner's first halves, joined with what each receiver's tree answers for the user. */
  joinedPaths(
    tree: Tree,
    user: UserId,
    now: Instant,
    worthAsking: (half: Path) => boolean = () => true,
  ): readonly Path[] {
    const halves = this.engine.openHalves(tree.facts, user).filter(worthAsking);
    const receivers = [...this.#trees.values()];
    return receivers.flatMap((receiver) => {
      const asked = halves.filter((half) => this.#receiverOf(tree, half.share) === receiver);
      const seconds = this.engine.secondHalves(
        receiver.facts,
        user,
        this.ownPaths(receiver, user),
        asked.map((half) => half.share),
        now,
      );
      return seconds.flatMap((second) =>
        asked
          .filter((half) => half.share === second.share)
          .map((half) => this.engine.joinHalves(half, second)),
      );
    });
  }

  /** Every path of the user into a tree at an instant, foreign halves joined. */
  paths(tree: Tree, user: UserId, now: Instant): readonly Path[] {
    return this.#once(`${tree.root} ${user} ${now}`, () => [
      ...this.ownPaths(tree, user),
      ...this.joinedPaths(tree, user, now),
    ]);
  }

  #receiverOf(tree: Tree, shareId: string): Tree | undefined {
    const share = tree.facts.sharesAskable("").find(({ id }) => id === shareId);
    return share && "org" in share.to ? this.treeOf(share.to.org) : undefined;
  }

  #once(key: string, paths: () => readonly Path[]): readonly Path[] {
    const known = this.#paths.get(key) ?? paths();
    this.#paths.set(key, known);
    return known;
  }
}

/** The org and all above it, nearest first. */
function lineageOf(parents: ReadonlyMap<OrgId, OrgId | null>, org: OrgId): readonly OrgId[] {
  const parent = parents.get(org) ?? null;
  return parent === null ? [org] : [org, ...lineageOf(parents, parent)];
}

function names(grant: Grant, to: Grantee, org: OrgId): boolean {
  if (to.kind === "members") return grant.to.kind === "members" && grant.org === org;
  return grant.to.kind === to.kind && grant.to.id === to.id;
}

/**
 * The decision, reached as the service reaches it: the owner's own paths first; only if none
 * allows, the shares that could, completed by their receivers.
 */
export function decide(world: World, { user, action, resource: key, now }: Asked): boolean {
  const resource = world.resource(key);
  const tree = world.treeOf(resource.org);
  const q = world.question(user, action, resource, now);
  const { check, allows } = world.engine;
  if (check(tree.book, world.ownPaths(tree, user), q)) return true;
  const joined = world.joinedPaths(tree, user, now, (half) => allows(tree.book, half, q));
  return check(tree.book, joined, q);
}

/** The same question, with what determined the answer. */
export function explain(world: World, { user, action, resource: key, now }: Asked): Explanation {
  const resource = world.resource(key);
  const tree = world.treeOf(resource.org);
  const q = world.question(user, action, resource, now);
  const { nearPathsOf } = world.engine;
  return world.engine.explain(
    tree.book,
    world.paths(tree, user, now),
    q,
    nearPathsOf(tree.facts, user),
  );
}

/** Who may do this to that? */
export function who(world: World, action: string, key: number, now: Instant): UserId[] {
  const resource = world.resource(key);
  const tree = world.treeOf(resource.org);
  const users = world.engine.listUsers(
    tree.book,
    world.users,
    (user) => world.paths(tree, user, now),
    (user) => world.question(user, action, resource, now),
  );
  return [...users];
}

/** On which resources, of all trees, may the user do this? */
export function what(world: World, user: UserId, action: string, now: Instant): number[] {
  return [...world.trees()].flatMap((tree) => {
    const paths = world.paths(tree, user, now);
    const listed = world.engine.listResources(tree.book, paths, tree.resources, (resource) =>
      world.question(user, action, resource, now),
    );
    return [...listed].map((resource) => resource.key);
  });
}

/** The role that is shown for a user on a resource. */
export function roleOn(world: World, user: UserId, key: number, now: Instant): RoleName | null {
  const resource = world.resource(key);
  const tree = world.treeOf(resource.org);
  const { action: _, holds: __, ...rest } = world.question(user, "", resource, now);
  return world.engine.roleOn(tree.book, world.paths(tree, user, now), rest);
}

import * as real from "../../src/access/index.ts";
import type {
  Explanation,
  Grant,
  Instant,
  OrgId,
  Permission,
  ResourceType,
  RuleGrantee,
  Scope,
  Share,
} from "../../src/access/index.ts";
import {
  decide,
  emptyRows,
  explain,
  roleOn,
  type Rows,
  what,
  who,
  World,
} from "../support/world.ts";

/** A scope as the API writes it, resources by name: `site:hq`. */
export type ScopeText =
  | { readonly all: true }
  | { readonly tags: readonly string[] }
  | { readonly resources: readonly string[] };

/** Whom a grant or a rule names; a person by name, wherever they are a member. */
export type To =
  | "members"
  | "admins"
  | { readonly member: string; readonly of?: string }
  | { readonly team: string };

export interface TermsText {
  readonly role: string;
  readonly scope?: ScopeText;
  readonly expiresAt?: Instant;
}

/** A row under construction may change; the model's own facts never do. */
type Open<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A world in words, for tests: orgs, people and resources by name, facts added and changed one by
 * one. It states facts as they are and knows no rule; every question is asked of a fresh `World`.
 */
export class Sketch {
  readonly rows: Rows = emptyRows();
  now: Instant = 0;
  readonly #orgs: string[] = [];
  readonly #keys = new Map<string, number>();
  #nextKey = 1;

  org(name: string, parent?: string): this {
    this.#orgs.push(name);
    const above = parent === undefined ? null : this.#org(parent);
    this.rows.orgs.push({ id: this.#orgs.length, parent: above });
    return this;
  }

  roleSet(root: string, name: string, ordered: boolean, roles: Record<string, Permission[]>): this {
    const list = Object.entries(roles).map(([role, actions]) => ({ name: role, actions }));
    this.rows.roleSets.push({ root: this.#org(root), set: { name, ordered, roles: list } });
    return this;
  }

  type(root: string, name: string, roleSet: string, more: Partial<ResourceType> = {}): this {
    const type = { ...real.plainType(name, roleSet), ...more };
    this.rows.types.push({ root: this.#org(root), type });
    return this;
  }

  resource(org: string, ref: string, tags: readonly string[] = [], owner?: string): this {
    const key = this.#nextKey++;
    this.#keys.set(ref, key);
    const type = ref.slice(0, ref.indexOf(":"));
    this.rows.resources.push({ key, org: this.#org(org), type, tags, owner: owner ?? null });
    return this;
  }

  deleteResource(ref: string): this {
    this.rows.resources = this.rows.resources.filter(({ key }) => key !== this.#key(ref));
    return this;
  }

  retag(ref: string, tags: readonly string[]): this {
    this.rows.resources = this.rows.resources.map((resource) =>
      resource.key === this.#key(ref) ? { ...resource, tags } : resource,
    );
    return this;
  }

  member(org: string, user: string, status: "active" | "pending" = "active"): this {
    this.#person(user);
    const id = memberId(user, org);
    this.rows.members = this.rows.members.filter((member) => member.id !== id);
    this.rows.members.push({ id, org: this.#org(org), user, status });
    return this;
  }

  /** Removes a member with all their grants [R12]. */
  removeMember(org: string, user: string): this {
    const id = memberId(user, org);
    const namesThem = ({ to }: { to: RuleGrantee }) => to.kind === "member" && to.id === id;
    this.rows.members = this.rows.members.filter((member) => member.id !== id);
    this.rows.grants = this.rows.grants.filter((grant) => !namesThem(grant));
    this.rows.rules = this.rows.rules.filter((rule) => !namesThem(rule));
    this.rows.teams = this.rows.teams.map((team) => ({
      ...team,
      members: team.members.filter((member) => member !== id),
    }));
    return this;
  }

  team(org: string, name: string, ...people: string[]): this {
    const members = people.map((user) => memberId(user, org));
    this.rows.teams.push({ id: name, org: this.#org(org), members });
    return this;
  }

  grant(
    org: string,
    to: To,
    terms: TermsText,
    id = `grant ${this.rows.grants.length}`,
    via: string | null = null,
  ): this {
    const row = { id, org: this.#org(org), to: this.#grantee(to, org), via, ...this.#terms(terms) };
    this.rows.grants.push(row as Grant);
    return this;
  }

  removeGrant(id: string): this {
    this.rows.grants = this.rows.grants.filter((grant) => grant.id !== id);
    return this;
  }

  /** An active member with a grant of their own. */
  joined(org: string, user: string, role: string, scope?: ScopeText): this {
    const terms = scope ? { role, scope } : { role };
    return this.member(org, user).grant(org, { member: user }, terms, memberId(user, org));
  }

  /** A share that nobody has accepted yet. */
  share(id: string, from: string, to: { user: string } | { org: string }, terms: TermsText): this {
    const recipient = "org" in to ? { org: this.#org(to.org) } : to;
    if ("user" in to) this.#person(to.user);
    const row = { id, org: this.#org(from), to: recipient, status: "pending" as const };
    this.rows.shares.push({ ...row, ...this.#terms(terms) });
    return this;
  }

  /** The recipient's answer: in the share itself for a person, in the receiver's tree for an org. */
  answer(id: string, said: "accepted" | "declined"): this {
    const share = this.#share(id);
    if ("user" in share.to) share.status = said === "accepted" ? "active" : "declined";
    else {
      this.rows.receipts = this.rows.receipts.filter((receipt) => receipt.share !== id);
      this.rows.receipts.push({ share: id, org: share.to.org, status: said });
    }
    return this;
  }

  changeShare(id: string, terms: Partial<TermsText>): this {
    const share = this.#share(id);
    if (terms.role) share.role = real.parseRole(terms.role);
    if (terms.scope) share.scope = this.#scope(terms.scope);
    if (terms.expiresAt !== undefined) share.expiresAt = terms.expiresAt;
    return this;
  }

  removeShare(id: string): this {
    this.#share(id).status = "removed";
    return this;
  }

  /** Suspends the shares of an org and below, or those to one partner. */
  freeze(org: string, partner?: string): this {
    const to = partner === undefined ? null : this.#org(partner);
    this.rows.freezes.push({ org: this.#org(org), partner: to });
    return this;
  }

  thaw(org: string, partner?: string): this {
    const to = partner === undefined ? null : this.#org(partner);
    this.rows.freezes = this.rows.freezes.filter(
      (freeze) => freeze.org !== this.#org(org) || freeze.partner !== to,
    );
    return this;
  }

  rule(on: string, to: To, terms: TermsText, id = `rule ${this.rows.rules.length}`): this {
    const { to: recipient } = this.#share(on);
    if ("user" in recipient) throw new Error(`${on} is a person's own`);
    const receiver = this.#orgs[recipient.org - 1] ?? "";
    const grantee = this.#grantee(to, receiver);
    this.rows.rules.push({
      id,
      org: recipient.org,
      share: on,
      to: grantee,
      ...this.#terms(terms),
    });
    return this;
  }

  removeRule(id: string): this {
    this.rows.rules = this.rows.rules.filter((rule) => rule.id !== id);
    return this;
  }

  may(user: string, action: string, ref: string): boolean {
    const key = this.#keys.get(ref);
    if (!this.rows.resources.some((resource) => resource.key === key)) return false;
    return decide(this.#world(user), this.#asked(user, action, ref));
  }

  explain(user: string, action: string, ref: string): Explanation {
    return explain(this.#world(user), this.#asked(user, action, ref));
  }

  /** The role that is shown, in full: `standard.viewer`. */
  role(user: string, ref: string): string | null {
    const role = roleOn(this.#world(user), user, this.#key(ref), this.now);
    return role && real.roleText(role);
  }

  /** The names of the resources on which the user may do this. */
  list(user: string, action: string): string[] {
    const keys = what(this.#world(user), user, action, this.now);
    return [...this.#keys].flatMap(([ref, key]) => (keys.includes(key) ? [ref] : [])).toSorted();
  }

  who(action: string, ref: string): string[] {
    return who(this.#world(), action, this.#key(ref), this.now).toSorted();
  }

  /** The names of the resources of the org and of those below it. */
  below(org: string): string[] {
    const { facts, resources } = this.#world().treeOf(this.#org(org));
    const keys = resources
      .filter((resource) => facts.lineage(resource.org).includes(this.#org(org)))
      .map((resource) => resource.key);
    return [...this.#keys].flatMap(([ref, key]) => (keys.includes(key) ? [ref] : []));
  }

  isAdmin(user: string, org: string): boolean {
    const world = this.#world(user);
    const tree = world.treeOf(this.#org(org));
    return real.isAdmin(tree.facts, world.ownPaths(tree, user), this.#org(org), this.now);
  }

  isInside(user: string, org: string): boolean {
    const world = this.#world(user);
    const tree = world.treeOf(this.#org(org));
    const paths = world.ownPaths(tree, user);
    return real.isInside(tree.facts, paths, user, this.#org(org), this.now);
  }

  #world(user?: string): World {
    if (user) this.#person(user);
    return new World(real, this.rows);
  }

  #asked(user: string, action: string, ref: string) {
    return { user, action, resource: this.#key(ref), now: this.now };
  }

  #person(user: string): void {
    if (!this.rows.users.includes(user)) this.rows.users.push(user);
  }

  #org(name: string): OrgId {
    const index = this.#orgs.indexOf(name);
    if (index < 0) throw new Error(`no org ${name}`);
    return index + 1;
  }

  #key(ref: string): number {
    const key = this.#keys.get(ref);
    if (key === undefined) throw new Error(`no resource ${ref}`);
    return key;
  }

  #share(id: string): Open<Share> {
    const share = this.rows.shares.find((one) => one.id === id);
    if (!share) throw new Error(`no share ${id}`);
    return share;
  }

  #terms({ role, scope = { all: true }, expiresAt }: TermsText) {
    return {
      role: real.parseRole(role),
      scope: this.#scope(scope),
      expiresAt: expiresAt ?? null,
    };
  }

  #scope(scope: ScopeText): Scope {
    if ("all" in scope) return { kind: "all" };
    if ("tags" in scope) return { kind: "tags", tags: scope.tags };
    return { kind: "resources", keys: scope.resources.map((ref) => this.#key(ref)) };
  }

  #grantee(to: To, org: string): RuleGrantee {
    if (typeof to === "string") return { kind: to };
    if ("team" in to) return { kind: "team", id: to.team };
    return { kind: "member", id: memberId(to.member, to.of ?? org) };
  }
}

const memberId = (user: string, org: string) => `${user}@${org}`;

import type { Random } from "./random.ts";
import type { Facts } from "./rows.ts";

/*
 * What moves stand on: who and what there is, and the terms that may be asked for. Most of what is
 * asked is possible; a part of it is refused, and rightly.
 */

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** The person for whom the platform asks; else the platform itself. */
  readonly as?: string | undefined;
  /** A removal, with those whose access it may end. */
  readonly removes?: readonly string[];
  /** Shows first what it would do, and is then confirmed. */
  readonly confirms?: true;
}

/** Edits of one kind, each with its weight; none where there is nothing to do it to. */
export type Move = readonly [weight: number, make: () => Request | undefined];

export const TAGS = [
  "North",
  "north",
  "\uff2eorth",
  "North HQ",
  "Stra\u00dfe",
  "STRASSE",
  "caf\u00e9",
  "cafe",
];
export const TYPES = ["site", "document", "project", "ticket"];
const ROLES = [
  "viewer",
  "collaborator",
  "admin",
  "standard.commenter",
  "workspace.viewer",
  "workspace.owner",
  "project.can_view",
  "project.can_edit",
  "desk.reader",
  "desk.author",
];
export const PEOPLE = Array.from({ length: 14 }, (_, n) => `p${n}@people.example`);
const RESOURCES = 7;

export class Ground {
  readonly random: Random;
  readonly roots: number[] = [];
  /** Tokens of links that were made, whether they still open anything or not. */
  readonly links: string[] = [];
  facts!: Facts;

  constructor(random: Random) {
    this.random = random;
  }

  /** The orgs that there are; they come and go. */
  get orgs(): Facts["orgs"] {
    return this.facts.orgs.filter(({ deletedAt }) => deletedAt === null);
  }

  org() {
    return this.random.one(this.orgs);
  }

  at = (org: number) => `/v1/orgs/${org}`;

  emailOf = (user: string | null): string =>
    this.facts.users.find(({ id }) => id === user)?.email ?? PEOPLE[0] ?? "";

  /** Mostly the platform, else anybody: then it is often, and rightly, refused. */
  somebody = () => (this.random.chance(0.7) ? undefined : this.random.one(PEOPLE));

  everyone = () => this.facts.members.map(({ user }) => user);

  peopleOf = (to: { toKind: string; toId: string | null }): string[] =>
    this.facts.members
      .filter(({ id }) => to.toKind !== "member" || id === to.toId)
      .map(({ user }) => user);

  thing = (tree: number) => `${this.random.one(TYPES)}/${tree}-${this.random.below(RESOURCES)}`;

  scope(tree: number) {
    const { random } = this;
    if (random.chance(0.35)) return { all: true };
    if (random.chance(0.6)) return { tags: [random.one(TAGS)] };
    const refs = this.facts.resources
      .filter((row) => row.tree === tree)
      .map((row) => `${row.type}:${row.id}`);
    return { resources: [random.one(refs.length ? refs : ["site:none"])] };
  }

  terms(tree: number) {
    const role = this.random.one(ROLES);
    return {
      role,
      scope: role === "admin" ? { all: true } : this.scope(tree),
      ...(this.random.chance(0.1) ? { expiresAt: this.later() } : {}),
    };
  }

  later = () => new Date(Date.now() + 3_600_000).toISOString();

  /** One of the rows, if there is one, handed on. */
  with<R>(rows: readonly R[], make: (row: R) => Request | undefined): Request | undefined {
    const row = this.random.one(rows);
    return row === undefined ? undefined : make(row);
  }
}

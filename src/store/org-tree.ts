import type { OrgRow } from "../commands/record.ts";

/** The orgs of a tree that there are, with what lies above and below each: worked out once. */
export class OrgTree {
  readonly all: readonly OrgRow[];
  readonly #rows: ReadonlyMap<number, OrgRow>;
  readonly #children = new Map<number, OrgRow[]>();
  readonly #lineages = new Map<number, readonly number[]>();

  constructor(rows: readonly OrgRow[]) {
    this.all = rows;
    this.#rows = new Map(rows.map((row) => [row.id, row]));
    for (const row of rows) {
      if (row.parent === null) continue;
      const siblings = this.#children.get(row.parent);
      if (siblings) siblings.push(row);
      else this.#children.set(row.parent, [row]);
    }
  }

  org(id: number): OrgRow | undefined {
    return this.#rows.get(id);
  }

  /** The org and every one above it, nearest first; empty when there is no such org. */
  lineage(id: number): readonly number[] {
    const known = this.#lineages.get(id);
    if (known) return known;
    const row = this.#rows.get(id);
    if (!row) return NONE;
    const lineage = row.parent === null ? [id] : [id, ...this.lineage(row.parent)];
    this.#lineages.set(id, lineage);
    return lineage;
  }

  /** The org and every one below it, each after its parent. */
  subtree(id: number): readonly OrgRow[] {
    const top = this.#rows.get(id);
    const found = top ? [top] : [];
    for (const row of found) found.push(...(this.#children.get(row.id) ?? []));
    return found;
  }
}

const NONE: readonly number[] = [];

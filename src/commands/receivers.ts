import { foldTag, type StoredScope } from "../access/index.ts";
import { refuse, type Refusal } from "../refusals.ts";
import type { TreeFacts } from "./facts.ts";
import type { ShareRow } from "./record.ts";

const RECEIVERS_MAX = 200;

/** What shares to one org select: everything of an org and below, a folded tag, or one resource. */
export interface Receiver {
  readonly toOrg: number;
  readonly org: number;
  /** Everything of the org and below, and not a tag or a resource. */
  readonly whole: boolean;
  readonly tag?: string;
  readonly key?: number;
}

/**
 * A check of who may be asked about could else become dear without bound: no resource is shared with
 * more than 200 orgs. Held where a share is offered or changed; tags moved later do not undo a share.
 */
export function tooManyReceivers(facts: TreeFacts, share: ShareRow, at: number): Refusal | null {
  if (share.toOrg === null || facts.count("shares") < RECEIVERS_MAX) return null;
  const lineage = facts.lineage(share.org);
  const below = facts.subtree(share.org).map((org) => org.id);
  const others = facts
    .rows("shares", { org: [...new Set([...lineage, ...below])], status: ["pending", "active"] })
    .filter(
      (row) =>
        row.toOrg !== null &&
        row.toOrg !== share.toOrg &&
        (row.expiresAt === null || at < row.expiresAt),
    );
  if (new Set(others.map((row) => row.toOrg)).size < RECEIVERS_MAX) return null;
  const all = others.flatMap(receiversOf);
  const everywhere = all.filter((one) => one.whole && lineage.includes(one.org));
  const orgs = new Set(everywhere.map((one) => one.toOrg));
  const receivers = [...everywhere, ...all.filter((one) => !orgs.has(one.toOrg))];
  return facts.mostReceivers(receivers, receiversOf(share), below) < RECEIVERS_MAX
    ? null
    : refuse(
        "limit",
        `One resource is shared with at most ${RECEIVERS_MAX} organisations.`,
        "/to/org",
      );
}

function receiversOf(share: ShareRow): readonly Receiver[] {
  const one = { toOrg: share.toOrg ?? 0, org: share.org, whole: false };
  const scope = JSON.parse(share.scope) as StoredScope;
  if ("tags" in scope) return scope.tags.map((tag) => ({ ...one, tag: foldTag(tag) }));
  return "keys" in scope ? scope.keys.map((key) => ({ ...one, key })) : [{ ...one, whole: true }];
}

import type { StoredScope } from "../access/index.ts";
import type { Change } from "../commands/change.ts";
import type { Given } from "../commands/facts.ts";
import type { Materials } from "../views/materials.ts";
import { isHere, QUERIES } from "./queries/index.ts";
import { receivedStatus } from "./queries/received.ts";
import type { Asking, Page } from "./queries/page.ts";

type Shows = NonNullable<Change["shows"]>;
export type AnyMaterial = Materials[keyof Materials];

/** What an `If-Match` is held against; `null` when there is no such thing for the actor. */
export async function currentMaterial(asking: Asking, shows: Shows): Promise<AnyMaterial | null> {
  if (!isHere(shows.read)) return null;
  const page = await QUERIES[shows.read](asking, { id: shows.id, after: "", limit: 1 });
  return page.items[0] ?? null;
}

/**
 * The thing that an edit made or changed, read before anything is committed; what belongs to
 * another tree is as its owner told it.
 */
export function answerMaterial(asking: Asking, shows: Shows, given: Given): AnyMaterial | null {
  const { slice, org } = asking;
  if (shows.read === "receivedShare") return offerMaterial(asking, shows.id, given);
  if (shows.read === "rule") {
    const rule = slice.rule(shows.id);
    if (!rule) return null;
    const scope = JSON.parse(rule.scope) as StoredScope;
    const names = Object.entries(given.offer?.keys ?? {});
    const listed = "keys" in scope ? scope.keys : [];
    const refs = names
      .filter(([, key]) => key !== null && listed.includes(key))
      .map(([ref]) => ref);
    return { ...rule, scope, refs };
  }
  if (!isHere(shows.read)) return null;
  if (shows.read === "collaboration") return unread(shows.id, asking);
  // The platform sees every answer whole: who may edit a thing may see what became of it.
  const all = { slice, db: asking.db, actor: { kind: "platform" }, org, now: asking.now } as const;
  const page = QUERIES[shows.read](all, { id: shows.id, after: "", limit: 1 });
  if (page instanceof Promise) throw new Error(`${shows.read} cannot be read inside an edit`);
  return (page as Page<AnyMaterial>).items[0] ?? null;
}

/** A collaboration of which nothing was read yet: the other half is read when the edit is made. */
const unread = (id: string, { org, now }: Asking): Materials["collaboration"] => ({
  id,
  org,
  with: { id: 0, name: null },
  own: null,
  theirs: null,
  outgoing: 0,
  changedAt: now,
  shared: { given: 0, received: 0 },
  shares: null,
});

function offerMaterial(
  { slice, org, now }: Asking,
  share: string,
  { offer }: Given,
): Materials["receivedShare"] | null {
  if (!offer) return null;
  return {
    id: share,
    org,
    owner: { id: offer.org, name: offer.orgName },
    collaboration: offer.collaboration,
    status: receivedStatus(slice, { ...offer, id: share }, now),
    frozen: offer.frozen ?? false,
    role: offer.role,
    scope: JSON.parse(offer.scope) as StoredScope,
    refs: offer.refs,
    expiresAt: offer.expiresAt,
    createdAt: offer.createdAt,
    confirmedAt: slice.receiptRow(share)?.confirmedAt ?? null,
  };
}

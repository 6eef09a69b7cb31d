import { secondHalves } from "../access/index.ts";
import type { AccessMapRpc } from "../commands/rpc.ts";
import { standing } from "../commands/standing.ts";
import type { Asking, Page } from "../store/queries/page.ts";
import { resources } from "../store/queries/resources.ts";
import type { Materials, ReadInput } from "../views/materials.ts";

/** So many shares at most are asked about for one page; the next page goes on from there. */
const SHARES_A_PAGE = 50;

/**
 * The resources of an org and below, then those that were shared with it [R16], share by share: to
 * its admins all of them, to others what rules let them reach. What is shared twice is named twice,
 * each time with the share through which it comes.
 */
export async function withReceived(
  asking: Asking,
  object: (tree: number) => AccessMapRpc,
  input: ReadInput,
): Promise<Page<Materials["resources"]>> {
  const { slice, actor, now } = asking;
  const items: Materials["resources"][] = [];
  // `~share:key`: past the org's own, at this share, after this key.
  const among = input.after.startsWith("~");
  const [from = "", after = ""] = among ? input.after.slice(1).split(":") : [];
  if (!among) {
    const own = resources(asking, input);
    if (own.next !== null) return own;
    items.push(...own.items);
  }
  const receipts = slice.all<{ share: string; org: number; ownerTree: number }>(
    `select share, org, ownerTree from receipts where status = 'accepted'
     and org in (select value from json_each(?)) and share >= ? order by share limit ?`,
    JSON.stringify(slice.subtree(asking.org).map((org) => org.id)),
    from,
    SHARES_A_PAGE + 1,
  );
  for (const [index, { share, org, ownerTree }] of receipts.entries()) {
    const left = input.limit - items.length;
    const place = share === from ? after : "";
    if (left === 0 || index === SHARES_A_PAGE) return { items, next: `~${share}:${place}` };
    const seconds =
      actor.kind === "user" && standing(slice, actor, org, now) !== "admin"
        ? secondHalves(slice, actor.user, slice.paths(actor.user), [share], now)
        : null;
    if (seconds?.length === 0) continue;
    const { type, tag, q } = input;
    const narrowed = { type, tag, q, after: place, limit: left };
    const page = await object(ownerTree).sharedResources(share, org, narrowed, seconds);
    if (!page) continue;
    items.push(...(page.items as Materials["resources"][]));
    if (page.next !== null) return { items, next: `~${share}:${page.next}` };
  }
  return { items, next: null };
}

import {
  DAY_MS,
  settingsOf,
  firstHalf,
  isLive,
  joinHalves,
  parseRole,
  selects,
  type SecondHalf,
  type StoredScope,
} from "../access/index.ts";
import type { Offer } from "../commands/facts.ts";
import type { AccessMapRpc, ReadAnswer } from "../commands/rpc.ts";
import type { ShareRow } from "../commands/record.ts";
import { asResource } from "../commands/on-resource.ts";
import { splitRef } from "../commands/terms.ts";
import { everyoneOn } from "../store/askable.ts";
import { countReached } from "../store/reach.ts";
import { refsOf } from "../store/queries/page.ts";
import { sharedResources } from "../store/queries/resources.ts";
import { shareOf, type Slice } from "../store/slice.ts";
import type { EffectsMaterial, OwnAccessMaterial, ReadInput } from "../views/materials.ts";

/*
 * What the objects of an owner and of a receiver say to each other. Neither ever writes into the
 * other's record.
 */

const TELLS_AT_ONCE = 2_000;

interface Tell {
  share: string;
  user: string;
  email: string;
  tree: number;
}

/** Tells owners whom they may ask about; what was told is forgotten, what failed stays. */
export async function tellOwners(
  slice: Slice,
  object: (tree: number) => AccessMapRpc,
): Promise<void> {
  for (;;) {
    const tells = slice.all<Tell>(
      `select t.share, t.user, p.email, r.ownerTree as tree from tells t
       join receipts r on r.share = t.share join people p on p.user = t.user limit ?`,
      TELLS_AT_ONCE,
    );
    if (tells.length === 0) break;
    const trees = new Set(tells.map((tell) => tell.tree));
    await Promise.all(
      [...trees].map((tree) => {
        const people = tells
          .filter((tell) => tell.tree === tree)
          .map(({ share, user, email }) => ({ share, user, email }));
        return object(tree).mayAsk(people);
      }),
    );
    slice.run(
      `delete from tells where (share, user) in (select json_extract(value, '$.share'), json_extract(value, '$.user') from json_each(?))`,
      JSON.stringify(tells),
    );
  }
}

const OFFERS_AT_ONCE = 50;

/** Tells receivers what they were offered, each until it has heard. */
export async function tellReceivers(
  slice: Slice,
  object: (tree: number) => AccessMapRpc,
): Promise<void> {
  for (;;) {
    const offers = slice.all<{ share: string; revision: number; org: number; tree: number }>(
      `select o.share, o.revision, s.toOrg as org, s.toTree as tree
       from offers o join shares s on s.id = o.share order by o.revision limit ?`,
      OFFERS_AT_ONCE,
    );
    if (offers.length === 0) break;
    const told = await Promise.allSettled(
      offers.map(async ({ share, revision, org, tree }) => {
        if (!(await object(tree).hearOffer(share, org))) throw new Error(`${tree} did not hear`);
        // What was offered anew meanwhile is to be told anew.
        slice.run(`delete from offers where share = ? and revision = ?`, share, revision);
      }),
    );
    const failed = told.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  }
}

/** Is there an org to purge, an owner to tell, or a receiver to ask anew? */
export const isUnfinished = (slice: Slice): boolean =>
  slice.deletedOrgs().length > 0 ||
  slice.first(`select 1 from tells limit 1`) !== undefined ||
  slice.first(`select 1 from askableUnknown limit 1`) !== undefined;

/** Keeps what a receiver told. */
export function keepAskable(slice: Slice, people: readonly Omit<Tell, "tree">[]): void {
  slice.run(
    `insert or replace into askable (share, user, email) select json_extract(value, '$.share'), json_extract(value, '$.user'), json_extract(value, '$.email') from json_each(?)`,
    JSON.stringify(people),
  );
  slice.forget();
}

/** Asks receivers anew whom they may be asked about, after a rebuild lost what they had told. */
export async function learnAskable(
  slice: Slice,
  object: (tree: number) => AccessMapRpc,
): Promise<void> {
  const unknown = slice.all<{ share: string; tree: number }>(
    `select u.share, s.toTree as tree from askableUnknown u join shares s on s.id = u.share`,
  );
  // Forgetting costs every user their resolved paths: only where something was learned.
  if (unknown.length === 0) return;
  for (const tree of new Set(unknown.map((one) => one.tree))) {
    const shares = unknown.filter((one) => one.tree === tree).map((one) => one.share);
    const people = await object(tree).askable(shares);
    slice.transaction(() => {
      keepAskable(slice, people);
      slice.run(
        `delete from askableUnknown where share in (select value from json_each(?))`,
        JSON.stringify(shares),
      );
    });
  }
  slice.forget();
}

/** How many people the live rules on each share reach. */
export const countUsers = (
  slice: Slice,
  shares: readonly string[],
  now: number,
): Record<string, number> =>
  Object.fromEntries(
    shares.map((share) => {
      const people = everyoneOn(slice, [share], now).map(({ user }) => user);
      return [share, new Set(people).size];
    }),
  );

/** What edits do to partners, with how many people that concerns, as each of them counts its own. */
export async function withUsers(
  slice: Slice,
  object: (tree: number) => AccessMapRpc,
  effects: EffectsMaterial,
): Promise<EffectsMaterial> {
  const rows = effects.partners.flatMap(({ share }) => slice.share(share ?? "") ?? []);
  const trees = [...new Set(rows.flatMap(({ toTree }) => toTree ?? []))];
  const counted = await Promise.all(
    trees.map((tree) => {
      const mine = rows.filter(({ toTree }) => toTree === tree).map(({ id }) => id);
      return object(tree)
        .usersOf(mine, Date.now())
        .catch((): Record<string, number> => ({}));
    }),
  );
  const people: Readonly<Record<string, number>> = Object.assign({}, ...counted);
  const partners = effects.partners.map((one) => ({
    ...one,
    people: people[one.share ?? ""] ?? null,
  }));
  return { ...effects, partners };
}

/** The terms of a share, for the org that it was offered to. */
export function offerOf(slice: Slice, id: string, refs: readonly string[]): Offer | null {
  const share = slice.share(id);
  // The shares of an org that was deleted are no more.
  const org = share && slice.org(share.org);
  if (!org) return null;
  const scope = JSON.parse(share.scope) as StoredScope;
  return {
    share: share.id,
    org: share.org,
    tree: slice.tree,
    orgName: org.name,
    toOrg: share.toOrg,
    status: share.status,
    frozen: slice.isFrozen(shareOf(share)),
    role: share.role,
    scope: share.scope,
    expiresAt: share.expiresAt,
    createdAt: share.createdAt,
    openUntil: share.sentAt + settingsOf(org).invitationDays * DAY_MS,
    collaboration: share.collaboration,
    roleSet: slice.book.set(parseRole(share.role).set),
    refs: "keys" in scope ? refsOf(slice, scope.keys) : [],
    keys: Object.fromEntries(refs.map((ref) => [ref, keyInside(slice, share, ref)])),
  };
}

/** The key behind `type:id` where the share reaches it now: of all else the receiver learns nothing [R18]. */
function keyInside(slice: Slice, share: ShareRow, ref: string): number | null {
  const { type, id } = splitRef(ref);
  const row = slice.resource(type, id);
  if (!row || !slice.lineage(row.org).includes(share.org)) return null;
  const { role, scope } = shareOf(share);
  const reached = selects(scope, asResource(row)) && slice.book.roleOn(role, type, false) !== null;
  return reached ? row.key : null;
}

/** The resources that a share reaches: all of them, or what these second halves let through. */
export function resourcesOfShare(
  slice: Slice,
  id: string,
  org: number,
  input: ReadInput,
  seconds: readonly SecondHalf[] | null,
  revision: number,
): ReadAnswer | null {
  const share = slice.share(id);
  if (share?.toOrg !== org || share.status === "removed") return null;
  if (slice.isFrozen(shareOf(share))) return { revision, items: [], next: null };
  const half = firstHalf(slice, shareOf(share));
  if (!half) return null;
  const paths = seconds ? seconds.map((second) => joinHalves(half, second)) : [half];
  return { revision, ...sharedResources(slice, share, paths, input, Date.now()) };
}

/** What a person reaches through the rules of a receiver on one share of this tree. */
export function reachThrough(
  slice: Slice,
  user: string,
  seconds: readonly SecondHalf[],
): OwnAccessMaterial | null {
  const share = slice.share(seconds[0]?.share ?? "");
  const half = share && firstHalf(slice, shareOf(share));
  if (!share || !half) return null;
  const now = Date.now();
  const paths = seconds
    .map((second) => joinHalves(half, second))
    .filter((path) => isLive(path, now));
  if (paths.length === 0) return null;
  const roles = paths.map((path) =>
    path.steps.map((step) => step.role).reduce((a, b) => (slice.book.atMost(a, b) ? a : b)),
  );
  const best = roles.reduce((a, b) => (slice.book.rank(a) >= slice.book.rank(b) ? a : b));
  const scope = narrower(share.scope, seconds);
  return {
    id: share.id,
    org: { id: share.org, name: slice.org(share.org)?.name ?? "" },
    kind: "org_share",
    via: null,
    role: `${best.set}.${best.role}`,
    scope,
    refs: "keys" in scope ? refsOf(slice, scope.keys) : [],
    status: "active",
    resources: countReached(slice, user, paths, now),
    expiresAt: share.expiresAt,
  };
}

/** What a person's access is limited to: one rule's scope where it says more than "all", else the share's. */
function narrower(shareScope: string, seconds: readonly SecondHalf[]): StoredScope {
  const [only, ...others] = seconds.map(({ step }) => step.scope);
  if (only?.kind === "tags" && others.length === 0) return { tags: only.tags };
  if (only?.kind === "resources" && others.length === 0) return { keys: only.keys };
  return JSON.parse(shareScope) as StoredScope;
}

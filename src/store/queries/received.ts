import { DAY_MS, settingsOf, type StoredScope } from "../../access/index.ts";
import type { RuleRow } from "../../commands/record.ts";
import type { Materials, ReadInput } from "../../views/materials.ts";
import { sharesOfferedTo } from "../outside.ts";
import type { Slice } from "../slice.ts";
import { page, type Asking, type Page } from "./page.ts";

/** What a share that was not removed is to the org that it was offered to. */
export function receivedStatus(
  slice: Slice,
  share: {
    id: string;
    expiresAt: number | null;
    collaboration: string | null;
    /** Until then it can be accepted. */
    openUntil?: number;
  },
  now: number,
): "pending" | "active" | "declined" | "expired" | "ended" {
  const { collaboration: id } = share;
  if (id !== null && slice.row("collaborations", { id, status: "ended" })) return "ended";
  const answer = slice.receiptRow(share.id)?.status;
  if (answer === "declined") return "declined";
  if (share.expiresAt !== null && share.expiresAt <= now) return "expired";
  if (answer === "accepted") return "active";
  return share.openUntil !== undefined && share.openUntil <= now ? "expired" : "pending";
}

/** The shares offered to the org, with its answers. */
export async function received(
  { slice, db, org, now }: Asking,
  input: ReadInput,
): Promise<Page<Materials["receivedShares"]>> {
  const rows = await sharesOfferedTo(db, org, {
    after: input.after,
    limit: input.limit + 1,
    share: input.id,
  });
  return page(
    rows,
    input.limit,
    (row) => row.share.id,
    ({ share, orgName, orgSettings, refs, frozen }) => {
      const openUntil =
        share.sentAt + settingsOf({ settings: orgSettings }).invitationDays * DAY_MS;
      return {
        id: share.id,
        org,
        owner: { id: share.org, name: orgName },
        collaboration: share.collaboration,
        status: receivedStatus(slice, { ...share, openUntil }, now),
        frozen,
        role: share.role,
        scope: JSON.parse(share.scope) as StoredScope,
        refs,
        expiresAt: share.expiresAt,
        createdAt: share.createdAt,
        confirmedAt: slice.receiptRow(share.id)?.confirmedAt ?? null,
      };
    },
  );
}

/** Is this a share that was offered to the org asked about? */
export async function isOffered(asking: Asking, share: string): Promise<boolean> {
  const offered = await received(asking, { id: share, after: "", limit: 1 });
  return offered.items.length > 0;
}

/** Is it one that was not declined, nor carried by a collaboration that this side ended? */
export async function isOpen(asking: Asking, share: string): Promise<boolean> {
  const [offered] = (await received(asking, { id: share, after: "", limit: 1 })).items;
  return offered !== undefined && offered.status !== "declined" && offered.status !== "ended";
}

/** Rules name resources of the owner's tree; D1 knows their names. */
export async function rules(
  { slice, db, org }: Asking,
  input: ReadInput,
): Promise<Page<Materials["rules"]>> {
  const rows = slice.all<RuleRow>(
    `select * from rules where org = ?1 and (?2 is null or share = ?2) and (?3 is null or id = ?3) and id > ?4 order by id limit ?5`,
    org,
    input.share ?? null,
    input.id ?? null,
    input.after,
    input.limit + 1,
  );
  const shown = rows.map(async (row) => {
    const scope = JSON.parse(row.scope) as StoredScope;
    const tree = slice.receiptRow(row.share)?.ownerTree ?? 0;
    return { ...row, scope, refs: "keys" in scope ? await foreignRefs(db, tree, scope.keys) : [] };
  });
  return page(
    await Promise.all(shown),
    input.limit,
    (row) => row.id,
    (row) => row,
  );
}

async function foreignRefs(db: D1Database, tree: number, keys: readonly number[]) {
  const found = await db
    .prepare(
      `select type || ':' || id as ref from resources where tree = ? and key in (select value from json_each(?)) order by key`,
    )
    .bind(tree, JSON.stringify(keys))
    .all<{ ref: string }>();
  return found.results.map((row) => row.ref);
}

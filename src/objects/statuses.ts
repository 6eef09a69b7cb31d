import type { AccessMapRpc, Performed } from "../commands/rpc.ts";
import type { Slice } from "../store/slice.ts";
import type { Materials } from "../views/materials.ts";

export type SharePage = readonly Materials["share"][];
type ObjectOf = (tree: number) => AccessMapRpc;

const RECEIPT_STATUS = { accepted: "active", declined: "declined" } as const;
const ENDS = ["pending", "active"];

/** What a share to an org has come to is the receiver's to say: it is asked, not stored. */
export async function withStatus(
  slice: Slice,
  objectOf: ObjectOf,
  shares: SharePage,
): Promise<SharePage> {
  const rows = shares.map((share) => slice.share(share.id));
  const trees = new Set(rows.flatMap((row) => row?.toTree ?? []));
  const answers = await Promise.all(
    [...trees].map(async (tree) => {
      const mine = rows.filter((row) => row?.toTree === tree);
      const orgs = [...new Set(mine.flatMap((row) => row?.toOrg ?? []))];
      const object = objectOf(tree);
      const [statuses, ...named] = await Promise.all([
        object.statuses(mine.map((row) => row?.id ?? "")),
        ...orgs.map((org) => object.describeOrg(org)),
      ]);
      return { statuses, named };
    }),
  );
  const now = Date.now();
  return shares.map((share) => {
    const receipt = answers.map((answer) => answer.statuses[share.id]).find(Boolean);
    const org = answers.flatMap((answer) => answer.named).find((one) => one?.id === share.toOrg);
    const status = share.status === "pending" && receipt ? RECEIPT_STATUS[receipt] : share.status;
    const ended = share.expiresAt !== null && share.expiresAt <= now && ENDS.includes(status);
    return { ...share, status: ended ? "expired" : status, name: org?.name ?? share.name };
  });
}

/** The same for the answers to edits, which are kept without it. */
export async function completeAnswers(
  slice: Slice,
  objectOf: ObjectOf,
  performed: Performed,
): Promise<Performed> {
  const results = performed.results.map(async (done) => {
    if (!done.ok || done.read !== "share" || done.material === null) return done;
    const [material] = await withStatus(slice, objectOf, [done.material]);
    return { ...done, material: material ?? done.material };
  });
  return { ...performed, results: await Promise.all(results) };
}

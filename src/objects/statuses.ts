import { isOpenStill } from "../access/index.ts";
import type { ReadName } from "../commands/reads.ts";
import type { AccessMapRpc, Performed } from "../commands/rpc.ts";
import { SYSTEM } from "../commands/standing.ts";
import { logFault } from "../kit/log.ts";
import { collaborations } from "../store/queries/collaborations.ts";
import { suppressedOf } from "../store/mails.ts";
import type { Slice } from "../store/slice.ts";
import type { Materials } from "../views/materials.ts";

export type SharePage = readonly Materials["share"][];
type ObjectOf = (tree: number) => AccessMapRpc;

const RECEIPT_STATUS = {
  pending: "pending",
  accepted: "active",
  declined: "declined",
  ended: "ended",
} as const;
const ENDS = ["pending", "active"];

/** Can an offer still be accepted? */
function isOpen(slice: Slice, share: { id: string; org: number }, now: number): boolean {
  const org = slice.org(share.org);
  const row = slice.share(share.id);
  return !org || !row || isOpenStill(org, row.sentAt, now);
}

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
        object.statuses(
          mine.flatMap((row) => [row?.id, row?.collaboration]).filter((id) => id != null),
        ),
        ...orgs.map((org) => object.describeOrg(org)),
      ]);
      return { statuses, named };
    }),
  );
  const now = Date.now();
  return shares.map((share) => {
    const said = (id: string) => answers.map((answer) => answer.statuses[id]).find(Boolean);
    const receipt = said(share.id);
    const org = answers.flatMap((answer) => answer.named).find((one) => one?.id === share.toOrg);
    const over = share.collaboration !== null && said(share.collaboration) === "ended";
    const answered = over ? "ended" : (receipt ?? "pending");
    const status = share.status === "pending" ? RECEIPT_STATUS[answered] : share.status;
    // What was offered to an org that is no more has been given back [R24].
    const gone = share.toOrg !== null && !org;
    if (gone && ENDS.includes(status)) return { ...share, status: "declined" };
    const ended =
      (share.expiresAt !== null && share.expiresAt <= now && ENDS.includes(status)) ||
      (status === "pending" && !isOpen(slice, share, now));
    return { ...share, status: ended ? "expired" : status, name: org?.name ?? share.name };
  });
}

export type ReviewPage = readonly Materials["review"][];

/** Reviews with what the receivers of shares say: who they are, and what they confirmed. */
export function withConfirmations(
  slice: Slice,
  objectOf: ObjectOf,
  reviews: ReviewPage,
): Promise<ReviewPage> {
  return Promise.all(
    reviews.map(async (review) => {
      const shares = (review.items ?? []).flatMap(({ item }) => slice.share(item) ?? []);
      const trees = new Set(shares.flatMap(({ toTree }) => toTree ?? []));
      const answers = await Promise.all(
        [...trees].map(async (tree) => {
          const mine = shares.filter(({ toTree }) => toTree === tree);
          const orgs = [...new Set(mine.flatMap(({ toOrg }) => toOrg ?? []))];
          const object = objectOf(tree);
          try {
            const [confirmed, ...named] = await Promise.all([
              object.confirmations(mine.map(({ id }) => id)),
              ...orgs.map((org) => object.describeOrg(org)),
            ]);
            return { confirmed, named };
          } catch (error) {
            // The review goes on without what one of them would say.
            logFault("receiver", error);
            return { confirmed: {}, named: [] };
          }
        }),
      );
      const confirmed: Readonly<Record<string, number>> = Object.assign(
        {},
        ...answers.map((answer) => answer.confirmed),
      );
      const named = answers.flatMap((answer) => answer.named);
      const items = review.items?.map(({ partner, ...one }) => ({
        ...one,
        partner: partner && {
          ...partner,
          name: named.find((org) => org?.id === partner.id)?.name ?? "",
        },
        confirmedAt: confirmed[one.item] ?? null,
      }));
      return { ...review, items: items ?? null };
    }),
  );
}

export type MemberPage = readonly Materials["member"][];
export const MEMBERS: readonly ReadName[] = ["member", "members", "teamMembers"];

/** The members of one org with the day on which they last used something of it. */
export function withLastUsed(slice: Slice, members: MemberPage): MemberPage {
  const [first] = members;
  if (!first) return members;
  const users = members.map(({ user }) => user);
  const days = slice.uses.last(users, first.org);
  return members.map((member) => ({ ...member, lastUsed: days.get(member.user) ?? null }));
}

/** Members with what became of mail to them. */
export async function withMail(db: D1Database, members: MemberPage): Promise<MemberPage> {
  if (members.length === 0) return members;
  const suppressed = await suppressedOf(
    db,
    members.map((member) => member.email),
  );
  return members.map((member) =>
    suppressed.has(member.email) ? { ...member, mail: "suppressed" } : member,
  );
}

/** The same for the answers to edits, which are kept without it. */
export async function completeAnswers(
  slice: Slice,
  db: D1Database,
  objectOf: ObjectOf,
  performed: Performed,
): Promise<Performed> {
  const results = performed.results.map(async (done) => {
    if (!done.ok || done.material === null) return done;
    if (done.read === "collaboration") {
      const { id, org } = done.material;
      const asking = { slice, db, actor: SYSTEM, org, now: Date.now() };
      const [found] = (await collaborations(asking, { id, after: "", limit: 1 })).items;
      return { ...done, material: found ?? done.material };
    }
    if (done.read === "member") {
      const [material] = await withMail(db, withLastUsed(slice, [done.material]));
      return { ...done, material: material ?? done.material };
    }
    if (done.read === "review") {
      const [material] = await withConfirmations(slice, objectOf, [done.material]);
      return { ...done, material: material ?? done.material };
    }
    if (done.read !== "share") return done;
    const [material] = await withStatus(slice, objectOf, [done.material]);
    return { ...done, material: material ?? done.material };
  });
  return { ...performed, results: await Promise.all(results) };
}

import type { WebhookRow } from "../commands/record.ts";
import type { AccessMapRpc, Redelivery } from "../commands/rpc.ts";
import type { Grantee } from "../access/index.ts";
import { onlyInforms, type Heard } from "../events.ts";
import { keepTold, waitingNotices, type NewDelivery, type NewMail } from "../store/outbox.ts";
import { adminsOf } from "../store/askable.ts";
import type { Slice } from "../store/slice.ts";

/*
 * From notices to mails and deliveries. A tree's object tells its own endpoints, its own admins and
 * the persons concerned; what another tree must hear goes to that tree's object, which tells its own.
 */

export interface Post {
  readonly slice: Slice;
  readonly db: D1Database;
  readonly queues: Queues;
  object(tree: number): AccessMapRpc;
  treeOf(org: number): Promise<number | undefined>;
}

export interface Queues {
  mail(ids: readonly string[]): Promise<void>;
  webhooks(ids: readonly string[]): Promise<void>;
}

const NOTICES_AT_ONCE = 100;
const ADMINS_MAX = 50;
const MAILS_AT_ONCE = 500;
/** What reaches more people than this is announced by their org, and not to each by mail. */
const REACHED_MAX = 1_000;

/** Tells what waits to be told; each notice is done once who hears of it has kept it. */
export async function drain(post: Post): Promise<void> {
  const { slice, db } = post;
  for (;;) {
    const waiting = await waitingNotices(db, slice.tree, NOTICES_AT_ONCE);
    if (waiting.length === 0) return;
    const heard = waiting.map(({ org, body, mail, actor, ...row }): Heard => ({
      ...row,
      org: { id: org, name: slice.row("orgs", { id: org })?.name ?? "" },
      mail: mail === 1,
      data: JSON.parse(body) as Heard["data"],
      actor: { id: actor, email: slice.person(actor)?.email ?? null },
    }));
    const byTree = new Map<number, Heard[]>();
    for (const notice of heard) {
      const tree =
        notice.toOrg === null ? slice.tree : ((await post.treeOf(notice.toOrg)) ?? slice.tree);
      byTree.set(tree, [...(byTree.get(tree) ?? []), notice]);
    }
    for (const [tree, notices] of byTree)
      if (tree !== slice.tree) await post.object(tree).hear(notices);
    await keep(
      post,
      byTree.get(slice.tree) ?? [],
      heard.map((notice) => notice.id),
    );
  }
}

/** Keeps, for this tree's endpoints and people, what notices say, and puts it on its way. */
export async function keep(
  post: Post,
  notices: readonly Heard[],
  done: readonly string[] = [],
): Promise<void> {
  const { slice, db, queues } = post;
  const mine = new Set(notices.map((notice) => notice.id));
  const others = done.filter((id) => !mine.has(id));
  if (others.length > 0)
    await keepTold(db, { mails: [], deliveries: [], done: others }, Date.now());
  // In parts, for one notice may be for many people; each part is kept with its notices done.
  let part: Heard[] = [];
  let mails: NewMail[] = [];
  const flush = async () => {
    const deliveries = part.flatMap((notice) => deliveriesOf(slice, notice));
    const ids = part.map((notice) => notice.id).filter((id) => done.includes(id));
    await keepTold(db, { mails, deliveries, done: ids }, Date.now());
    await queues.mail(mails.map((mail) => mail.id));
    await queues.webhooks(deliveries.map((delivery) => delivery.id));
    [part, mails] = [[], []];
  };
  for (const notice of notices) {
    part.push(notice);
    mails.push(...mailsOf(slice, notice));
    if (mails.length >= MAILS_AT_ONCE) await flush();
  }
  if (part.length > 0) await flush();
}

function mailsOf(slice: Slice, notice: Heard): NewMail[] {
  if (!notice.mail) return [];
  const org = notice.toOrg ?? notice.org.id;
  const users =
    notice.toUser === null ? nearestAdmins(slice, org) : reached(slice, org, notice.toUser);
  const data = JSON.stringify({
    ...notice.data,
    org: notice.org,
    toOrg: notice.toOrg,
    ...(notice.toOrg === null ? {} : { us: slice.org(notice.toOrg)?.name ?? "" }),
    actor: notice.actor,
  });
  return users.flatMap((user) => {
    const person = slice.person(user);
    // Who acted knows.
    if (!person || user === notice.actor.id) return [];
    return [
      {
        id: `mail_${notice.id}_${user}`,
        tree: slice.tree,
        org,
        user,
        email: person.email,
        kind: notice.event,
        data,
        at: notice.at,
        informs: onlyInforms(notice.event),
      },
    ];
  });
}

/** Whom a notice to a person is for: a user, or whom a team, all members or the admins are. */
function reached(slice: Slice, org: number, to: string): string[] {
  if (to.startsWith("usr_")) return [to];
  if (to === "admins") return nearestAdmins(slice, org);
  const grantee: Grantee = to === "members" ? { kind: "members" } : { kind: "team", id: to };
  const members = slice.activeMembers(grantee, org, REACHED_MAX + 1);
  return members.length > REACHED_MAX ? [] : [...new Set(members.map((member) => member.user))];
}

/** The admins of the org itself; where it has none of its own, those of the nearest above it. */
function nearestAdmins(slice: Slice, org: number): string[] {
  for (const one of slice.lineage(org)) {
    const users = adminsOf(slice, [one]);
    if (users.length > 0) return [...new Set(users)].slice(0, ADMINS_MAX);
  }
  return [];
}

/** What endpoints hear: what happened, where, to which of their orgs it is told, and who acted. */
function deliveriesOf(slice: Slice, notice: Heard): NewDelivery[] {
  const { toOrg, org, actor } = notice;
  if (toOrg === null) return [];
  // Each side of a collaboration reads who the other is.
  const other = toOrg !== org.id && "with" in notice.data ? { with: org.id } : {};
  const data = JSON.stringify({ ...notice.data, ...other, org, toOrg, actor });
  return slice.endpointsFor(toOrg, notice.event).map((webhook) => ({
    id: `msg_${notice.id}_${webhook.id}`,
    tree: slice.tree,
    webhook: webhook.id,
    event: notice.event,
    data,
    at: notice.at,
  }));
}

/** A test event for one endpoint, so that its receiver can be tried. */
export async function keepTest(
  db: D1Database,
  slice: Slice,
  webhook: WebhookRow,
  actor: string,
  at: number,
): Promise<Redelivery> {
  const id = `msg_test_${webhook.id}_${crypto.randomUUID()}`;
  const data = JSON.stringify({
    webhook: webhook.id,
    org: { id: webhook.org, name: slice.org(webhook.org)?.name ?? "" },
    toOrg: webhook.org,
    actor: { id: actor, email: slice.person(actor)?.email ?? null },
  });
  const delivery = { id, tree: slice.tree, webhook: webhook.id, event: "webhook.test", data, at };
  await keepTold(db, { mails: [], deliveries: [delivery], done: [] }, at);
  return { count: 1, deliveries: [id] };
}

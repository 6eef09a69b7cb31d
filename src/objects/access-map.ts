import { DurableObject } from "cloudflare:workers";
import { secondHalves, settingsOf, type SecondHalf } from "../access/index.ts";
import type { Offer, OrgElsewhere } from "../commands/facts.ts";
import { nextDue } from "../commands/expiry.ts";
import { mayRead, type ReadName } from "../commands/reads.ts";
import type {
  AccessMapRpc,
  Answered,
  Asked,
  EffectiveAnswer,
  EffectiveRequest,
  EvaluateRequest,
  ExplainRequest,
  HalvesAnswer,
  HalvesRequest,
  HistoryRequest,
  Performed,
  PerformRequest,
  ReachAnswer,
  ReachRequest,
  ReadAnswer,
  ReadRequest,
  RedeliverRequest,
  PreviewAnswer,
  PreviewRequest,
  Redelivery,
  SearchAnswer,
  SearchRequest,
  ThroughAnswer,
  ThroughRequest,
} from "../commands/rpc.ts";
import {
  actorName,
  needAdmin,
  readerOf,
  standing,
  SYSTEM,
  type Actor,
} from "../commands/standing.ts";
import type { Heard } from "../events.ts";
import { splitRef } from "../commands/terms.ts";
import { treeOfId } from "../kit/ids.ts";
import { logFault } from "../kit/log.ts";
import {
  accept,
  isRefusal,
  NOT_FOUND,
  refuse,
  type Refusal,
  type RefusalCode,
  type Result,
} from "../refusals.ts";
import type { AnyMaterial } from "../store/answers.ts";
import { everyoneOn } from "../store/askable.ts";
import { mailsOf, requeueMail } from "../store/mails.ts";
import { redeliver, webhookOf } from "../store/webhooks.ts";
import { treeOfOrg } from "../store/outside.ts";
import { QUERIES } from "../store/queries/index.ts";
import { ownAccess } from "../store/queries/own-access.ts";
import { isOffered, isOpen } from "../store/queries/received.ts";
import { forgetAnswers } from "../store/record.ts";
import { Replica } from "../store/replica.ts";
import { Slice } from "../store/slice.ts";
import type {
  AccessAtMaterial,
  ExplanationMaterial,
  Materials,
  OwnAccessMaterial,
  ReadInput,
} from "../views/materials.ts";
import { accessPage, reachedThrough, usersHere } from "./access.ts";
import { decide, type Deciding } from "./checks.ts";
import { drain, keep, keepTest, type Post } from "./outbox.ts";
import { gather, performInTurn, type Surroundings } from "./edits.ts";
import { halvesHere, throughHere } from "./explain.ts";
import { identify, UNKNOWN } from "./identify.ts";
import {
  countUsers,
  keepAskable,
  isUnfinished,
  learnAskable,
  offerOf,
  reachThrough,
  resourcesOfShare,
  tellReceivers,
  tellOwners,
} from "./partners.ts";
import { withReceived } from "./received.ts";
import { asOf } from "./past.ts";
import { accessWas, effectiveSince, explained, knownTo, previewed } from "./questions.ts";
import { search } from "./search.ts";
import {
  completeAnswers,
  MEMBERS,
  withConfirmations,
  withLastUsed,
  withMail,
  withStatus,
  type MemberPage,
  type SharePage,
  type ReviewPage,
} from "./statuses.ts";
import { Overloaded, Turns } from "./turns.ts";

export interface MapEnv {
  readonly DB: D1Database;
  readonly ACCESS_MAP: DurableObjectNamespace<AccessMap>;
  readonly MAIL_QUEUE: Queue<string>;
  readonly WEBHOOK_QUEUE: Queue<string>;
}

const EDITS_WAITING_MAX = 256;
const DAY_MS = 86_400_000;
const RETRY_MS = 5_000;
const USES_WRITTEN_MS = 60_000;
const TELL_AGAIN_MS = 30_000;
const MESSAGES_AT_ONCE = 100;
const REFUSED_FOR_NOW: readonly RefusalCode[] = ["overloaded", "unavailable"];

/** Between objects a refusal is a fault: what cannot be told is not told in part. */
function whole<T>(found: Result<T>): T {
  if (!found.ok) throw new Error(found.detail);
  return found.value;
}
const FAULT = refuse("unavailable", "Something failed here; please try again.");

/**
 * One tree of organisations: the only writer of its record, and the one who decides over access to
 * its resources. A shell: rules are in `commands/` and `access/`, reading and writing in `store/`.
 */
export class AccessMap extends DurableObject<MapEnv> implements AccessMapRpc {
  /** The record; a field, so that a test can put faults before it. */
  protected db: D1Database;
  protected readonly replica: Replica;
  readonly #slice: Slice;
  readonly #turns = new Turns(EDITS_WAITING_MAX);
  readonly #around: Surroundings;

  constructor(ctx: DurableObjectState, env: MapEnv) {
    super(ctx, env);
    this.db = env.DB;
    this.#slice = new Slice(ctx.storage, Number(ctx.id.name));
    this.replica = new Replica(this.#slice, () => this.db);
    const record = () => this.db;
    this.#around = {
      replica: this.replica,
      get db() {
        return record();
      },
      object: (tree) => this.object(tree),
      treeOf: (org) => treeOfOrg(this.db, org),
      expectNotices: () => this.#wakeAt(Date.now() + TELL_AGAIN_MS),
      complete: (read, items) => this.#complete(read, items),
    };
  }

  /** Another tree's object, or this one itself. A stub may be broken by a fault, so none is kept. */
  protected object(tree: number): AccessMapRpc {
    return tree === this.#slice.tree ? this : this.env.ACCESS_MAP.getByName(String(tree));
  }

  #recoveries = -1;

  /** Can the slice serve? What waking or a recovery finds unfinished goes on by alarm. */
  async #ready(): Promise<boolean> {
    if (!(await this.replica.ready())) return false;
    if (this.#recoveries !== this.replica.recoveries) {
      this.#recoveries = this.replica.recoveries;
      if (isUnfinished(this.#slice)) await this.#wakeAt(Date.now());
      await this.#watchTime();
    }
    return true;
  }

  /** Runs work once the slice can serve; a fault becomes a refusal, for nothing is thrown over RPC. */
  async #serve<T>(
    { atLeast, credentials }: Partial<Asked>,
    work: () => Result<T> | Promise<Result<T>>,
  ): Promise<Result<T>> {
    try {
      // A key of a tree that there is not is no key.
      if (!(await this.#ready())) return credentials?.kind === "key" ? UNKNOWN : NOT_FOUND;
      if (atLeast !== undefined && atLeast > this.replica.revision) {
        // Only who has to do with the tree learns how far it is.
        const actor = credentials && identify(this.#slice, credentials);
        if (isRefusal(actor)) return actor;
        return actor?.kind === "user" && this.#slice.paths(actor.user).length === 0
          ? NOT_FOUND
          : refuse("stale_revision", "There is no such revision yet.");
      }
      return await work();
    } catch (error) {
      if (error instanceof Overloaded)
        return refuse("overloaded", "Too many edits are waiting; please try again later.");
      logFault("access map", error);
      return FAULT;
    }
  }

  /** Makes edits: identify, gather what is foreign, take a turn, tell partners, answer. */
  perform(request: PerformRequest): Promise<Result<Performed>> {
    return this.#serve(request, async () => {
      const actor = identify(this.#slice, request.credentials);
      if (isRefusal(actor)) return actor;
      const deletes = request.edits.some(({ command }) => command === "org.delete");
      // Set before the edit, so that nothing between it and its purge can be forgotten.
      if (deletes) await this.#wakeAt(Date.now() + RETRY_MS);
      const performed = await this.#make(actor, request);
      if (deletes && performed.ok) await this.#wakeAt(Date.now());
      // Not in `#make`: a receiver that takes an offer must not wait until it has told its own.
      if (performed.ok) await this.#offer();
      if (request.idempotencyKey !== undefined) await this.#wakeAt(Date.now() + DAY_MS);
      return performed.ok
        ? accept(
            await completeAnswers(
              this.#slice,
              this.db,
              (tree) => this.object(tree),
              performed.value,
            ),
          )
        : performed;
    });
  }

  /** Makes edits as somebody, in a turn; or as Latchkey itself, then without credentials. */
  async #make(
    actor: Actor,
    request: Omit<PerformRequest, "credentials"> & Partial<Asked>,
  ): Promise<Result<Performed>> {
    const given = await gather(this.#around, request.edits, request.credentials ?? null);
    const performed = await this.#turns.take(() =>
      performInTurn(this.#around, actor, request, given),
    );
    // An owner must know of everyone whom it may be asked about before the edit is acknowledged.
    await this.#tell();
    await this.#watchTime();
    this.ctx.waitUntil(this.#drain());
    return performed;
  }

  #offering: Promise<void> | undefined;

  /** Tells receivers what they were offered; what fails is told by an alarm, set before the edit. */
  #offer(): Promise<void> {
    this.#offering ??= tellReceivers(this.#slice, (tree) => this.object(tree))
      .catch(async (error: unknown) => {
        logFault("offers", error);
        await this.#wakeAt(Date.now() + TELL_AGAIN_MS);
      })
      .finally(() => (this.#offering = undefined));
    return this.#offering;
  }

  get #post(): Post {
    const send = async (queue: Queue<string>, ids: readonly string[]) => {
      for (let from = 0; from < ids.length; from += MESSAGES_AT_ONCE)
        await queue.sendBatch(ids.slice(from, from + MESSAGES_AT_ONCE).map((body) => ({ body })));
    };
    return {
      slice: this.#slice,
      db: this.db,
      queues: {
        mail: (ids) => send(this.env.MAIL_QUEUE, ids),
        webhooks: (ids) => send(this.env.WEBHOOK_QUEUE, ids),
      },
      object: (tree) => this.object(tree),
      treeOf: (org) => treeOfOrg(this.db, org),
    };
  }

  #draining: Promise<void> | undefined;

  /** Tells what waits to be told; what fails is told by an alarm, later. */
  #drain(): Promise<void> {
    this.#draining ??= drain(this.#post)
      .catch(async (error: unknown) => {
        logFault("outbox", error);
        await this.#wakeAt(Date.now() + TELL_AGAIN_MS);
      })
      .finally(() => (this.#draining = undefined));
    return this.#draining;
  }

  async #tell(): Promise<void> {
    try {
      await tellOwners(this.#slice, (tree) => this.object(tree));
    } catch (error) {
      await this.#wakeAt(Date.now() + RETRY_MS);
      throw error;
    }
  }

  read(request: ReadRequest): Promise<Result<ReadAnswer>> {
    return this.#serve<ReadAnswer>(request, async () => {
      const actor = identify(this.#slice, request.credentials);
      if (isRefusal(actor)) return actor;
      const { read, org, input } = request;
      const refused =
        read === "resourceToCopy"
          ? await this.#mayCopy(actor, org, input)
          : mayRead(this.#slice, actor, read, org, input, Date.now());
      if (refused) return refused;
      if (actor.kind === "user") this.#used(actor.user, org, Date.now());
      const { revision } = this.replica;
      const reader = readerOf(this.#slice, actor, org);
      const asking = { slice: this.#slice, db: this.db, actor: reader, org, now: Date.now() };
      if (read === "access" || read === "memberAccess" || read === "resourceAccess") {
        const around = {
          asking,
          revision: () => this.replica.revision,
          object: (tree: number) => this.object(tree),
          mayKnow: knownTo(this.#slice, actor, org, asking.now),
        };
        return accessPage(around, read, input);
      }
      if (read === "receivedResources") {
        const { share = "" } = input;
        const tree = (await isOpen(asking, share)) ? treeOfId(share) : undefined;
        if (tree === undefined) return NOT_FOUND;
        const found = await this.object(tree).sharedResources(share, org, input, null);
        return found ? accept({ ...found, revision }) : NOT_FOUND;
      }
      if (read === "resources" && input.include === "shared") {
        const found = await withReceived(asking, (tree) => this.object(tree), input);
        return accept({ ...found, revision });
      }
      // Who waits for changes asks again and again: with none to come, the record need not be.
      if (read === "changes" && Number(input.after) >= revision)
        return accept({ revision, items: [], next: null });
      if (read === "rules" && !(await isOffered(asking, input.share ?? ""))) return NOT_FOUND;
      if (read === "deliveries" && !this.#slice.row("webhooks", { id: input.webhook ?? "", org }))
        return NOT_FOUND;
      if (read === "teamMembers" && this.#slice.team(input.team ?? "")?.org !== org)
        return NOT_FOUND;
      const page = await QUERIES[read](asking, input);
      return accept({ revision, items: await this.#complete(read, page.items), next: page.next });
    });
  }

  /** Who may duplicate a resource may read it whole, by whatever path, a partner's half included. */
  async #mayCopy(actor: Actor, org: number, input: ReadInput): Promise<Refusal | null> {
    const now = Date.now();
    const reader = readerOf(this.#slice, actor, org);
    if (reader.kind !== "user") return mayRead(this.#slice, reader, "resource", org, input, now);
    const { reach } = reader;
    if (reach !== null && !this.#slice.lineage(org).includes(reach)) return NOT_FOUND;
    const subject = { type: this.#slice.subjectTypes[0] ?? "user", id: reader.user };
    const resource = splitRef(input.resource ?? "");
    const asked = ["duplicate", "view"].map((action) => ({ subject, action, resource }));
    const found = await this.#decide(org, asked);
    if (!found.ok) return found;
    const [duplicate, view] = found.value.decisions;
    if (duplicate) return null;
    return view ? refuse("forbidden", "You may not duplicate this.") : NOT_FOUND;
  }

  /** Adds to a reading's material what only partners know. */
  async #complete(read: ReadName, items: readonly AnyMaterial[]): Promise<readonly AnyMaterial[]> {
    if (MEMBERS.includes(read))
      return withMail(this.db, withLastUsed(this.#slice, items as MemberPage));
    if (read === "review")
      return withConfirmations(this.#slice, (tree) => this.object(tree), items as ReviewPage);
    return read === "shares" || read === "share"
      ? withStatus(this.#slice, (tree) => this.object(tree), items as SharePage)
      : items;
  }

  evaluate(request: EvaluateRequest): Promise<Result<{ decisions: readonly boolean[] }>> {
    return this.#serve(request, () => {
      const org = this.#mayCheck(request);
      return isRefusal(org) ? org : this.#decide(org, request.questions, this.#used);
    });
  }

  search(request: SearchRequest): Promise<Result<SearchAnswer>> {
    return this.#serve(request, async () => {
      const org = this.#mayCheck(request);
      if (isRefusal(org)) return org;
      await learnAskable(this.#slice, (tree) => this.object(tree));
      const around = {
        slice: this.#slice,
        revision: this.replica.revision,
        decide: (under: number, questions: EvaluateRequest["questions"]) =>
          this.#decide(under, questions),
      };
      return search(around, org, request);
    });
  }

  explain(
    request: ExplainRequest,
  ): Promise<Result<{ revision: number; material: ExplanationMaterial }>> {
    return this.#serve(request, () => explained(this.#around, request));
  }

  accessAt(
    request: HistoryRequest,
  ): Promise<Result<{ revision: number; material: AccessAtMaterial }>> {
    return this.#serve(request, () => accessWas(this.#around, request));
  }

  effective(request: EffectiveRequest): Promise<Result<EffectiveAnswer>> {
    return this.#serve(request, () => effectiveSince(this.#around, request));
  }

  preview(request: PreviewRequest): Promise<Result<PreviewAnswer>> {
    return this.#serve(request, () => previewed(this.#around, request));
  }

  /** The org under which a check is asked, by who may ask one there. */
  #mayCheck(request: Pick<EvaluateRequest, "credentials" | "org">): number | Refusal {
    const actor = identify(this.#slice, request.credentials);
    if (isRefusal(actor)) return actor;
    if (actor.kind === "user" || (actor.kind === "key" && !actor.holds.includes("check")))
      return refuse("forbidden", "This key may not check.");
    const org = request.org ?? (actor.kind === "key" ? actor.org : 0);
    return standing(this.#slice, actor, org, 0) === "stranger" ? NOT_FOUND : org;
  }

  /** Notes that somebody used something of an org; a while later it is written. */
  readonly #used = (user: string, org: number, now: number): void => {
    if (this.#slice.uses.note(user, org, now))
      this.ctx.waitUntil(this.#wakeAt(now + USES_WRITTEN_MS));
  };

  #decide(org: number, questions: EvaluateRequest["questions"], used?: Deciding["used"]) {
    const around = {
      ...(used ? { used } : {}),
      slice: this.#slice,
      revision: () => this.replica.revision,
      object: (tree: number) => this.object(tree),
    };
    return decide(around, org, questions);
  }

  /** Throws the slice away and reads it anew from the record, while it goes on serving. */
  rebuild(
    request: Pick<ReadRequest, "credentials" | "org">,
  ): Promise<Result<{ revision: number; rows: number }>> {
    return this.#serve(request, async () => {
      const actor = identify(this.#slice, request.credentials);
      if (isRefusal(actor)) return actor;
      const refused = needAdmin(this.#slice, actor, request.org, Date.now());
      if (refused) return refused;
      const rows = await this.#rebuilding();
      await this.#wakeAt(Date.now() + RETRY_MS);
      await this.#tell();
      await learnAskable(this.#slice, (tree) => this.object(tree));
      return accept({ revision: this.replica.revision, rows });
    });
  }

  sendMail(
    request: Pick<ReadRequest, "credentials" | "org"> & { mail: string },
  ): Promise<Result<{ revision: number; material: Materials["mail"] }>> {
    return this.#serve(request, async () => {
      const actor = identify(this.#slice, request.credentials);
      if (isRefusal(actor)) return actor;
      const { org, mail: id } = request;
      const now = Date.now();
      const refused = needAdmin(this.#slice, actor, org, now);
      if (refused) return refused;
      const orgs = this.#slice.subtree(org).map((below) => below.id);
      const mail = { id, tree: this.#slice.tree, orgs };
      const done = await requeueMail(this.db, mail, actorName(actor), now);
      if (done === "not_found") return NOT_FOUND;
      if (done === "conflict")
        return refuse("conflict", "This mail was sent, or is on its way already.");
      // What the queue does not take waits for the next sweep.
      await this.env.MAIL_QUEUE.send(id).catch((error: unknown) => logFault("mail queue", error));
      const [material] = await mailsOf(this.db, mail.tree, orgs, { id, after: "", limit: 1 });
      return material ? accept({ revision: this.replica.revision, material }) : NOT_FOUND;
    });
  }

  redeliver(request: RedeliverRequest): Promise<Result<Redelivery>> {
    return this.#serve(request, async () => {
      const actor = identify(this.#slice, request.credentials);
      if (isRefusal(actor)) return actor;
      const { org, which } = request;
      const now = Date.now();
      const refused = needAdmin(this.#slice, actor, org, now);
      if (refused) return refused;
      const named =
        request.webhook ??
        (which !== "test" && "delivery" in which && (await webhookOf(this.db, which.delivery)));
      const webhook = this.#slice.row("webhooks", { id: named || "", org });
      if (!webhook) return NOT_FOUND;
      if (webhook.status === "disabled")
        return refuse("conflict", "This webhook is disabled; enable it first.");
      const sent =
        which === "test"
          ? await keepTest(this.db, this.#slice, webhook, actorName(actor), now)
          : await redeliver(this.db, webhook.id, which, now);
      if (sent.count === 0 && which !== "test" && "delivery" in which) return NOT_FOUND;
      // What the queue does not take waits for the next sweep.
      await this.#post.queues
        .webhooks(sent.deliveries)
        .catch((error: unknown) => logFault("webhook queue", error));
      return accept(sent);
    });
  }

  async disableWebhook(webhook: string, because: "gone" | "failing"): Promise<void> {
    if (!(await this.#opened())) return;
    const edit = { command: "webhook.disable", input: { webhook, because } } as const;
    await this.#make(SYSTEM, { edits: [edit], mode: "all" });
  }

  #rebuild: Promise<number> | undefined;

  /** One rebuild at a time; who asks during one waits for it. */
  #rebuilding(): Promise<number> {
    this.#rebuild ??= this.replica
      .rebuild((swap) => this.#turns.take(swap))
      .finally(() => (this.#rebuild = undefined));
    return this.#rebuild;
  }

  readdress(user: string, email: string): Promise<Result<{ revision: number }>> {
    return this.#serve({}, async () => {
      const edit = { command: "person.readdress", input: { user, email } } as const;
      const made = await this.#make(SYSTEM, { edits: [edit], mode: "all" });
      return made.ok ? accept({ revision: made.value.revision }) : made;
    });
  }

  ownAccessWithin(request: Asked): Promise<Result<readonly OwnAccessMaterial[]>> {
    return this.#serve(request, async () => {
      const actor = identify(this.#slice, request.credentials);
      if (isRefusal(actor)) return actor;
      if (actor.kind !== "user" || actor.reach === null) return NOT_FOUND;
      const found = await this.ownAccess(actor.user);
      if (!found.ok) return found;
      const { reach } = actor;
      const within = (org: number) => this.#slice.lineage(org).includes(reach);
      return accept(found.value.filter((one) => within(one.via?.id ?? one.org.id)));
    });
  }

  ownAccess(user: string): Promise<Result<readonly OwnAccessMaterial[]>> {
    return this.#serve({}, async () => {
      const now = Date.now();
      const shares = this.#slice.all<{ share: string; org: number; ownerTree: number }>(
        `select share, org, ownerTree from receipts where status = 'accepted' order by share`,
      );
      const received = await Promise.all(
        shares.map(async ({ share, org, ownerTree }) => {
          const halves = secondHalves(this.#slice, user, this.#slice.paths(user), [share], now);
          if (halves.length === 0) return [];
          const found = await this.object(ownerTree).reachThrough(user, halves);
          const via = { id: org, name: this.#slice.org(org)?.name ?? "" };
          return found ? [{ ...found, via }] : [];
        }),
      );
      return accept([...ownAccess(this.#slice, user, now), ...received.flat()]);
    });
  }

  // Between objects ------------------------------------------------------------------------------

  async #opened(): Promise<Slice | null> {
    return (await this.#ready()) ? this.#slice : null;
  }

  async describeOrg(id: number): Promise<Omit<OrgElsewhere, "tree"> | null> {
    const org = (await this.#opened())?.org(id);
    return org ? { id: org.id, name: org.name, receives: settingsOf(org).receives } : null;
  }

  async offer(share: string, refs: readonly string[]): Promise<Offer | null> {
    const slice = await this.#opened();
    return slice && offerOf(slice, share, refs);
  }

  async secondHalves(
    user: string,
    shares: readonly string[],
    now: number,
  ): Promise<readonly SecondHalf[]> {
    const slice = await this.#opened();
    return slice ? secondHalves(slice, user, slice.paths(user), shares, now) : [];
  }

  async usersOf(shares: readonly string[], now: number) {
    const slice = await this.#opened();
    return slice ? countUsers(slice, shares, now) : {};
  }

  async usersBy(shares: readonly string[], now: number) {
    const slice = await this.#opened();
    return slice ? usersHere(slice, this.replica.revision, shares, now) : {};
  }

  async reachedBy(request: ReachRequest): Promise<ReachAnswer | null> {
    const slice = await this.#opened();
    return slice && reachedThrough(slice, this.replica.revision, request);
  }

  async halves(request: HalvesRequest): Promise<HalvesAnswer> {
    const slice = await this.#opened();
    if (!slice) return { seconds: [], statuses: {}, names: {} };
    if (!request.past) return halvesHere(slice, request);
    return whole(await asOf(this.#around, request.now, null, () => halvesHere(slice, request)));
  }

  async through(request: ThroughRequest): Promise<ThroughAnswer | null> {
    const slice = await this.#opened();
    if (!slice || !request.past) return slice && throughHere(slice, request);
    const { resource } = request.question;
    return whole(
      await asOf(this.#around, request.now, resource, () => throughHere(slice, request)),
    );
  }

  async secondHalvesOf(
    people: readonly { user: string; shares: readonly string[] }[],
    now: number,
  ) {
    const slice = await this.#opened();
    return Object.fromEntries(
      people.map(({ user, shares }) => [
        user,
        slice ? secondHalves(slice, user, slice.paths(user), shares, now) : [],
      ]),
    );
  }

  async mayAsk(people: readonly { share: string; user: string; email: string }[]): Promise<void> {
    const slice = await this.#opened();
    if (slice) keepAskable(slice, people);
  }

  async askable(shares: readonly string[]) {
    const slice = await this.#opened();
    return slice ? everyoneOn(slice, shares) : [];
  }

  async hearOffer(share: string, org: number): Promise<boolean> {
    const row = (await this.#opened())?.org(org);
    if (!row || settingsOf(row).autoAccept === null) return true;
    const heard = await this.#serve({}, () =>
      this.#make(SYSTEM, {
        edits: [{ command: "received.hear", input: { org, share } }],
        mode: "all",
      }),
    );
    return heard.ok || !REFUSED_FOR_NOW.includes(heard.code);
  }

  async statuses(ids: readonly string[]): Promise<Record<string, Answered>> {
    const slice = await this.#opened();
    if (!slice) return {};
    const receipts = ids.flatMap((id) => slice.receiptRow(id) ?? []);
    const ended = slice.rows("collaborations", { id: ids, status: "ended" });
    return Object.fromEntries([
      ...receipts.map((row) => [row.share, row.status] as const),
      ...ended.map((row) => [row.id, "ended"] as const),
    ]);
  }

  async confirmations(shares: readonly string[]): Promise<Record<string, number>> {
    const slice = await this.#opened();
    const receipts = shares.flatMap((share) => slice?.receiptRow(share) ?? []);
    return Object.fromEntries(
      receipts.flatMap(({ share, confirmedAt }) => (confirmedAt ? [[share, confirmedAt]] : [])),
    );
  }

  async sharedResources(
    share: string,
    org: number,
    input: ReadInput,
    seconds: readonly SecondHalf[] | null,
  ): Promise<ReadAnswer | null> {
    const slice = await this.#opened();
    return slice && resourcesOfShare(slice, share, org, input, seconds, this.replica.revision);
  }

  async reachThrough(
    user: string,
    halves: readonly SecondHalf[],
  ): Promise<OwnAccessMaterial | null> {
    const slice = await this.#opened();
    return slice && reachThrough(slice, user, halves);
  }

  async hear(notices: readonly Heard[]): Promise<void> {
    // Of a tree that is no more, nobody is left to hear.
    if (await this.#opened()) await keep(this.#post, notices);
  }

  async keepTime(): Promise<void> {
    if (await this.#opened()) await this.#announce();
  }

  async drain(): Promise<void> {
    if (await this.#opened()) await this.#drain();
  }

  // Later ------------------------------------------------------------------------------------------

  async #wakeAt(at: number): Promise<void> {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > at) await this.ctx.storage.setAlarm(at);
  }

  #dueAt: number | null = null;

  /** Sees to it that the object wakes when something is to be said of the passing of time. */
  async #watchTime(): Promise<void> {
    const due = nextDue(this.#slice);
    if (due === this.#dueAt) return;
    if (due !== null) await this.#wakeAt(Math.max(due, Date.now() + 1));
    this.#dueAt = due;
  }

  /** Says what has ended, and what ends soon, in edits of bounded size. */
  async #announce(): Promise<void> {
    for (;;) {
      const due = nextDue(this.#slice);
      if (due === null || due > Date.now()) break;
      const edit = { command: "expiry.announce", input: {} } as const;
      const said = await this.#make(SYSTEM, { edits: [edit], mode: "all" });
      if (!said.ok) throw new Error(said.detail);
    }
    this.#dueAt = null;
    await this.#watchTime();
  }

  /** Takes away what lies in deleted orgs, in steps, each an edit of its own [R24, R32]. */
  async #purge(): Promise<void> {
    while (this.#slice.deletedOrgs().length > 0) {
      await this.#wakeAt(Date.now() + RETRY_MS);
      const step = { edits: [{ command: "org.purge", input: {} }], mode: "all" } as const;
      const purged = await this.#make(SYSTEM, step);
      if (!purged.ok) return;
    }
  }

  /** Finishes what was not finished at once; what fails is tried again, however often. */
  override async alarm(): Promise<void> {
    try {
      await this.#finish();
    } catch (error) {
      logFault("alarm", error);
      await this.#wakeAt(Date.now() + TELL_AGAIN_MS);
    }
  }

  /** Purges, when what was to be told of them is told; tells owners; forgets old answers. */
  async #finish(): Promise<void> {
    if (!(await this.#ready())) return;
    this.#slice.uses.write();
    await this.#drain();
    await this.#announce();
    await this.#purge();
    const before = Date.now() - DAY_MS;
    this.#slice.run(`delete from answers where at <= ?`, before);
    await forgetAnswers(this.db, this.#slice.tree, before);
    await this.#offer();
    await this.#tell();
    await this.#drain();
    await learnAskable(this.#slice, (tree) => this.object(tree));
    if (this.#slice.first(`select 1 from answers limit 1`)) await this.#wakeAt(Date.now() + DAY_MS);
  }
}

import type { Change, Command } from "../commands/change.ts";
import { NOTHING_GIVEN, type Given, type Needs, type Stamp } from "../commands/facts.ts";
import { commandOf, type Edit } from "../commands/index.ts";
import type { ReadName } from "../commands/reads.ts";
import type { RowChange } from "../commands/record.ts";
import { roleChanges } from "../commands/role-changes.ts";
import type {
  AccessMapRpc,
  Credentials,
  Done,
  Performed,
  PerformRequest,
} from "../commands/rpc.ts";
import { actorName, readerOf, type Actor } from "../commands/standing.ts";
import { noticesOf } from "../events.ts";
import { etagOf, namesTag, sha256 } from "../kit/hash.ts";
import { makeId, makeKey, treeOfId } from "../kit/ids.ts";
import { logFault } from "../kit/log.ts";
import { accept, isRefusal, NOT_FOUND, refuse, type Refusal, type Result } from "../refusals.ts";
import { answerMaterial, currentMaterial, type AnyMaterial } from "../store/answers.ts";
import { answerTo, halvesBeside, halvesBetween, usersFor } from "../store/outside.ts";
import { commit, type Entry, type StoredAnswer } from "../store/record.ts";
import type { Replica } from "../store/replica.ts";
import { effectsOf, type Looking } from "../store/effects.ts";
import { netChanges } from "../store/rows.ts";
import type { EffectsMaterial } from "../views/materials.ts";

/** What edits need of the object around them. */
export interface Surroundings {
  readonly replica: Replica;
  readonly db: D1Database;
  /** The object of a tree. */
  object(tree: number): AccessMapRpc;
  treeOf(org: number): Promise<number | undefined>;
  /** Makes sure that the object wakes to tell what an edit leaves to be told, come what may. */
  expectNotices(): Promise<void>;
  /** Adds to a reading's material what only partners know. */
  complete(read: ReadName, items: readonly AnyMaterial[]): Promise<readonly AnyMaterial[]>;
}

/** Gathers what commands must be told from outside the tree: before the turn, for all of them. */
export async function gather(
  around: Surroundings,
  edits: readonly Edit[],
  credentials: Credentials | null,
): Promise<Given[]> {
  const needs = edits.map((edit): Needs => commandOf(edit).needs?.(edit.input) ?? {});
  const emails = [...new Set(needs.flatMap((need) => need.emails ?? []))];
  const users = await usersFor(around.db, emails, Date.now());
  return Promise.all(
    needs.map(async (need): Promise<Given> => {
      const orgTree = need.org === undefined ? undefined : await around.treeOf(need.org);
      const org =
        orgTree === undefined || need.org === undefined
          ? null
          : await describe(around, orgTree, need.org);
      const shareTree = need.offer && treeOfId(need.offer.share);
      const offer =
        need.offer && shareTree !== undefined
          ? await around.object(shareTree).offer(need.offer.share, need.offer.refs)
          : null;
      const reading = need.reading && credentials ? await readElsewhere(need.reading) : null;
      const halves = await halvesOf(need);
      const answer = need.answer === undefined ? null : await answerTo(around.db, need.answer);
      return { users, org, offer, reading, halves, answer };
    }),
  );

  async function halvesOf({ between, collaboration }: Needs): Promise<Given["halves"]> {
    if (between) return halvesBetween(around.db, ...between);
    return collaboration === undefined ? [] : halvesBeside(around.db, collaboration);
  }

  async function readElsewhere({ org, read, input }: NonNullable<Needs["reading"]>) {
    const tree = await around.treeOf(org);
    if (tree === undefined || !credentials) return NOT_FOUND;
    const request = { credentials, read, org, input: { after: "", limit: 1, ...input } };
    const answer = await around.object(tree).read(request);
    return answer.ok ? answer.value : answer;
  }
}

async function describe(around: Surroundings, tree: number, org: number): Promise<Given["org"]> {
  const found = await around.object(tree).describeOrg(org);
  return found && { ...found, tree };
}

/** What is asked to be edited, whoever asks. */
type EditRequest = Omit<PerformRequest, "credentials">;

/** An object tries an edit again when the record turned out to have moved on. */
const TRIES = 3;

/** A row of the record holds at most 2 MB. */
const ANSWER_MAX = 1_900_000;
const bytesOf = (text: string): number => new TextEncoder().encode(text).byteLength;

const UNAVAILABLE = refuse("unavailable", "The outcome is not known; ask again with the same key.");

/** What edits would do, and the word that makes them only if they would still do that. */
export interface Previewed {
  readonly effects: EffectsMaterial;
  readonly roles: readonly object[];
  /** What the edits themselves show before they are made, and the words that confirm them. */
  readonly confirmations: readonly NonNullable<Refusal["preview"]>[];
  readonly token: string;
}

/** Tries edits, as if what they ask to be confirmed were, and leaves nothing. */
export function previewEdits(
  around: Surroundings,
  actor: Actor,
  request: EditRequest,
  given: readonly Given[],
  at: number,
  knows: Looking["knows"],
): Previewed | Refusal {
  const { replica } = around;
  const confirmations: NonNullable<Refusal["preview"]>[] = [];
  for (let edits = request.edits; ;) {
    const tried = tryEdits(replica, actor, { ...request, edits }, given, at);
    if (!isRefusal(tried)) {
      const found = effectsOfTrial(replica, tried, at, knows);
      const { shown: effects, roles } = found;
      return { effects, roles, confirmations, token: wordOf(actor, edits, found) };
    }
    const asks = tried.code === "confirmation_needed" ? tried.preview : undefined;
    const index = Number(/^\/edits\/(\d+)\//.exec(tried.errors?.[0]?.pointer ?? "")?.[1] ?? 0);
    if (
      !asks ||
      (edits[index]?.input as { confirm?: string } | undefined)?.confirm === asks.confirm
    )
      return tried;
    confirmations.push(asks);
    edits = edits.map((edit, n) =>
      n === index ? ({ ...edit, input: { ...edit.input, confirm: asks.confirm } } as Edit) : edit,
    );
  }
}

function effectsOfTrial({ slice }: Replica, { rows }: Tried, at: number, knows: Looking["knows"]) {
  const { effects, book } = slice.tentatively(() => {
    const found = effectsOf(slice, netChanges(rows), { from: at, to: at, knows });
    return { effects: found, book: slice.book };
  });
  const roles = effects.types.length > 0 ? roleChanges(slice, book, effects.types, at) : [];
  return { ...effects, roles };
}

/** The word that stands for these edits by this actor and for exactly what they do. */
const wordOf = (
  actor: Actor,
  edits: readonly Edit[],
  { whole, roles }: { readonly whole: unknown; readonly roles: readonly object[] },
): string => {
  const asked = edits.map(({ command, input }) => [command, { ...input, confirm: undefined }]);
  return sha256(JSON.stringify([answeredTo(actor), asked, whole, roles])).slice(0, 22);
};

/** One turn: the commands, their commit, and its application to the slice [R32, R33]. */
export async function performInTurn(
  around: Surroundings,
  actor: Actor,
  request: EditRequest,
  given: readonly Given[],
): Promise<Result<Performed>> {
  const { replica } = around;
  for (let n = 0; n < TRIES; n++) {
    if (!(await replica.ready())) return NOT_FOUND;
    const at = Date.now();
    const known = knownAnswer(replica, actor, request, at);
    if (known) return known;
    const tried = tryEdits(replica, actor, request, given, at);
    if (isRefusal(tried)) return tried;
    // A condition counts only where the edit could be made: else it would tell what there is (RFC 9110 §13.2.1).
    const stale = await staleMatch(around, actor, request, at);
    if (stale) return stale;
    if (
      request.ifPreview !== undefined &&
      request.ifPreview !==
        wordOf(
          actor,
          request.edits,
          effectsOfTrial(replica, tried, at, () => false),
        )
    )
      return refuse("stale_revision", "What this would do has changed since you saw it.");
    const rows = netChanges(tried.rows);
    if (rows.length === 0) return accept({ revision: replica.revision, results: tried.results });

    const revision = replica.revision + 1;
    const performed = { revision, results: tried.results };
    const answer = answerOf(actor, request, performed, at);
    if (answer && bytesOf(answer.answer) > ANSWER_MAX)
      return refuse(
        "limit",
        `An answer of more than ${ANSWER_MAX} bytes cannot be kept for an Idempotency-Key; ask for less at once.`,
      );
    const first = tried.changes[0];
    const events = tried.changes.flatMap((change) => change.events);
    const entry: Entry = {
      tree: replica.slice.tree,
      revision: replica.revision,
      epoch: replica.epoch,
      attempt: crypto.randomUUID(),
      org: request.org ?? first?.org ?? 0,
      at,
      actor: actorName(actor),
      what: request.edits.length === 1 ? (request.edits[0]?.command ?? "") : "batch",
      reason: tried.changes.find((change) => change.reason !== undefined)?.reason ?? null,
      events,
      notices: events.flatMap((event) =>
        noticesOf(event, (org, name) => replica.slice.endpointsFor(org, name).length > 0),
      ),
      rows,
      answer,
    };
    if (entry.notices.length > 0) await around.expectNotices();
    replica.note({ revision, attempt: entry.attempt });
    try {
      await commit(around.db, entry);
      replica.apply(revision, rows, answer, at);
      return accept(performed);
    } catch (error) {
      // Whether it was committed is not known: fence, catch up, and look.
      logFault("commit", error);
      replica.doubt();
      try {
        await replica.ready();
        if (await replica.wasCommitted(entry)) return accept(performed);
      } catch (fault) {
        logFault("recover", fault);
        return UNAVAILABLE;
      }
    }
  }
  return UNAVAILABLE;
}

/** What a request asks, without what may differ between two tries of it. */
const requestDigest = (request: EditRequest): string =>
  sha256(JSON.stringify([request.edits, request.mode, request.org ?? null]));

/** Whose answer it is: a person through a key of an org sees no answer given outside that key's reach. */
const answeredTo = (actor: Actor): string =>
  actor.kind === "user" && actor.reach !== null
    ? `${actorName(actor)} in ${actor.reach}`
    : actorName(actor);

/** A repeated request gets the first answer; another one under the same key is refused [R34]. */
function knownAnswer(
  replica: Replica,
  actor: Actor,
  request: EditRequest,
  at: number,
): Result<Performed> | null {
  if (request.idempotencyKey === undefined) return null;
  const known = replica.answerTo(answeredTo(actor), request.idempotencyKey, at);
  if (!known) return null;
  return known.request === requestDigest(request)
    ? accept(JSON.parse(known.answer) as Performed)
    : refuse("invalid", "This Idempotency-Key was used for another request.");
}

const answerOf = (
  actor: Actor,
  request: EditRequest,
  performed: Performed,
  at: number,
): StoredAnswer | null =>
  request.idempotencyKey === undefined
    ? null
    : {
        actor: answeredTo(actor),
        key: request.idempotencyKey,
        request: requestDigest(request),
        answer: JSON.stringify(performed),
        at,
      };

/** Is what the actor saw no longer so? */
async function staleMatch(
  around: Surroundings,
  actor: Actor,
  request: EditRequest,
  now: number,
): Promise<Refusal | null> {
  const [edit] = request.edits;
  if (request.ifMatch === undefined || !edit) return null;
  const shows = commandOf(edit).current?.(edit.input);
  const org = (edit.input as { org?: number }).org;
  if (!shows || org === undefined) return null;
  const { slice } = around.replica;
  const asking = { slice, db: around.db, actor: readerOf(slice, actor, org), org, now };
  const found = await currentMaterial(asking, shows);
  const material = found && (await around.complete(shows.read, [found]))[0];
  if (!material) return refuse("stale_revision", "There is no such thing any more.");
  return namesTag(request.ifMatch, etagOf(material), false)
    ? null
    : refuse("stale_revision", "It has changed since you saw it.");
}

interface Tried {
  readonly rows: readonly RowChange[];
  readonly changes: readonly Change[];
  readonly results: readonly (Done | Refusal)[];
}

/** Runs the commands one after the other on what the ones before would leave, and leaves nothing. */
function tryEdits(
  replica: Replica,
  actor: Actor,
  request: EditRequest,
  given: readonly Given[],
  at: number,
): Tried | Refusal {
  const { slice } = replica;
  const stamp = stampOf(slice.tree, replica.revision + 1, at);
  return slice.tentatively(() => {
    const rows: RowChange[] = [];
    const changes: Change[] = [];
    const results: (Done | Refusal)[] = [];
    for (const [index, edit] of request.edits.entries()) {
      const outside = given[index] ?? NOTHING_GIVEN;
      const change = runOne(slice, actor, request, edit, stamp, outside);
      if (isRefusal(change)) {
        if (request.mode === "all")
          return request.edits.length === 1 ? change : inItem(change, index);
        results.push(change);
        continue;
      }
      slice.write(change.rows);
      rows.push(...change.rows);
      changes.push(change);
      const asking = { slice, db: undefined as never, actor, org: change.org, now: at };
      const material = change.shows && answerMaterial(asking, change.shows, outside);
      // Of a row of an import only the id is told, and kept for its Idempotency-Key.
      const told =
        request.mode === "all"
          ? { read: change.shows?.read ?? null, material }
          : { read: null, material: material && { id: (material as { id?: unknown }).id } };
      results.push({ ok: true, status: change.status, ...told } as Done);
    }
    return { rows, changes, results };
  });
}

function runOne(
  slice: Replica["slice"],
  actor: Actor,
  request: EditRequest,
  edit: Edit,
  stamp: Stamp,
  given: Given,
): Change | Refusal {
  const command: Command<unknown> = commandOf(edit);
  if (command.personal && !(actor.kind === "user" && actor.self))
    return refuse("forbidden", "Only the person concerned can do this.");
  if (request.org !== undefined) {
    const { org } = edit.input as { org?: number };
    if (org !== undefined && !slice.lineage(org).includes(request.org)) return NOT_FOUND;
  }
  return command.run(slice, actor, edit.input, stamp, given);
}

const inItem = (refusal: Refusal, index: number): Refusal => ({
  ...refusal,
  errors: (refusal.errors ?? [{ pointer: "", detail: refusal.detail }]).map((error) => ({
    ...error,
    pointer: `/edits/${index}/body${error.pointer}`.replace(/\/body$/, ""),
  })),
});

function stampOf(tree: number, revision: number, at: number): Stamp {
  let ids = 0;
  let keys = 0;
  return {
    tree,
    at,
    id: (kind) => makeId(kind, tree, revision, ids++),
    key: () => makeKey(revision, keys++),
    digest: (value) => sha256(JSON.stringify(value)).slice(0, 22),
  };
}

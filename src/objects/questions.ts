import type {
  Asking,
  EffectiveAnswer,
  EffectiveRequest,
  ExplainRequest,
  HistoryRequest,
  PreviewAnswer,
  PreviewRequest,
} from "../commands/rpc.ts";
import { needAdmin, noAdmin, standing, type Actor } from "../commands/standing.ts";
import { accept, isRefusal, NOT_FOUND, refuse, type Refusal, type Result } from "../refusals.ts";
import { accessTo } from "../store/history.ts";
import type { OrgTree } from "../store/org-tree.ts";
import { received } from "../store/queries/received.ts";
import type { Slice } from "../store/slice.ts";
import type { AccessAtMaterial, ExplanationMaterial } from "../views/materials.ts";
import { gather, previewEdits, type Surroundings } from "./edits.ts";
import { explainHere, explainThrough, readHere, readThrough, type Reader } from "./explain.ts";
import { identify } from "./identify.ts";
import { withUsers } from "./partners.ts";
import { asOf, effectiveChanges } from "./past.ts";

/*
 * Why and why not, what if, and what was: who may ask it of a tree, and at what moment it is answered.
 */

const FUTURE = refuse("invalid", "This instant is still to come.", "/at");

/** The orgs whose inside an admin of an org knows: those above as they administer them now, and all below. */
export function knownTo(
  slice: Slice,
  actor: Actor,
  org: number,
  now: number,
): (of: number, tree?: OrgTree) => boolean {
  const known = slice
    .lineage(org)
    .filter((above) => standing(slice, actor, above, now) === "admin");
  return (of, tree = slice.orgTree()) => known.some((above) => tree.lineage(of).includes(above));
}

/** An admin may have anything explained; somebody inside, what concerns themself. */
function mayExplain(
  slice: Slice,
  actor: Actor,
  org: number,
  { subject }: Asking,
  now: number,
): Reader | Refusal {
  const found = standing(slice, actor, org, now);
  if (found === "stranger") return NOT_FOUND;
  if (found === "admin") return { self: null, mayKnow: knownTo(slice, actor, org, now) };
  const own =
    actor.kind === "user" &&
    slice.meansUser(subject.type) &&
    slice.userOf(subject.id, slice.lineage(org)) === actor.user;
  return own
    ? { self: actor.user, mayKnow: () => true }
    : noAdmin(slice, actor, org, now, "Only an admin can have this explained of others.");
}

export async function explained(
  around: Surroundings,
  request: ExplainRequest,
): Promise<Result<{ revision: number; material: ExplanationMaterial }>> {
  const { db, replica } = around;
  const { slice } = replica;
  const actor = identify(slice, request.credentials);
  if (isRefusal(actor)) return actor;
  const { org, question, share, at } = request;
  const now = Date.now();
  const reader = mayExplain(slice, actor, org, question, now);
  if (isRefusal(reader)) return reader;
  if (at !== undefined && at > now) return FUTURE;
  const { revision } = replica;
  const input = { org, question, now: at ?? now, past: at !== undefined };
  const explaining = {
    slice,
    revision: () => replica.revision,
    object: (tree: number) => around.object(tree),
  };
  const reading = <T>(work: () => T): Promise<Result<T>> =>
    at === undefined ? Promise.resolve(accept(work())) : asOf(around, at, question.resource, work);
  let found: Result<ExplanationMaterial>;
  if (share === undefined)
    found = await explainHere(explaining, input, () =>
      reading(() => readHere(slice, input, reader)),
    );
  else {
    const asking = { slice, db, actor, org, now };
    const [item] = (await received(asking, { id: share, after: "", limit: 1 })).items;
    if (reader.self !== null || !item) return NOT_FOUND;
    const ended = at === undefined && item.status === "ended";
    const read = await reading(() => readThrough(slice, input, share, ended));
    found = read.ok ? await explainThrough(explaining, input, read.value) : read;
  }
  return found.ok ? accept({ revision, material: found.value }) : found;
}

export async function accessWas(
  around: Surroundings,
  request: HistoryRequest,
): Promise<Result<{ revision: number; material: AccessAtMaterial }>> {
  const { replica } = around;
  const { slice } = replica;
  const actor = identify(slice, request.credentials);
  if (isRefusal(actor)) return actor;
  const { org, resource, at } = request;
  const now = Date.now();
  const refused = needAdmin(slice, actor, org, now);
  if (refused) return refused;
  if (at > now) return FUTURE;
  const mayKnow = knownTo(slice, actor, org, now);
  const found = await asOf(around, at, resource, () => accessTo(slice, org, resource, at, mayKnow));
  return found.ok ? accept({ revision: replica.revision, material: found.value }) : found;
}

export async function effectiveSince(
  around: Surroundings,
  request: EffectiveRequest,
): Promise<Result<EffectiveAnswer>> {
  const { slice } = around.replica;
  const actor = identify(slice, request.credentials);
  if (isRefusal(actor)) return actor;
  const now = Date.now();
  const refused = needAdmin(slice, actor, request.org, now);
  return refused ?? effectiveChanges(around, request, knownTo(slice, actor, request.org, now));
}

export async function previewed(
  around: Surroundings,
  request: PreviewRequest,
): Promise<Result<PreviewAnswer>> {
  const { slice } = around.replica;
  const actor = identify(slice, request.credentials);
  if (isRefusal(actor)) return actor;
  const { org, edits, credentials } = request;
  const refused = needAdmin(slice, actor, org, Date.now());
  if (refused) return refused;
  const given = await gather(around, edits, credentials);
  const now = Date.now();
  const asked = { edits, org, mode: "all" } as const;
  const { revision } = around.replica;
  const found = previewEdits(around, actor, asked, given, now, knownTo(slice, actor, org, now));
  if (isRefusal(found)) return found;
  const effects = await withUsers(slice, (tree) => around.object(tree), found.effects);
  return accept({ revision, ...found, effects });
}

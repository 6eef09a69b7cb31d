import type { z } from "zod";
import { Hono } from "hono";
import type { Edit } from "../../commands/index.ts";
import type { ReadName } from "../../commands/reads.ts";
import type { Credentials, Done, PerformRequest } from "../../commands/rpc.ts";
import { sentence, type Event } from "../../events.ts";
import { decodeCursor, encodeCursor } from "../../kit/cursor.ts";
import { etagOf, namesTag, sha256 } from "../../kit/hash.ts";
import { isRefusal, malformed, NOT_FOUND, type Refusal } from "../../refusals.ts";
import { VIEWS, type ReadInput } from "../../views/index.ts";
import { LARGE_BODY_MAX, readJson } from "../body.ts";
import { textFor } from "../../text/index.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { who, type Who } from "../who/index.ts";
import { accountRoutes } from "./account.ts";
import { accessList, batchDone, changeShown, listOf, rebuilt } from "./answers.ts";
import { SHOWN } from "./shown.ts";
import { csvOf } from "./csv.ts";
import { on, type Operation } from "./describe.ts";
import { editOf, editsOfItems, readOrg } from "./edits.ts";
import { importRoutes } from "./import.ts";
import { issuerRoutes } from "./issuers.ts";
import { keyRoutes } from "./keys.ts";
import { linkRoutes } from "./links.ts";
import { mailRoutes } from "./mails.ts";
import { webhookRoutes } from "./webhooks.ts";
import { meRoutes } from "./me.ts";
import { changeRoutes } from "./changes.ts";
import { questionRoutes } from "./questions.ts";
import { orgRoutes } from "./orgs.ts";
import { passkeyRoutes } from "./passkeys.ts";
import { platformRoutes } from "./platform.ts";
import { EDIT_ROUTES } from "./routes/index.ts";
import * as form from "./schemas.ts";

/** Everything under /v1. */
export function api(ports: Ports): Hono {
  const app = new Hono();
  orgRoutes(app, ports);
  for (const entry of EDIT_ROUTES) {
    const { method, path, says, body, max, shows } = entry;
    const answers = shows === null ? { 204: null } : { 200: SHOWN[shows], 201: SHOWN[shows] };
    on(app, method, path, { says, body, max, answers, under: WRITTEN }, async (c) => {
      const asked = await locate(c, ports);
      if (isRefusal(asked)) return problem(c, asked);
      const body = await readJson(c, max);
      if (!body.ok) return problem(c, body);
      const edit = editOf(entry, c.req.param(), body.value);
      if (isRefusal(edit)) return problem(c, edit);
      const tree = await treeOfEdit(ports, asked, edit);
      return performOne(c, ports, { ...asked, tree }, edit);
    });
  }
  changeRoutes(app, ports);
  for (const [path, read] of Object.entries(ITEMS)) {
    const says = `Read one ${words(read)}`;
    const operation = { says, answers: { 200: SHOWN[read] }, under: READ } as const;
    on(app, "GET", `/v1/orgs/:org${path}`, operation, (c) => readOne(c, ports, read));
  }
  for (const [path, read] of Object.entries(LISTS))
    on(app, "GET", `/v1/orgs/:org${path}`, listing(read), (c) => readList(c, ports, read));
  manyRoutes(app, ports);
  importRoutes(app, ports);
  keyRoutes(app, ports);
  mailRoutes(app, ports);
  webhookRoutes(app, ports);
  issuerRoutes(app, ports);
  linkRoutes(app, ports);
  questionRoutes(app, ports);
  meRoutes(app, ports);
  accountRoutes(app, ports);
  passkeyRoutes(app, ports);
  platformRoutes(app, ports);
  return app;
}

/** The conditions that writes and reads come under. */
export const WRITTEN = ["If-Match", "If-Preview", "Idempotency-Key"] as const;
export const READ = ["Access-Revision"] as const;

const words = (read: ReadName) => read.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const isAccess = (read: ReadName) => /access$/i.test(read);

/** What a list says of itself. */
export const listing = (read: ReadName): Operation => ({
  says: `List ${words(read)}`,
  query: isAccess(read) ? form.accessQuery : form.listQuery,
  answers: {
    200: isAccess(read) ? accessList : listOf(read === "changes" ? changeShown : SHOWN[read]),
  },
  also: ["text/csv", ...(read === "changes" ? ["text/event-stream"] : [])],
  under: READ,
});

/** The readings of one thing, by path below the org; the last part of the path names it. */
const ITEMS: Readonly<Record<string, ReadName>> = {
  "": "org",
  "/role-sets/:set": "roleSet",
  "/types/:type": "type",
  "/resources/:type/:id": "resource",
  "/members/:member": "member",
  "/teams/:team": "team",
  "/grants/:grant": "grant",
  "/shares/:share": "share",
  "/resources/:type/:id/links/:link": "link",
  "/received-shares/:share": "receivedShare",
  "/received-shares/:share/rules/:rule": "rule",
  "/collaborations/:collaboration": "collaboration",
  "/libraries/:library": "library",
  "/keys/:key": "key",
  "/mails/:mail": "mail",
  "/issuers/:issuer": "issuer",
  "/reviews/:review": "review",
};

/** The lists, by path below the org. */
const LISTS: Readonly<Record<string, ReadName>> = {
  "/tree": "orgTree",
  "/role-sets": "roleSets",
  "/types": "types",
  "/resources": "resources",
  "/tags": "tags",
  "/access": "access",
  "/members/:member/access": "memberAccess",
  "/resources/:type/:id/access": "resourceAccess",
  "/members": "members",
  "/teams": "teams",
  "/teams/:team/members": "teamMembers",
  "/shares": "shares",
  "/freezes": "freezes",
  "/resources/:type/:id/recipients": "recipients",
  "/resources/:type/:id/links": "links",
  "/received-shares": "receivedShares",
  "/received-shares/:share/resources": "receivedResources",
  "/received-shares/:share/rules": "rules",
  "/collaborations": "collaborations",
  "/libraries": "libraries",
  "/keys": "keys",
  "/changes": "changes",
  "/mails": "mails",
  "/issuers": "issuers",
  "/reviews": "reviews",
  "/webhooks": "webhooks",
  "/webhooks/:webhook/deliveries": "deliveries",
};

export interface Located extends Who {
  readonly tree: number;
  readonly org: number;
}

/** Who asks, and the tree that answers: a key's own, or that of the org in the path. */
export async function locate(c: Ctx, ports: Ports): Promise<Located | Refusal> {
  const asked = await who(c, ports);
  if (isRefusal(asked)) return asked;
  const org = readOrg(c.req.param("org"));
  if (org === undefined) return NOT_FOUND;
  const tree = asked.tree ?? (await ports.treeOf(org));
  return tree === undefined ? NOT_FOUND : { ...asked, org, tree };
}

/**
 * What is copied into another org is an edit of that org's tree. A key or token knows no other tree than its
 * own, and where there is no such org the tree in the path says so.
 */
async function treeOfEdit(ports: Ports, asked: Located, edit: Edit): Promise<number> {
  const { org } = edit.input as { org?: number };
  if (org === undefined || org === asked.org || asked.credentials.kind !== "platform")
    return asked.tree;
  return (await ports.treeOf(org)) ?? asked.tree;
}

/** The resource in the path, where one of its own things is asked for. */
const resourceIn = ({ type, id }: { type?: string; id?: string }): string | undefined =>
  type === undefined || id === undefined ? undefined : `${type}:${id}`;

/** `Access-Revision` is opaque to callers; of another tree it says nothing here. */
export const atLeast = (c: Ctx, tree: number): number | undefined =>
  revisionIn(c.req.header("access-revision"), tree);

export function revisionIn(text: string | undefined, tree: number): number | undefined {
  const sent = /^(\d+)\.(\d+)$/.exec(text ?? "");
  return sent && Number(sent[1]) === tree ? Number(sent[2]) : undefined;
}

export const revisionHeader = (tree: number, revision: number): Record<string, string> => ({
  "access-revision": `${tree}.${revision}`,
});

const IDEMPOTENCY_KEY_MAX = 200;

/** The conditions that a write came under. */
export function conditions(
  c: Ctx,
): Pick<PerformRequest, "ifMatch" | "ifPreview" | "idempotencyKey"> | Refusal {
  const idempotencyKey = c.req.header("idempotency-key");
  if (
    idempotencyKey !== undefined &&
    (idempotencyKey === "" || idempotencyKey.length > IDEMPOTENCY_KEY_MAX)
  )
    return malformed(`An Idempotency-Key has 1 to ${IDEMPOTENCY_KEY_MAX} characters.`);
  return {
    ifMatch: c.req.header("if-match"),
    ifPreview: c.req.header("if-preview"),
    idempotencyKey,
  };
}

/** What an edit made, as its reading would show it. */
export const shown = (done: Done): object | null =>
  done.read === null || done.material === null ? null : VIEWS[done.read](done.material as never);

export async function performOne(
  c: Ctx,
  ports: Ports,
  { credentials, tree }: { credentials: Credentials; tree: number },
  edit: Edit,
  more: (done: Done, body: object | null) => object | null = (_, body) => body,
): Promise<Response> {
  const under = conditions(c);
  if (isRefusal(under)) return problem(c, under);
  const performed = await ports.object(tree).perform({
    credentials,
    edits: [edit],
    mode: "all",
    atLeast: atLeast(c, tree),
    ...under,
  });
  if (!performed.ok) return problem(c, performed);
  const [done] = performed.value.results;
  if (!done?.ok) return problem(c, done ?? NOT_FOUND);
  const headers = revisionHeader(tree, performed.value.revision);
  const body = more(done, shown(done));
  if (body === null) return c.body(null, 204, headers);
  if (done.material) headers["etag"] = etagOf(done.material);
  return c.json(body, done.status === 201 ? 201 : 200, headers);
}

export async function readOne(
  c: Ctx,
  ports: Ports,
  read: ReadName,
  more: (body: object, material: unknown) => object = (body) => body,
): Promise<Response> {
  const asked = await locate(c, ports);
  if (isRefusal(asked)) return problem(c, asked);
  const params = c.req.param() as Record<string, string>;
  const names = Object.keys(params);
  const id = read === "resource" ? `${params["type"]}:${params["id"]}` : params[names.at(-1) ?? ""];
  const resource = resourceIn(params);
  const input: ReadInput = { id, share: params["share"], resource, after: "", limit: 1 };
  const { credentials, org, tree } = asked;
  const found = await ports
    .object(tree)
    .read({ credentials, read, org, input, atLeast: atLeast(c, tree) });
  if (!found.ok) return problem(c, found);
  const [material] = found.value.items;
  if (material === undefined) return problem(c, NOT_FOUND);
  const etag = etagOf(material);
  const headers = { etag, ...revisionHeader(tree, found.value.revision) };
  if (namesTag(c.req.header("if-none-match") ?? "", etag, true)) return c.body(null, 304, headers);
  return c.json(more(VIEWS[read](material as never), material), 200, headers);
}

async function readList(c: Ctx, ports: Ports, read: ReadName): Promise<Response> {
  const asked = await locate(c, ports);
  return isRefusal(asked) ? problem(c, asked) : listFor(c, ports, asked, read);
}

/** A page of a reading of the org, as JSON or CSV. */
export async function listFor(
  c: Ctx,
  ports: Ports,
  asked: Located,
  read: ReadName,
): Promise<Response> {
  // What a list has no use for, it leaves unread.
  const query = (isAccess(read) ? form.accessQuery : form.listQuery).safeParse(c.req.query());
  if (!query.success) return problem(c, formErrors(query.error));
  const { limit, cursor, type, tag, q, status, include } = query.data;
  const after = cursor === undefined ? (query.data.after ?? "") : decodeCursor(cursor);
  if (after === undefined) return problem(c, malformed("This cursor is none of ours."));
  const { credentials, org, tree } = asked;
  const named = c.req.param() as { share?: string; team?: string; member?: string };
  const resource = resourceIn(c.req.param());
  const webhook = c.req.param("webhook");
  const { person, role, source, share }: z.output<typeof form.accessQuery> = query.data;
  const of = { share, ...named, resource, webhook };
  const only = { type, tag, q, status, include, person, role, source };
  const input: ReadInput = { ...of, ...only, after, limit };
  const found = await ports
    .object(tree)
    .read({ credentials, read, org, input, atLeast: atLeast(c, tree) });
  if (!found.ok) return problem(c, found);
  const shown = found.value.items.map((material): object => VIEWS[read](material as never));
  const items = read === "changes" ? shown.map(withSentences(c)) : shown;
  const next = found.value.next === null ? null : encodeCursor(found.value.next);
  const { revision, uncovered } = found.value;
  return answerList(c, items, next, revisionHeader(tree, revision), uncovered);
}

export function answerList(
  c: Ctx,
  items: readonly object[],
  next: string | null,
  headers: Record<string, string>,
  uncovered?: readonly string[],
): Response {
  if ((c.req.header("accept") ?? "").includes("text/csv"))
    return c.body(csvOf(items), 200, {
      "content-type": "text/csv; charset=utf-8",
      ...(next === null ? {} : { "next-cursor": next }),
      ...(uncovered?.length ? { uncovered: uncovered.join(", ") } : {}),
      ...headers,
    });
  // A list that may miss something says so, and what.
  const covers = uncovered && { complete: uncovered.length === 0, uncovered };
  return c.json({ items, next_cursor: next, ...covers }, 200, headers);
}

/** The history says each event as a sentence, too, in the language that is asked for. */
export function withSentences(c: Ctx): (item: object) => object {
  const { history } = textFor(c.req.header("accept-language"));
  return (item) => {
    const { events = [] } = item as { events?: readonly Event[] };
    return { ...item, says: events.map(({ name, data }) => sentence(name, data, history)) };
  };
}

/** Many edits in one, all or nothing, one revision; and the tree's object anew from the record. */
function manyRoutes(app: Hono, ports: Ports): void {
  const batch = {
    says: "Make many edits as one, all or nothing",
    body: form.batch,
    max: LARGE_BODY_MAX,
    answers: { 200: batchDone },
    under: ["If-Preview", "Idempotency-Key"],
  } as const;
  on(app, "POST", "/v1/orgs/:org/batch", batch, async (c, body) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const under = conditions(c);
    if (isRefusal(under)) return problem(c, under);
    const edits = editsOfItems(read.value.edits);
    if (isRefusal(edits)) return problem(c, edits);
    const { credentials, org, tree } = asked;
    const { idempotencyKey, ifPreview } = under;
    const performed = await ports
      .object(tree)
      .perform({ credentials, edits, mode: "all", org, idempotencyKey, ifPreview });
    if (!performed.ok) return problem(c, performed);
    const results = performed.value.results.map((done) =>
      done.ok ? { status: done.status, body: shown(done) } : done,
    );
    return c.json({ results }, 200, revisionHeader(tree, performed.value.revision));
  });

  const rebuild = { says: "Read a tree anew from the record", answers: { 200: rebuilt } } as const;
  on(app, "POST", "/v1/orgs/:org/rebuild", rebuild, async (c) => {
    const asked = await locate(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const { credentials, org, tree } = asked;
    const done = await ports.object(tree).rebuild({ credentials, org });
    if (!done.ok) return problem(c, done);
    return c.json({ rows: done.value.rows }, 200, revisionHeader(tree, done.value.revision));
  });
}

/** Names a request for a whole day, without keeping its key: one actor's, in one tree [R34]. */
export function requestName(credentials: Credentials, tree: number | null, key: string): string {
  const actor =
    credentials.kind === "key"
      ? [credentials.token, credentials.onBehalfOf]
      : credentials.kind === "token"
        ? [credentials.alias, credentials.reach]
        : credentials.kind === "binding"
          ? [credentials.name, credentials.org]
          : [credentials.person?.id];
  return sha256(JSON.stringify([actor, tree, key]));
}

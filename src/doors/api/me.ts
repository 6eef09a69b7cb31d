import type { Hono } from "hono";
import type { Edit } from "../../commands/index.ts";
import { treeOfId } from "../../kit/ids.ts";
import {
  accept as ok,
  isRefusal,
  NOT_FOUND,
  refuse,
  type Refusal,
  type Result,
} from "../../refusals.ts";
import { ownAccessView } from "../../views/index.ts";
import type { Ctx, Ports } from "../ports.ts";
import { problem } from "../problem.ts";
import { who } from "../who/index.ts";
import { accessAnswered, listOf, ownAccess } from "./answers.ts";
import { csvOf } from "./csv.ts";
import { on } from "./describe.ts";
import { performOne, WRITTEN } from "./index.ts";
import * as form from "./schemas.ts";

const NO_PERSON = refuse(
  "forbidden",
  "This needs a person: their own session, or the platform on their behalf.",
);

/** The person who asks for themself. */
export async function person(c: Ctx, ports: Ports) {
  const asked = await who(c, ports);
  if (isRefusal(asked)) return asked;
  const { credentials, session } = asked;
  return credentials.kind === "platform" && credentials.person
    ? { credentials, user: credentials.person.id, ...(session ? { session } : {}) }
    : NO_PERSON;
}

/** The person who asks for themself, or whom an issuer named in one tree. */
async function personOrNamed(c: Ctx, ports: Ports) {
  const asked = await who(c, ports);
  if (isRefusal(asked)) return asked;
  const { credentials, tree } = asked;
  if (credentials.kind === "token") return { credentials, tree: tree ?? 0 };
  return credentials.kind === "platform" && credentials.person
    ? { credentials, user: credentials.person.id }
    : NO_PERSON;
}

async function accessWithin(
  ports: Ports,
  asked: Exclude<Awaited<ReturnType<typeof personOrNamed>>, Refusal>,
) {
  if ("user" in asked) return accessOf(ports, asked.user);
  const found = await ports.object(asked.tree).ownAccessWithin({ credentials: asked.credentials });
  return found.ok ? ok(found.value.map(ownAccessView)) : found;
}

/** Everything that a person has access to, or is asked to accept. */
export async function accessOf(
  ports: Ports,
  user: string,
): Promise<Result<readonly ReturnType<typeof ownAccessView>[]>> {
  const trees = await ports.treesOf(user);
  const found = await Promise.all(trees.map((tree) => ports.object(tree).ownAccess(user)));
  const failed = found.find((one) => !one.ok);
  if (failed && !failed.ok) return failed;
  return ok(found.flatMap((one) => (one.ok ? one.value : [])).map(ownAccessView));
}

export type OwnAct = "accept" | "decline" | "leave";

/** The edit by which a person accepts, declines or leaves an access of theirs, and its tree. */
export async function ownEdit(
  ports: Ports,
  access: string,
  act: OwnAct,
): Promise<{ tree: number; edit: Edit } | Refusal> {
  // A share to an org is left where its rules are: in the receiving org's tree.
  const receiver =
    act === "leave" && access.startsWith("shr_") ? await ports.receiverOf(access) : undefined;
  const tree = receiver === undefined ? treeOfId(access) : await ports.treeOf(receiver);
  if (tree === undefined) return NOT_FOUND;
  return {
    tree,
    edit:
      receiver === undefined
        ? { command: `access.${act}`, input: { access } }
        : { command: "access.leaveReceived", input: { share: access } },
  };
}

/** What is the person's alone: seeing, accepting, declining and leaving their own access. */
export function meRoutes(app: Hono, ports: Ports): void {
  const list = {
    says: "What I have access to, or am asked to accept",
    answers: { 200: listOf(ownAccess) },
    also: ["text/csv"],
  };
  on(app, "GET", "/v1/me/access", list, async (c) => {
    const asked = await personOrNamed(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const found = await accessWithin(ports, asked);
    if (!found.ok) return problem(c, found);
    const items = found.value;
    if ((c.req.header("accept") ?? "").includes("text/csv"))
      return c.body(csvOf(items), 200, { "content-type": "text/csv; charset=utf-8" });
    return c.json({ items, next_cursor: null });
  });

  const own = async (c: Ctx, act: OwnAct, body: () => Promise<Result<unknown>>) => {
    const asked = await personOrNamed(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const read = await body();
    if (!read.ok) return problem(c, read);
    const access = c.req.param("id") ?? "";
    const found = await ownEdit(ports, access, act);
    if (isRefusal(found)) return problem(c, found);
    // Who was named by an issuer is known in one tree, and no other.
    if ("tree" in asked && found.tree !== asked.tree) return problem(c, NOT_FOUND);
    return performOne(c, ports, { ...asked, tree: found.tree }, found.edit, (done, shown) =>
      done.status === 204 ? null : (shown ?? { id: access, status: STATUS[act] }),
    );
  };
  const STATUS = { accept: "active", decline: "declined", leave: null } as const;

  for (const act of ["accept", "decline"] as const) {
    const says = act === "accept" ? "Accept what I was offered" : "Decline what I was offered";
    const operation = { says, body: form.empty, answers: { 200: accessAnswered }, under: WRITTEN };
    on(app, "POST", `/v1/me/access/:id/${act}`, operation, (c, body) => own(c, act, body));
  }
  const leave = {
    says: "Leave what I was given",
    body: form.empty,
    answers: { 204: null },
    under: WRITTEN,
  } as const;
  on(app, "DELETE", "/v1/me/access/:id", leave, (c, body) => own(c, "leave", body));
}

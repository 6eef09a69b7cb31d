import type { Hono } from "hono";
import type { Edit } from "../../commands/index.ts";
import { treeOfId } from "../../kit/ids.ts";
import { isRefusal, NOT_FOUND, refuse, type Refusal } from "../../refusals.ts";
import { ownAccessView } from "../../views/index.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { who } from "../who/index.ts";
import { csvOf } from "./csv.ts";
import { performOne } from "./index.ts";
import * as form from "./schemas.ts";

const NO_PERSON = refuse(
  "forbidden",
  "This needs a person: their own session, or the platform on their behalf.",
);

/** The person who asks for themself. */
export async function person(c: Ctx, ports: Ports) {
  const asked = await who(c, ports);
  if (isRefusal(asked)) return asked;
  const { credentials } = asked;
  return credentials.kind === "platform" && credentials.person
    ? { credentials, user: credentials.person.id }
    : NO_PERSON;
}

/** What is the person's alone: seeing, accepting, declining and leaving their own access. */
export function meRoutes(app: Hono, ports: Ports): void {
  app.get("/v1/me/access", async (c) => {
    const asked = await person(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const trees = await ports.treesOf(asked.user);
    const found = await Promise.all(trees.map((tree) => ports.object(tree).ownAccess(asked.user)));
    const failed = found.find((one) => !one.ok);
    if (failed && !failed.ok) return problem(c, failed);
    const items = found.flatMap((one) => (one.ok ? one.value : [])).map(ownAccessView);
    if ((c.req.header("accept") ?? "").includes("text/csv"))
      return c.body(csvOf(items), 200, { "content-type": "text/csv; charset=utf-8" });
    return c.json({ items, next_cursor: null });
  });

  const own = async (c: Ctx, edit: (access: string) => Edit): Promise<Response> => {
    const asked = await person(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const body = await readJson(c, BODY_MAX);
    if (!body.ok) return problem(c, body);
    const read = form.empty.safeParse(body.value);
    if (!read.success) return problem(c, formErrors(read.error));
    const access = c.req.param("id") ?? "";
    const tree = treeOfId(access);
    if (tree === undefined) return problem(c, NOT_FOUND);
    return performOne(c, ports, { ...asked, tree }, edit(access), (done, shown) =>
      done.status === 204
        ? null
        : (shown ?? {
            id: access,
            status: done.status === 200 ? STATUS[edit(access).command] : null,
          }),
    );
  };
  const STATUS: Readonly<Record<string, string>> = {
    "access.accept": "active",
    "access.decline": "declined",
  };

  app.post("/v1/me/access/:id/accept", (c) =>
    own(c, (access) => ({ command: "access.accept", input: { access } })),
  );
  app.post("/v1/me/access/:id/decline", (c) =>
    own(c, (access) => ({ command: "access.decline", input: { access } })),
  );
  app.delete("/v1/me/access/:id", async (c) => {
    // A share to an org is left where its rules are: in the receiving org's tree.
    const id = c.req.param("id");
    const receiver = id.startsWith("shr_") ? await ports.receiverOf(id) : undefined;
    if (receiver === undefined)
      return own(c, (access) => ({ command: "access.leave", input: { access } }));
    const asked: Refusal | Awaited<ReturnType<typeof person>> = await person(c, ports);
    if (isRefusal(asked)) return problem(c, asked);
    const tree = await ports.treeOf(receiver);
    if (tree === undefined) return problem(c, NOT_FOUND);
    return performOne(
      c,
      ports,
      { ...asked, tree },
      { command: "access.leaveReceived", input: { share: id } },
    );
  });
}

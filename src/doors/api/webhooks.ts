import type { Hono } from "hono";
import type { RedeliverRequest } from "../../commands/rpc.ts";
import { EVENTS, type EventName } from "../../events.ts";
import { isRefusal, malformed, type Refusal, type Result } from "../../refusals.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { publicKeyOf, secretOf } from "../queues/signing.ts";
import { notAdmin, wrongAddress } from "./addresses.ts";
import * as answer from "./answers.ts";
import { on } from "./describe.ts";
import { answerList, locate, performOne, READ, readOne, WRITTEN, type Located } from "./index.ts";
import * as form from "./schemas.ts";

const AT = "/v1/orgs/:org/webhooks";

interface Row {
  readonly id: string;
  readonly generation: number;
  readonly asymmetric: number;
}

/** Endpoints whose secret is answered once, deliveries sent again, and a test. */
export function webhookRoutes(app: Hono, ports: Ports): void {
  /** The public key is no secret: whoever may see the endpoint sees it. */
  const withKey = (body: object | null, row: unknown): object | null => {
    const { id, generation, asymmetric } = row as Row;
    return asymmetric ? { ...body, publicKey: publicKeyOf(ports.rootKey, id, generation) } : body;
  };
  /** The secret follows from the endpoint's id and generation, so a repeated request gets the same. */
  const withSecret = (body: object | null, row: unknown): object => {
    const { id, generation } = row as Row;
    return { ...withKey(body, row), secret: secretOf(ports.rootKey, id, generation) };
  };

  const create = {
    says: "Have events delivered to an endpoint; its secret is answered once",
    body: form.createWebhook,
    answers: { 201: answer.webhookMade },
    under: WRITTEN,
  } as const;
  on(app, "POST", AT, create, async (c, said) => {
    const read = await readForm(c, ports, said);
    if (isRefusal(read)) return problem(c, read);
    const { asked, body } = read;
    const wrong = await wrongAddress(ports, asked, body.url, "/url");
    if (wrong) return problem(c, wrong);
    const edit = { command: "webhook.create", input: { org: asked.org, ...body } } as const;
    return performOne(c, ports, asked, edit, (done, shown) => withSecret(shown, done.material));
  });
  // Before the endpoints themselves, whose ids begin otherwise.
  const kinds = {
    says: "List what an endpoint can ask for",
    query: form.listQuery,
    answers: { 200: answer.listOf(answer.eventKind) },
    also: ["text/csv"],
  };
  on(app, "GET", `${AT}/events`, kinds, async (c) => {
    const asked = await locate(c, ports);
    const refused = isRefusal(asked) ? asked : await notAdmin(ports, asked);
    if (refused) return problem(c, refused);
    const query = form.listQuery.safeParse(c.req.query());
    if (!query.success) return problem(c, formErrors(query.error));
    // There is one page, so no cursor leads to another.
    return query.data.cursor === undefined
      ? answerList(c, KINDS, null, {})
      : problem(c, malformed("This cursor is none of ours."));
  });
  const one = { says: "Read one webhook", answers: { 200: answer.webhookShown }, under: READ };
  on(app, "GET", `${AT}/:webhook`, one, (c) =>
    readOne(c, ports, "webhook", (body, row) => withKey(body, row) ?? body),
  );
  const update = {
    says: "Change an endpoint",
    body: form.updateWebhook,
    answers: { 200: answer.webhookShown },
    under: WRITTEN,
  } as const;
  on(app, "PATCH", `${AT}/:webhook`, update, async (c, said) => {
    const read = await readForm(c, ports, said);
    if (isRefusal(read)) return problem(c, read);
    const { asked, body } = read;
    const wrong =
      body.url === undefined ? null : await wrongAddress(ports, asked, body.url, "/url");
    if (wrong) return problem(c, wrong);
    const input = { org: asked.org, webhook: c.req.param("webhook"), ...body };
    const edit = { command: "webhook.update", input } as const;
    return performOne(c, ports, asked, edit, (done, shown) => withKey(shown, done.material));
  });
  const rotate = {
    says: "Give an endpoint a new secret",
    body: form.rotateWebhook,
    answers: { 200: answer.webhookMade },
    under: WRITTEN,
  } as const;
  on(app, "POST", `${AT}/:webhook/rotate`, rotate, async (c, said) => {
    const read = await readForm(c, ports, said);
    if (isRefusal(read)) return problem(c, read);
    const { asked, body } = read;
    const input = { org: asked.org, webhook: c.req.param("webhook"), ...body };
    const edit = { command: "webhook.rotate", input } as const;
    return performOne(c, ports, asked, edit, (done, shown) => withSecret(shown, done.material));
  });
  const sends = { body: form.empty, answers: { 202: answer.redelivery } } as const;
  on(
    app,
    "POST",
    `${AT}/:webhook/test`,
    { says: "Send a test event", ...sends },
    async (c, said) => {
      const read = await readForm(c, ports, said);
      return isRefusal(read) ? problem(c, read) : sendAgain(c, ports, read.asked, "test");
    },
  );
  const again = {
    says: "Deliver again what an endpoint was sent",
    body: form.redeliver,
    answers: { 202: answer.redelivery },
  } as const;
  on(app, "POST", `${AT}/:webhook/redeliver`, again, async (c, said) => {
    const read = await readForm(c, ports, said);
    return isRefusal(read) ? problem(c, read) : sendAgain(c, ports, read.asked, read.body);
  });
  // An id of a delivery says of which endpoint it is, so it may stand alone.
  const redeliver = { says: "Deliver one event again", ...sends };
  for (const at of [`${AT}/:webhook/deliveries`, `${AT}/deliveries`])
    on(app, "POST", `${at}/:delivery/redeliver`, redeliver, async (c, said) => {
      const read = await readForm(c, ports, said);
      if (isRefusal(read)) return problem(c, read);
      const { delivery = "" } = c.req.param() as { delivery?: string };
      return sendAgain(c, ports, read.asked, { delivery });
    });
}

/** What an endpoint can ask for, with what each says in the history. */
const KINDS = (Object.keys(EVENTS) as EventName[])
  .map((id) => ({ id, says: EVENTS[id].says }))
  .toSorted((a, b) => (a.id < b.id ? -1 : 1));

async function readForm<T>(
  c: Ctx,
  ports: Ports,
  body: () => Promise<Result<T>>,
): Promise<{ asked: Located; body: T } | Refusal> {
  const asked = await locate(c, ports);
  if (isRefusal(asked)) return asked;
  const read = await body();
  return read.ok ? { asked, body: read.value } : read;
}

async function sendAgain(
  c: Ctx,
  ports: Ports,
  { credentials, org, tree }: Located,
  which: RedeliverRequest["which"],
): Promise<Response> {
  const webhook = c.req.param("webhook") ?? null;
  const sent = await ports.object(tree).redeliver({ credentials, org, webhook, which });
  return sent.ok ? c.json(sent.value, 202) : problem(c, sent);
}

import type { Hono } from "hono";
import type { z } from "zod";
import type { RedeliverRequest } from "../../commands/rpc.ts";
import { EVENTS, type EventName } from "../../events.ts";
import { isRefusal, malformed, type Refusal } from "../../refusals.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { publicKeyOf, secretOf } from "../queues/signing.ts";
import { notAdmin, wrongAddress } from "./addresses.ts";
import { answerList, locate, performOne, readOne, type Located } from "./index.ts";
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

  app.post(AT, async (c) => {
    const read = await readForm(c, ports, form.createWebhook);
    if (isRefusal(read)) return problem(c, read);
    const { asked, body } = read;
    const wrong = await wrongAddress(ports, asked, body.url, "/url");
    if (wrong) return problem(c, wrong);
    const edit = { command: "webhook.create", input: { org: asked.org, ...body } } as const;
    return performOne(c, ports, asked, edit, (done, shown) => withSecret(shown, done.material));
  });
  // Before the endpoints themselves, whose ids begin otherwise.
  app.get(`${AT}/events`, async (c) => {
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
  app.get(`${AT}/:webhook`, (c) =>
    readOne(c, ports, "webhook", (body, row) => withKey(body, row) ?? body),
  );
  app.patch(`${AT}/:webhook`, async (c) => {
    const read = await readForm(c, ports, form.updateWebhook);
    if (isRefusal(read)) return problem(c, read);
    const { asked, body } = read;
    const wrong =
      body.url === undefined ? null : await wrongAddress(ports, asked, body.url, "/url");
    if (wrong) return problem(c, wrong);
    const input = { org: asked.org, webhook: c.req.param("webhook"), ...body };
    const edit = { command: "webhook.update", input } as const;
    return performOne(c, ports, asked, edit, (done, shown) => withKey(shown, done.material));
  });
  app.post(`${AT}/:webhook/rotate`, async (c) => {
    const read = await readForm(c, ports, form.rotateWebhook);
    if (isRefusal(read)) return problem(c, read);
    const { asked, body } = read;
    const input = { org: asked.org, webhook: c.req.param("webhook"), ...body };
    const edit = { command: "webhook.rotate", input } as const;
    return performOne(c, ports, asked, edit, (done, shown) => withSecret(shown, done.material));
  });
  app.post(`${AT}/:webhook/test`, async (c) => {
    const read = await readForm(c, ports, form.empty);
    return isRefusal(read) ? problem(c, read) : sendAgain(c, ports, read.asked, "test");
  });
  app.post(`${AT}/:webhook/redeliver`, async (c) => {
    const read = await readForm(c, ports, form.redeliver);
    return isRefusal(read) ? problem(c, read) : sendAgain(c, ports, read.asked, read.body);
  });
  // An id of a delivery says of which endpoint it is, so it may stand alone.
  for (const at of [`${AT}/:webhook/deliveries`, `${AT}/deliveries`])
    app.post(`${at}/:delivery/redeliver`, async (c) => {
      const read = await readForm(c, ports, form.empty);
      if (isRefusal(read)) return problem(c, read);
      const { delivery = "" } = c.req.param() as { delivery?: string };
      return sendAgain(c, ports, read.asked, { delivery });
    });
}

/** What an endpoint can ask for, with what each says in the history. */
const KINDS = (Object.keys(EVENTS) as EventName[])
  .map((id) => ({ id, says: EVENTS[id].says }))
  .toSorted((a, b) => (a.id < b.id ? -1 : 1));

async function readForm<S extends z.ZodType>(
  c: Ctx,
  ports: Ports,
  schema: S,
): Promise<{ asked: Located; body: z.output<S> } | Refusal> {
  const asked = await locate(c, ports);
  if (isRefusal(asked)) return asked;
  const body = await readJson(c, BODY_MAX);
  if (!body.ok) return body;
  const read = schema.safeParse(body.value);
  return read.success ? { asked, body: read.data } : formErrors(read.error);
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

import type { Hono } from "hono";
import { isRefusal, refuse, type Refusal } from "../../refusals.ts";
import { BODY_MAX, readJson } from "../body.ts";
import type { Ctx, Ports } from "../ports.ts";
import { formErrors, problem } from "../problem.ts";
import { flawOf, leadsIn } from "../queues/addresses.ts";
import { publicKeyOf, secretOf } from "../queues/signing.ts";
import { locate, performOne, type Located } from "./index.ts";
import * as form from "./schemas.ts";

const AT = "/v1/orgs/:org/webhooks";

interface Made {
  readonly id?: string;
  readonly generation?: number;
  readonly asymmetric?: number;
}

/** Endpoints whose secret is answered once, deliveries sent again, and a test. */
export function webhookRoutes(app: Hono, ports: Ports): void {
  app.post(AT, async (c) => {
    const read = await readForm(c, ports, form.createWebhook);
    if (isRefusal(read)) return problem(c, read);
    const { asked, body } = read;
    const wrong = await wrongAddress(ports, body.url);
    if (wrong) return problem(c, wrong);
    const input = { org: asked.org, ...body };
    return withSecret(c, ports, asked, { command: "webhook.create", input });
  });
  app.patch(`${AT}/:webhook`, async (c) => {
    const read = await readForm(c, ports, form.updateWebhook);
    if (isRefusal(read)) return problem(c, read);
    const { asked, body } = read;
    const wrong = body.url === undefined ? null : await wrongAddress(ports, body.url);
    if (wrong) return problem(c, wrong);
    const input = { org: asked.org, webhook: c.req.param("webhook"), ...body };
    return performOne(c, ports, asked, { command: "webhook.update", input });
  });
  app.post(`${AT}/:webhook/rotate`, async (c) => {
    const read = await readForm(c, ports, form.empty);
    if (isRefusal(read)) return problem(c, read);
    const input = { org: read.asked.org, webhook: c.req.param("webhook") };
    return withSecret(c, ports, read.asked, { command: "webhook.rotate", input });
  });
  app.post(`${AT}/:webhook/test`, async (c) => {
    const read = await readForm(c, ports, form.empty);
    return isRefusal(read) ? problem(c, read) : sendAgain(c, ports, read.asked, "test");
  });
  app.post(`${AT}/:webhook/redeliver`, async (c) => {
    const read = await readForm(c, ports, form.redeliver);
    return isRefusal(read) ? problem(c, read) : sendAgain(c, ports, read.asked, read.body);
  });
  app.post(`${AT}/:webhook/deliveries/:delivery/redeliver`, async (c) => {
    const read = await readForm(c, ports, form.empty);
    const delivery = c.req.param("delivery");
    return isRefusal(read) ? problem(c, read) : sendAgain(c, ports, read.asked, { delivery });
  });
}

async function readForm<
  S extends
    | typeof form.createWebhook
    | typeof form.updateWebhook
    | typeof form.empty
    | typeof form.redeliver,
>(
  c: Ctx,
  ports: Ports,
  schema: S,
): Promise<{ asked: Located; body: NonNullable<ReturnType<S["parse"]>> } | Refusal> {
  const asked = await locate(c, ports);
  if (isRefusal(asked)) return asked;
  const body = await readJson(c, BODY_MAX);
  if (!body.ok) return body;
  const read = schema.safeParse(body.value);
  return read.success ? { asked, body: (read.data ?? {}) as never } : formErrors(read.error);
}

async function wrongAddress(ports: Ports, url: string): Promise<Refusal | null> {
  const flaw = flawOf(url, ports.localAddresses);
  if (flaw !== null) return refuse("invalid", flaw, "/url");
  return !ports.localAddresses && (await leadsIn(url)) === true
    ? refuse("invalid", "The name leads to an address that is not public.", "/url")
    : null;
}

/** The secret follows from the endpoint's id and generation, so a repeated request gets the same. */
async function withSecret(
  c: Ctx,
  ports: Ports,
  asked: Located,
  edit: Parameters<typeof performOne>[3],
): Promise<Response> {
  let publicKey: string | undefined;
  const answer = await performOne(c, ports, asked, edit, (done, shown) => {
    const { id = "", generation = 1, asymmetric = 0 } = (done.material ?? {}) as Made;
    publicKey = asymmetric === 1 ? `${id} ${generation}` : undefined;
    return { ...shown, secret: secretOf(ports.rootKey, id, generation) };
  });
  if (publicKey === undefined) return answer;
  const [id = "", generation] = publicKey.split(" ");
  const body = (await answer.json()) as object;
  const key = await publicKeyOf(ports.rootKey, id, Number(generation));
  return new Response(JSON.stringify({ ...body, publicKey: key }), {
    status: answer.status,
    headers: answer.headers,
  });
}

async function sendAgain(
  c: Ctx,
  ports: Ports,
  { credentials, org, tree }: Located,
  which: { delivery: string } | { since: number } | "test",
): Promise<Response> {
  const webhook = c.req.param("webhook") ?? "";
  const sent = await ports.object(tree).redeliver({ credentials, org, webhook, which });
  return sent.ok ? c.json({ deliveries: sent.value.deliveries }, 202) : problem(c, sent);
}

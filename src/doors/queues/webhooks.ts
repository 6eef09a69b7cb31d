import { logFault } from "../../kit/log.ts";
import { unfit } from "./addresses.ts";
import { signaturesOf } from "./signing.ts";

interface Delivery {
  readonly id: string;
  readonly tree: number;
  readonly webhook: string;
  readonly sequence: number;
  readonly event: string;
  /** JSON. */
  readonly data: string;
  readonly at: number;
  readonly attempts: number;
}

interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly generation: number;
  readonly overlapUntil: number | null;
  readonly asymmetric: number;
  readonly status: "enabled" | "disabled";
}

interface Attempt {
  readonly at: number;
  readonly status: number | null;
  readonly durationMs: number;
  readonly error: string | null;
}

/** What the consumer of deliveries needs; `worker.ts` gives it. */
export interface WebhookPorts {
  readonly rootKey: string;
  /** May it go to http and to this machine? In local use only. */
  readonly local: boolean;
  claim(
    id: string,
    until: number,
  ): Promise<{ delivery: Delivery; endpoint: Endpoint | null } | null>;
  settle(
    id: string,
    attempt: Attempt | null,
    then: { status: "pending" | "delivered" | "failed"; nextAt: number | null },
  ): Promise<void>;
  hasDelivered(webhook: string, since: number): Promise<boolean>;
  disable(tree: number, webhook: string, because: "gone" | "failing"): Promise<void>;
  again(id: string, delayS: number): Promise<void>;
}

const ANSWER_MS = 10_000;
/** Longer than a try takes: what a consumer that died had claimed is tried again after it. */
const CLAIM_MS = 30_000;
const RETRY_S = 10;
const DAY_MS = 86_400_000;
const QUEUE_DELAY_S_MAX = 43_200;

/** How long after each failed try the next one follows, in seconds: eleven tries over a day. */
const DELAYS_S = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000];

/** When a delivery is tried again, in seconds; `null` when no try is left. Tries spread by a fifth. */
export function nextTryS(
  attempts: number,
  retryAfter: string | null,
  random: number,
  now: number,
): number | null {
  const delay = DELAYS_S[attempts - 1];
  if (delay === undefined) return null;
  const spread = delay * (0.8 + random * 0.4);
  const asked = retryAfter === null ? 0 : retryAfterS(retryAfter, now);
  return Math.round(Math.max(spread, Math.min(asked, QUEUE_DELAY_S_MAX)));
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3). */
function retryAfterS(text: string, now: number): number {
  const seconds = /^\d{1,9}$/.test(text.trim()) ? Number(text) : (Date.parse(text) - now) / 1_000;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

/** The body of a delivery: the same at every try. */
export const bodyOf = ({ event, at, sequence, data }: Omit<Delivery, "tree">): string =>
  JSON.stringify({
    type: event,
    timestamp: new Date(at).toISOString(),
    sequence,
    data: JSON.parse(data) as unknown,
  });

/**
 * Delivers events to endpoints, at least once each, and tries again over a day. A fault with one
 * leaves the others of the batch alone.
 */
export async function deliver(batch: MessageBatch<string>, ports: WebhookPorts): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        await deliverOne(message.body, ports);
        message.ack();
      } catch (error) {
        logFault("webhook queue", error);
        message.retry({ delaySeconds: RETRY_S });
      }
    }),
  );
}

async function deliverOne(id: string, ports: WebhookPorts): Promise<void> {
  const claimed = await ports.claim(id, Date.now() + CLAIM_MS);
  if (!claimed) return;
  const { delivery, endpoint } = claimed;
  if (endpoint?.status !== "enabled") {
    const error = endpoint ? "The endpoint is disabled." : "The endpoint is no more.";
    const attempt = { at: Date.now(), status: null, durationMs: 0, error };
    return ports.settle(id, attempt, { status: "failed", nextAt: null });
  }
  const { attempt, retryAfter } = await attemptAt(endpoint, delivery, ports);
  const { status } = attempt;
  if (status !== null && status >= 200 && status < 300)
    return ports.settle(id, attempt, { status: "delivered", nextAt: null });
  const gone = status === 410;
  const now = Date.now();
  const delayS = gone ? null : nextTryS(delivery.attempts, retryAfter, Math.random(), now);
  if (delayS !== null) {
    await ports.settle(id, attempt, { status: "pending", nextAt: now + delayS * 1_000 });
    // What the queue loses, the clock finds.
    return ports.again(id, delayS).catch((error: unknown) => logFault("webhook queue", error));
  }
  await ports.settle(id, attempt, { status: "failed", nextAt: null });
  const { tree, webhook } = delivery;
  if (gone) return ports.disable(tree, webhook, "gone");
  if (!(await ports.hasDelivered(webhook, now - DAY_MS)))
    await ports.disable(tree, webhook, "failing");
}

async function attemptAt(
  endpoint: Endpoint,
  delivery: Delivery,
  { rootKey, local }: WebhookPorts,
): Promise<{ attempt: Attempt; retryAfter: string | null }> {
  const at = Date.now();
  const done = (status: number | null, error: string | null, retryAfter: string | null = null) => ({
    attempt: { at, status, durationMs: Date.now() - at, error },
    retryAfter,
  });
  const flaw = await unfit(endpoint.url, local);
  if (flaw !== null) return done(null, flaw);
  const before = (endpoint.overlapUntil ?? 0) > at ? [endpoint.generation - 1] : [];
  const { id, asymmetric, generation } = endpoint;
  const signer = { id, asymmetric: asymmetric === 1, generations: [generation, ...before] };
  const body = bodyOf(delivery);
  try {
    const response = await fetch(endpoint.url, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MS),
      headers: {
        "content-type": "application/json",
        "user-agent": "Latchkey-Webhooks/1",
        "webhook-id": delivery.id,
        "webhook-timestamp": String(Math.floor(at / 1_000)),
        "webhook-signature": signaturesOf(rootKey, signer, delivery.id, new Date(at), body),
        "webhook-sequence": String(delivery.sequence),
      },
      body,
    });
    // What it says is not read, and so cannot hold up what follows.
    void response.body?.cancel().catch(() => {});
    const { status } = response;
    const error = status < 200 || status > 299 ? `It answered ${status}.` : null;
    return done(status, error, response.headers.get("retry-after"));
  } catch (error) {
    const late = (error as Error).name === "TimeoutError";
    return done(null, late ? "It did not answer in time." : "It could not be reached.");
  }
}

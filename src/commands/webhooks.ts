import { EVENTS, type Event } from "../events.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { insert, remove, replace, type WebhookRow } from "./record.ts";
import { actorName, needAdmin, type Actor } from "./standing.ts";

const WEBHOOKS_MAX = 50;
const HOUR_MS = 3_600_000;
const OVERLAP_HOURS = 24;

export interface CreateWebhook {
  org: number;
  /** The door has seen that it leads out, and not back in. */
  url: string;
  name?: string | undefined;
  events?: readonly string[] | undefined;
  asymmetric?: boolean | undefined;
}

const unknownEvent = (events: readonly string[]): Refusal | null => {
  const index = events.findIndex((name) => name !== "*" && !Object.hasOwn(EVENTS, name));
  return index < 0
    ? null
    : refuse("invalid", `There is no event ${events[index] ?? ""}.`, `/events/${index}`);
};

const eventOf = (name: Event["name"], { org, id, url }: WebhookRow, more = {}): Event => ({
  name,
  org,
  data: { webhook: id, url, ...more },
});

const shown = (id: string) => ({ read: "webhook", id }) as const;

/** Makes an endpoint, which hears of the org and of those below it. */
export const createWebhook = define<CreateWebhook>({
  run(facts, actor, input, stamp) {
    const events = input.events ?? ["*"];
    const refused = needAdmin(facts, actor, input.org, stamp.at) ?? unknownEvent(events);
    if (refused) return refused;
    if (facts.count("webhooks", { org: input.org }) >= WEBHOOKS_MAX)
      return refuse("limit", `An organisation has at most ${WEBHOOKS_MAX} webhooks.`);
    const row: WebhookRow = {
      id: stamp.id("whk"),
      tree: stamp.tree,
      org: input.org,
      name: input.name ?? input.url,
      url: input.url,
      events: JSON.stringify([...new Set(events)]),
      generation: 1,
      overlapUntil: null,
      asymmetric: input.asymmetric ? 1 : 0,
      status: "enabled",
      disabledBecause: null,
      createdBy: actorName(actor),
      createdAt: stamp.at,
    };
    return {
      ok: true,
      org: input.org,
      rows: [insert("webhooks", row)],
      events: [eventOf("webhook.created", row)],
      status: 201,
      shows: shown(row.id),
    };
  },
});

interface OfWebhook {
  org: number;
  webhook: string;
}

function managed(
  facts: TreeFacts,
  actor: Actor,
  { org, webhook }: OfWebhook,
  stamp: Stamp,
): WebhookRow | Refusal {
  const refused = needAdmin(facts, actor, org, stamp.at);
  if (refused) return refused;
  const row = facts.row("webhooks", { id: webhook });
  return row?.org === org ? row : NOT_FOUND;
}

export interface UpdateWebhook extends OfWebhook, Omit<CreateWebhook, "url"> {
  url?: string | undefined;
  status?: WebhookRow["status"] | undefined;
}

export const updateWebhook = define<UpdateWebhook>({
  current: (input) => shown(input.webhook),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const refused = unknownEvent(input.events ?? []);
    if (refused) return refused;
    const after: WebhookRow = {
      ...before,
      name: input.name ?? before.name,
      url: input.url ?? before.url,
      events: input.events ? JSON.stringify([...new Set(input.events)]) : before.events,
      asymmetric: input.asymmetric === undefined ? before.asymmetric : input.asymmetric ? 1 : 0,
      status: input.status ?? before.status,
      disabledBecause: input.status === undefined ? before.disabledBecause : null,
    };
    return {
      ok: true,
      org: input.org,
      rows: [replace("webhooks", before, after)],
      events: [eventOf("webhook.changed", after)],
      status: 200,
      shows: shown(before.id),
    };
  },
});

export interface RotateWebhook extends OfWebhook {
  /** None, where the old secret is known to others. */
  overlapHours?: number | undefined;
}

/** A new secret; the one before signs too for a while, so that receivers can follow. */
export const rotateWebhook = define<RotateWebhook>({
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const overlap = (input.overlapHours ?? OVERLAP_HOURS) * HOUR_MS;
    const change = { generation: before.generation + 1, overlapUntil: stamp.at + overlap };
    return {
      ok: true,
      org: input.org,
      rows: [replace("webhooks", before, change)],
      events: [eventOf("webhook.rotated", before)],
      status: 200,
      shows: shown(before.id),
    };
  },
});

export const removeWebhook = define<OfWebhook>({
  current: (input) => shown(input.webhook),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    return {
      ok: true,
      org: input.org,
      rows: [remove("webhooks", before)],
      events: [eventOf("webhook.removed", before)],
      status: 204,
      shows: null,
    };
  },
});

/** Latchkey gives an endpoint up that is gone, or that has failed for too long. */
export const disableWebhook = define<{ webhook: string; because: "gone" | "failing" }>({
  run(facts, actor, input) {
    if (actor.kind !== "system") return refuse("forbidden", "Only Latchkey does this.");
    const before = facts.row("webhooks", { id: input.webhook });
    if (!before) return NOT_FOUND;
    const done = { ok: true, org: before.org, status: 200, shows: null } as const;
    if (before.status === "disabled") return { ...done, rows: [], events: [] };
    const change = { status: "disabled", disabledBecause: input.because } as const;
    return {
      ...done,
      rows: [replace("webhooks", before, change)],
      events: [eventOf("webhook.disabled", before, { because: input.because })],
    };
  },
});

import { isRefusal, type Refusal } from "../../../refusals.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { instantAt, When } from "../kit/dates.tsx";
import { Act, Form, type Field } from "../kit/form.tsx";
import { Once } from "../kit/once.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill } from "../kit/words.tsx";
import type { Every, Fields, Outcome } from "../page.ts";

interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly asymmetric: boolean;
  readonly status: string;
  readonly disabledBecause: string | null;
  readonly oldSecretUntil: string | null;
  readonly publicKey?: string;
  readonly secret?: string;
}
interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly at: string;
  readonly status: string;
  readonly nextAt: string | null;
  readonly attempts: readonly {
    readonly at: string;
    readonly status: number | null;
    readonly durationMs: number;
    readonly error: string | null;
  }[];
}

const PATH = "webhooks";
const pageOf = (id: string) => `${PATH}/${encodeURIComponent(id)}`;
const pathOf = ({ at, param }: OrgVisit) =>
  `${at}/webhooks/${encodeURIComponent(param("webhook"))}`;
const ALL = "*";

const stateOf = ({ words }: OrgVisit, { status, disabledBecause }: Webhook): string =>
  [words.webhooks.states[status] ?? status, disabledBecause].filter(Boolean).join(": ");

async function list(visit: OrgVisit): Promise<Outcome> {
  const { at, here, words } = visit;
  const listed = await table<Webhook>(visit, {
    caption: words.sections.webhooks,
    list: { path: `${at}/webhooks` },
    empty: (
      <p>
        {words.webhooks.none} <a href={here(`${PATH}/new`)}>{words.webhooks.create}</a>
      </p>
    ),
    columns: [
      {
        key: "name",
        label: words.name,
        value: ({ name }) => name,
        cell: (row) => <a href={here(pageOf(row.id))}>{row.name}</a>,
      },
      { key: "url", label: words.webhooks.url, value: ({ url }) => url },
      {
        key: "events",
        label: words.webhooks.events,
        value: ({ events }) => (events.includes(ALL) ? words.webhooks.all : events.join(", ")),
      },
      { key: "state", label: words.state, value: (row) => stateOf(visit, row) },
    ],
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.sections.webhooks,
    body: (
      <>
        <p>
          <a href={here(`${PATH}/new`)} role="button">
            {words.webhooks.create}
          </a>
        </p>
        {listed.view}
      </>
    ),
  };
}

async function fieldsOf(
  { api, at, words }: OrgVisit,
  current: Webhook | null,
  every: Every | undefined,
): Promise<readonly Field[] | Refusal> {
  const kinds = await api.all<{ id: string; says: string }>(`${at}/webhooks/events`);
  if (!kinds.ok) return kinds;
  return [
    { name: "name", label: words.name, value: current?.name ?? "" },
    {
      name: "url",
      label: words.webhooks.url,
      hint: words.webhooks.urlHow,
      type: "url",
      required: true,
      value: current?.url ?? "",
    },
    {
      name: "asymmetric",
      label: words.webhooks.asymmetric,
      type: "checkbox",
      value: current?.asymmetric ? "yes" : "",
    },
    {
      name: "events",
      label: words.webhooks.events,
      hint: words.webhooks.eventsHow,
      type: "checkboxes",
      options: kinds.value.map(({ id }) => ({ value: id, label: id })),
      values: every ? every("events") : (current?.events ?? []).filter((one) => one !== ALL),
    },
  ];
}

/** No type chosen means all of them, those of later too. */
const bodyOf = (fields: Fields, every: Every) => ({
  ...(fields["name"] ? { name: fields["name"] } : {}),
  url: fields["url"] ?? "",
  asymmetric: fields["asymmetric"] === "yes",
  events: every("events").length === 0 ? [ALL] : every("events"),
});

async function newForm(
  visit: OrgVisit,
  fields?: Fields,
  every?: Every,
  refusal?: Refusal,
): Promise<Outcome> {
  const { words, here } = visit;
  const of = await fieldsOf(visit, null, every);
  if (isRefusal(of)) return of;
  return {
    title: words.webhooks.create,
    status: refusal?.status ?? 200,
    body: (
      <Form
        visit={visit}
        fields={of}
        typed={fields && { fields, refusal }}
        action={here(`${PATH}/new`)}
        submit={words.webhooks.create}
      />
    ),
  };
}

/** Shown by the answer to the form, and by nothing later. */
const secretPage = (visit: OrgVisit, title: string, made: Webhook): Outcome => ({
  title,
  body: (
    <>
      <Once visit={visit} label={visit.words.webhooks.secret} secret={made.secret ?? ""} />
      {made.publicKey && (
        <p>
          {visit.words.webhooks.publicKey} <code>{made.publicKey}</code>
        </p>
      )}
      <p>
        <a href={visit.here(pageOf(made.id))}>{made.name}</a>
      </p>
    </>
  ),
});

async function one(
  visit: OrgVisit,
  fields?: Fields,
  every?: Every,
  refusal?: Refusal,
): Promise<Outcome> {
  const { api, words, here } = visit;
  const found = await api.get<Webhook>(pathOf(visit));
  if (!found.ok) return found;
  const hook = found.value;
  const of = await fieldsOf(visit, hook, every);
  if (isRefusal(of)) return of;
  const own = pageOf(hook.id);
  const enabled = hook.status === "enabled";
  return {
    title: hook.name,
    status: refusal?.status ?? 200,
    body: (
      <>
        <dl class="facts">
          <dt>{words.state}</dt>
          <dd>{stateOf(visit, hook)}</dd>
          {hook.publicKey && (
            <>
              <dt>{words.webhooks.publicKey}</dt>
              <dd>
                <code>{hook.publicKey}</code>
              </dd>
            </>
          )}
          {hook.oldSecretUntil && (
            <>
              <dt>{words.webhooks.oldSecret}</dt>
              <dd>
                <When visit={visit} at={hook.oldSecretUntil} />
              </dd>
            </>
          )}
        </dl>
        <p>
          <a href={here(`${own}/deliveries`)} role="button">
            {words.webhooks.deliveries}
          </a>
        </p>
        <div class="buttons">
          <Act action={here(`${own}/test`)} label={words.webhooks.test} about={hook.name} />
          <Act
            action={here(`${own}/status`)}
            label={enabled ? words.webhooks.disable : words.webhooks.enable}
            about={hook.name}
            hidden={{ status: enabled ? "disabled" : "enabled" }}
          />
          <Act action={here(`${own}/rotate`)} label={words.webhooks.rotate} about={hook.name} />
          <Act action={here(`${own}/remove`)} label={words.remove} about={hook.name} />
        </div>
        <h2>{words.change}</h2>
        <Form
          visit={visit}
          fields={of}
          typed={fields && { fields, refusal }}
          action={here(own)}
          submit={words.save}
        />
      </>
    ),
  };
}

async function deliveries(visit: OrgVisit, fields?: Fields, refusal?: Refusal): Promise<Outcome> {
  const { api, words, here } = visit;
  const found = await api.get<Webhook>(pathOf(visit));
  if (!found.ok) return found;
  const own = `${pageOf(found.value.id)}/deliveries`;
  const last = ({ attempts }: Delivery) => attempts.at(-1);
  const listed = await table<Delivery>(visit, {
    caption: words.webhooks.deliveries,
    list: { path: `${pathOf(visit)}/deliveries` },
    filters: [
      {
        key: "status",
        label: words.state,
        options: ["pending", "delivered", "failed"].map((value) => ({
          value,
          label: words.webhooks.states[value] ?? value,
        })),
        of: ({ status }) => status,
      },
    ],
    empty: <p>{words.webhooks.deliveriesNone}</p>,
    columns: [
      {
        key: "at",
        label: words.history.at,
        value: ({ at }) => at,
        cell: ({ at }) => <When visit={visit} at={at} />,
      },
      { key: "event", label: words.webhooks.event, value: ({ event }) => event },
      {
        key: "state",
        label: words.state,
        value: ({ status }) => words.webhooks.states[status] ?? status,
      },
      { key: "code", label: words.webhooks.code, value: (row) => last(row)?.status },
      { key: "ms", label: words.webhooks.ms, value: (row) => last(row)?.durationMs },
      { key: "tries", label: words.webhooks.attempts, value: ({ attempts }) => attempts.length },
      {
        key: "error",
        label: words.webhooks.error,
        value: (row) => last(row)?.error,
        cell: (row) => <span lang="en">{last(row)?.error}</span>,
      },
      {
        key: "next",
        label: words.webhooks.nextTry,
        value: ({ nextAt }) => nextAt,
        cell: ({ nextAt }) => <When visit={visit} at={nextAt} />,
      },
    ],
    acts: ({ id, event }) => (
      <Act
        action={here(`${own}/again`)}
        label={words.webhooks.again}
        about={event}
        hidden={{ delivery: id }}
      />
    ),
  });
  if (!("view" in listed)) return listed;
  return {
    title: fill(words.webhooks.deliveriesTo, { name: found.value.name }),
    status: refusal?.status ?? 200,
    body: (
      <>
        <p>
          <a href={here(pageOf(found.value.id))}>{found.value.name}</a>
        </p>
        {listed.view}
        <h2>{words.webhooks.againSince}</h2>
        <Form
          visit={visit}
          action={here(own)}
          submit={words.webhooks.again}
          typed={fields && { fields, refusal }}
          fields={[
            { name: "since", label: words.since, type: "date", required: true },
            {
              name: "which",
              label: words.state,
              type: "select",
              pointer: "/status",
              options: [
                { value: "", label: words.any },
                { value: "failed", label: words.webhooks.states["failed"] ?? "failed" },
                { value: "delivered", label: words.webhooks.states["delivered"] ?? "delivered" },
              ],
            },
          ]}
        />
      </>
    ),
  };
}

const inside = { section: "webhooks", admins: true, inside: true } as const;

export const webhookSections: readonly Section[] = [
  { section: "webhooks", path: PATH, admins: true, show: list },
  {
    ...inside,
    path: `${PATH}/new`,
    show: (visit) => newForm(visit),
    async act(visit, fields, every) {
      const body = bodyOf(fields, every);
      const made = await visit.api.send<Webhook>("POST", `${visit.at}/webhooks`, body);
      if (made.ok) return secretPage(visit, visit.words.webhooks.made, made.value);
      return made.code === "not_found" ? made : newForm(visit, fields, every, made);
    },
  },
  {
    ...inside,
    path: `${PATH}/:webhook`,
    show: (visit) => one(visit),
    async act(visit, fields, every) {
      const saved = await visit.api.send("PATCH", pathOf(visit), bodyOf(fields, every));
      if (saved.ok) return after(visit, pageOf(visit.param("webhook")), "saved");
      return saved.code === "not_found" ? saved : one(visit, fields, every, saved);
    },
  },
  {
    ...inside,
    path: `${PATH}/:webhook/status`,
    async act(visit, { status = "" }) {
      const saved = await visit.api.send("PATCH", pathOf(visit), { status });
      return saved.ok ? after(visit, pageOf(visit.param("webhook")), "saved") : saved;
    },
  },
  {
    ...inside,
    path: `${PATH}/:webhook/test`,
    async act(visit) {
      const sent = await visit.api.send("POST", `${pathOf(visit)}/test`, {});
      const next = `${pageOf(visit.param("webhook"))}/deliveries`;
      return sent.ok ? after(visit, next, "queued") : sent;
    },
  },
  {
    ...inside,
    path: `${PATH}/:webhook/rotate`,
    async act(visit, fields, every) {
      const { api, words, here } = visit;
      const found = await api.get<Webhook>(pathOf(visit));
      if (!found.ok) return found;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: words.webhooks.rotateTitle,
          what: <p>{words.webhooks.rotateWhat}</p>,
          submit: words.webhooks.rotate,
          back: here(pageOf(found.value.id)),
        },
      );
      if (asked) return asked;
      const made = await api.send<Webhook>("POST", `${pathOf(visit)}/rotate`, {});
      return made.ok ? secretPage(visit, words.webhooks.rotated, made.value) : made;
    },
  },
  {
    ...inside,
    path: `${PATH}/:webhook/remove`,
    async act(visit, fields, every) {
      const { api, words, here } = visit;
      const found = await api.get<Webhook>(pathOf(visit));
      if (!found.ok) return found;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.webhooks.removeTitle, { name: found.value.name }),
          what: <p>{fill(words.webhooks.removeWhat, { url: found.value.url })}</p>,
          submit: words.remove,
          back: here(pageOf(found.value.id)),
        },
      );
      if (asked) return asked;
      const removed = await api.send("DELETE", pathOf(visit));
      return removed.ok ? after(visit, PATH, "gone") : removed;
    },
  },
  {
    ...inside,
    path: `${PATH}/:webhook/deliveries`,
    show: (visit) => deliveries(visit),
    async act(visit, fields) {
      const { since = "", which } = fields;
      const sent = await visit.api.send("POST", `${pathOf(visit)}/redeliver`, {
        since: instantAt(visit, `${since}T00:00`) ?? since,
        ...(which ? { status: which } : {}),
      });
      if (!sent.ok) return sent.code === "not_found" ? sent : deliveries(visit, fields, sent);
      return after(visit, `${pageOf(visit.param("webhook"))}/deliveries`, "queued");
    },
  },
  {
    ...inside,
    path: `${PATH}/:webhook/deliveries/again`,
    async act(visit, { delivery = "" }) {
      const path = `${pathOf(visit)}/deliveries/${encodeURIComponent(delivery)}/redeliver`;
      const sent = await visit.api.send("POST", path, {});
      const next = `${pageOf(visit.param("webhook"))}/deliveries`;
      return sent.ok ? after(visit, next, "queued") : sent;
    },
  },
];

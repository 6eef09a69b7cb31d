import type { Child } from "hono/jsx";
import { isRefusal } from "../../../refusals.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { instantText, When } from "../kit/dates.tsx";
import { Act, Form, type Field, type Typed } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill, roleLabel } from "../kit/words.tsx";
import type { Every, Fields, Outcome } from "../page.ts";

interface Item {
  readonly id: string;
  readonly kind: "share" | "link" | "grant" | "rule" | "membership";
  readonly org: { readonly id: number; readonly name: string };
  readonly to: string;
  readonly partner: { readonly id: number; readonly name: string } | null;
  readonly role: string | null;
  readonly decision: "keep" | "end" | null;
  readonly reason: string | null;
  readonly decidedAt: string | null;
  readonly askedAt: string | null;
  readonly confirmedAt: string | null;
}
interface Review {
  readonly id: string;
  readonly of: "outside" | { readonly team: string; readonly name: string | null };
  readonly startedAt: string;
  readonly closedAt: string | null;
  readonly counts: { readonly kept: number; readonly ended: number; readonly open: number };
  readonly items?: readonly Item[];
}

const PATH = "access-review";
const pageOf = (review: string) => `${PATH}/${encodeURIComponent(review)}`;
const inApi = (visit: OrgVisit) =>
  `${visit.at}/reviews/${encodeURIComponent(visit.param("review"))}`;

const subject = ({ words }: OrgVisit, { of }: Review): string =>
  of === "outside" ? words.reviews.outside : fill(words.reviews.team, { name: of.name ?? of.team });

const whoOf = ({ to, partner }: Item): string =>
  partner ? `${partner.name} (${partner.id})`.trim() : to;

const stateOf = ({ words }: OrgVisit, { closedAt }: Review): string =>
  closedAt === null ? words.reviews.open : words.reviews.closed;

async function list(visit: OrgVisit, sent?: Typed): Promise<Outcome> {
  const { api, at, here, words } = visit;
  const teams = await api.all<{ id: string; name: string }>(`${at}/teams`, 1_000);
  if (!teams.ok) return teams;
  const listed = await table<Review>(visit, {
    caption: words.reviews.caption,
    list: { path: `${at}/reviews` },
    empty: <p>{words.reviews.none}</p>,
    columns: [
      {
        key: "of",
        label: words.reviews.of,
        value: (row) => subject(visit, row),
        cell: (row) => <a href={here(pageOf(row.id))}>{subject(visit, row)}</a>,
      },
      {
        key: "started",
        label: words.reviews.started,
        value: ({ startedAt }) => startedAt,
        cell: ({ startedAt }) => <When visit={visit} at={startedAt} />,
      },
      { key: "state", label: words.state, value: (row) => stateOf(visit, row) },
      { key: "kept", label: words.reviews.kept, value: ({ counts }) => counts.kept },
      { key: "ended", label: words.reviews.ended, value: ({ counts }) => counts.ended },
      { key: "left", label: words.reviews.left, value: ({ counts }) => counts.open },
    ],
  });
  if (!("view" in listed)) return listed;
  const fields: readonly Field[] = [
    {
      name: "of",
      label: words.reviews.of,
      type: "select",
      value: "outside",
      options: [
        { value: "outside", label: words.reviews.outside },
        ...teams.value.map(({ id, name }) => ({
          value: id,
          label: fill(words.reviews.team, { name }),
        })),
      ],
    },
  ];
  return {
    title: words.sections.reviews,
    ...(sent ? { status: 422 } : {}),
    body: (
      <>
        <p>{words.reviews.how}</p>
        {listed.view}
        <h2>{words.reviews.start}</h2>
        <Form
          visit={visit}
          fields={fields}
          typed={sent}
          action={here(PATH)}
          submit={words.reviews.start}
        />
      </>
    ),
  };
}

async function one(visit: OrgVisit): Promise<Outcome> {
  const { api, here, words, text } = visit;
  const found = await api.get<Review>(inApi(visit));
  if (!found.ok) return found;
  const review = found.value;
  const open = review.closedAt === null;
  const decided = (item: Item): string =>
    item.decision === null
      ? words.reviews.undecided
      : item.decision === "keep"
        ? words.reviews.kept
        : words.reviews.ended;
  const answer = ({ askedAt, confirmedAt }: Item): string => {
    if (confirmedAt) return fill(words.reviews.confirmed, { at: instantText(visit, confirmedAt) });
    return askedAt ? fill(words.reviews.asked, { at: instantText(visit, askedAt) }) : "";
  };
  const acts = (item: Item): Child => {
    if (!open || item.decision === "end") return <></>;
    const about = `${whoOf(item)} (${words.reviews.kinds[item.kind]})`;
    const act = (what: "keep" | "end" | "ask", strong?: true) => (
      <Act
        action={here(`${pageOf(review.id)}/decide`)}
        label={words.reviews[what]}
        about={about}
        hidden={{ item: item.id, act: what, to: whoOf(item) }}
        {...(strong ? { strong } : {})}
      />
    );
    return (
      <>
        {item.decision === null && act("keep", true)}
        {act("end")}
        {item.partner && !item.askedAt && act("ask")}
      </>
    );
  };
  const listed = await table<Item>(visit, {
    caption: subject(visit, review),
    list: { rows: review.items ?? [] },
    empty: <p>{words.reviews.nothing}</p>,
    filters: [
      {
        key: "decision",
        label: words.reviews.decision,
        options: (["", "keep", "end"] as const).map((value) => ({
          value: value || "open",
          label: decided({ decision: value || null } as Item),
        })),
        of: ({ decision }) => decision ?? "open",
      },
    ],
    columns: [
      { key: "to", label: words.reviews.who, value: whoOf },
      { key: "kind", label: words.reviews.kind, value: ({ kind }) => words.reviews.kinds[kind] },
      { key: "role", label: words.role, value: ({ role }) => roleLabel(text, role) },
      { key: "org", label: words.reviews.where, value: ({ org }) => org.name },
      { key: "decision", label: words.reviews.decision, value: decided },
      { key: "reason", label: words.reason, value: ({ reason }) => reason },
      { key: "answer", label: words.reviews.answer, value: answer },
    ],
    ...(open ? { acts } : {}),
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.reviews.title,
    body: (
      <>
        <p>
          {stateOf(visit, review)}. {words.reviews.kept}: {review.counts.kept}.{" "}
          {words.reviews.ended}: {review.counts.ended}. {words.reviews.left}: {review.counts.open}.
        </p>
        {listed.view}
        {open && (
          <form method="post" action={here(`${pageOf(review.id)}/close`)}>
            <button type="submit" class="secondary">
              {words.reviews.close}
            </button>
          </form>
        )}
      </>
    ),
  };
}

async function decide(visit: OrgVisit, fields: Fields, every: Every): Promise<Outcome> {
  const { api, here, words } = visit;
  const { item = "", act = "", to = "" } = fields;
  const path = `${inApi(visit)}/items/${encodeURIComponent(item)}`;
  const back = pageOf(visit.param("review"));
  if (act === "ask") {
    const sent = await api.send("POST", `${path}/ask`, {});
    return sent.ok ? after(visit, back, "asked") : sent;
  }
  const body = { decision: act };
  const edit = { method: "PUT", path, body } as const;
  if (act === "end") {
    const asks = await unlessSure(
      visit,
      { fields, every },
      {
        title: fill(words.reviews.endTitle, { to }),
        what: <p>{fill(words.reviews.endWhat, { to })}</p>,
        submit: words.reviews.end,
        back: here(back),
        edit,
      },
    );
    if (asks) return asks;
  }
  const done = await api.send(edit.method, edit.path, edit.body);
  return done.ok ? after(visit, back, act === "end" ? "removed" : "kept") : done;
}

/** Walks of all that people outside, or a team, hold: each is kept or ended, and the walk is a record. */
export const reviewSections: readonly Section[] = [
  {
    section: "reviews",
    path: PATH,
    admins: true,
    show: (visit) => list(visit),
    async act(visit, fields) {
      const { of = "outside" } = fields;
      const body = { of: of === "outside" ? of : { team: of } };
      const made = await visit.api.send<Review>("POST", `${visit.at}/reviews`, body);
      if (isRefusal(made)) return list(visit, { fields, refusal: made });
      return { next: visit.here(pageOf(made.value.id)) };
    },
  },
  { section: "reviews", path: `${PATH}/:review`, admins: true, inside: true, show: one },
  { section: "reviews", path: `${PATH}/:review/decide`, admins: true, inside: true, act: decide },
  {
    section: "reviews",
    path: `${PATH}/:review/close`,
    admins: true,
    inside: true,
    async act(visit) {
      const closed = await visit.api.send("POST", `${inApi(visit)}/close`, {});
      return closed.ok ? after(visit, pageOf(visit.param("review")), "closed") : closed;
    },
  },
];

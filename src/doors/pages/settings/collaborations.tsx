import type { Refusal } from "../../../refusals.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { When } from "../kit/dates.tsx";
import { Act, Form } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill, roleLabel } from "../kit/words.tsx";
import type { Fields, Outcome } from "../page.ts";

interface Shared {
  readonly id: string;
  readonly role: string;
  readonly status: string;
  readonly expiresAt: string | null;
}
interface Collaboration {
  readonly id: string;
  readonly with: { readonly id: number; readonly name: string | null };
  readonly status: string;
  readonly direction: "outgoing" | "incoming";
  readonly shared: { readonly given: number; readonly received: number };
  readonly given?: readonly Shared[];
  readonly received?: readonly Shared[];
  readonly changedAt: string;
}

const PATH = "collaborations";
const pageOf = (collaboration: string) => `${PATH}/${encodeURIComponent(collaboration)}`;
const inApi = ({ at }: OrgVisit, collaboration: string) =>
  `${at}/collaborations/${encodeURIComponent(collaboration)}`;

const partner = ({ with: { id, name } }: Collaboration): string =>
  name === null ? String(id) : `${name} (${id})`;

/** Whether it stands; while it does not, who is to answer. */
const stateOf = ({ words }: OrgVisit, { status, direction }: Collaboration): string =>
  status === "pending" ? words.collaborations[direction] : (words.states[status] ?? status);

const isAsked = ({ status, direction }: Collaboration): boolean =>
  status === "pending" && direction === "incoming";

/** What may be said to it: yes where the other side asked, and no while it is not over. */
const Answers = ({ visit, of }: { visit: OrgVisit; of: Collaboration }) => {
  const { here, words } = visit;
  if (of.status === "ended") return <></>;
  return (
    <>
      {isAsked(of) && (
        <Act
          action={here(`${pageOf(of.id)}/accept`)}
          label={words.received.accept}
          about={partner(of)}
          strong
        />
      )}
      <Act
        action={here(`${pageOf(of.id)}/remove`)}
        label={isAsked(of) ? words.received.decline : words.collaborations.end}
        about={partner(of)}
      />
    </>
  );
};

async function list(visit: OrgVisit): Promise<Outcome> {
  const { at, here, words } = visit;
  const listed = await table<Collaboration>(visit, {
    caption: words.collaborations.caption,
    list: { path: `${at}/collaborations` },
    filters: [
      {
        key: "status",
        label: words.state,
        options: ["pending", "active", "ended"].map((value) => ({
          value,
          label: words.states[value] ?? value,
        })),
      },
    ],
    empty: (
      <p>
        {words.collaborations.none} <a href={here(`${PATH}/new`)}>{words.collaborations.ask}</a>
      </p>
    ),
    columns: [
      {
        key: "with",
        label: words.collaborations.with,
        value: partner,
        cell: (row) => <a href={here(pageOf(row.id))}>{partner(row)}</a>,
      },
      { key: "status", label: words.state, value: (row) => stateOf(visit, row) },
      { key: "given", label: words.sections.sharedByUs, value: ({ shared }) => shared.given },
      {
        key: "received",
        label: words.sections.sharedWithUs,
        value: ({ shared }) => shared.received,
      },
      {
        key: "since",
        label: words.since,
        value: ({ changedAt }) => changedAt,
        cell: ({ changedAt }) => <When visit={visit} at={changedAt} />,
      },
    ],
    acts: (row) => <Answers visit={visit} of={row} />,
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.sections.collaborations,
    body: (
      <>
        <p>
          <a href={here(`${PATH}/new`)} role="button">
            {words.collaborations.ask}
          </a>
        </p>
        {listed.view}
      </>
    ),
  };
}

const askForm = (visit: OrgVisit, fields?: Fields, refusal?: Refusal): Outcome => ({
  title: visit.words.collaborations.ask,
  status: refusal?.status ?? 200,
  body: (
    <>
      <p>{visit.words.collaborations.askHow}</p>
      <Form
        visit={visit}
        action={visit.here(`${PATH}/new`)}
        submit={visit.words.collaborations.ask}
        typed={fields && { fields, refusal }}
        fields={[
          {
            name: "with",
            label: visit.words.shares.orgId,
            hint: visit.words.shares.orgHow,
            required: true,
            autocomplete: "off",
          },
        ]}
      />
    </>
  ),
});

async function one(visit: OrgVisit): Promise<Outcome> {
  const { api, here, words, text } = visit;
  const found = await api.get<Collaboration>(inApi(visit, visit.param("collaboration")));
  if (!found.ok) return found;
  const it = found.value;
  const ways = [
    ["given", words.sections.sharedByUs, "shared-by-us"],
    ["received", words.sections.sharedWithUs, "shared-with-us"],
  ] as const;
  return {
    title: fill(words.collaborations.title, { name: partner(it) }),
    body: (
      <>
        <dl class="facts">
          <dt>{words.state}</dt>
          <dd>{stateOf(visit, it)}</dd>
          <dt>{words.since}</dt>
          <dd>
            <When visit={visit} at={it.changedAt} />
          </dd>
        </dl>
        <div class="buttons">
          <Answers visit={visit} of={it} />
        </div>
        {ways.map(([way, title, path]) => (
          <>
            <h2>
              {title} ({it.shared[way]})
            </h2>
            {it.shared[way] === 0 && <p>{words.collaborations.nothing}</p>}
            <ul>
              {(it[way] ?? []).map((share) => (
                <li>
                  <a href={here(`${path}/${encodeURIComponent(share.id)}`)}>
                    {roleLabel(text, share.role)}
                  </a>
                  , {words.states[share.status] ?? share.status}
                  {share.expiresAt && (
                    <>
                      , {words.until} <When visit={visit} at={share.expiresAt} />
                    </>
                  )}
                </li>
              ))}
            </ul>
          </>
        ))}
      </>
    ),
  };
}

const inside = { section: "collaborations", admins: true, inside: true } as const;

export const collaborationSections: readonly Section[] = [
  { section: "collaborations", path: PATH, admins: true, show: list },
  {
    ...inside,
    path: `${PATH}/new`,
    show: (visit) => askForm(visit),
    async act(visit, fields) {
      const said = (fields["with"] ?? "").trim();
      const body = { with: /^\d{1,15}$/.test(said) ? Number(said) : said };
      const asked = await visit.api.send<Collaboration>("POST", `${visit.at}/collaborations`, body);
      return asked.ok
        ? after(
            visit,
            pageOf(asked.value.id),
            asked.value.status === "active" ? "accepted" : "asked",
          )
        : askForm(visit, fields, asked);
    },
  },
  { ...inside, path: `${PATH}/:collaboration`, show: one },
  {
    ...inside,
    path: `${PATH}/:collaboration/accept`,
    async act(visit) {
      const { api, param } = visit;
      const id = param("collaboration");
      const done = await api.send("POST", `${inApi(visit, id)}/accept`, {});
      return done.ok ? after(visit, pageOf(id), "accepted") : done;
    },
  },
  {
    ...inside,
    path: `${PATH}/:collaboration/remove`,
    async act(visit, fields, every) {
      const { api, words, here, param } = visit;
      const found = await api.get<Collaboration>(inApi(visit, param("collaboration")));
      if (!found.ok) return found;
      const it = found.value;
      const edit = { method: "DELETE", path: inApi(visit, it.id) } as const;
      const said = { name: partner(it), ...it.shared };
      const { removeTitle, removeWhat, declineTitle, declineWhat, end } = words.collaborations;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(isAsked(it) ? declineTitle : removeTitle, said),
          what: <p>{fill(isAsked(it) ? declineWhat : removeWhat, said)}</p>,
          submit: isAsked(it) ? words.received.decline : end,
          back: here(pageOf(it.id)),
          edit,
        },
      );
      if (asked) return asked;
      const done = await api.send(edit.method, edit.path);
      return done.ok ? after(visit, PATH, isAsked(it) ? "declined" : "ended") : done;
    },
  },
];

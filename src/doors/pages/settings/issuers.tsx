import type { Refusal } from "../../../refusals.ts";
import { ALGORITHMS } from "../../who/issuers.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { Act, Form, type Field } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill } from "../kit/words.tsx";
import type { Every, Fields, Outcome } from "../page.ts";

interface Issuer {
  readonly id: string;
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
  readonly claim: string;
  readonly algorithms: readonly string[];
}

const PATH = "issuers";
const USUAL = ["RS256", "ES256", "EdDSA"];
const pageOf = (id: string) => `${PATH}/${encodeURIComponent(id)}`;
const pathOf = ({ at, param }: OrgVisit) => `${at}/issuers/${encodeURIComponent(param("issuer"))}`;

async function list(visit: OrgVisit): Promise<Outcome> {
  const { at, here, words } = visit;
  const listed = await table<Issuer>(visit, {
    caption: words.sections.issuers,
    list: { path: `${at}/issuers` },
    empty: (
      <p>
        {words.issuers.none} <a href={here(`${PATH}/new`)}>{words.issuers.create}</a>
      </p>
    ),
    columns: [
      {
        key: "issuer",
        label: words.issuers.issuer,
        value: ({ issuer }) => issuer,
        cell: ({ id, issuer }) => <a href={here(pageOf(id))}>{issuer}</a>,
      },
      { key: "audience", label: words.issuers.audience, value: ({ audience }) => audience },
      { key: "claim", label: words.issuers.claim, value: ({ claim }) => claim },
      { key: "keys", label: words.issuers.jwksUrl, value: ({ jwksUrl }) => jwksUrl },
      {
        key: "algorithms",
        label: words.issuers.algorithms,
        value: ({ algorithms }) => algorithms.join(", "),
      },
    ],
    acts: ({ id, issuer }) => (
      <Act action={here(`${pageOf(id)}/remove`)} label={words.remove} about={issuer} />
    ),
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.sections.issuers,
    body: (
      <>
        <p>
          <a href={here(`${PATH}/new`)} role="button">
            {words.issuers.create}
          </a>
        </p>
        {listed.view}
      </>
    ),
  };
}

interface Again {
  readonly current?: Issuer;
  readonly fields?: Fields | undefined;
  readonly every?: Every;
  readonly refusal?: Refusal;
}

function issuerForm(visit: OrgVisit, { current, fields, every, refusal }: Again = {}): Outcome {
  const { words, here } = visit;
  const own: readonly Field[] = current
    ? []
    : [
        {
          name: "issuer",
          label: words.issuers.issuer,
          hint: words.issuers.issuerHow,
          type: "url",
          required: true,
        },
      ];
  return {
    title: current?.issuer ?? words.issuers.create,
    status: refusal?.status ?? 200,
    body: (
      <>
        <p>{words.issuers.how}</p>
        <Form
          visit={visit}
          action={here(current ? pageOf(current.id) : `${PATH}/new`)}
          submit={current ? words.save : words.issuers.create}
          typed={fields && { fields, refusal }}
          fields={[
            ...own,
            {
              name: "audience",
              label: words.issuers.audience,
              hint: words.issuers.audienceHow,
              required: true,
              value: current?.audience,
            },
            {
              name: "claim",
              label: words.issuers.claim,
              hint: words.issuers.claimHow,
              value: current?.claim ?? "email",
            },
            {
              name: "jwksUrl",
              label: words.issuers.jwksUrl,
              hint: words.issuers.jwksHow,
              type: "url",
              value: current?.jwksUrl,
            },
            {
              name: "algorithms",
              label: words.issuers.algorithms,
              type: "checkboxes",
              options: ALGORITHMS.map((value) => ({ value, label: value })),
              values: every ? every("algorithms") : (current?.algorithms ?? USUAL),
            },
          ]}
        />
      </>
    ),
  };
}

const bodyOf = (fields: Fields, every: Every) => ({
  audience: fields["audience"] ?? "",
  ...(fields["claim"] ? { claim: fields["claim"] } : {}),
  ...(fields["jwksUrl"] ? { jwksUrl: fields["jwksUrl"] } : {}),
  algorithms: every("algorithms"),
});

export const issuerSections: readonly Section[] = [
  { section: "issuers", path: PATH, admins: true, show: list },
  {
    section: "issuers",
    path: `${PATH}/new`,
    admins: true,
    inside: true,
    show: (visit) => issuerForm(visit),
    async act(visit, fields, every) {
      const body = { issuer: fields["issuer"] ?? "", ...bodyOf(fields, every) };
      const made = await visit.api.send("POST", `${visit.at}/issuers`, body);
      if (made.ok) return after(visit, PATH, "added");
      return made.code === "not_found" ? made : issuerForm(visit, { fields, every, refusal: made });
    },
  },
  {
    section: "issuers",
    path: `${PATH}/:issuer`,
    admins: true,
    inside: true,
    async show(visit) {
      const found = await visit.api.get<Issuer>(pathOf(visit));
      return found.ok ? issuerForm(visit, { current: found.value }) : found;
    },
    async act(visit, fields, every) {
      const found = await visit.api.get<Issuer>(pathOf(visit));
      if (!found.ok) return found;
      const saved = await visit.api.send("PATCH", pathOf(visit), bodyOf(fields, every));
      return saved.ok
        ? after(visit, PATH, "saved")
        : issuerForm(visit, { current: found.value, fields, every, refusal: saved });
    },
  },
  {
    section: "issuers",
    path: `${PATH}/:issuer/remove`,
    admins: true,
    inside: true,
    async act(visit, fields, every) {
      const { api, words, here } = visit;
      const found = await api.get<Issuer>(pathOf(visit));
      if (!found.ok) return found;
      const { issuer } = found.value;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.issuers.removeTitle, { issuer }),
          what: <p>{words.issuers.removeWhat}</p>,
          submit: words.remove,
          back: here(PATH),
        },
      );
      if (asked) return asked;
      const removed = await api.send("DELETE", pathOf(visit));
      return removed.ok ? after(visit, PATH, "gone") : removed;
    },
  },
];

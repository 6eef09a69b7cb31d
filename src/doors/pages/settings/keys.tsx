import type { Refusal } from "../../../refusals.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { When } from "../kit/dates.tsx";
import { Act, Form } from "../kit/form.tsx";
import { Once } from "../kit/once.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill } from "../kit/words.tsx";
import type { Every, Fields, Outcome } from "../page.ts";

interface Key {
  readonly id: string;
  readonly name: string;
  readonly holds: readonly string[];
  readonly createdAt: string;
}

const PATH = "keys";
const HOLDS = ["check", "manage"];

async function list(visit: OrgVisit): Promise<Outcome> {
  const { at, here, words } = visit;
  const listed = await table<Key>(visit, {
    caption: words.sections.keys,
    list: { path: `${at}/keys` },
    empty: (
      <p>
        {words.keys.none} <a href={here(`${PATH}/new`)}>{words.keys.create}</a>
      </p>
    ),
    columns: [
      { key: "name", label: words.name, value: ({ name }) => name },
      {
        key: "holds",
        label: words.keys.holds,
        value: ({ holds }) => holds.map((one) => words.keys.kinds[one] ?? one).join(", "),
      },
      { key: "id", label: words.received.id, value: ({ id }) => id },
      {
        key: "since",
        label: words.since,
        value: ({ createdAt }) => createdAt,
        cell: ({ createdAt }) => <When visit={visit} at={createdAt} />,
      },
    ],
    acts: ({ id, name }) => (
      <Act
        action={here(`${PATH}/${encodeURIComponent(id)}/remove`)}
        label={words.remove}
        about={name}
      />
    ),
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.sections.keys,
    body: (
      <>
        <p>
          <a href={here(`${PATH}/new`)} role="button">
            {words.keys.create}
          </a>
        </p>
        {listed.view}
      </>
    ),
  };
}

function newForm(visit: OrgVisit, fields?: Fields, every?: Every, refusal?: Refusal): Outcome {
  const { words, here } = visit;
  return {
    title: words.keys.create,
    status: refusal?.status ?? 200,
    body: (
      <>
        <p>{words.keys.how}</p>
        <Form
          visit={visit}
          action={here(`${PATH}/new`)}
          submit={words.keys.create}
          typed={fields && { fields, refusal }}
          fields={[
            { name: "name", label: words.name, required: true },
            {
              name: "holds",
              label: words.keys.holds,
              type: "checkboxes",
              options: HOLDS.map((value) => ({ value, label: words.keys.kinds[value] ?? value })),
              values: every ? every("holds") : ["check"],
            },
          ]}
        />
      </>
    ),
  };
}

export const keySections: readonly Section[] = [
  { section: "keys", path: PATH, admins: true, show: list },
  {
    section: "keys",
    path: `${PATH}/new`,
    admins: true,
    inside: true,
    show: (visit) => newForm(visit),
    async act(visit, fields, every) {
      const { api, at, words, here } = visit;
      const body = { name: fields["name"] ?? "", holds: every("holds") };
      const made = await api.send<Key & { token: string }>("POST", `${at}/keys`, body);
      if (!made.ok) return made.code === "not_found" ? made : newForm(visit, fields, every, made);
      return {
        title: words.keys.made,
        body: (
          <>
            <Once visit={visit} label={words.keys.token} secret={made.value.token} />
            <p>
              <a href={here(PATH)}>{words.sections.keys}</a>
            </p>
          </>
        ),
      };
    },
  },
  {
    section: "keys",
    path: `${PATH}/:key/remove`,
    admins: true,
    inside: true,
    async act(visit, fields, every) {
      const { api, at, words, here, param } = visit;
      const path = `${at}/keys/${encodeURIComponent(param("key"))}`;
      const found = await api.get<Key>(path);
      if (!found.ok) return found;
      const { name } = found.value;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.keys.removeTitle, { name }),
          what: <p>{words.keys.removeWhat}</p>,
          submit: words.remove,
          back: here(PATH),
        },
      );
      if (asked) return asked;
      const removed = await api.send("DELETE", path);
      return removed.ok ? after(visit, PATH, "gone") : removed;
    },
  },
];

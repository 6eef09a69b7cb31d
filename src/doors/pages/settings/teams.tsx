import { isRefusal, type Refusal } from "../../../refusals.ts";
import { unlessSure, type Sent } from "../kit/confirm.tsx";
import { Act, Finder, Form, Problem, type Field } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { plain, table } from "../kit/table.tsx";
import { fill, roleLabel, scopeLabel } from "../kit/words.tsx";
import type { Fields, Outcome } from "../page.ts";
import { rulesTable, ruleSections, type Grant } from "./rules.tsx";

interface Team {
  readonly id: string;
  readonly name: string;
  readonly members: number;
  readonly grants: readonly Grant[];
}
interface Member {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly status: string;
  readonly teams: readonly { readonly id: string }[];
}

const PATH = "teams";
const pageOf = (team: string) => `${PATH}/${encodeURIComponent(team)}`;
const inApi = ({ at }: OrgVisit, team: string) => `${at}/teams/${encodeURIComponent(team)}`;

const nameField = ({ words }: OrgVisit, value = ""): Field => ({
  name: "name",
  label: words.name,
  required: true,
  autocomplete: "off",
  value,
});

async function list(visit: OrgVisit): Promise<Outcome> {
  const { at, here, words, text } = visit;
  const listed = await table<Team>(visit, {
    caption: words.teams.caption,
    list: { path: `${at}/teams` },
    empty: (
      <p>
        {words.teams.none} <a href={here(`${PATH}/new`)}>{words.teams.create}</a>
      </p>
    ),
    columns: [
      {
        key: "name",
        label: words.name,
        value: ({ name }) => name,
        cell: ({ id, name }) => <a href={here(pageOf(id))}>{name}</a>,
      },
      { key: "members", label: words.teams.members, value: ({ members }) => members },
      {
        key: "may",
        label: words.teams.may,
        value: ({ grants }) =>
          grants
            .map(({ role, scope }) => `${roleLabel(text, role)}, ${scopeLabel(text, scope)}`)
            .join("; ") || words.members.noRole,
      },
    ],
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.sections.teams,
    body: (
      <>
        <p>
          <a href={here(`${PATH}/new`)} role="button">
            {words.teams.create}
          </a>
        </p>
        {listed.view}
      </>
    ),
  };
}

const createForm = (visit: OrgVisit, fields?: Fields, refusal?: Refusal): Outcome => ({
  title: visit.words.teams.create,
  status: refusal?.status ?? 200,
  body: (
    <>
      <p>{visit.words.teams.createHow}</p>
      <Form
        visit={visit}
        action={visit.here(`${PATH}/new`)}
        submit={visit.words.teams.create}
        typed={fields && { fields, refusal }}
        fields={[nameField(visit)]}
      />
    </>
  ),
});

const teamOf = (visit: OrgVisit) => visit.api.get<Team>(inApi(visit, visit.param("team")));

/** The team, as whom access rules name. */
const holderOf = (visit: OrgVisit, { id, name, grants }: Team) => ({
  name,
  intro: fill(visit.words.received.team, { name }),
  grants,
  page: pageOf(id),
  path: `${inApi(visit, id)}/grants`,
});

async function one(visit: OrgVisit, fields?: Fields, refusal?: Refusal): Promise<Outcome> {
  const { words, here } = visit;
  const found = await teamOf(visit);
  if (!found.ok) return found;
  const team = found.value;
  const path = pageOf(team.id);
  const rules = await rulesTable(visit, holderOf(visit, team));
  if (!("view" in rules)) return rules;
  return {
    title: team.name,
    status: refusal?.status ?? 200,
    body: (
      <>
        <p>
          <a href={here(`${path}/members`)}>
            {words.teams.members} ({team.members})
          </a>
        </p>
        <h2>{words.rules.caption}</h2>
        {rules.view}
        <p>
          <a href={here(`${path}/rules/new`)} role="button">
            {words.rules.add}
          </a>
        </p>
        <h2>{words.tags.rename}</h2>
        <Form
          visit={visit}
          action={here(path)}
          submit={words.tags.rename}
          typed={fields && { fields, refusal }}
          fields={[nameField(visit, team.name)]}
        />
        <Act action={here(`${path}/remove`)} label={words.teams.remove} about={team.name} />
      </>
    ),
  };
}

async function members(visit: OrgVisit): Promise<Outcome> {
  const { words, here } = visit;
  const found = await teamOf(visit);
  if (!found.ok) return found;
  const { id, name } = found.value;
  const path = pageOf(id);
  const listed = await table<Member>(visit, {
    caption: words.teams.members,
    list: { path: `${inApi(visit, id)}/members` },
    empty: (
      <p>
        {words.teams.nobody} <a href={here(`${path}/members/new`)}>{words.teams.addMembers}</a>
      </p>
    ),
    columns: [
      {
        key: "name",
        label: words.name,
        value: (row) => row.name,
        cell: (row) => <a href={here(`team-members/${encodeURIComponent(row.id)}`)}>{row.name}</a>,
      },
      { key: "email", label: words.email, value: ({ email }) => email },
      {
        key: "status",
        label: words.state,
        value: ({ status }) => words.states[status] ?? status,
      },
    ],
    acts: (row) => (
      <Act
        action={here(`${path}/members/${encodeURIComponent(row.id)}/remove`)}
        label={words.teams.takeOut}
        about={row.name}
      />
    ),
  });
  if (!("view" in listed)) return listed;
  return {
    title: fill(words.teams.membersOf, { name }),
    body: (
      <>
        <p>
          <a href={here(path)}>{name}</a>
        </p>
        <p>
          <a href={here(`${path}/members/new`)} role="button">
            {words.teams.addMembers}
          </a>
        </p>
        {listed.view}
      </>
    ),
  };
}

/** So many members are offered at once; the others are found by name or address. */
const OFFERED = 50;
/** Before anybody searches, no more of them are looked at. */
const FIRST = 500;

async function addForm(visit: OrgVisit, sent?: Sent, refusal?: Refusal): Promise<Outcome> {
  const { api, at, words, here } = visit;
  const find = plain(sent?.fields["find"] ?? "");
  const chosen = sent ? sent.every("member") : [];
  const [found, all] = await Promise.all([
    teamOf(visit),
    api.all<Member>(`${at}/members`, find === "" && chosen.length === 0 ? FIRST : undefined),
  ]);
  if (!found.ok) return found;
  if (!all.ok) return all;
  const { id, name } = found.value;
  const outside = all.value.filter(({ teams }) => teams.every((team) => team.id !== id));
  const matching = outside.filter(
    (row) => !chosen.includes(row.id) && plain(`${row.name} ${row.email}`).includes(find),
  );
  const offered = [
    ...outside.filter((row) => chosen.includes(row.id)),
    ...matching.slice(0, OFFERED),
  ];
  return {
    title: words.teams.addMembers,
    status: refusal?.status ?? 200,
    body: (
      <>
        <p>
          <a href={here(`${pageOf(id)}/members`)}>{name}</a>
        </p>
        <p>{words.teams.addHow}</p>
        {refusal && <Problem visit={visit} refusal={refusal} />}
        {outside.length === 0 && all.value.length < FIRST ? (
          <p>
            {words.teams.allIn} <a href={here("team-members/new")}>{words.members.invite}</a>
          </p>
        ) : (
          <form method="post" action={here(`${pageOf(id)}/members/new`)}>
            <fieldset>
              <legend>{words.sections.members}</legend>
              <Finder
                visit={visit}
                name="member"
                label={words.teams.find}
                find={sent?.fields["find"] ?? ""}
                options={offered.map((row) => ({
                  value: row.id,
                  label: `${row.name} (${row.email})`,
                }))}
                chosen={chosen}
                more={matching.length > OFFERED}
              />
            </fieldset>
            <p class="buttons">
              <button type="submit" name="step" value="save">
                {words.add}
              </button>
            </p>
          </form>
        )}
      </>
    ),
  };
}

export const teamSections: readonly Section[] = [
  { section: "teams", path: PATH, admins: true, show: list },
  {
    section: "teams",
    path: `${PATH}/new`,
    admins: true,
    inside: true,
    show: (visit) => createForm(visit),
    async act(visit, fields) {
      const { name = "" } = fields;
      const made = await visit.api.send<Team>("POST", `${visit.at}/teams`, { name });
      return made.ok
        ? after(visit, pageOf(made.value.id), "added")
        : createForm(visit, fields, made);
    },
  },
  {
    section: "teams",
    path: `${PATH}/:team`,
    admins: true,
    inside: true,
    show: (visit) => one(visit),
    async act(visit, fields) {
      const { name = "" } = fields;
      const team = visit.param("team");
      const saved = await visit.api.send("PATCH", inApi(visit, team), { name });
      return saved.ok ? after(visit, pageOf(team), "saved") : one(visit, fields, saved);
    },
  },
  {
    section: "teams",
    path: `${PATH}/:team/remove`,
    admins: true,
    inside: true,
    async act(visit, fields, every) {
      const { words, here } = visit;
      const found = await teamOf(visit);
      if (!found.ok) return found;
      const { id, name, members: n, grants } = found.value;
      const edit = { method: "DELETE", path: inApi(visit, id) } as const;
      const said = { name, n, rules: grants.length };
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.teams.removeTitle, said),
          what: <p>{fill(words.teams.removeWhat, said)}</p>,
          submit: words.teams.remove,
          back: here(pageOf(id)),
          edit,
          typed: name,
        },
      );
      if (asked) return asked;
      const removed = await visit.api.send(edit.method, edit.path);
      return removed.ok ? after(visit, PATH, "removed") : removed;
    },
  },
  {
    section: "teams",
    path: `${PATH}/:team/members`,
    admins: true,
    inside: true,
    show: members,
  },
  {
    section: "teams",
    path: `${PATH}/:team/members/new`,
    admins: true,
    inside: true,
    show: (visit) => addForm(visit),
    async act(visit, fields, every) {
      const { api, at } = visit;
      const team = visit.param("team");
      const sent = { fields, every };
      const chosen = every("member");
      if (fields["step"] === "find" || chosen.length === 0) return addForm(visit, sent);
      const edits = chosen.map((member) => ({
        method: "PUT",
        path: `${inApi(visit, team)}/members/${encodeURIComponent(member)}`,
      }));
      const added = await api.send("POST", `${at}/batch`, { edits });
      return added.ok
        ? after(visit, `${pageOf(team)}/members`, "added")
        : addForm(visit, sent, added);
    },
  },
  {
    section: "teams",
    path: `${PATH}/:team/members/:member/remove`,
    admins: true,
    inside: true,
    async act(visit, fields, every) {
      const { api, at, words, here } = visit;
      const [team, member] = await Promise.all([
        teamOf(visit),
        api.get<Member>(`${at}/members/${encodeURIComponent(visit.param("member"))}`),
      ]);
      if (!team.ok) return team;
      if (!member.ok) return member;
      const { id } = team.value;
      const path = `${inApi(visit, id)}/members/${encodeURIComponent(member.value.id)}`;
      const edit = { method: "DELETE", path } as const;
      const said = { team: team.value.name, name: member.value.name };
      const back = `${pageOf(id)}/members`;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.teams.takeOutTitle, said),
          what: <p>{fill(words.teams.takeOutWhat, said)}</p>,
          submit: words.teams.takeOut,
          back: here(back),
          edit,
        },
      );
      if (asked) return asked;
      const removed = await api.send(edit.method, edit.path);
      return removed.ok ? after(visit, back, "removed") : removed;
    },
  },
  ...ruleSections({
    section: "teams",
    path: `${PATH}/:team`,
    rule: "teamGrant",
    async holder(visit) {
      const found = await teamOf(visit);
      return isRefusal(found) ? found : holderOf(visit, found.value);
    },
  }),
];

import type { Refusal } from "../../../refusals.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { When } from "../kit/dates.tsx";
import { Act, Form, type Field } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { savedOr, termsBody, termsForm, type Again } from "../kit/terms.tsx";
import { fill, roleLabel, scopeLabel } from "../kit/words.tsx";
import type { Fields, Outcome } from "../page.ts";
import { rulesTable, ruleSections, type Grant } from "./rules.tsx";

interface Member {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly status: string;
  readonly role: string | null;
  readonly grants: readonly Grant[];
  readonly teams: readonly { readonly id: string; readonly name: string }[];
  readonly externalId?: string;
  /** A day, by UTC. */
  readonly lastUsed: string | null;
  readonly invitedAt: string;
  readonly acceptedAt: string | null;
}

const PATH = "team-members";
const pageOf = (member: string) => `${PATH}/${encodeURIComponent(member)}`;

/** A name, marked while its owner has not accepted. */
const nameShown = ({ words }: OrgVisit, { name, status }: Member): string =>
  status === "active" ? name : `${name} (${words.states[status] ?? status})`;

async function list(visit: OrgVisit): Promise<Outcome> {
  const { at, here, words, text } = visit;
  const listed = await table<Member>(visit, {
    caption: words.members.caption,
    list: { path: `${at}/members` },
    filters: [
      {
        key: "status",
        label: words.state,
        options: ["active", "pending", "expired"].map((value) => ({
          value,
          label: words.states[value] ?? value,
        })),
        of: ({ status }) => status,
      },
    ],
    empty: (
      <p>
        {words.members.none} <a href={here(`${PATH}/new`)}>{words.members.invite}</a>
      </p>
    ),
    columns: [
      {
        key: "name",
        label: words.name,
        value: (row) => nameShown(visit, row),
        cell: (row) => <a href={here(pageOf(row.id))}>{nameShown(visit, row)}</a>,
      },
      { key: "email", label: words.email, value: ({ email }) => email },
      {
        key: "role",
        label: words.role,
        value: ({ role }) => roleLabel(text, role) || words.members.noRole,
      },
      {
        key: "scope",
        label: words.which,
        value: ({ grants }) => grants.map(({ scope }) => scopeLabel(text, scope)).join("; "),
      },
      {
        key: "teams",
        label: words.members.teams,
        value: ({ teams }) => teams.map(({ name }) => name).join(", "),
      },
      {
        key: "lastUsed",
        label: words.members.lastUsed,
        value: ({ lastUsed }) => lastUsed,
      },
    ],
    acts: (row) =>
      row.status === "active" ? (
        <></>
      ) : (
        <Act
          action={here(`${pageOf(row.id)}/resend`)}
          label={words.members.resend}
          about={row.name}
        />
      ),
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.sections.members,
    body: (
      <>
        <p>
          <a href={here(`${PATH}/new`)} role="button">
            {words.members.invite}
          </a>
        </p>
        {listed.view}
      </>
    ),
  };
}

const personFields = (visit: OrgVisit): readonly Field[] => [
  { name: "name", label: visit.words.name, required: true, autocomplete: "off" },
  {
    name: "email",
    label: visit.words.email,
    type: "email",
    required: true,
    autocomplete: "off",
  },
];

const inviteForm = (visit: OrgVisit, more: Again = {}) =>
  termsForm(visit, {
    title: visit.words.members.invite,
    intro: visit.words.members.inviteHow,
    action: visit.here(`${PATH}/new`),
    fields: personFields(visit),
    submit: visit.words.members.invite,
    who: more.sent?.fields["name"] ?? "",
    ...more,
  });

const memberOf = (visit: OrgVisit) =>
  visit.api.get<Member>(`${visit.at}/members/${encodeURIComponent(visit.param("member"))}`);

async function one(visit: OrgVisit, refusal?: Refusal, fields?: Fields): Promise<Outcome> {
  const { words, here } = visit;
  const found = await memberOf(visit);
  if (!found.ok) return found;
  const member = found.value;
  const at = pageOf(member.id);
  const listed = await rulesTable(visit, holderOf(visit, member));
  if (!("view" in listed)) return listed;
  return {
    title: nameShown(visit, member),
    status: refusal?.status ?? 200,
    body: (
      <>
        <dl class="facts">
          <dt>{words.email}</dt>
          <dd>{member.email}</dd>
          <dt>{words.members.status}</dt>
          <dd>{words.states[member.status] ?? member.status}</dd>
          <dt>{words.members.invitedAt}</dt>
          <dd>
            <When visit={visit} at={member.invitedAt} />
          </dd>
          {member.acceptedAt && (
            <>
              <dt>{words.members.acceptedAt}</dt>
              <dd>
                <When visit={visit} at={member.acceptedAt} />
              </dd>
            </>
          )}
          {member.teams.length > 0 && (
            <>
              <dt>{words.members.teams}</dt>
              <dd>{member.teams.map(({ name }) => name).join(", ")}</dd>
            </>
          )}
        </dl>
        <h2>{words.rules.caption}</h2>
        {listed.view}
        <p>
          <a href={here(`${at}/rules/new`)} role="button">
            {words.rules.add}
          </a>
        </p>
        <h2>{words.members.details}</h2>
        <Form
          visit={visit}
          action={here(at)}
          submit={words.save}
          typed={fields && { fields, refusal }}
          fields={[
            { name: "name", label: words.name, value: member.name, required: true },
            { name: "externalId", label: words.members.externalId, value: member.externalId ?? "" },
          ]}
        />
        <div class="buttons">
          {member.status !== "active" && (
            <Act action={here(`${at}/resend`)} label={words.members.resend} about={member.name} />
          )}
          <Act
            action={here(`${at}/remove`)}
            label={words.members.removeMember}
            about={member.name}
          />
        </div>
      </>
    ),
  };
}

/** The member, as whom access rules name. */
const holderOf = ({ at }: OrgVisit, { id, name, email, grants }: Member) => ({
  name,
  intro: `${name}, ${email}`,
  grants,
  page: pageOf(id),
  path: `${at}/members/${encodeURIComponent(id)}/grants`,
});

export const memberSections: readonly Section[] = [
  { section: "members", path: PATH, admins: true, show: list },
  {
    section: "members",
    path: `${PATH}/new`,
    admins: true,
    inside: true,
    show: (visit) => inviteForm(visit),
    act(visit, fields, every) {
      const { name = "", email = "" } = fields;
      const body = { name, email, ...termsBody(visit, fields, every) };
      return savedOr(
        visit,
        { fields, every },
        { method: "POST", path: `${visit.at}/members`, body },
        (more) => inviteForm(visit, more),
        () => after(visit, PATH, "invited"),
      );
    },
  },
  {
    section: "members",
    path: `${PATH}/:member`,
    admins: true,
    inside: true,
    show: (visit) => one(visit),
    async act(visit, fields) {
      const { name = "", externalId } = fields;
      const path = `${visit.at}/members/${encodeURIComponent(visit.param("member"))}`;
      const saved = await visit.api.send("PATCH", path, { name, externalId: externalId || null });
      return saved.ok
        ? after(visit, pageOf(visit.param("member")), "saved")
        : one(visit, saved, fields);
    },
  },
  {
    section: "members",
    path: `${PATH}/:member/resend`,
    admins: true,
    inside: true,
    async act(visit) {
      const path = `${visit.at}/members/${encodeURIComponent(visit.param("member"))}/resend`;
      const sent = await visit.api.send("POST", path, {});
      return sent.ok ? after(visit, PATH, "resent") : sent;
    },
  },
  {
    section: "members",
    path: `${PATH}/:member/remove`,
    admins: true,
    inside: true,
    async act(visit, fields, every) {
      const { words, org, here } = visit;
      const found = await memberOf(visit);
      if (!found.ok) return found;
      const { id, name, email, grants } = found.value;
      const edit = {
        method: "DELETE",
        path: `${visit.at}/members/${encodeURIComponent(id)}`,
      } as const;
      const said = { name, email, org: org.name, n: grants.length };
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.members.removeTitle, said),
          what: <p>{fill(words.members.removeWhat, said)}</p>,
          submit: words.members.removeMember,
          back: here(pageOf(id)),
          edit,
        },
      );
      if (asked) return asked;
      const removed = await visit.api.send(edit.method, edit.path);
      return removed.ok ? after(visit, PATH, "removed") : removed;
    },
  },
  ...ruleSections({
    section: "members",
    path: `${PATH}/:member`,
    rule: "rule",
    async holder(visit) {
      const found = await memberOf(visit);
      return found.ok ? holderOf(visit, found.value) : found;
    },
  }),
];

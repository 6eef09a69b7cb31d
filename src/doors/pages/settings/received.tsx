import { isRefusal, type Refusal } from "../../../refusals.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { When } from "../kit/dates.tsx";
import { Act, type Field, type Option } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { savedOr, termsBody, termsForm, type Again, type Terms } from "../kit/terms.tsx";
import { fill, roleLabel, scopeLabel } from "../kit/words.tsx";
import type { Fields, Outcome } from "../page.ts";

interface Received extends Terms {
  readonly id: string;
  readonly from: { readonly id: number; readonly name: string };
  readonly confirmedAt: string | null;
  readonly status: string;
  readonly frozen: boolean;
}
type Grantee = "members" | "admins" | { readonly member: string } | { readonly team: string };
interface Rule extends Terms {
  readonly id: string;
  readonly to: Grantee;
}
interface Named {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
}
interface Resource {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly org: { readonly name: string };
}

const PATH = "shared-with-us";
const pageOf = (share: string) => `${PATH}/${encodeURIComponent(share)}`;
const inApi = (visit: OrgVisit, share: string) =>
  `${visit.at}/received-shares/${encodeURIComponent(share)}`;
const stateOf = ({ words }: OrgVisit, { status, frozen }: Received): string =>
  [words.states[status] ?? status, ...(frozen ? [words.states["frozen"]] : [])].join(", ");

async function list(visit: OrgVisit): Promise<Outcome> {
  const { at, here, words, text } = visit;
  const listed = await table<Received>(visit, {
    caption: words.received.caption,
    list: { path: `${at}/received-shares` },
    filters: [
      {
        key: "status",
        label: words.state,
        options: ["pending", "active", "declined", "expired", "ended"].map((value) => ({
          value,
          label: words.states[value] ?? value,
        })),
        of: ({ status }) => status,
      },
    ],
    empty: <p>{words.received.none}</p>,
    columns: [
      {
        key: "from",
        label: words.received.from,
        value: ({ from }) => from.name,
        cell: ({ id, from }) => <a href={here(pageOf(id))}>{from.name}</a>,
      },
      { key: "role", label: words.received.greatest, value: ({ role }) => roleLabel(text, role) },
      { key: "scope", label: words.which, value: ({ scope }) => scopeLabel(text, scope) },
      { key: "status", label: words.state, value: (row) => stateOf(visit, row) },
      {
        key: "until",
        label: words.until,
        value: ({ expiresAt }) => expiresAt,
        cell: ({ expiresAt }) => (expiresAt ? <When visit={visit} at={expiresAt} /> : words.noEnd),
      },
    ],
  });
  return "view" in listed ? { title: words.sections.sharedWithUs, body: listed.view } : listed;
}

const shareOf = (visit: OrgVisit) => visit.api.get<Received>(inApi(visit, visit.param("received")));

const granteeKey = (to: Grantee): string =>
  typeof to === "string" ? to : "team" in to ? `team:${to.team}` : `member:${to.member}`;

/** Whom rules are for, by name. */
async function namesOf(visit: OrgVisit, rules: readonly Rule[]): Promise<Map<string, string>> {
  const { api, at, words } = visit;
  const keys = [...new Set(rules.map(({ to }) => granteeKey(to)))];
  const named = keys.map(async (key): Promise<[string, string]> => {
    if (key === "members" || key === "admins") return [key, words.received[key]];
    const [kind = "", id = ""] = key.split(":");
    const found = await api.get<Named>(`${at}/${kind}s/${encodeURIComponent(id)}`);
    const name = found.ok ? found.value.name : id;
    return [key, kind === "team" ? fill(words.received.team, { name }) : name];
  });
  return new Map(await Promise.all(named));
}

async function one(visit: OrgVisit, refusal?: Refusal): Promise<Outcome> {
  const { api, words, text, here, org } = visit;
  const found = await shareOf(visit);
  if (!found.ok) return found;
  const share = found.value;
  const said = { name: share.from.name, org: org.name };
  const rules = await api.all<Rule>(`${inApi(visit, share.id)}/rules`);
  if (!rules.ok) return rules;
  const names = await namesOf(visit, rules.value);
  const who = ({ to }: Rule) => names.get(granteeKey(to)) ?? "";
  const listed = await table<Rule>(visit, {
    caption: words.received.rules,
    list: { rows: rules.value },
    empty: <p>{share.status === "active" ? words.received.rulesNone : words.received.rulesWait}</p>,
    columns: [
      { key: "for", label: words.received.for, value: who },
      { key: "role", label: words.role, value: ({ role }) => roleLabel(text, role) },
      { key: "scope", label: words.which, value: ({ scope }) => scopeLabel(text, scope) },
      {
        key: "until",
        label: words.until,
        value: ({ expiresAt }) => expiresAt,
        cell: ({ expiresAt }) => (expiresAt ? <When visit={visit} at={expiresAt} /> : words.noEnd),
      },
      { key: "reason", label: words.reason, value: ({ reason }) => reason },
    ],
    acts: (rule) => (
      <>
        <a
          href={here(`${pageOf(share.id)}/rules/${rule.id}`)}
          aria-label={`${words.change}: ${who(rule)}`}
        >
          {words.change}
        </a>{" "}
        <Act
          action={here(`${pageOf(share.id)}/rules/${rule.id}/remove`)}
          label={words.remove}
          about={who(rule)}
          hidden={{ who: who(rule) }}
        />
      </>
    ),
  });
  if (!("view" in listed)) return listed;
  const open = share.status === "pending" || share.status === "active";
  return {
    title: fill(words.received.title, said),
    status: refusal?.status ?? 200,
    body: (
      <>
        {refusal && (
          <p role="alert" class="problem">
            {words.received.changed}
          </p>
        )}
        <dl class="facts">
          <dt>{words.state}</dt>
          <dd>{stateOf(visit, share)}</dd>
          <dt>{words.received.greatest}</dt>
          <dd>{roleLabel(text, share.role)}</dd>
          <dt>{words.which}</dt>
          <dd>
            {scopeLabel(text, share.scope)}{" "}
            {open && <a href={here(`${pageOf(share.id)}/resources`)}>{words.received.resources}</a>}
          </dd>
          <dt>{words.until}</dt>
          <dd>{share.expiresAt ? <When visit={visit} at={share.expiresAt} /> : words.noEnd}</dd>
          {share.confirmedAt && (
            <>
              <dt>{words.reviews.confirmedAt}</dt>
              <dd>
                <When visit={visit} at={share.confirmedAt} />
              </dd>
            </>
          )}
        </dl>
        {share.status === "pending" && <p>{fill(words.received.acceptHow, said)}</p>}
        {open && (
          <div class="buttons">
            {share.status === "pending" && (
              <Act
                action={here(`${pageOf(share.id)}/accept`)}
                label={words.received.accept}
                about={share.from.name}
                hidden={{ etag: found.etag ?? "" }}
                strong
              />
            )}
            {share.status === "active" && (
              <Act
                action={here(`${pageOf(share.id)}/confirm`)}
                label={words.reviews.confirm}
                about={share.from.name}
              />
            )}
            <Act
              action={here(`${pageOf(share.id)}/decline`)}
              label={words.received.decline}
              about={share.from.name}
            />
          </div>
        )}
        <h2>{words.received.rules}</h2>
        {listed.view}
        {share.status === "active" && (
          <p>
            <a href={here(`${pageOf(share.id)}/rules/new`)} role="button">
              {words.received.addRule}
            </a>
          </p>
        )}
      </>
    ),
  };
}

/** So many members are offered by name; another one is named by address. */
const MEMBERS_OFFERED = 500;

async function granteeFields(visit: OrgVisit): Promise<readonly Field[] | Refusal> {
  const { api, at, words } = visit;
  const [teams, members] = await Promise.all([
    api.all<Named>(`${at}/teams`),
    api.all<Named>(`${at}/members`, MEMBERS_OFFERED),
  ]);
  if (!teams.ok) return teams;
  if (!members.ok) return members;
  const options: readonly Option[] = [
    { value: "members", label: words.received.members },
    { value: "admins", label: words.received.admins },
    ...teams.value.map(({ id, name }) => ({
      value: `team:${id}`,
      label: fill(words.received.team, { name }),
    })),
    ...members.value.map(({ id, name, email }) => ({
      value: `member:${id}`,
      label: `${name} (${email ?? ""})`,
    })),
  ];
  return [
    { name: "to", label: words.received.for, type: "select", options, value: "members" },
    ...(members.value.length < MEMBERS_OFFERED
      ? []
      : [{ name: "email", label: words.received.orEmail, type: "email", pointer: "/to" } as const]),
  ];
}

async function granteeBody(visit: OrgVisit, { to = "", email = "" }: Fields): Promise<unknown> {
  if (email !== "") {
    const path = `${visit.at}/members/${encodeURIComponent(email.trim())}`;
    const member = await visit.api.get<Named>(path);
    return { member: member.ok ? member.value.id : email };
  }
  const [kind = "", id] = to.split(":");
  return id === undefined ? kind : { [kind]: id };
}

const within = (visit: OrgVisit, share: Received) => ({
  role: share.role ?? "",
  resources: `${inApi(visit, share.id)}/resources`,
});

async function addForm(visit: OrgVisit, share: Received, again: Again = {}): Promise<Outcome> {
  const fields = await granteeFields(visit);
  if (isRefusal(fields)) return fields;
  const { sent } = again;
  const chosen = fields[0]?.options?.find(({ value }) => value === sent?.fields["to"]);
  return termsForm(visit, {
    title: visit.words.received.addRule,
    action: visit.here(`${pageOf(share.id)}/rules/new`),
    fields,
    within: within(visit, share),
    submit: visit.words.add,
    who: sent?.fields["email"] || (chosen?.label ?? ""),
    intro: fill(visit.words.received.title, { name: share.from.name }),
    ...again,
  });
}

async function ruleOf(
  visit: OrgVisit,
): Promise<{ share: Received; rule: Rule; who: string } | Refusal> {
  const [share, rule] = await Promise.all([
    shareOf(visit),
    visit.api.get<Rule>(
      `${inApi(visit, visit.param("received"))}/rules/${encodeURIComponent(visit.param("teamRule"))}`,
    ),
  ]);
  if (!share.ok) return share;
  if (!rule.ok) return rule;
  const names = await namesOf(visit, [rule.value]);
  const who = names.get(granteeKey(rule.value.to)) ?? "";
  return { share: share.value, rule: rule.value, who };
}

const changeForm = (
  visit: OrgVisit,
  { share, rule, who }: { share: Received; rule: Rule; who: string },
  again: Again = {},
) =>
  termsForm(visit, {
    title: visit.words.received.changeRule,
    action: visit.here(`${pageOf(share.id)}/rules/${rule.id}`),
    current: rule,
    within: within(visit, share),
    submit: visit.words.save,
    who,
    intro: `${fill(visit.words.received.title, { name: share.from.name })}: ${who}`,
    ...again,
  });

async function resources(visit: OrgVisit): Promise<Outcome> {
  const { words } = visit;
  const found = await shareOf(visit);
  if (!found.ok) return found;
  const listed = await table<Resource>(visit, {
    caption: words.received.resources,
    list: { path: `${inApi(visit, found.value.id)}/resources`, q: true },
    empty: <p>{words.received.resourcesNone}</p>,
    columns: [
      { key: "name", label: words.name, value: ({ name }) => name },
      { key: "type", label: words.received.type, value: ({ type }) => type },
      { key: "id", label: words.received.id, value: ({ id }) => id },
      { key: "tags", label: words.received.tags, value: ({ tags }) => tags.join(", ") },
      { key: "org", label: words.received.from, value: ({ org }) => org.name },
    ],
  });
  if (!("view" in listed)) return listed;
  const { id, from } = found.value;
  return {
    title: words.received.resources,
    body: (
      <>
        <p>
          <a href={visit.here(pageOf(id))}>{fill(words.received.title, { name: from.name })}</a>
        </p>
        {listed.view}
      </>
    ),
  };
}

export const receivedSections: readonly Section[] = [
  { section: "sharedWithUs", path: PATH, admins: true, show: list },
  {
    section: "sharedWithUs",
    path: `${PATH}/:received`,
    admins: true,
    inside: true,
    show: (visit) => one(visit),
  },
  {
    section: "sharedWithUs",
    path: `${PATH}/:received/resources`,
    admins: true,
    inside: true,
    show: resources,
  },
  {
    section: "sharedWithUs",
    path: `${PATH}/:received/accept`,
    admins: true,
    inside: true,
    /** What is accepted are the terms that were seen [R16]. */
    async act(visit, { etag = "" }) {
      const path = `${inApi(visit, visit.param("received"))}/accept`;
      const done = await visit.api.send("POST", path, {}, { "if-match": etag || '"none"' });
      if (done.ok) return after(visit, pageOf(visit.param("received")), "accepted");
      return done.code === "stale_revision" ? one(visit, done) : done;
    },
  },
  {
    section: "sharedWithUs",
    path: `${PATH}/:received/confirm`,
    admins: true,
    inside: true,
    async act(visit) {
      const id = visit.param("received");
      const confirmed = await visit.api.send("POST", `${inApi(visit, id)}/confirm`, {});
      return confirmed.ok ? after(visit, pageOf(id), "confirmed") : confirmed;
    },
  },
  {
    section: "sharedWithUs",
    path: `${PATH}/:received/decline`,
    admins: true,
    inside: true,
    async act(visit, fields, every) {
      const { words, here } = visit;
      const found = await shareOf(visit);
      if (!found.ok) return found;
      const { id, from } = found.value;
      const edit = { method: "POST", path: `${inApi(visit, id)}/decline`, body: {} } as const;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.received.declineTitle, { name: from.name }),
          what: <p>{fill(words.received.declineWhat, { name: from.name })}</p>,
          submit: words.received.decline,
          back: here(pageOf(id)),
          edit,
        },
      );
      if (asked) return asked;
      const done = await visit.api.send(edit.method, edit.path, edit.body);
      return done.ok ? after(visit, PATH, "declined") : done;
    },
  },
  {
    section: "sharedWithUs",
    path: `${PATH}/:received/rules/new`,
    admins: true,
    inside: true,
    async show(visit) {
      const found = await shareOf(visit);
      return found.ok ? addForm(visit, found.value) : found;
    },
    async act(visit, fields, every) {
      const found = await shareOf(visit);
      if (!found.ok) return found;
      const { id } = found.value;
      const to = await granteeBody(visit, fields);
      return savedOr(
        visit,
        { fields, every },
        {
          method: "POST",
          path: `${inApi(visit, id)}/rules`,
          body: { to, ...termsBody(visit, fields, every) },
        },
        (again) => addForm(visit, found.value, again),
        () => after(visit, pageOf(id), "added"),
      );
    },
  },
  {
    section: "sharedWithUs",
    path: `${PATH}/:received/rules/:teamRule`,
    admins: true,
    inside: true,
    async show(visit) {
      const found = await ruleOf(visit);
      return isRefusal(found) ? found : changeForm(visit, found);
    },
    async act(visit, fields, every) {
      const found = await ruleOf(visit);
      if (isRefusal(found)) return found;
      const { share, rule } = found;
      return savedOr(
        visit,
        { fields, every },
        {
          method: "PATCH",
          path: `${inApi(visit, share.id)}/rules/${encodeURIComponent(rule.id)}`,
          body: termsBody(visit, fields, every),
        },
        (again) => changeForm(visit, found, again),
        () => after(visit, pageOf(share.id), "changed"),
      );
    },
  },
  {
    section: "sharedWithUs",
    path: `${PATH}/:received/rules/:teamRule/remove`,
    admins: true,
    inside: true,
    async act(visit, fields, every) {
      const { words, here } = visit;
      const found = await ruleOf(visit);
      if (isRefusal(found)) return found;
      const { share, rule, who } = found;
      const edit = {
        method: "DELETE",
        path: `${inApi(visit, share.id)}/rules/${encodeURIComponent(rule.id)}`,
      } as const;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: words.received.removeRule,
          what: <p>{fill(words.received.removeRuleWhat, { who, name: share.from.name })}</p>,
          submit: words.remove,
          back: here(pageOf(share.id)),
          edit,
        },
      );
      if (asked) return asked;
      const removed = await visit.api.send(edit.method, edit.path);
      return removed.ok ? after(visit, pageOf(share.id), "removed") : removed;
    },
  },
];

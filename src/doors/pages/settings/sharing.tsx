import { isRefusal, NOT_FOUND, type Refusal } from "../../../refusals.ts";
import { withQuery, type Listed } from "../kit/api.ts";
import { effectsOf, unlessSure, type Edit } from "../kit/confirm.tsx";
import { dayOf, endOfDay, When } from "../kit/dates.tsx";
import { Act, chosenFirst, Finder, Form, Problem, type Field, type Option } from "../kit/form.tsx";
import { Once } from "../kit/once.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { savedOr, type Again } from "../kit/terms.tsx";
import { fill, roleLabel } from "../kit/words.tsx";
import type { Every, Fields, Outcome } from "../page.ts";

/*
 * Who holds a resource, and letting others in to it: for admins, and for whoever holds a role that
 * passes it on [R30]. The API says who that is.
 */

interface Resource {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly owner: string | null;
}
interface Recipient {
  readonly id: string;
  readonly to: string | Readonly<Record<string, string | null>>;
  readonly role: string;
  readonly status: string;
  readonly via: string | null;
  readonly by: { readonly id: string; readonly email?: string };
  readonly expiresAt: string | null;
  readonly reason: string | null;
}
interface Link {
  readonly id: string;
  readonly status: string;
  readonly expiresAt: string | null;
  readonly createdAt: string;
}
interface Type {
  readonly name: string;
  readonly roleSet: string;
  readonly adminAccess: string;
  readonly linkDefaults: object | null;
}
interface RoleSet {
  readonly name: string;
  readonly ordered: boolean;
  readonly roles: readonly { readonly name: string }[];
}

const PATH = "sharing";
const FOUND_MAX = 50;
const TEAMS_MAX = 200;

const refOf = ({ type, id }: { type: string; id: string }): string => `${type}:${id}`;
const pathOf = (type: string, id: string): string =>
  `${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
const dialogOf = ({ type, id }: { type: string; id: string }): string =>
  `${PATH}/${pathOf(type, id)}`;
const inPath = ({ param }: OrgVisit): string => pathOf(param("type"), param("id"));
const resourceAt = (visit: OrgVisit): string => `${visit.at}/resources/${inPath(visit)}`;

const nameOf = ({ words }: OrgVisit, { to }: Recipient): string => {
  if (typeof to === "string") return words.sharing.everyone;
  const { name, email, team } = to;
  if (team) return fill(words.received.team, { name: name ?? team });
  return [name, email].filter(Boolean).join(", ");
};

async function list(visit: OrgVisit): Promise<Outcome> {
  const { api, at, c, here, words, admin } = visit;
  const [, type = "", id = ""] = /^([\w-]+):(.+)$/s.exec(c.req.query("ref")?.trim() ?? "") ?? [];
  if (type !== "") return { next: here(dialogOf({ type, id })) };
  const types = await api.all<Type>(`${at}/types`);
  if (!types.ok) return types;
  const listed = await table<Resource>(visit, {
    caption: words.sharing.caption,
    list: { path: `${at}/resources`, q: true },
    filters: [
      {
        key: "type",
        label: words.received.type,
        options: types.value.map(({ name }) => ({ value: name, label: name })),
      },
    ],
    empty: <p>{words.sharing.none}</p>,
    columns: [
      {
        key: "name",
        label: words.name,
        value: ({ name }) => name,
        cell: (row) => <a href={here(dialogOf(row))}>{row.name}</a>,
      },
      { key: "type", label: words.received.type, value: ({ type }) => type },
      { key: "id", label: words.received.id, value: ({ id }) => id },
      { key: "tags", label: words.received.tags, value: ({ tags }) => tags.join(", ") },
    ],
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.sections.sharing,
    body: (
      <>
        <p>{words.sharing.how}</p>
        <p>
          <a href={here(`${PATH}/several`)} role="button">
            {words.sharing.several}
          </a>
        </p>
        {listed.view}
        {admin && (
          <form method="get" action={here(PATH)}>
            <label for="f-ref">{words.sharing.byRef}</label>
            <div role="group">
              <input id="f-ref" name="ref" aria-describedby="f-ref-hint" />
              <button type="submit" class="secondary">
                {words.sharing.open}
              </button>
            </div>
            <small id="f-ref-hint">{words.sharing.byRefHow}</small>
          </form>
        )}
      </>
    ),
  };
}

interface Explained {
  readonly paths: readonly { readonly steps: readonly { readonly role: string }[] }[];
}

/** The roles by which somebody who is no admin reaches the one resource of the page. */
async function ownRoles(visit: OrgVisit): Promise<readonly string[] | null> {
  const { api, at, admin, session, param } = visit;
  const [type, id] = [param("type"), param("id")];
  if (admin || type === "" || id === "") return null;
  const found = await api.send<Explained>("POST", `${at}/explain`, {
    subject: { id: session.email },
    action: "view",
    resource: { type, id },
  });
  return found.ok ? found.value.paths.flatMap(({ steps }) => steps.map(({ role }) => role)) : null;
}

/**
 * The roles of the sets that these types use; `admin` is none of one resource [R6]. One above what
 * the person holds cannot be chosen [R30].
 */
async function roleOptions(
  visit: OrgVisit,
  types: readonly string[] | null,
): Promise<readonly Option[] | Refusal> {
  const { api, at, text, words } = visit;
  const [sets, known, own] = await Promise.all([
    api.all<RoleSet>(`${at}/role-sets`),
    api.all<Type>(`${at}/types`),
    ownRoles(visit),
  ]);
  if (!sets.ok) return sets;
  if (!known.ok) return known;
  const of = (type: string) => known.value.find(({ name }) => name === type)?.roleSet ?? "standard";
  const used = new Set(
    types === null ? ["standard", ...known.value.map(({ roleSet }) => roleSet)] : types.map(of),
  );
  return sets.value
    .filter(({ name }) => used.has(name))
    .flatMap((set) => {
      const values = set.roles.map(({ name }) =>
        set.name === "standard" ? name : `${set.name}.${name}`,
      );
      const top = Math.max(-1, ...(own ?? []).map((role) => values.indexOf(role)));
      return values.flatMap((value, n) => {
        if (value === "admin") return [];
        const above = set.ordered && top >= 0 && n > top;
        const most = fill(words.aboveOwn, { role: roleLabel(text, values[top]) });
        const barred = above ? { disabled: true, why: most } : {};
        return [{ value, label: roleLabel(text, value), ...barred }];
      });
    });
}

async function toFields(
  visit: OrgVisit,
  types: readonly string[] | null,
  every: Every | undefined,
): Promise<readonly Field[] | Refusal> {
  const { api, at, admin, words } = visit;
  const [roles, teams] = await Promise.all([
    roleOptions(visit, types),
    admin ? api.all<{ id: string; name: string }>(`${at}/teams`, TEAMS_MAX) : null,
  ]);
  if (isRefusal(roles)) return roles;
  if (teams && !teams.ok) return teams;
  return [
    {
      name: "emails",
      label: words.sharing.emails,
      hint: words.sharing.emailsHow,
      type: "textarea",
      pointer: "/to",
    },
    { name: "members", label: words.sharing.everyone, type: "checkbox" },
    ...(teams && teams.value.length > 0
      ? [
          {
            name: "team",
            label: words.sharing.teams,
            type: "checkboxes",
            options: teams.value.map(({ id, name }) => ({ value: id, label: name })),
            values: every?.("team"),
          } as const,
        ]
      : []),
    {
      name: "role",
      label: words.role,
      type: "radio",
      options: roles,
      value: roles[0]?.value,
    },
    {
      name: "until",
      label: words.until,
      hint: words.untilHow,
      type: "date",
      pointer: "/expiresAt",
    },
    { name: "reason", label: words.reason, hint: words.reasonHow },
  ];
}

function bodyOf(visit: OrgVisit, resources: readonly string[], fields: Fields, every: Every) {
  const emails = (fields["emails"] ?? "").split(/[\s,;]+/).filter(Boolean);
  return {
    resources,
    to: [
      ...(fields["members"] === "yes" ? ["members"] : []),
      ...every("team").map((team) => ({ team })),
      ...new Set(emails),
    ].map((to) => (typeof to === "string" && to !== "members" ? { email: to } : to)),
    role: fields["role"] ?? "",
    expiresAt: endOfDay(visit, fields["until"]),
    reason: fields["reason"] || null,
  };
}

/** What is missing is said in the words of the form, and not in JSON. */
const inWords = ({ words }: OrgVisit, refusal: Refusal | undefined): Refusal | undefined =>
  refusal?.errors && refusal.status === 400
    ? {
        ...refusal,
        errors: refusal.errors.map((error) =>
          error.pointer === "/to"
            ? { ...error, detail: words.sharing.whom }
            : error.pointer === "/resources"
              ? { ...error, detail: words.sharing.choose }
              : error,
        ),
      }
    : refusal;

/** What stands before a form: why it was refused, or what it would mean. */
async function aboutForm(visit: OrgVisit, again: Again, fields: readonly Field[]) {
  const { sent, edit } = again;
  const looked = sent?.fields["step"] === "check" && edit ? await effectsOf(visit, edit) : null;
  const refusal = inWords(visit, again.refusal ?? (isRefusal(looked) ? looked : undefined));
  return {
    refusal,
    typed: sent && { fields: sent.fields, refusal },
    view: (
      <>
        {refusal && <Problem visit={visit} refusal={refusal} fields={fields} />}
        {looked !== null && !isRefusal(looked) && looked}
      </>
    ),
  };
}

/**
 * The resource in the path. An admin who does not reach it by themself still sees who does, and can take
 * access in the open [R7].
 */
async function resourceOf(
  visit: OrgVisit,
): Promise<{ readonly resource: Resource; readonly seen: boolean } | Refusal> {
  const { api, admin, param } = visit;
  const found = await api.get<Resource>(resourceAt(visit));
  if (found.ok) return { resource: found.value, seen: true };
  const passing = admin ? await api.get(`${resourceAt(visit)}/recipients?limit=1`) : found;
  if (!passing.ok) return found;
  const [type, id] = [param("type"), param("id")];
  return { resource: { type, id, name: refOf({ type, id }), tags: [], owner: null }, seen: false };
}

async function dialog(visit: OrgVisit, again: Again = {}): Promise<Outcome> {
  const { api, at, here, words, text, admin } = visit;
  const path = resourceAt(visit);
  const found = await resourceOf(visit);
  if (isRefusal(found)) return found;
  const { resource, seen } = found;
  const [links, types, fields] = await Promise.all([
    api.all<Link>(`${path}/links`),
    api.all<Type>(`${at}/types`),
    toFields(visit, [resource.type], again.sent?.every),
  ]);
  if (!links.ok) return links;
  if (!types.ok) return types;
  if (isRefusal(fields)) return fields;
  const own = dialogOf(resource);
  const type = types.value.find(({ name }) => name === resource.type);
  const about = await aboutForm(visit, again, fields);
  const listed = await table<Recipient>(visit, {
    caption: words.sharing.recipients,
    list: { path: `${path}/recipients` },
    empty: <p>{words.sharing.recipientsNone}</p>,
    columns: [
      { key: "who", label: words.shares.recipient, value: (row) => nameOf(visit, row) },
      { key: "role", label: words.role, value: ({ role }) => roleLabel(text, role) },
      {
        key: "state",
        label: words.state,
        value: ({ status }) => words.states[status] ?? status,
      },
      {
        key: "until",
        label: words.until,
        value: ({ expiresAt }) => expiresAt,
        cell: ({ expiresAt }) => (expiresAt ? <When visit={visit} at={expiresAt} /> : words.noEnd),
      },
      { key: "by", label: words.sharing.by, value: ({ by }) => by.email ?? by.id },
      { key: "reason", label: words.reason, value: ({ reason }) => reason },
    ],
    acts: (row) => (
      <>
        <a
          href={here(`${own}/recipients/${row.id}`)}
          aria-label={`${words.change}: ${nameOf(visit, row)}`}
        >
          {words.change}
        </a>{" "}
        <Act
          action={here(`${own}/recipients/${row.id}/remove`)}
          label={words.remove}
          about={nameOf(visit, row)}
        />
      </>
    ),
  });
  if (!("view" in listed)) return listed;
  return {
    title: fill(words.sharing.title, { name: resource.name }),
    status: about.refusal?.status ?? 200,
    body: (
      <>
        {about.view}
        <p>
          <code>{refOf(resource)}</code>
        </p>
        {listed.view}
        {admin && type?.adminAccess === "self-elevate" && (
          <>
            <p>{words.sharing.elevateHow}</p>
            <Act
              action={here(`${own}/elevate`)}
              label={words.sharing.elevate}
              about={resource.name}
            />
          </>
        )}
        {seen && (
          <>
            <h2>{words.sharing.letIn}</h2>
            <Form
              visit={visit}
              fields={fields}
              typed={about.typed}
              quiet
              action={here(own)}
              submit={words.sharing.share}
              second={{ step: "check", label: words.check }}
            />
          </>
        )}
        <h2>{words.sharing.links}</h2>
        <p>{words.sharing.linksHow}</p>
        {links.value.length > 0 && (
          <ul>
            {links.value.map((link) => (
              <li>
                <When visit={visit} at={link.createdAt} />,{" "}
                {link.expiresAt ? (
                  <>
                    {words.until} <When visit={visit} at={link.expiresAt} />
                  </>
                ) : (
                  words.noEnd
                )}{" "}
                ({words.states[link.status] ?? link.status}){" "}
                <Act
                  action={here(`${own}/links/${link.id}/remove`)}
                  label={words.remove}
                  about={link.id}
                />
              </li>
            ))}
          </ul>
        )}
        {type?.linkDefaults && !seen ? (
          <></>
        ) : type?.linkDefaults ? (
          <p>
            <a href={here(`${own}/links`)} role="button" class="secondary">
              {words.sharing.makeLink}
            </a>
          </p>
        ) : (
          <p>{words.sharing.linksNever}</p>
        )}
      </>
    ),
  };
}

function linkForm(visit: OrgVisit, fields?: Fields, refusal?: Refusal): Outcome {
  const { words, here } = visit;
  return {
    title: words.sharing.makeLink,
    status: refusal?.status ?? 200,
    body: (
      <>
        <p>{words.sharing.linksHow}</p>
        <Form
          visit={visit}
          action={here(`${PATH}/${inPath(visit)}/links`)}
          submit={words.sharing.makeLink}
          typed={fields && { fields, refusal }}
          fields={[
            {
              name: "until",
              label: words.until,
              hint: words.untilHow,
              type: "date",
              pointer: "/expiresAt",
            },
          ]}
        />
      </>
    ),
  };
}

/** Several resources at once: each of the chosen ones gets each recipient [R29]. */
async function several(visit: OrgVisit, again: Again = {}): Promise<Outcome> {
  const { api, at, here, words } = visit;
  const { sent } = again;
  const find = sent?.fields["find"] ?? "";
  const chosen = sent?.every("resource") ?? [];
  const [found, fields] = await Promise.all([
    api.get<Listed<Resource>>(withQuery(`${at}/resources`, { q: find, limit: FOUND_MAX })),
    toFields(
      visit,
      chosen.length === 0 ? null : chosen.map((ref) => ref.split(":")[0] ?? ""),
      sent?.every,
    ),
  ]);
  if (!found.ok) return found;
  if (isRefusal(fields)) return fields;
  const rows = found.value.items.map((one) => ({
    value: refOf(one),
    label: `${one.name} (${refOf(one)})`,
  }));
  const named: Field = { name: "resources", label: words.which, pointer: "/resources" };
  const about = await aboutForm(visit, again, [named, ...fields]);
  const errors = (about.refusal?.errors ?? []).filter(({ pointer }) =>
    pointer.startsWith("/resources"),
  );
  return {
    title: words.sharing.several,
    status: about.refusal?.status ?? 200,
    body: (
      <>
        {about.view}
        <p>{words.sharing.severalHow}</p>
        <Form
          visit={visit}
          fields={fields}
          typed={about.typed}
          quiet
          action={here(`${PATH}/several`)}
          submit={words.sharing.share}
          second={{ step: "check", label: words.check }}
        >
          <fieldset id="f-resources">
            <legend>{words.which}</legend>
            <Finder
              visit={visit}
              name="resource"
              label={words.scope.find}
              find={find}
              options={chosenFirst(chosen, rows)}
              chosen={chosen}
              more={found.value.next_cursor !== null}
            />
            {errors.length > 0 && (
              <small class="error" lang="en">
                {errors.map(({ detail }) => detail).join(" ")}
              </small>
            )}
          </fieldset>
        </Form>
      </>
    ),
  };
}

async function recipientOf(
  visit: OrgVisit,
): Promise<{ resource: Resource; recipient: Recipient } | Refusal> {
  const { api, param } = visit;
  const [found, all] = await Promise.all([
    resourceOf(visit),
    api.all<Recipient>(`${resourceAt(visit)}/recipients`),
  ]);
  if (isRefusal(found)) return found;
  if (!all.ok) return all;
  const recipient = all.value.find(({ id }) => id === param("recipient"));
  if (!recipient) return NOT_FOUND;
  return { resource: found.resource, recipient };
}

async function changeForm(
  visit: OrgVisit,
  of: { resource: Resource; recipient: Recipient },
  again: Again = {},
): Promise<Outcome> {
  const { words, here } = visit;
  const { resource, recipient } = of;
  const roles = await roleOptions(visit, [resource.type]);
  if (isRefusal(roles)) return roles;
  const fields: readonly Field[] = [
    { name: "role", label: words.role, type: "radio", options: roles, value: recipient.role },
    {
      name: "until",
      label: words.until,
      hint: words.untilHow,
      type: "date",
      pointer: "/expiresAt",
      value: dayOf(visit, recipient.expiresAt),
    },
    {
      name: "reason",
      label: words.reason,
      hint: words.reasonHow,
      value: recipient.reason ?? "",
    },
  ];
  const about = await aboutForm(visit, again, fields);
  return {
    title: fill(words.shares.changeTitle, { name: nameOf(visit, recipient) }),
    status: about.refusal?.status ?? 200,
    body: (
      <>
        {about.view}
        <p>
          {resource.name} <code>{refOf(resource)}</code>
        </p>
        <Form
          visit={visit}
          fields={fields}
          typed={about.typed}
          quiet
          action={here(`${dialogOf(resource)}/recipients/${recipient.id}`)}
          submit={words.save}
          second={{ step: "check", label: words.check }}
        />
      </>
    ),
  };
}

const open = { section: "sharing", admins: false, inside: true } as const;

export const sharingSections: readonly Section[] = [
  { section: "sharing", path: PATH, admins: false, show: list },
  {
    ...open,
    path: `${PATH}/several`,
    show: (visit) => several(visit),
    act: (visit, fields, every) =>
      savedOr(
        visit,
        { fields, every },
        {
          method: "POST",
          path: `${visit.at}/recipients`,
          body: bodyOf(visit, every("resource"), fields, every),
        },
        (again) => several(visit, again),
        () => after(visit, PATH, "letIn"),
      ),
  },
  {
    ...open,
    path: `${PATH}/:type/:id`,
    show: (visit) => dialog(visit),
    act: (visit, fields, every) =>
      savedOr(
        visit,
        { fields, every },
        {
          method: "POST",
          path: `${visit.at}/recipients`,
          body: bodyOf(
            visit,
            [refOf({ type: visit.param("type"), id: visit.param("id") })],
            fields,
            every,
          ),
        },
        (again) => dialog(visit, again),
        () => after(visit, `${PATH}/${inPath(visit)}`, "letIn"),
      ),
  },
  {
    ...open,
    path: `${PATH}/:type/:id/elevate`,
    async act(visit) {
      const done = await visit.api.send("POST", `${resourceAt(visit)}/elevate`, {});
      return done.ok ? after(visit, `${PATH}/${inPath(visit)}`, "letIn") : done;
    },
  },
  {
    ...open,
    path: `${PATH}/:type/:id/recipients/:recipient`,
    async show(visit) {
      const found = await recipientOf(visit);
      return isRefusal(found) ? found : changeForm(visit, found);
    },
    async act(visit, fields, every) {
      const found = await recipientOf(visit);
      if (isRefusal(found)) return found;
      const edit: Edit = {
        method: "PATCH",
        path: `${resourceAt(visit)}/recipients/${encodeURIComponent(found.recipient.id)}`,
        body: {
          ...(fields["role"] ? { role: fields["role"] } : {}),
          expiresAt: endOfDay(visit, fields["until"]),
          reason: fields["reason"] || null,
        },
      };
      return savedOr(
        visit,
        { fields, every },
        edit,
        (again) => changeForm(visit, found, again),
        () => after(visit, `${PATH}/${inPath(visit)}`, "changed"),
      );
    },
  },
  {
    ...open,
    path: `${PATH}/:type/:id/recipients/:recipient/remove`,
    async act(visit, fields, every) {
      const { words, text, here } = visit;
      const found = await recipientOf(visit);
      if (isRefusal(found)) return found;
      const { resource, recipient } = found;
      const own = `${PATH}/${inPath(visit)}`;
      const edit: Edit = {
        method: "DELETE",
        path: `${resourceAt(visit)}/recipients/${encodeURIComponent(recipient.id)}`,
      };
      const said = {
        name: nameOf(visit, recipient),
        role: roleLabel(text, recipient.role),
        resource: resource.name,
      };
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.sharing.removeTitle, said),
          what: <p>{fill(words.sharing.removeWhat, said)}</p>,
          submit: words.remove,
          back: here(own),
          edit,
        },
      );
      if (asked) return asked;
      const done = await visit.api.send(edit.method, edit.path);
      return done.ok ? after(visit, own, "removed") : done;
    },
  },
  {
    ...open,
    path: `${PATH}/:type/:id/links`,
    async show(visit) {
      const found = await visit.api.get(`${resourceAt(visit)}/links?limit=1`);
      return found.ok ? linkForm(visit) : found;
    },
    async act(visit, fields) {
      const { words, here } = visit;
      const made = await visit.api.send<{ token: string }>("POST", `${resourceAt(visit)}/links`, {
        expiresAt: endOfDay(visit, fields["until"]),
      });
      if (!made.ok) return made.code === "not_found" ? made : linkForm(visit, fields, made);
      return {
        title: words.sharing.linkMade,
        body: (
          <>
            <Once
              visit={visit}
              label={words.sharing.link}
              secret={`${new URL(visit.c.req.url).origin}/l/${made.value.token}`}
            />
            <p>
              <a href={here(`${PATH}/${inPath(visit)}`)}>{words.confirm.back}</a>
            </p>
          </>
        ),
      };
    },
  },
  {
    ...open,
    path: `${PATH}/:type/:id/links/:link/remove`,
    async act(visit, fields, every) {
      const { words, here, param } = visit;
      const own = `${PATH}/${inPath(visit)}`;
      const path = `${resourceAt(visit)}/links/${encodeURIComponent(param("link"))}`;
      const found = await visit.api.get(path);
      if (!found.ok) return found;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: words.sharing.removeLink,
          what: <p>{words.sharing.removeLinkWhat}</p>,
          submit: words.remove,
          back: here(own),
          edit: { method: "DELETE", path },
        },
      );
      if (asked) return asked;
      const done = await visit.api.send("DELETE", path);
      return done.ok ? after(visit, own, "removed") : done;
    },
  },
];

import { isRefusal, refuse, type Refusal } from "../../../refusals.ts";
import { unlessSure, type Edit } from "../kit/confirm.tsx";
import { Act, Form, type Field } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { savedOr, type Again } from "../kit/terms.tsx";
import { fill, roleLabel } from "../kit/words.tsx";
import type { Every, Fields, Outcome } from "../page.ts";

/*
 * Types and role sets. Roles are written as lines, for people: `viewer: view, list`, and below a role
 * what it allows on a condition, `  edit if …`.
 */

type Action = string | { readonly name: string; readonly condition: string };
interface Role {
  readonly name: string;
  readonly actions: readonly Action[];
}
interface RoleSet {
  readonly name: string;
  readonly builtIn: boolean;
  readonly ordered: boolean;
  readonly roles: readonly Role[];
}
interface Type {
  readonly name: string;
  readonly roleSet: string;
  readonly adminAccess: string;
  readonly ownerRole: string | null;
  readonly memberCreates: boolean;
  readonly open: boolean;
  readonly assertable: readonly string[];
  readonly linkDefaults: { readonly admin: string; readonly member: string } | null;
  readonly defined: boolean;
}

const PATH = "types";
const SETS = `${PATH}/role-sets`;
const typePage = (name: string) => `${PATH}/of/${encodeURIComponent(name)}`;
const setPage = (name: string) => `${SETS}/${encodeURIComponent(name)}`;

/** Roles as lines; what would be read otherwise stands on a line of its own. */
export const rolesText = (roles: readonly Role[]): string =>
  roles
    .map(({ name, actions }) => {
      const onLine = (action: Action): action is string =>
        typeof action === "string" && !/[,]|\sif\s/.test(action);
      const plain = actions.filter(onLine);
      const others = actions.filter((action) => !onLine(action));
      return [
        `${name}: ${plain.join(", ")}`.trimEnd(),
        ...others.map((one) =>
          typeof one === "string" ? `  ${one}` : `  ${one.name} if ${one.condition}`,
        ),
      ].join("\n");
    })
    .join("\n");

/** Such lines as roles, or the first line that is none. */
export function rolesIn(text: string): readonly Role[] | { readonly line: number } {
  const roles: { name: string; actions: Action[] }[] = [];
  for (const [n, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    if (/^\s/.test(line)) {
      const [, name = "", condition] = /^(.+?)(?:\s+if\s+(.+))?$/.exec(line.trim()) ?? [];
      const action = condition === undefined ? name : { name, condition };
      const role = roles.at(-1);
      if (!role) return { line: n + 1 };
      role.actions.push(action);
      continue;
    }
    const [, name, actions = ""] = /^([^:\s]+)\s*:(.*)$/.exec(line) ?? [];
    if (name === undefined) return { line: n + 1 };
    roles.push({ name, actions: actions.split(",").flatMap((one) => one.trim() || []) });
  }
  return roles;
}

async function list(visit: OrgVisit): Promise<Outcome> {
  const { api, at, here, words } = visit;
  const sets = await api.all<RoleSet>(`${at}/role-sets`);
  if (!sets.ok) return sets;
  const yes = (value: boolean) => (value ? words.types.yes : words.types.no);
  const listed = await table<Type>(visit, {
    caption: words.types.types,
    list: { path: `${at}/types` },
    empty: <p>{words.types.none}</p>,
    columns: [
      {
        key: "name",
        label: words.name,
        value: ({ name }) => name,
        cell: ({ name }) => <a href={here(typePage(name))}>{name}</a>,
      },
      { key: "set", label: words.types.roleSet, value: ({ roleSet }) => roleSet },
      {
        key: "admins",
        label: words.types.adminAccess,
        value: ({ adminAccess }) => words.types.access[adminAccess] ?? adminAccess,
      },
      { key: "owner", label: words.types.ownerRole, value: ({ ownerRole }) => ownerRole },
      {
        key: "creates",
        label: words.types.memberCreates,
        value: ({ memberCreates }) => yes(memberCreates),
      },
    ],
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.sections.types,
    body: (
      <>
        <p class="buttons">
          <a href={here(`${PATH}/new`)} role="button">
            {words.types.create}
          </a>
          <a href={here(`${SETS}/new`)} role="button" class="secondary">
            {words.types.createSet}
          </a>
        </p>
        {listed.view}
        <h2>{words.types.sets}</h2>
        <ul>
          {sets.value.map(({ name, builtIn, roles }) => (
            <li>
              <a href={here(setPage(name))}>{name}</a>
              {builtIn && ` (${words.types.builtIn})`}: {roles.map((one) => one.name).join(", ")}
            </li>
          ))}
        </ul>
      </>
    ),
  };
}

/** Roles by actions. In an ordered set, a role holds what those before it hold. */
function Matrix({ visit: { words, text }, set }: { visit: OrgVisit; set: RoleSet }) {
  const nameOf = (action: Action) => (typeof action === "string" ? action : action.name);
  const actions = [...new Set(set.roles.flatMap((role) => role.actions.map(nameOf)))];
  return (
    <div class="scrolls" tabindex={0} role="region" aria-label={set.name}>
      <table>
        <caption>{words.types.matrix}</caption>
        <thead>
          <tr>
            <th scope="col">{words.types.action}</th>
            {set.roles.map(({ name }) => (
              <th scope="col">
                {roleLabel(text, name)}
                {roleLabel(text, name) !== name && <small> {name}</small>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {actions.map((action) => (
            <tr>
              <th scope="row">{action}</th>
              {set.roles.map((role, at) => {
                const roles = set.ordered ? set.roles.slice(0, at + 1) : [role];
                const held = roles
                  .flatMap(({ actions: all }) => all)
                  .filter((one) => nameOf(one) === action);
                const free = held.some((one) => typeof one === "string");
                return (
                  <td>
                    {free ? (
                      <span role="img" aria-label={words.types.yes}>
                        ✓
                      </span>
                    ) : (
                      held.map((one) =>
                        typeof one === "string" ? <></> : <code>if {one.condition}</code>,
                      )
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Which role and action an error of the API means, before what it says. */
function inWords(refusal: Refusal | undefined, roles: readonly Role[]): Refusal | undefined {
  if (!refusal?.errors) return refusal;
  const errors = refusal.errors.map((error) => {
    const [, at, n] = /^\/roles\/(\d+)(?:\/actions\/(\d+))?/.exec(error.pointer) ?? [];
    const role = at === undefined ? undefined : roles[Number(at)];
    if (!role) return error;
    const action = n === undefined ? undefined : role.actions[Number(n)];
    const named = typeof action === "object" ? action.name : action;
    const where = named === undefined ? role.name : `${role.name}, ${named}`;
    return { ...error, detail: `${where}: ${error.detail}` };
  });
  return { ...refusal, errors };
}

function setForm(visit: OrgVisit, current: RoleSet | null, again: Again = {}): Outcome {
  const { words, here } = visit;
  const { sent } = again;
  const written = sent ? rolesIn(sent.fields["roles"] ?? "") : [];
  const refusal = inWords(again.refusal, "line" in written ? [] : written);
  const own: readonly Field[] = current
    ? []
    : [{ name: "name", label: words.name, required: true, pointer: "/name" }];
  const form = (
    <Form
      visit={visit}
      action={here(current ? setPage(current.name) : `${SETS}/new`)}
      submit={current ? words.save : words.types.createSet}
      typed={sent && { fields: sent.fields, refusal }}
      fields={[
        ...own,
        {
          name: "ordered",
          label: words.types.ordered,
          type: "checkbox",
          value: current === null || current.ordered ? "yes" : "",
        },
        {
          name: "roles",
          label: words.types.roles,
          hint: words.types.rolesHow,
          type: "textarea",
          required: true,
          value: rolesText(current?.roles ?? []),
        },
        { name: "reason", label: words.reason, hint: words.reasonHow },
      ]}
    />
  );
  return {
    title: current ? fill(words.types.setTitle, { name: current.name }) : words.types.createSet,
    status: refusal?.status ?? 200,
    body: (
      <>
        {current && <Matrix visit={visit} set={current} />}
        {current?.builtIn ? (
          <p>{words.types.fixed}</p>
        ) : (
          <>
            {current && <h2>{words.change}</h2>}
            {form}
            {current && (
              <Act
                action={here(`${setPage(current.name)}/remove`)}
                label={words.types.removeSet}
                about={current.name}
              />
            )}
          </>
        )}
      </>
    ),
  };
}

async function saveSet(
  visit: OrgVisit,
  current: RoleSet | null,
  fields: Fields,
  every: Every,
): Promise<Outcome> {
  const { api, at, words } = visit;
  const sent = { fields, every };
  const name = current?.name ?? fields["name"]?.trim() ?? "";
  const roles = rolesIn(fields["roles"] ?? "");
  if ("line" in roles) {
    const detail = fill(words.types.badLine, { n: roles.line });
    return setForm(visit, current, { sent, refusal: refuse("invalid", detail, "/roles") });
  }
  const path = `${at}/role-sets/${encodeURIComponent(name)}`;
  if (!current) {
    if (name === "")
      return setForm(visit, null, {
        sent,
        refusal: refuse("invalid", words.types.noName, "/name"),
      });
    if ((await api.get(path)).ok)
      return setForm(visit, null, {
        sent,
        refusal: refuse("conflict", words.types.taken, "/name"),
      });
  }
  return savedOr(
    visit,
    sent,
    {
      method: "PUT",
      path,
      body: {
        ordered: fields["ordered"] === "yes",
        roles,
        ...(fields["reason"] ? { reason: fields["reason"] } : {}),
      },
    },
    async (again) => setForm(visit, current, again),
    () => after(visit, setPage(name), "saved"),
  );
}

const setOf = ({ api, at, param }: OrgVisit) =>
  api.get<RoleSet>(`${at}/role-sets/${encodeURIComponent(param("set"))}`);
const typeOf = ({ api, at, param }: OrgVisit) =>
  api.get<Type>(`${at}/types/${encodeURIComponent(param("type"))}`);

async function typeForm(
  visit: OrgVisit,
  current: Type | null,
  again: Again = {},
): Promise<Outcome> {
  const { api, at, words, here } = visit;
  const { sent, refusal } = again;
  const sets = await api.all<RoleSet>(`${at}/role-sets`);
  if (!sets.ok) return sets;
  const own: readonly Field[] = current
    ? []
    : [{ name: "name", label: words.name, required: true, hint: words.types.nameHow }];
  return {
    title: current ? fill(words.types.typeTitle, { name: current.name }) : words.types.create,
    status: refusal?.status ?? 200,
    body: (
      <>
        <Form
          visit={visit}
          action={here(current ? typePage(current.name) : `${PATH}/new`)}
          submit={current ? words.save : words.types.create}
          typed={sent && { fields: sent.fields, refusal }}
          fields={[
            ...own,
            {
              name: "roleSet",
              label: words.types.roleSet,
              type: "select",
              options: sets.value.map(({ name, roles }) => ({
                value: name,
                label: name,
                why: roles.map((role) => role.name).join(", "),
              })),
              value: current?.roleSet ?? "standard",
            },
            {
              name: "adminAccess",
              label: words.types.adminAccess,
              type: "radio",
              options: ["implicit", "self-elevate"].map((value) => ({
                value,
                label: words.types.access[value] ?? value,
              })),
              value: current?.adminAccess ?? "implicit",
            },
            {
              name: "ownerRole",
              label: words.types.ownerRole,
              hint: words.types.ownerHow,
              value: current?.ownerRole ?? "",
            },
            {
              name: "memberCreates",
              label: words.types.memberCreates,
              type: "checkbox",
              value: current?.memberCreates ? "yes" : "",
            },
            {
              name: "open",
              label: words.types.open,
              type: "checkbox",
              value: current?.open ? "yes" : "",
            },
            {
              name: "assertable",
              label: words.types.assertable,
              hint: words.types.assertableHow,
              value: current?.assertable.join(", ") ?? "",
            },
            {
              name: "linkAdmin",
              label: words.types.linkAdmin,
              hint: words.types.linkHow,
              pointer: "/linkDefaults/admin",
              value: current?.linkDefaults?.admin ?? "",
            },
            {
              name: "linkMember",
              label: words.types.linkMember,
              pointer: "/linkDefaults/member",
              value: current?.linkDefaults?.member ?? "",
            },
            { name: "reason", label: words.reason, hint: words.reasonHow },
          ]}
        />
        {current?.defined && (
          <Act
            action={here(`${typePage(current.name)}/remove`)}
            label={words.types.removeType}
            about={current.name}
          />
        )}
      </>
    ),
  };
}

const typeBody = (fields: Fields) => {
  const { linkAdmin = "", linkMember = "", ownerRole, roleSet, adminAccess } = fields;
  return {
    ...(roleSet ? { roleSet } : {}),
    ...(adminAccess ? { adminAccess } : {}),
    ownerRole: ownerRole?.trim() || null,
    memberCreates: fields["memberCreates"] === "yes",
    open: fields["open"] === "yes",
    assertable: (fields["assertable"] ?? "").split(",").flatMap((one) => one.trim() || []),
    linkDefaults:
      linkAdmin === "" && linkMember === ""
        ? null
        : { admin: linkAdmin.trim(), member: linkMember.trim() },
    ...(fields["reason"] ? { reason: fields["reason"] } : {}),
  };
};

/** Removes what was said of a type, or a set: first asks, then what the API wants confirmed. */
async function removed(
  visit: OrgVisit,
  sent: NonNullable<Again["sent"]>,
  of: { readonly name: string; readonly title: string; readonly what: string; readonly edit: Edit },
): Promise<Outcome> {
  const asked =
    sent.fields["confirm"] === undefined
      ? await unlessSure(visit, sent, {
          title: fill(of.title, { name: of.name }),
          what: <p>{of.what}</p>,
          submit: visit.words.remove,
          back: visit.here(PATH),
          typed: of.name,
        })
      : null;
  if (asked) return asked;
  return savedOr(
    visit,
    sent,
    of.edit,
    async ({ refusal }) => refusal ?? refuse("invalid", ""),
    () => after(visit, PATH, "gone"),
  );
}

const inside = { section: "types", admins: true, inside: true } as const;

export const typeSections: readonly Section[] = [
  { section: "types", path: PATH, admins: true, show: list },
  {
    ...inside,
    path: `${PATH}/new`,
    show: (visit) => typeForm(visit, null),
    async act(visit, fields, every) {
      const { api, at, words } = visit;
      const sent = { fields, every };
      const name = fields["name"]?.trim() ?? "";
      const path = `${at}/types/${encodeURIComponent(name)}`;
      if (name === "")
        return typeForm(visit, null, {
          sent,
          refusal: refuse("invalid", words.types.noName, "/name"),
        });
      const there = await api.get<Type>(path);
      if (there.ok && there.value.defined)
        return typeForm(visit, null, {
          sent,
          refusal: refuse("conflict", words.types.taken, "/name"),
        });
      return savedOr(
        visit,
        sent,
        { method: "PUT", path, body: typeBody(fields) },
        (again) => typeForm(visit, null, again),
        () => after(visit, PATH, "added"),
      );
    },
  },
  {
    ...inside,
    path: `${PATH}/of/:type`,
    async show(visit) {
      const found = await typeOf(visit);
      return found.ok ? typeForm(visit, found.value) : found;
    },
    async act(visit, fields, every) {
      const found = await typeOf(visit);
      if (!found.ok) return found;
      const path = `${visit.at}/types/${encodeURIComponent(found.value.name)}`;
      return savedOr(
        visit,
        { fields, every },
        { method: "PUT", path, body: typeBody(fields) },
        (again) => typeForm(visit, found.value, again),
        () => after(visit, PATH, "saved"),
      );
    },
  },
  {
    ...inside,
    path: `${PATH}/of/:type/remove`,
    async act(visit, fields, every) {
      const found = await typeOf(visit);
      if (!found.ok) return found;
      const { name } = found.value;
      const { words } = visit;
      return removed(
        visit,
        { fields, every },
        {
          name,
          title: words.types.removeTypeTitle,
          what: words.types.removeTypeWhat,
          edit: {
            method: "DELETE",
            path: `${visit.at}/types/${encodeURIComponent(name)}`,
            body: {},
          },
        },
      );
    },
  },
  {
    ...inside,
    path: `${SETS}/new`,
    show: (visit) => setForm(visit, null),
    act: (visit, fields, every) => saveSet(visit, null, fields, every),
  },
  {
    ...inside,
    path: `${SETS}/:set`,
    async show(visit) {
      const found = await setOf(visit);
      return found.ok ? setForm(visit, found.value) : found;
    },
    async act(visit, fields, every) {
      const found = await setOf(visit);
      return found.ok ? saveSet(visit, found.value, fields, every) : found;
    },
  },
  {
    ...inside,
    path: `${SETS}/:set/remove`,
    async act(visit, fields, every) {
      const found = await setOf(visit);
      if (isRefusal(found)) return found;
      const { name } = found.value;
      const { words } = visit;
      return removed(
        visit,
        { fields, every },
        {
          name,
          title: words.types.removeSetTitle,
          what: words.types.removeSetWhat,
          edit: {
            method: "DELETE",
            path: `${visit.at}/role-sets/${encodeURIComponent(name)}`,
          },
        },
      );
    },
  },
];

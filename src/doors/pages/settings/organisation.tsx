import { isRefusal, type Refusal } from "../../../refusals.ts";
import { Carried } from "../kit/confirm.tsx";
import { Act, Form, type Field, type Option } from "../kit/form.tsx";
import { after, type Org, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { savedOr, type Again } from "../kit/terms.tsx";
import { fill, parted, roleLabel } from "../kit/words.tsx";
import type { Fields, Outcome } from "../page.ts";

/* The orgs below one, and what an org says of itself. */

const BELOW = "sub-workspaces";
const OWN = "organisation";
const ofOrg = (id: number, path: string) => `/${id}/settings/${path}`;

/** An org of a tree, with the names of those above it. */
interface Placed extends Org {
  readonly above: readonly string[];
}

/** The orgs of a tree from one down, each after what it lies in. */
function placed(orgs: readonly Org[], root: number): readonly Placed[] {
  const below = Map.groupBy(orgs, ({ parent }) => parent);
  const { compare } = new Intl.Collator();
  const under = (id: number, above: readonly string[]): readonly Placed[] =>
    (below.get(id) ?? [])
      .toSorted((a, b) => compare(a.name, b.name))
      .flatMap((org) => [{ ...org, above }, ...under(org.id, [...above, org.name])]);
  return under(root, []);
}

const withPath = ({ above, name }: Placed): string => [...above, name].join(" › ");

/** A colour as people see it; what is no colour is shown as it is written. */
const Colour = ({ of }: { of: string | null }) =>
  of && COLOUR.test(of) ? (
    <svg class="colour" width="16" height="16" role="img" aria-label={of}>
      <rect width="16" height="16" rx="3" fill={of} />
    </svg>
  ) : (
    <>{of ?? ""}</>
  );
const COLOUR = /^#[\da-f]{6}$/i;

async function list(visit: OrgVisit): Promise<Outcome> {
  const { api, at, org, here, words } = visit;
  const tree = await api.all<Org>(`${at}/tree`);
  if (!tree.ok) return tree;
  const listed = await table<Placed>(visit, {
    caption: words.subWorkspaces,
    list: { rows: placed(tree.value, org.id) },
    empty: (
      <p>
        {words.orgs.none} <a href={here(`${BELOW}/new`)}>{words.orgs.create}</a>
      </p>
    ),
    columns: [
      {
        key: "name",
        label: words.name,
        value: withPath,
        cell: (row) => (
          <>
            {row.above.length > 0 && <small>{row.above.join(" › ")} › </small>}
            <a href={ofOrg(row.id, OWN)}>{row.name}</a>
          </>
        ),
      },
      { key: "id", label: words.received.id, value: ({ id }) => id },
      {
        key: "color",
        label: words.orgs.color,
        value: ({ color }) => color,
        cell: ({ color }) => <Colour of={color} />,
      },
      { key: "description", label: words.orgs.description, value: (row) => row.description },
      {
        key: "default",
        label: words.orgs.default,
        value: (row) => (row.default ? words.yes : ""),
      },
    ],
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.subWorkspaces,
    body: (
      <>
        <p>
          <a href={here(`${BELOW}/new`)} role="button">
            {words.orgs.create}
          </a>
        </p>
        {listed.view}
      </>
    ),
  };
}

const orgFields = ({ words }: OrgVisit, org?: Org): readonly Field[] => [
  { name: "name", label: words.name, required: true, autocomplete: "off", value: org?.name },
  {
    name: "description",
    label: words.orgs.description,
    type: "textarea",
    value: org?.description ?? "",
  },
  {
    name: "colored",
    label: words.orgs.colored,
    type: "checkbox",
    value: org?.color ? "yes" : "",
  },
  {
    name: "color",
    label: words.orgs.color,
    type: "color",
    value: org?.color && COLOUR.test(org.color) ? org.color : "#3060c0",
  },
  {
    name: "default",
    label: words.orgs.isDefault,
    hint: words.orgs.defaultHow,
    type: "checkbox",
    value: org?.default ? "yes" : "",
  },
];

/** What is said of an org, without what it says already: some of it only few may change. */
const orgBody = ({ name = "", description, colored, color, default: first }: Fields, org?: Org) => {
  const said = {
    name,
    description: description || null,
    color: colored === "yes" ? (color ?? null) : null,
    default: first === "yes",
  };
  return changes(said, org ?? { default: false });
};

function changes(said: Readonly<Record<string, unknown>>, known: object): Record<string, unknown> {
  const before = known as Readonly<Record<string, unknown>>;
  const differs = ([name, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(before[name]);
  return Object.fromEntries(Object.entries(said).filter(differs));
}

async function createForm(visit: OrgVisit, fields?: Fields, refusal?: Refusal): Promise<Outcome> {
  const { api, at, org, words, here } = visit;
  const tree = await api.all<Org>(`${at}/tree`);
  if (!tree.ok) return tree;
  const parents = [
    { value: String(org.id), label: org.name },
    ...placed(tree.value, org.id).map((one) => ({
      value: String(one.id),
      label: `${org.name} › ${withPath(one)}`,
    })),
  ];
  return {
    title: words.orgs.create,
    status: refusal?.status ?? 200,
    body: (
      <>
        <p>{words.orgs.createHow}</p>
        <Form
          visit={visit}
          action={here(`${BELOW}/new`)}
          submit={words.orgs.create}
          typed={fields && { fields, refusal }}
          fields={[
            {
              name: "parent",
              label: words.orgs.parent,
              type: "select",
              options: parents,
              value: String(org.id),
            },
            ...orgFields(visit),
          ]}
        />
      </>
    ),
  };
}

/* The organisation itself. */

const number = (text: string | undefined): unknown => {
  const said = (text ?? "").trim();
  if (said === "") return null;
  return /^\d{1,6}$/.test(said) ? Number(said) : said;
};

/** A setting as a field says it. */
function textOf(org: OrgVisit["org"], name: string): string {
  const value = org[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

interface RoleSet {
  readonly name: string;
  readonly roles: readonly { readonly name: string }[];
}

async function settingFields(visit: OrgVisit): Promise<readonly Field[] | Refusal> {
  const { api, at, org, words, text } = visit;
  const found = await api.get<RoleSet>(`${at}/role-sets/standard`);
  if (!found.ok) return found;
  const said = words.orgs;
  const choice = (name: string, options: readonly Option[]): Field => ({
    name,
    label: said.settings[name] ?? name,
    type: "radio",
    options,
    value: textOf(org, name),
  });
  const days = (name: string, hint?: string): Field => ({
    name,
    label: said.settings[name] ?? name,
    hint,
    type: "number",
    value: textOf(org, name),
  });
  const own: readonly Field[] = [
    choice("receives", [
      { value: "anyone", label: said.anyone },
      { value: "collaborators", label: said.collaborators },
    ]),
    {
      name: "autoAccept",
      label: said.settings["autoAccept"] ?? "",
      hint: said.autoAcceptHow,
      type: "select",
      options: [
        { value: "", label: said.never },
        ...found.value.roles.map(({ name }) => ({
          value: name,
          label: fill(said.upTo, { role: roleLabel(text, name) }),
        })),
      ],
      value: textOf(org, "autoAccept"),
    },
    days("invitationDays"),
    days("shareDaysMax", said.shareDaysMaxHow),
    {
      name: "strongAdmins",
      label: said.settings["strongAdmins"] ?? "",
      hint: said.strongAdminsHow,
      type: "checkbox",
      value: org["strongAdmins"] === true ? "yes" : "",
    },
  ];
  if (org.parent !== null) return own;
  return [
    ...own,
    {
      name: "reminderDays",
      label: said.settings["reminderDays"] ?? "",
      hint: said.reminderDaysHow,
      value: (org["reminderDays"] as readonly number[]).join(", "),
    },
    {
      name: "reviewMonths",
      label: said.settings["reviewMonths"] ?? "",
      type: "select",
      options: ["", "3", "6", "12"].map((value) => ({
        value,
        label: value === "" ? said.never : fill(said.months, { n: value }),
      })),
      value: textOf(org, "reviewMonths"),
    },
    choice("children", [
      { value: "admins", label: said.childrenAdmins },
      { value: "company", label: said.childrenCompany },
    ]),
    choice("deletion", [
      { value: "owners", label: said.deletionOwners },
      { value: "platform", label: said.deletionPlatform, why: said.deletionHow },
    ]),
  ];
}

function settingsBody({ org }: OrgVisit, fields: Fields): Record<string, unknown> {
  const { receives, autoAccept, invitationDays, shareDaysMax, strongAdmins } = fields;
  const { reminderDays, reviewMonths, children, deletion } = fields;
  const own = {
    receives,
    autoAccept: autoAccept || null,
    invitationDays: number(invitationDays),
    shareDaysMax: number(shareDaysMax),
    strongAdmins: strongAdmins === "yes",
  };
  const tree = {
    reminderDays: parted(reminderDays).map(number),
    reviewMonths: number(reviewMonths),
    children,
    deletion,
  };
  return changes(org.parent === null ? { ...own, ...tree } : own, org);
}

type Which = "org" | "settings";

async function one(
  visit: OrgVisit,
  again?: { readonly of: Which; readonly fields: Fields; readonly refusal: Refusal },
): Promise<Outcome> {
  const { org, words, here } = visit;
  const settings = await settingFields(visit);
  if (isRefusal(settings)) return settings;
  const typed = (of: Which) => (again?.of === of ? again : undefined);
  return {
    title: org.name,
    status: again?.refusal.status ?? 200,
    body: (
      <>
        <Form
          visit={visit}
          action={here(OWN)}
          submit={words.save}
          typed={typed("org")}
          fields={orgFields(visit, org)}
          hidden={{ of: "org" }}
        />
        <h2>{words.menu}</h2>
        <Form
          visit={visit}
          action={here(OWN)}
          submit={words.save}
          typed={typed("settings")}
          fields={settings}
          hidden={{ of: "settings" }}
        />
        <div class="buttons">
          {org.parent !== null && (
            <a href={here(`${OWN}/move`)} role="button" class="secondary">
              {words.orgs.move}
            </a>
          )}
          <Act action={here(`${OWN}/remove`)} label={words.orgs.remove} about={org.name} />
        </div>
      </>
    ),
  };
}

/** The highest org above that the person administers, and where theirs could lie. */
async function parentsOf({ api, org }: OrgVisit): Promise<readonly Option[] | Refusal> {
  let top: Org = org;
  while (top.parent !== null) {
    const above = await api.get<Org>(`/v1/orgs/${top.parent}`);
    if (!above.ok) break;
    top = above.value;
  }
  const tree = await api.all<Org>(`/v1/orgs/${top.id}/tree`);
  if (!tree.ok) return tree;
  const inside = new Set([org.id, ...placed(tree.value, org.id).map(({ id }) => id)]);
  return [
    { value: String(top.id), label: top.name },
    ...placed(tree.value, top.id)
      .filter(({ id }) => !inside.has(id))
      .map((place) => ({ value: String(place.id), label: `${top.name} › ${withPath(place)}` })),
  ];
}

async function moveForm(visit: OrgVisit, again: Again = {}): Promise<Outcome> {
  const { org, words, here } = visit;
  const parents = await parentsOf(visit);
  if (isRefusal(parents)) return parents;
  const { sent, refusal } = again;
  return {
    title: fill(words.orgs.moveTitle, { name: org.name }),
    status: refusal?.status ?? 200,
    body: (
      <>
        <p>{words.orgs.moveHow}</p>
        <Form
          visit={visit}
          action={here(`${OWN}/move`)}
          submit={words.orgs.move}
          typed={sent && { fields: sent.fields, refusal }}
          fields={[
            {
              name: "parent",
              label: words.orgs.parent,
              type: "select",
              options: parents,
              value: String(org.parent),
            },
          ]}
        />
      </>
    ),
  };
}

interface Concerned {
  readonly email?: string;
  readonly org?: number;
  readonly role: string;
  readonly through: { readonly name: string };
}

/** Whom a move concerns, as the API's preview names them. */
const moveShown = (visit: OrgVisit) => (preview: Readonly<Record<string, unknown>>) => {
  const { org, words, text } = visit;
  const counts = preview["counts"] as { readonly gains: number; readonly loses: number };
  const sides = ["gains", "loses"] as const;
  return (
    <>
      <p>{fill(words.orgs.moveWhat, { name: org.name })}</p>
      {counts.gains + counts.loses === 0 && <p>{words.meaning.nobody}</p>}
      {sides.map((side) => {
        const named = preview[side] as readonly Concerned[];
        return (
          named.length > 0 && (
            <>
              <h2>
                {words.meaning[side]} ({counts[side]})
              </h2>
              <ul>
                {named.map((one) => (
                  <li>
                    {one.email ?? `${words.orgId} ${one.org ?? ""}`}: {roleLabel(text, one.role)},{" "}
                    {one.through.name}
                  </li>
                ))}
              </ul>
            </>
          )
        );
      })}
      {preview["more"] === true && <p>{words.meaning.more}</p>}
    </>
  );
};

/** What would go with the org is shown first, and its name is typed [R24]. */
async function remove(
  visit: OrgVisit,
  { fields, every }: { fields: Fields; every: (name: string) => readonly string[] },
): Promise<Outcome> {
  const { api, at, org, words, here } = visit;
  const { sure } = fields;
  const done = await api.send("DELETE", at, sure === undefined ? {} : { confirm: sure });
  if (done.ok)
    return {
      next: org.parent === null ? "/your-access" : `${ofOrg(org.parent, BELOW)}?done=removed`,
    };
  if (done.code !== "confirmation_needed") return done;
  const { confirm = "", ...goes } = done.preview ?? {};
  const wrong = sure !== undefined;
  return {
    title: fill(words.orgs.removeTitle, { name: org.name }),
    status: wrong ? 422 : 200,
    body: (
      <form method="post" action={here(`${OWN}/remove`)} class="confirm">
        <Carried fields={fields} every={every} />
        {wrong && (
          <p role="alert" class="problem">
            {words.confirm.wrongName}
          </p>
        )}
        <p>{words.orgs.removeWhat}</p>
        <dl class="facts">
          {Object.entries(goes)
            .filter(([, n]) => n !== 0)
            .map(([what, n]) => (
              <>
                <dt>{words.orgs.goes[what] ?? what}</dt>
                <dd>{String(n)}</dd>
              </>
            ))}
        </dl>
        <label for="f-sure">{fill(words.confirm.typeName, { name: confirm })}</label>
        <input
          id="f-sure"
          name="sure"
          autocomplete="off"
          required
          {...(wrong ? { "aria-invalid": "true" as const } : {})}
        />
        <p class="buttons">
          <a href={here(OWN)} role="button" class="secondary outline">
            {words.confirm.back}
          </a>
          <button type="submit" class="danger">
            {words.orgs.remove}
          </button>
        </p>
      </form>
    ),
  };
}

export const orgSections: readonly Section[] = [
  { section: "subWorkspaces", path: BELOW, admins: true, show: list },
  {
    section: "subWorkspaces",
    path: `${BELOW}/new`,
    admins: true,
    inside: true,
    show: (visit) => createForm(visit),
    async act(visit, fields) {
      const parent = number(fields["parent"]);
      const body = { ...orgBody(fields), parent };
      const made = await visit.api.send("POST", "/v1/orgs", body);
      return made.ok ? after(visit, BELOW, "added") : createForm(visit, fields, made);
    },
  },
  {
    section: "organisation",
    path: OWN,
    admins: true,
    show: (visit) => one(visit),
    async act(visit, fields) {
      const { api, at, org } = visit;
      const of = fields["of"] === "settings" ? "settings" : "org";
      const body = of === "org" ? orgBody(fields, org) : settingsBody(visit, fields);
      const saved = await api.send("PATCH", at, body);
      return saved.ok ? after(visit, OWN, "saved") : one(visit, { of, fields, refusal: saved });
    },
  },
  {
    section: "organisation",
    path: `${OWN}/move`,
    admins: true,
    inside: true,
    show: (visit) => moveForm(visit),
    act: (visit, fields, every) =>
      savedOr(
        visit,
        { fields, every },
        { method: "PATCH", path: visit.at, body: { parent: number(fields["parent"]) } },
        (again) => moveForm(visit, again),
        () => after(visit, OWN, "changed"),
        moveShown(visit),
      ),
  },
  {
    section: "organisation",
    path: `${OWN}/remove`,
    admins: true,
    inside: true,
    act: (visit, fields, every) => remove(visit, { fields, every }),
  },
];

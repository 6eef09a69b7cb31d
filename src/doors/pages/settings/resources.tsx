import { refuse, type Refusal } from "../../../refusals.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { When } from "../kit/dates.tsx";
import { withQuery } from "../kit/api.ts";
import { Act, Form, type Field } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill, parted } from "../kit/words.tsx";
import type { Fields, Outcome } from "../page.ts";

export interface Resource {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly owner: string | null;
  readonly properties: object | null;
  readonly org: { readonly id: number; readonly name: string };
  /** The share by which it was received. */
  readonly share?: string;
  readonly createdAt: string;
}
interface Type {
  readonly name: string;
}
interface Tag {
  readonly name: string;
}
interface Member {
  readonly user: string;
  readonly email: string;
}

const PATH = "resources";
export const refOf = ({ type, id }: Resource): string => `${type}:${id}`;
const under = (type: string, id: string): string =>
  `${PATH}/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
export const pageOf = ({ type, id }: Resource): string => under(type, id);

const TAGS_OFFERED = 500;

async function list(visit: OrgVisit): Promise<Outcome> {
  const { api, at, c, here, words } = visit;
  const whose = c.req.query("whose");
  const [types, tags] = await Promise.all([
    api.all<Type>(`${at}/types`),
    api.all<Tag>(`${at}/tags`, TAGS_OFFERED),
  ]);
  if (!types.ok) return types;
  if (!tags.ok) return tags;
  const options = (of: readonly { name: string }[]) =>
    of.map(({ name }) => ({ value: name, label: name }));
  const listed = await table<Resource>(visit, {
    caption: words.resources.caption,
    list: { path: `${at}/resources${whose === "own" ? "" : "?include=shared"}`, q: true },
    filters: [
      { key: "type", label: words.received.type, options: options(types.value) },
      { key: "tag", label: words.resources.tag, options: options(tags.value) },
      {
        key: "whose",
        label: words.resources.whose,
        options: [
          { value: "own", label: words.resources.own },
          { value: "received", label: words.sections.sharedWithUs },
        ],
        ...(whose === "received"
          ? { of: ({ share }: Resource) => (share === undefined ? "own" : whose) }
          : {}),
      },
    ],
    empty: (
      <p>
        {words.resources.none} <a href={here(`${PATH}/new`)}>{words.resources.create}</a>{" "}
        <a href={here(`${PATH}/import`)}>{words.resources.import}</a>
      </p>
    ),
    columns: [
      {
        key: "name",
        label: words.name,
        value: ({ name }) => name,
        cell: (row) =>
          row.share === undefined ? (
            <>
              <input
                type="checkbox"
                name="resource"
                value={refOf(row)}
                form="tagging"
                aria-label={fill(words.resources.choose, { name: row.name })}
              />
              <a href={here(pageOf(row))}>{row.name}</a>
            </>
          ) : (
            row.name
          ),
      },
      { key: "type", label: words.received.type, value: ({ type }) => type },
      { key: "id", label: words.received.id, value: ({ id }) => id },
      { key: "tags", label: words.received.tags, value: ({ tags: on }) => on.join(", ") },
      {
        key: "org",
        label: words.resources.org,
        value: ({ org }) => org.name,
        cell: ({ org, share }) =>
          share === undefined ? (
            org.name
          ) : (
            <a href={here(`shared-with-us/${encodeURIComponent(share)}`)}>
              {fill(words.received.title, { name: org.name })}
            </a>
          ),
      },
    ],
  });
  if (!("view" in listed)) return listed;
  const { search } = new URL(c.req.url);
  return {
    title: words.sections.resources,
    body: (
      <>
        <p class="buttons">
          <a href={here(`${PATH}/new`)} role="button">
            {words.resources.create}
          </a>
          <a href={here(`${PATH}/import`)} role="button" class="secondary">
            {words.resources.import}
          </a>
        </p>
        {listed.view}
        <form method="post" action={here(`${PATH}/tagging`)} id="tagging">
          <input type="hidden" name="query" value={search} />
          <p class="option">
            <input type="checkbox" name="whole" value="yes" id="f-whole" />
            <label for="f-whole">{words.resources.whole}</label>
          </p>
          <button type="submit" name="step" value="choose" class="secondary">
            {words.resources.changeTags}
          </button>
        </form>
      </>
    ),
  };
}

/** A resource in the API. */
const inApi = ({ at }: OrgVisit, type: string, id: string): string => `${at}/${under(type, id)}`;

export const resourceOf = (visit: OrgVisit) =>
  visit.api.get<Resource>(inApi(visit, visit.param("type"), visit.param("id")));

const tagsField = ({ words }: OrgVisit, value = ""): Field => ({
  name: "tags",
  label: words.received.tags,
  hint: words.resources.tagsHow,
  value,
});

const nameField = ({ words }: OrgVisit, value = ""): Field => ({
  name: "name",
  label: words.name,
  required: true,
  autocomplete: "off",
  value,
});

const ownerField = ({ words }: OrgVisit, value = ""): Field => ({
  name: "owner",
  label: words.resources.owner,
  hint: words.resources.ownerHow,
  autocomplete: "off",
  value,
});

async function createForm(visit: OrgVisit, fields?: Fields, refusal?: Refusal): Promise<Outcome> {
  const { api, at, words, here } = visit;
  const types = await api.all<Type>(`${at}/types`);
  if (!types.ok) return types;
  const suggest = types.value.map(({ name }) => name);
  return {
    title: words.resources.create,
    status: refusal?.status ?? 200,
    body: (
      <Form
        visit={visit}
        action={here(`${PATH}/new`)}
        submit={words.resources.create}
        typed={fields && { fields, refusal }}
        fields={[
          {
            name: "type",
            label: words.received.type,
            hint: words.resources.typeHow,
            required: true,
            suggest,
          },
          {
            name: "id",
            label: words.received.id,
            hint: words.resources.idHow,
            required: true,
            autocomplete: "off",
          },
          nameField(visit),
          tagsField(visit),
          ownerField(visit),
        ]}
      />
    ),
  };
}

async function create(visit: OrgVisit, fields: Fields): Promise<Outcome> {
  const { api } = visit;
  const { type = "", id = "", name = "", tags, owner } = fields;
  const missing = (["type", "id"] as const).filter((one) => (fields[one] ?? "").trim() === "");
  if (missing.length > 0) {
    const refusal = refuse("invalid", visit.words.resources.needed);
    const errors = missing.map((one) => ({ pointer: `/${one}`, detail: refusal.detail }));
    return createForm(visit, fields, { ...refusal, errors });
  }
  const path = inApi(visit, type.trim(), id.trim());
  // To add one is not to say anew what another is.
  if ((await api.get(path)).ok)
    return createForm(visit, fields, refuse("conflict", visit.words.resources.exists, "/id"));
  const made = await api.send("PUT", path, {
    name,
    tags: parted(tags),
    ...(owner ? { owner } : {}),
  });
  return made.ok
    ? after(visit, under(type.trim(), id.trim()), "added")
    : createForm(visit, fields, made.code === "not_found" ? atId(made) : made);
}

const atId = (refusal: Refusal): Refusal => ({
  ...refusal,
  errors: [{ pointer: "/id", detail: refusal.detail }],
});

/** The address of who owns a resource, where it is a member. */
async function ownerOf({ api, at }: OrgVisit, { owner }: Resource): Promise<string> {
  if (owner === null) return "";
  const found = await api.get<Member>(`${at}/members/${encodeURIComponent(owner)}`);
  return found.ok ? found.value.email : owner;
}

interface Org {
  readonly id: number;
  readonly name: string;
}

/** The orgs into which a person may copy: those below, and those where they are a member. */
async function targets({ api, at }: OrgVisit): Promise<readonly Org[]> {
  const [access, tree] = await Promise.all([
    api.get<{ items: readonly { kind: string; status: string; org: Org }[] }>("/v1/me/access"),
    api.get<{ items: readonly Org[] }>(`${at}/tree`),
  ]);
  const reached = (access.ok ? access.value.items : []).flatMap((one) =>
    one.kind === "member" && one.status === "active" ? [one.org] : [],
  );
  const all = [...reached, ...(tree.ok ? tree.value.items : [])];
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

/** What a form of the page was sent with, and by which of them. */
interface Again {
  readonly of: "edit" | "copy";
  readonly fields: Fields;
  readonly refusal: Refusal;
}

async function one(visit: OrgVisit, again?: Again): Promise<Outcome> {
  const { words, here } = visit;
  const found = await resourceOf(visit);
  if (!found.ok) return found;
  const resource = found.value;
  const path = pageOf(resource);
  const [owner, orgs] = await Promise.all([ownerOf(visit, resource), targets(visit)]);
  const typed = (of: Again["of"]) => (again?.of === of ? again : undefined);
  const filter = (tag: string) => here(`${PATH}?tag=${encodeURIComponent(tag)}`);
  return {
    title: resource.name,
    status: again?.refusal.status ?? 200,
    body: (
      <>
        <dl class="facts">
          <dt>{words.received.type}</dt>
          <dd>{resource.type}</dd>
          <dt>{words.received.id}</dt>
          <dd>{resource.id}</dd>
          <dt>{words.received.tags}</dt>
          <dd>
            {resource.tags.map((tag, n) => (
              <>
                {n > 0 && ", "}
                <a href={filter(tag)}>{tag}</a>
              </>
            ))}
          </dd>
          <dt>{words.resources.org}</dt>
          <dd>{resource.org.name}</dd>
          {owner !== "" && (
            <>
              <dt>{words.resources.owner}</dt>
              <dd>{owner}</dd>
            </>
          )}
          {resource.properties && (
            <>
              <dt>{words.resources.properties}</dt>
              <dd>
                <code>{JSON.stringify(resource.properties)}</code>
              </dd>
            </>
          )}
          <dt>{words.since}</dt>
          <dd>
            <When visit={visit} at={resource.createdAt} />
          </dd>
        </dl>
        <p class="buttons">
          <a href={here(`${path}/access`)} role="button">
            {words.resources.access}
          </a>
          <a href={here(path.replace(PATH, "sharing"))} role="button" class="secondary">
            {words.shares.share}
          </a>
          <a
            href={here(withQuery("history/as-of", { resource: refOf(resource) }))}
            role="button"
            class="secondary"
          >
            {words.history.asOf}
          </a>
        </p>
        <h2>{words.change}</h2>
        <Form
          visit={visit}
          action={here(path)}
          submit={words.save}
          typed={typed("edit")}
          hidden={{ owned: owner }}
          fields={[
            nameField(visit, resource.name),
            tagsField(visit, resource.tags.join(", ")),
            ownerField(visit, owner),
          ]}
        />
        <h2>{words.resources.copy}</h2>
        <p>{words.resources.copyHow}</p>
        <Form
          visit={visit}
          action={here(`${path}/copy`)}
          submit={words.resources.copy}
          typed={typed("copy")}
          prefix="copy"
          fields={[
            {
              name: "to",
              label: words.resources.copyTo,
              type: "select",
              options: orgs.map(({ id, name }) => ({ value: String(id), label: name })),
              value: String(visit.org.id),
            },
            {
              name: "id",
              label: words.resources.copyId,
              hint: fill(words.resources.copyIdHow, { id: `${resource.id}-copy` }),
              autocomplete: "off",
            },
            {
              name: "name",
              label: words.name,
              hint: words.resources.copyNameHow,
              autocomplete: "off",
            },
          ]}
        />
        <div class="buttons">
          <Act
            action={here(`${path}/remove`)}
            label={words.resources.remove}
            about={resource.name}
          />
        </div>
      </>
    ),
  };
}

const inside = { section: "resources", admins: true, inside: true } as const;

export const resourceSections: readonly Section[] = [
  { section: "resources", path: PATH, admins: true, show: list },
  { ...inside, path: `${PATH}/new`, show: (visit) => createForm(visit), act: create },
  {
    ...inside,
    path: `${PATH}/:type/:id`,
    show: (visit) => one(visit),
    async act(visit, fields) {
      const { name = "", tags, owner = "", owned } = fields;
      const [type, id] = [visit.param("type"), visit.param("id")];
      const saved = await visit.api.send("PATCH", inApi(visit, type, id), {
        name,
        tags: parted(tags),
        ...(owner === owned ? {} : { owner: owner || null }),
      });
      return saved.ok
        ? after(visit, under(type, id), "saved")
        : one(visit, { of: "edit", fields, refusal: saved });
    },
  },
  {
    ...inside,
    path: `${PATH}/:type/:id/copy`,
    async act(visit, fields) {
      const { to = "", id, name } = fields;
      const path = `${inApi(visit, visit.param("type"), visit.param("id"))}/copy`;
      const made = await visit.api.send<Resource>("POST", path, {
        to: Number(to),
        ...(id ? { id } : {}),
        ...(name ? { name } : {}),
      });
      if (!made.ok) return one(visit, { of: "copy", fields, refusal: made });
      const page = pageOf(made.value);
      return { next: `/${made.value.org.id}/settings/${page}?done=added` };
    },
  },
  {
    ...inside,
    path: `${PATH}/:type/:id/remove`,
    async act(visit, fields, every) {
      const { words, here } = visit;
      const found = await resourceOf(visit);
      if (!found.ok) return found;
      const { name, type, id } = found.value;
      const edit = { method: "DELETE", path: inApi(visit, type, id) } as const;
      const said = { name, ref: refOf(found.value) };
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.resources.removeTitle, said),
          what: <p>{fill(words.resources.removeWhat, said)}</p>,
          submit: words.resources.remove,
          back: here(under(type, id)),
          edit,
          typed: name,
        },
      );
      if (asked) return asked;
      const removed = await visit.api.send(edit.method, edit.path);
      return removed.ok ? after(visit, PATH, "removed") : removed;
    },
  },
];

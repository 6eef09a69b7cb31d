import { isRefusal, malformed, refuse, type Refusal } from "../../../refusals.ts";
import { effectsOf, unlessSure, type Edit, type Edits, type Sent } from "../kit/confirm.tsx";
import { withQuery } from "../kit/api.ts";
import { Act, Form, Problem, type Field } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill, fold, parted, type ScopeShown } from "../kit/words.tsx";
import type { Outcome } from "../page.ts";
import { pageOf, refOf, type Resource } from "./resources.tsx";

interface Tag {
  readonly id: string;
  readonly name: string;
  readonly resources: number;
}

const PATH = "tags";
const tagPage = (name: string) => `${PATH}/${encodeURIComponent(name)}`;

/** One edit takes no more resources than a batch holds. */
const AT_ONCE = 1_000;

/** The edit that gives each resource the tags it is to have; of what stays as it is, nothing. */
function retagged(
  { at }: OrgVisit,
  resources: readonly Resource[],
  tagsOf: (tags: readonly string[]) => readonly string[],
): Edits {
  const edits = resources.flatMap((resource): readonly Edit[] => {
    const tags = tagsOf(resource.tags);
    return tags.join("\0") === resource.tags.join("\0")
      ? []
      : [{ method: "PATCH", path: `${at}/${pageOf(resource)}`, body: { tags } }];
  });
  return { edits };
}

/** The tags without some, and with others after them. */
const changed =
  (without: readonly string[], more: readonly string[]) => (tags: readonly string[]) => {
    const gone = without.map(fold);
    const kept = tags.filter((tag) => !gone.includes(fold(tag)));
    const known = kept.map(fold);
    return [...kept, ...more.filter((tag) => !known.includes(fold(tag)))];
  };

/** What is wrong with the tags of some resource, beside the field that names them. */
const inField = (refusal: Refusal, name: string): Refusal => {
  const [first] = refusal.errors ?? [];
  return first?.pointer.includes("/tags")
    ? { ...refusal, errors: [{ pointer: `/${name}`, detail: first.detail }] }
    : refusal;
};

/* Many at once. */

/** The resources that were ticked, or all that the table's filter showed. */
async function chosenOf(
  { api, at, words }: OrgVisit,
  { fields, every }: Sent,
): Promise<readonly Resource[] | Refusal> {
  if (fields["whole"] === "yes") {
    const query = new URLSearchParams(fields["query"] ?? "");
    const said = { q: query.get("q"), type: query.get("type"), tag: query.get("tag") };
    const found = await api.all<Resource>(withQuery(`${at}/resources`, said), AT_ONCE + 1);
    if (!found.ok) return found;
    return found.value.length > AT_ONCE
      ? refuse("limit", fill(words.tagging.tooMany, { max: AT_ONCE }))
      : found.value;
  }
  const refs = [...new Set(every("resource"))];
  if (refs.length > AT_ONCE) return refuse("limit", fill(words.tagging.tooMany, { max: AT_ONCE }));
  const found = await Promise.all(
    refs.map((ref) => {
      const colon = ref.indexOf(":");
      const [type, id] = [ref.slice(0, colon), ref.slice(colon + 1)].map(encodeURIComponent);
      return api.get<Resource>(`${at}/resources/${type}/${id}`);
    }),
  );
  const resources: Resource[] = [];
  for (const one of found)
    if (one.ok) resources.push(one.value);
    else return one;
  return resources;
}

const NAMED = 20;

async function tagging(visit: OrgVisit, sent: Sent): Promise<Outcome> {
  const { api, at, words, here } = visit;
  const { fields, every } = sent;
  const resources = await chosenOf(visit, sent);
  if (isRefusal(resources)) return resources;
  const taggingPage = async (refusal?: Refusal): Promise<Outcome> => {
    const counts = new Map<string, Tag>();
    for (const name of resources.flatMap(({ tags }) => tags)) {
      const known = counts.get(fold(name));
      const n = (known?.resources ?? 0) + 1;
      counts.set(fold(name), { id: fold(name), name: known?.name ?? name, resources: n });
    }
    const form: readonly Field[] = [
      {
        name: "add",
        label: words.tagging.add,
        hint: words.resources.tagsHow,
        value: "",
        autocomplete: "off",
      },
      ...(counts.size === 0
        ? []
        : [
            {
              name: "without",
              label: words.tagging.remove,
              type: "checkboxes",
              values: every("without"),
              options: [...counts.values()].map((tag) => ({
                value: tag.name,
                label: `${tag.name} (${fill(words.scope.reaches, { n: tag.resources })})`,
              })),
            } as const,
          ]),
    ];
    const looked =
      fields["step"] === "check" && edit.edits.length > 0 ? await effectsOf(visit, edit) : null;
    const wrong = refusal ?? (isRefusal(looked) ? looked : undefined);
    const named = resources.slice(0, NAMED).map(({ name }) => name);
    const more = resources.length - named.length;
    return {
      title: words.resources.changeTags,
      status: wrong?.status ?? 200,
      body: (
        <>
          {wrong && <Problem visit={visit} refusal={inField(wrong, "add")} fields={form} />}
          <p>
            <a href={here(`resources${withQuery("", queryOf(fields["query"]))}`)}>
              {words.sections.resources}
            </a>
          </p>
          {resources.length === 0 ? (
            <p>{words.tagging.nothing}</p>
          ) : (
            <>
              <p>
                {fill(words.tagging.chosen, { n: resources.length })} {named.join(", ")}{" "}
                {more > 0 && fill(words.scope.more, { n: more })}
              </p>
              {looked !== null && !isRefusal(looked) && looked}
              <Form
                visit={visit}
                action={here("resources/tagging")}
                submit={words.save}
                second={{ step: "check", label: words.check }}
                quiet
                typed={{ fields, refusal: wrong && inField(wrong, "add") }}
                fields={form}
              >
                <input type="hidden" name="query" value={fields["query"] ?? ""} />
                {fields["whole"] === "yes" ? (
                  <input type="hidden" name="whole" value="yes" />
                ) : (
                  resources.map((one) => <input type="hidden" name="resource" value={refOf(one)} />)
                )}
              </Form>
            </>
          )}
        </>
      ),
    };
  };
  const edit = retagged(visit, resources, changed(every("without"), parted(fields["add"])));
  if (fields["step"] !== "save") return taggingPage();
  if (edit.edits.length === 0)
    return taggingPage(refuse("invalid", words.tagging.unchanged, "/add"));
  const saved = await api.send("POST", `${at}/batch`, edit);
  return saved.ok
    ? after(visit, `resources${withQuery("", queryOf(fields["query"]))}`, "changed")
    : taggingPage(saved);
}

/** What a table of resources was filtered by. */
function queryOf(search = ""): Record<string, string | null> {
  const query = new URLSearchParams(search);
  return Object.fromEntries(["q", "type", "tag", "whose"].map((name) => [name, query.get(name)]));
}

/* Tags. */

async function list(visit: OrgVisit): Promise<Outcome> {
  const { at, here, words } = visit;
  const listed = await table<Tag>(visit, {
    caption: words.tags.caption,
    list: { path: `${at}/tags`, q: true },
    empty: (
      <p>
        {words.tags.none} <a href={here("resources")}>{words.sections.resources}</a>
      </p>
    ),
    columns: [
      {
        key: "name",
        label: words.resources.tag,
        value: ({ name }) => name,
        cell: ({ name }) => <a href={here(tagPage(name))}>{name}</a>,
      },
      {
        key: "resources",
        label: words.sections.resources,
        value: ({ resources }) => resources,
        cell: ({ name, resources }) => (
          <a
            href={here(withQuery("resources", { tag: name }))}
            aria-label={fill(words.tags.show, { n: resources, name })}
          >
            {resources}
          </a>
        ),
      },
    ],
  });
  return "view" in listed ? { title: words.sections.tags, body: listed.view } : listed;
}

/** The tag in the path, as it is written, with how many resources carry it. */
async function tagOf({ api, at, param }: OrgVisit): Promise<Tag | Refusal> {
  const id = fold(param("tag"));
  const found = await api.all<Tag>(withQuery(`${at}/tags`, { q: param("tag") }));
  if (!found.ok) return found;
  return found.value.find((tag) => fold(tag.name) === id) ?? refuse("not_found", "");
}

const carrying = ({ api, at }: OrgVisit, { name }: Tag) =>
  api.all<Resource>(withQuery(`${at}/resources`, { tag: name }), AT_ONCE);

async function one(visit: OrgVisit, tag: Tag, sent?: Sent, refusal?: Refusal): Promise<Outcome> {
  const { words, here } = visit;
  return {
    title: fill(words.tags.title, { name: tag.name }),
    status: refusal?.status ?? 200,
    body: (
      <>
        <p>
          <a href={here(withQuery("resources", { tag: tag.name }))}>
            {fill(words.scope.reaches, { n: tag.resources })}
          </a>
        </p>
        <h2>{words.tags.rename}</h2>
        <p>{words.tags.renameHow}</p>
        <Form
          visit={visit}
          action={here(tagPage(tag.name))}
          submit={words.tags.rename}
          typed={sent && { fields: sent.fields, refusal: refusal && inField(refusal, "to") }}
          fields={[
            {
              name: "to",
              label: words.tags.to,
              required: true,
              autocomplete: "off",
              value: tag.name,
            },
            {
              name: "rules",
              label: words.tags.rules,
              hint: words.tags.rulesHow,
              type: "checkbox",
              value: "yes",
            },
          ]}
        />
        <Act
          action={here(`${tagPage(tag.name)}/remove`)}
          label={words.tags.remove}
          about={tag.name}
        />
      </>
    ),
  };
}

interface Ruled {
  readonly id: string;
  readonly scope: ScopeShown;
}

/** The edits by which access rules and shares of the org name other tags than they do. */
async function namedAnew(
  { api, at }: OrgVisit,
  tagsOf: (tags: readonly string[]) => readonly string[],
): Promise<readonly Edit[] | Refusal> {
  const [members, teams, shares] = await Promise.all([
    api.all<{ grants: readonly Ruled[] }>(`${at}/members`),
    api.all<{ grants: readonly Ruled[] }>(`${at}/teams`),
    api.all<Ruled & { readonly status: string }>(`${at}/shares`),
  ]);
  if (!members.ok) return members;
  if (!teams.ok) return teams;
  if (!shares.ok) return shares;
  const open = shares.value.filter(({ status }) => status === "active" || status === "pending");
  const anew =
    (kind: string) =>
    ({ id, scope }: Ruled): readonly Edit[] => {
      const before = "tags" in scope ? scope.tags : [];
      const tags = tagsOf(before);
      return tags.join("\0") === before.join("\0")
        ? []
        : [{ method: "PATCH", path: `${at}/${kind}/${id}`, body: { scope: { tags } } }];
    };
  const grants = [...members.value, ...teams.value].flatMap((one) => one.grants);
  return [...grants.flatMap(anew("grants")), ...open.flatMap(anew("shares"))];
}

/** The tags with another in the place of one. */
const instead = (tag: string, to: string) => (tags: readonly string[]) =>
  tags.some((one) => fold(one) === fold(tag)) ? changed([tag], [to])(tags) : tags;

/**
 * Gives what carries a tag another one in its place, or none: at most a batch of resources in one edit,
 * and where there are more, the page goes on with the rest.
 */
async function replaced(
  visit: OrgVisit,
  tag: Tag,
  to: readonly string[],
  sent: Sent,
  of: {
    title: string;
    what: string;
    submit: string;
    wrong: (refusal: Refusal) => Promise<Outcome>;
  },
): Promise<Outcome> {
  const { api, at, words, here, c } = visit;
  const isSame = to.some((name) => fold(name) === fold(tag.name));
  if (isSame && tag.resources > AT_ONCE)
    return of.wrong(refuse("limit", fill(words.tagging.tooMany, { max: AT_ONCE })));
  const resources = await carrying(visit, tag);
  if (!resources.ok) return resources;
  const [named = ""] = to;
  const rules =
    sent.fields["rules"] === "yes" ? await namedAnew(visit, instead(tag.name, named)) : [];
  if (isRefusal(rules)) return rules;
  const tagged = retagged(visit, resources.value, changed([tag.name], to));
  const edit: Edits = { edits: [...tagged.edits, ...rules] };
  // Rules and resources change as one: in parts, somebody would be without access between them.
  if (rules.length > 0 && (edit.edits.length > AT_ONCE || resources.value.length < tag.resources))
    return of.wrong(refuse("limit", fill(words.tags.tooMany, { max: AT_ONCE })));
  const asked = await unlessSure(visit, sent, {
    title: of.title,
    what: <p>{of.what}</p>,
    submit: of.submit,
    back: here(tagPage(tag.name)),
    edit,
  });
  if (asked) return asked;
  if (edit.edits.length > 0) {
    const saved = await api.send("POST", `${at}/batch`, edit);
    if (!saved.ok) return of.wrong(saved);
  }
  const left = tag.resources - resources.value.length;
  if (left <= 0 || resources.value.length < AT_ONCE || isSame) return after(visit, PATH, "changed");
  const all = Number(sent.fields["all"] ?? tag.resources);
  return {
    title: of.title,
    body: (
      <form method="post" action={new URL(c.req.url).pathname} data-continue>
        {Object.entries({ ...sent.fields, all: String(all) }).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <p>
          <label for="f-progress">{fill(words.tags.done, { n: all - left, all })}</label>
          <progress id="f-progress" value={all - left} max={all} />
        </p>
        <button type="submit">{words.goOn}</button>
      </form>
    ),
  };
}

const inside = { admins: true, inside: true } as const;

export const tagSections: readonly Section[] = [
  { section: "tags", path: PATH, admins: true, show: list },
  {
    section: "tags",
    path: `${PATH}/:tag`,
    ...inside,
    async show(visit) {
      const tag = await tagOf(visit);
      return isRefusal(tag) ? tag : one(visit, tag);
    },
    async act(visit, fields, every) {
      const { words } = visit;
      const tag = await tagOf(visit);
      if (isRefusal(tag)) return tag;
      const sent = { fields, every };
      const to = (fields["to"] ?? "").trim();
      const wrong = (refusal: Refusal) => one(visit, tag, sent, refusal);
      if (to === "")
        return wrong(malformed(words.tags.needed, [{ pointer: "/to", detail: words.tags.needed }]));
      if (to === tag.name) return wrong(refuse("invalid", words.tagging.unchanged, "/to"));
      const said = { name: tag.name, to, n: tag.resources };
      return replaced(visit, tag, [to], sent, {
        title: fill(words.tags.renameTitle, said),
        what: fill(words.tags.renameWhat, said),
        submit: words.tags.rename,
        wrong,
      });
    },
  },
  {
    section: "tags",
    path: `${PATH}/:tag/remove`,
    ...inside,
    async act(visit, fields, every) {
      const { words } = visit;
      const tag = await tagOf(visit);
      if (isRefusal(tag)) return tag;
      const sent = { fields, every };
      const said = { name: tag.name, n: tag.resources };
      return replaced(visit, tag, [], sent, {
        title: fill(words.tags.removeTitle, said),
        what: fill(words.tags.removeWhat, said),
        submit: words.tags.remove,
        wrong: (refusal) => one(visit, tag, sent, refusal),
      });
    },
  },
  {
    section: "resources",
    path: "resources/tagging",
    ...inside,
    act: (visit, fields, every) => tagging(visit, { fields, every }),
  },
];

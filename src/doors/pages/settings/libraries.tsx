import { refuse, type Refusal } from "../../../refusals.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { Act, Form, type Field } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill } from "../kit/words.tsx";
import type { Fields, Outcome } from "../page.ts";

/*
 * Libraries: everyone inside sees them, admins write them. Values are written as lines, `value | label |
 * colour`; what else a value holds stays with it.
 */

interface Value {
  readonly value: string;
  readonly label?: string;
  readonly color?: string;
  readonly properties?: object;
}
interface Summary {
  readonly name: string;
  readonly count: number;
}
interface Library extends Summary {
  readonly values: readonly Value[];
}

const PATH = "libraries";
const pageOf = (name: string) => `${PATH}/${encodeURIComponent(name)}`;
const pathOf = ({ at }: OrgVisit, name: string) => `${at}/libraries/${encodeURIComponent(name)}`;
const libraryOf = (visit: OrgVisit) =>
  visit.api.get<Library>(pathOf(visit, visit.param("library")));

/** Values as lines; as JSON where a value holds the sign between them. */
export const valuesText = (values: readonly Value[]): string =>
  values.some(({ value, label = "", color = "" }) => /[|\n]|^\s*\[/.test(value + label + color))
    ? JSON.stringify(values, null, 2)
    : values
        .map(({ value, label = "", color = "" }) =>
          [value, label, color].join(" | ").replace(/( \| )+$/, ""),
        )
        .join("\n");

/** Such lines as values; `null` where JSON was begun that is none. */
export function valuesIn(text: string, known: readonly Value[]): readonly unknown[] | null {
  if (text.trim().startsWith("["))
    try {
      const read: unknown = JSON.parse(text);
      return Array.isArray(read) ? read : null;
    } catch {
      return null;
    }
  return text.split(/\r?\n/).flatMap((line) => {
    if (line.trim() === "") return [];
    const [value = "", label, color] = line.split("|").map((part) => part.trim());
    const properties = known.find((one) => one.value === value)?.properties;
    return [
      {
        value,
        ...(label ? { label } : {}),
        ...(color ? { color } : {}),
        ...(properties ? { properties } : {}),
      },
    ];
  });
}

async function list(visit: OrgVisit): Promise<Outcome> {
  const { at, here, words, admin } = visit;
  const listed = await table<Summary>(visit, {
    caption: words.sections.libraries,
    list: { path: `${at}/libraries` },
    empty: <p>{words.libraries.none}</p>,
    columns: [
      {
        key: "name",
        label: words.name,
        value: ({ name }) => name,
        cell: ({ name }) => <a href={here(pageOf(name))}>{name}</a>,
      },
      { key: "count", label: words.libraries.values, value: ({ count }) => count },
    ],
  });
  if (!("view" in listed)) return listed;
  return {
    title: words.sections.libraries,
    body: (
      <>
        {admin && (
          <p>
            <a href={here(`${PATH}/new`)} role="button">
              {words.libraries.create}
            </a>
          </p>
        )}
        {listed.view}
      </>
    ),
  };
}

const valuesField = ({ words }: OrgVisit, values: readonly Value[]): Field => ({
  name: "values",
  label: words.libraries.values,
  hint: words.libraries.valuesHow,
  type: "textarea",
  value: valuesText(values),
});

function newForm(visit: OrgVisit, fields?: Fields, refusal?: Refusal): Outcome {
  const { words, here } = visit;
  return {
    title: words.libraries.create,
    status: refusal?.status ?? 200,
    body: (
      <Form
        visit={visit}
        action={here(`${PATH}/new`)}
        submit={words.libraries.create}
        typed={fields && { fields, refusal }}
        fields={[{ name: "name", label: words.name, required: true }, valuesField(visit, [])]}
      />
    ),
  };
}

interface Typed {
  readonly form: "values" | "copy";
  readonly fields: Fields;
  readonly refusal: Refusal;
}

async function one(visit: OrgVisit, typed?: Typed): Promise<Outcome> {
  const { words, here, admin } = visit;
  const found = await libraryOf(visit);
  if (!found.ok) return found;
  const { name, values } = found.value;
  const listed = await table<Value>(visit, {
    caption: words.libraries.values,
    list: { rows: values },
    empty: <p>{words.libraries.empty}</p>,
    columns: [
      { key: "value", label: words.libraries.value, value: ({ value }) => value },
      { key: "label", label: words.libraries.label, value: ({ label }) => label },
      { key: "color", label: words.libraries.color, value: ({ color }) => color },
      {
        key: "properties",
        label: words.libraries.properties,
        value: ({ properties }) => properties && JSON.stringify(properties),
      },
    ],
  });
  if (!("view" in listed)) return listed;
  return {
    title: name,
    status: typed?.refusal.status ?? 200,
    body: (
      <>
        {listed.view}
        {admin && (
          <>
            <h2>{words.change}</h2>
            <Form
              visit={visit}
              action={here(pageOf(name))}
              submit={words.save}
              prefix="values"
              typed={typed?.form === "values" ? typed : undefined}
              fields={[valuesField(visit, values)]}
            />
            <h2>{words.libraries.copy}</h2>
            <Form
              visit={visit}
              action={here(`${pageOf(name)}/copy`)}
              submit={words.libraries.copyDo}
              prefix="copy"
              typed={typed?.form === "copy" ? typed : undefined}
              fields={[
                { name: "to", label: words.libraries.to, hint: words.libraries.toHow },
                { name: "value", label: words.libraries.only, hint: words.libraries.onlyHow },
                {
                  name: "onConflict",
                  label: words.libraries.conflict,
                  type: "radio",
                  value: "",
                  options: [
                    { value: "", label: words.libraries.conflicts.ask },
                    { value: "keep", label: words.libraries.conflicts.keep },
                    { value: "replace", label: words.libraries.conflicts.replace },
                  ],
                },
              ]}
            />
            <Act action={here(`${pageOf(name)}/remove`)} label={words.remove} about={name} />
          </>
        )}
      </>
    ),
  };
}

const notRead = ({ words }: OrgVisit): Refusal =>
  refuse("invalid", words.libraries.badJson, "/values");

/** Which line an error of the API means. */
const byLine = (refusal: Refusal, values: readonly unknown[]): Refusal => ({
  ...refusal,
  ...(refusal.errors && {
    errors: refusal.errors.map((error) => {
      const [, n] = /^\/values\/(\d+)/.exec(error.pointer) ?? [];
      const value = n === undefined ? undefined : (values[Number(n)] as Partial<Value> | null);
      return value?.value ? { ...error, detail: `${value.value}: ${error.detail}` } : error;
    }),
  }),
});

const inside = { section: "libraries", inside: true } as const;

export const librarySections: readonly Section[] = [
  { section: "libraries", path: PATH, admins: false, show: list },
  {
    ...inside,
    path: `${PATH}/new`,
    admins: true,
    show: (visit) => newForm(visit),
    async act(visit, fields) {
      const { api, words } = visit;
      const name = fields["name"]?.trim() ?? "";
      const values = valuesIn(fields["values"] ?? "", []);
      if (name === "")
        return newForm(visit, fields, refuse("invalid", words.types.noName, "/name"));
      if (!values) return newForm(visit, fields, notRead(visit));
      const path = pathOf(visit, name);
      if ((await api.get(path)).ok)
        return newForm(visit, fields, refuse("conflict", words.types.taken, "/name"));
      const made = await api.send("PUT", path, { values });
      return made.ok ? after(visit, PATH, "added") : newForm(visit, fields, byLine(made, values));
    },
  },
  {
    ...inside,
    path: `${PATH}/:library`,
    admins: false,
    show: (visit) => one(visit),
    async act(visit, fields) {
      const found = await libraryOf(visit);
      if (!found.ok) return found;
      const { name, values: known } = found.value;
      const again = (refusal: Refusal) => one(visit, { form: "values", fields, refusal });
      const values = valuesIn(fields["values"] ?? "", known);
      if (!values) return again(notRead(visit));
      const saved = await visit.api.send("PUT", pathOf(visit, name), { values });
      return saved.ok ? after(visit, pageOf(name), "saved") : again(byLine(saved, values));
    },
  },
  {
    ...inside,
    path: `${PATH}/:library/copy`,
    admins: true,
    async act(visit, fields) {
      const found = await libraryOf(visit);
      if (!found.ok) return found;
      const { name } = found.value;
      const { to = "", value, onConflict } = fields;
      const copied = await visit.api.send("POST", `${pathOf(visit, name)}/copy`, {
        to: /^\d{1,15}$/.test(to.trim()) ? Number(to) : to,
        ...(value ? { value } : {}),
        ...(onConflict ? { onConflict } : {}),
      });
      if (copied.ok) return after(visit, pageOf(name), "copied");
      // That there is no such organisation is said beside its field.
      const refusal =
        copied.code === "not_found"
          ? refuse("invalid", visit.words.libraries.noOrg, "/to")
          : copied;
      return one(visit, { form: "copy", fields, refusal });
    },
  },
  {
    ...inside,
    path: `${PATH}/:library/remove`,
    admins: true,
    async act(visit, fields, every) {
      const { api, words, here } = visit;
      const found = await libraryOf(visit);
      if (!found.ok) return found;
      const { name, values } = found.value;
      const asked = await unlessSure(
        visit,
        { fields, every },
        {
          title: fill(words.libraries.removeTitle, { name }),
          what: <p>{fill(words.libraries.removeWhat, { n: values.length })}</p>,
          submit: words.remove,
          back: here(pageOf(name)),
          typed: name,
        },
      );
      if (asked) return asked;
      const removed = await api.send("DELETE", pathOf(visit, name));
      return removed.ok ? after(visit, PATH, "gone") : removed;
    },
  },
];

import type { Child } from "hono/jsx";
import { isRefusal, malformed, type Refusal } from "../../../refusals.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { dayOf, endOfDay } from "../kit/dates.tsx";
import { Control, Form, Problem, type Field } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { fill, roleLabel } from "../kit/words.tsx";
import type { Every, Fields, Outcome } from "../page.ts";

interface Step {
  readonly kind: "grant" | "share" | "rule" | "owner";
  readonly id: string | null;
  readonly org: { readonly id: number; readonly name: string };
  readonly to: string | Readonly<Record<string, unknown>> | null;
}
interface Lack {
  readonly what: string;
  readonly step: number | null;
  readonly who: {
    readonly person?: string;
    readonly admins?: { readonly id: number };
    readonly partner?: { readonly name: string };
  } | null;
  readonly roles?: readonly string[];
  readonly says: string;
}
interface Explanation {
  readonly decision: boolean;
  readonly says: string;
  readonly paths: readonly { readonly steps: readonly Step[]; readonly says: string }[];
  readonly missing: readonly { readonly steps: readonly Step[]; readonly lacks: readonly Lack[] }[];
  readonly more: number;
  readonly uncovered: readonly string[];
}
interface Question {
  readonly person: string;
  readonly action: string;
  readonly resource: string;
  readonly on: string;
}

const PATH = "why";

function asked(visit: OrgVisit): Question {
  const of = (name: string) => visit.c.req.query(name)?.trim() ?? "";
  // Whoever is no admin asks of themself.
  const person = visit.admin ? of("person") : visit.session.email;
  return { person, action: of("action") || "view", resource: of("resource"), on: of("on") };
}

const split = (resource: string) => {
  const at = resource.indexOf(":");
  return { type: resource.slice(0, at), id: resource.slice(at + 1) };
};

/** Where an explanation leads: the page on which what a step stands for can be changed. */
function pageOf(visit: OrgVisit, steps: readonly Step[], n: number | null): string | null {
  const step = steps[n ?? steps.length - 1];
  if (!step) return null;
  const named = typeof step.to === "object" && step.to ? step.to : {};
  const part = (id: unknown) => encodeURIComponent(String(id));
  if (step.kind === "share" && step.id !== null)
    return step.org.id === visit.org.id
      ? `shared-by-us/${part(step.id)}`
      : `shared-with-us/${part(step.id)}`;
  if (step.kind === "rule") return steps[0]?.id ? `shared-with-us/${part(steps[0].id)}` : null;
  if (step.kind !== "grant" || step.org.id !== visit.org.id) return null;
  if ("member" in named) return `team-members/${part(named["member"])}`;
  return "team" in named ? `teams/${part(named["team"])}` : null;
}

/** What mends a lack with one access rule more, for an admin of the org in which the resource lies. */
const GIVES = ["nothing", "scope", "tag", "action", "expired", "unnamed", "owner"];

function mends(visit: OrgVisit, found: Explanation, { person, action, resource }: Question): Child {
  const { admin, words, here } = visit;
  const ours = found.missing
    .flatMap(({ lacks }) => lacks)
    .filter(({ who }) => {
      const org = who?.admins ?? null;
      return org === null || org.id === visit.org.id;
    });
  if (!admin || found.decision) return <></>;
  if (ours.some(({ what }) => what === "unknown_person"))
    return (
      <p>
        <a href={here("team-members/new")} role="button">
          {words.members.invite}
        </a>
      </p>
    );
  return ours.some(({ what }) => GIVES.includes(what)) ? (
    <form method="get" action={here(`${PATH}/give`)}>
      {Object.entries({ person, action, resource }).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit">{words.why.give}</button>
    </form>
  ) : (
    <></>
  );
}

function Answer({
  visit,
  found,
  of,
}: {
  visit: OrgVisit;
  found: Explanation;
  of: Question;
}): Child {
  const { words, here, admin } = visit;
  const { why } = words;
  return (
    <section class={found.decision ? "notice" : "problem"} aria-label={why.answer}>
      <p role="status">
        <strong>{found.decision ? why.yes : why.no}</strong> {found.says}
      </p>
      {found.decision && found.paths.length > 1 && (
        <>
          <h2>{why.ways}</h2>
          <ol>
            {found.paths.map(({ says, steps }) => {
              const page = admin ? pageOf(visit, steps, null) : null;
              return <li>{page ? <a href={here(page)}>{says}</a> : says}</li>;
            })}
          </ol>
        </>
      )}
      {!found.decision && (
        <>
          <h2>{why.lacks}</h2>
          <ol>
            {found.missing.map(({ steps, lacks }) => (
              <li>
                {lacks.map((lack) => {
                  // What is another side's to put right is only said.
                  const theirs = lack.who?.partner !== undefined;
                  const page = admin && !theirs ? pageOf(visit, steps, lack.step) : null;
                  return (
                    <p>
                      {lack.says}{" "}
                      {page && (
                        <a href={here(page)} aria-label={`${why.mend}: ${lack.says}`}>
                          {why.mend}
                        </a>
                      )}
                    </p>
                  );
                })}
              </li>
            ))}
          </ol>
          {found.more > 0 && <p>{fill(why.more, { n: found.more })}</p>}
        </>
      )}
      {found.uncovered.length > 0 && <p>{why.uncovered}</p>}
      {mends(visit, found, of)}
    </section>
  );
}

const questionFields = (visit: OrgVisit, of: Question): readonly Field[] => {
  const { why } = visit.words;
  return [
    ...(visit.admin
      ? ([
          {
            name: "person",
            label: why.person,
            hint: why.personHow,
            value: of.person,
            required: true,
            pointer: "/subject",
          },
        ] as const)
      : []),
    {
      name: "resource",
      label: why.resource,
      hint: why.resourceHow,
      value: of.resource,
      required: true,
    },
    { name: "action", label: why.action, hint: why.actionHow, value: of.action },
    {
      name: "on",
      label: why.on,
      hint: why.onHow,
      type: "date",
      value: of.on,
      pointer: "/at",
    },
  ];
};

async function show(visit: OrgVisit): Promise<Outcome> {
  const { api, at, here, words } = visit;
  const of = asked(visit);
  const { person, action, resource, on } = of;
  const whole = person !== "" && resource !== "";
  const found = whole
    ? await api.send<Explanation>("POST", `${at}/explain`, {
        subject: { id: person },
        action,
        resource: split(resource),
        ...(on === "" || on === dayOf(visit, new Date().toISOString())
          ? {}
          : { at: endOfDay(visit, on) }),
      })
    : null;
  const fields = questionFields(visit, of);
  const refusal: Refusal | undefined = found && !found.ok ? found : undefined;
  const typed = refusal && { fields: { ...of }, refusal };
  return {
    title: words.sections.why,
    status: refusal ? refusal.status : 200,
    body: (
      <>
        <p>{visit.admin ? words.why.how : words.why.howOwn}</p>
        {refusal && <Problem visit={visit} refusal={refusal} fields={fields} />}
        {found?.ok && <Answer visit={visit} found={found.value} of={of} />}
        <form method="get" action={here(PATH)}>
          {fields.map((field) => (
            <Control field={field} typed={typed} />
          ))}
          <p class="buttons">
            <button type="submit">{words.why.ask}</button>
          </p>
        </form>
      </>
    ),
  };
}

interface Role {
  readonly name: string;
  readonly actions: readonly (string | { readonly name: string })[];
}

/** The roles that allow an action on resources of a type, the weakest first. */
async function rolesFor(
  visit: OrgVisit,
  type: string,
  action: string,
): Promise<string[] | Refusal> {
  const { api, at } = visit;
  const kind = await api.get<{ roleSet: string }>(`${at}/types/${encodeURIComponent(type)}`);
  if (!kind.ok) return kind;
  const { roleSet } = kind.value;
  const set = await api.get<{ roles: Role[] }>(`${at}/role-sets/${encodeURIComponent(roleSet)}`);
  if (!set.ok) return set;
  return set.value.roles
    .filter(({ actions }) =>
      actions.some((one) => (typeof one === "string" ? one : one.name) === action),
    )
    .map(({ name }) => `${roleSet}.${name}`);
}

async function giveForm(
  visit: OrgVisit,
  of: Question,
  refusal?: Refusal,
  sent?: Fields,
): Promise<Outcome> {
  const { words, text, here } = visit;
  const { person, resource, action } = of;
  const roles = await rolesFor(visit, split(resource).type, action);
  if (isRefusal(roles)) return roles;
  const fields: readonly Field[] = [
    {
      name: "role",
      label: words.role,
      type: "select",
      value: roles[0],
      options: roles.map((value) => ({ value, label: roleLabel(text, value) })),
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
  return {
    title: words.why.give,
    ...(refusal ? { status: refusal.status } : {}),
    body: (
      <>
        <p>{fill(words.why.giveWhat, { person, resource })}</p>
        <Form
          visit={visit}
          fields={fields}
          typed={refusal && { fields: sent ?? {}, refusal }}
          action={here(`${PATH}/give`)}
          submit={words.check}
          hidden={{ person, resource, action }}
        />
      </>
    ),
  };
}

async function give(visit: OrgVisit, fields: Fields, every: Every): Promise<Outcome> {
  const { api, at, here, words } = visit;
  const { person = "", resource = "", action = "view", role = "", until, reason } = fields;
  const found = await api.get<{ id: string }>(`${at}/members/${encodeURIComponent(person)}`);
  const question = { person, resource, action, on: "" };
  if (!found.ok && found.code !== "not_found") return found;
  if (!found.ok)
    return giveForm(visit, question, malformed(fill(words.why.noMember, { person })), fields);
  const body = {
    role,
    scope: { resources: [resource] },
    expiresAt: endOfDay(visit, until),
    ...(reason ? { reason } : {}),
  };
  const path = `${at}/members/${encodeURIComponent(found.value.id)}/grants`;
  const edit = { method: "POST", path, body } as const;
  const query = new URLSearchParams({ person, resource, action }).toString();
  const asks = await unlessSure(
    visit,
    { fields, every },
    {
      title: words.why.give,
      what: <p>{fill(words.why.giveWhat, { person, resource })}</p>,
      submit: words.why.giveDo,
      back: here(`${PATH}?${query}`),
      edit,
    },
  );
  if (asks) return asks;
  const given = await api.send(edit.method, edit.path, edit.body);
  return given.ok
    ? after(visit, `${PATH}?${query}`, "added")
    : giveForm(visit, question, given, fields);
}

/** Why may she, or why may she not: the answer of `explain`, with what mends it for whoever may. */
export const whySections: readonly Section[] = [
  { section: "why", path: PATH, admins: false, show },
  {
    section: "why",
    path: `${PATH}/give`,
    admins: true,
    inside: true,
    show: (visit) => {
      const of = asked(visit);
      return of.resource.includes(":") ? giveForm(visit, of) : show(visit);
    },
    act: give,
  },
];

import type { Child } from "hono/jsx";
import { isRefusal, type Refusal } from "../../../refusals.ts";
import type { Every, Fields, Outcome } from "../page.ts";
import { withQuery, type Listed } from "./api.ts";
import { dayOf, endOfDay } from "./dates.tsx";
import { confirmFirst, effectsOf, type Edit, type Sent } from "./confirm.tsx";
import { chosenFirst, Control, Finder, Form, Problem, type Field, type Option } from "./form.tsx";
import type { OrgVisit } from "./settings.tsx";
import { fill, fold, parted, roleLabel, scopeLabel, type ScopeShown } from "./words.tsx";

/** What a grant, a share or a rule says. */
export interface Terms {
  readonly role: string | null;
  readonly scope: ScopeShown;
  readonly expiresAt: string | null;
  readonly reason?: string | null;
}

export interface TermsForm {
  /** What was sent before, if anything was. */
  readonly sent?: Sent | undefined;
  readonly refusal?: Refusal | undefined;
  readonly current?: Terms | undefined;
  /** Received: no role above this one, of its own set, is offered. */
  readonly within?: { readonly role: string; readonly resources: string } | undefined;
}

interface Named {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
}
interface RoleSet {
  readonly name: string;
  readonly ordered: boolean;
  readonly roles: readonly { readonly name: string }[];
}

const FOUND_MAX = 50;
const TAGS_SHOWN = 200;
const LOOKED_AT = 2_000;

/** The fields of role, scope, end and reason: the scope picker works without any script. */
export async function termsFields(visit: OrgVisit, of: TermsForm): Promise<Child | Refusal> {
  const { api, at, words } = visit;
  const { sent, refusal, current, within } = of;
  const find = sent?.fields["find"] ?? "";
  const list = within?.resources ?? `${at}/resources`;
  const [roles, tags, found] = await Promise.all([
    roleOptions(visit, within?.role),
    within ? tagsOf(visit, list) : api.get<Listed<Tag>>(withQuery(`${at}/tags`, { limit: 1_000 })),
    api.get<Listed<Named>>(withQuery(list, { q: find, limit: FOUND_MAX })),
  ]);
  if (isRefusal(roles)) return roles;
  if (!tags.ok) return tags;
  if (!found.ok) return found;
  const typed = sent && { fields: sent.fields, refusal };
  const scope = current?.scope ?? { all: true };
  const kind = sent?.fields["scope"] ?? Object.keys(scope)[0] ?? "all";
  const chosenTags = sent ? sent.every("tag") : "tags" in scope ? scope.tags : [];
  const chosen = sent ? sent.every("resource") : "resources" in scope ? scope.resources : [];
  const known = tags.value.items;
  const ticked = known.filter(({ name }) => isAmong(chosenTags, name));
  const offered = [...ticked, ...known.filter((tag) => !ticked.includes(tag)).slice(0, TAGS_SHOWN)];
  const otherTags = chosenTags.filter((tag) => !known.some(({ name }) => isAmong([tag], name)));
  const refs = found.value.items.map((one) => ({
    value: `${one.type}:${one.id}`,
    label: `${one.name} (${one.type}:${one.id})`,
  }));
  const resources = chosenFirst(chosen, refs);
  const role: Field = {
    name: "role",
    label: words.role,
    type: "radio",
    options: roles,
    value: current?.role ?? roles.find(({ disabled }) => !disabled)?.value,
  };
  return (
    <>
      <Control field={role} typed={typed} />
      <fieldset id="f-scope" class="scope">
        <legend>{words.which}</legend>
        <Choice of="all" kind={kind} label={words.scope.all} why={words.scope.allHow} />
        <Choice of="tags" kind={kind} label={words.scope.byTags} why={words.scope.byTagsHow} />
        <div class="choices">
          {offered.map((tag, n) => (
            <p class="option">
              <input
                type="checkbox"
                id={`tag-${n}`}
                name="tag"
                value={tag.name}
                checked={ticked.includes(tag)}
              />
              <label for={`tag-${n}`}>
                {tag.name} <small>({fill(words.scope.reaches, { n: tag.resources })})</small>
              </label>
            </p>
          ))}
          <label for="f-otherTags">{words.scope.otherTags}</label>
          <input
            id="f-otherTags"
            name="otherTags"
            value={sent?.fields["otherTags"] ?? otherTags.join(", ")}
          />
        </div>
        <Choice of="resources" kind={kind} label={words.scope.listed} why={words.scope.listedHow} />
        <div class="choices">
          <Finder
            visit={visit}
            name="resource"
            label={words.scope.find}
            find={find}
            options={resources}
            chosen={chosen}
            more={found.value.next_cursor !== null}
          />
          <label for="f-otherResources">{words.scope.otherResources}</label>
          <input
            id="f-otherResources"
            name="otherResources"
            value={sent?.fields["otherResources"] ?? ""}
          />
        </div>
        <ScopeError refusal={refusal} />
      </fieldset>
      <Control
        field={{
          name: "until",
          label: words.until,
          hint: words.untilHow,
          type: "date",
          pointer: "/expiresAt",
          value: dayOf(visit, current?.expiresAt),
        }}
        typed={typed}
      />
      <Control
        field={{
          name: "reason",
          label: words.reason,
          hint: words.reasonHow,
          value: current?.reason ?? "",
        }}
        typed={typed}
      />
    </>
  );
}

const isAmong = (tags: readonly string[], name: string): boolean =>
  tags.some((tag) => fold(tag) === fold(name));

const Choice = ({
  of,
  kind,
  label,
  why,
}: {
  of: string;
  kind: string;
  label: string;
  why: string;
}) => (
  <p class="option">
    <input
      type="radio"
      id={`scope-${of}`}
      name="scope"
      value={of}
      checked={kind === of}
      aria-describedby={`scope-${of}-why`}
    />
    <label for={`scope-${of}`}>{label}</label> <small id={`scope-${of}-why`}>{why}</small>
  </p>
);

const ScopeError = ({ refusal }: { refusal: Refusal | undefined }) => {
  const errors = (refusal?.errors ?? []).filter(({ pointer }) => pointer.startsWith("/scope"));
  return errors.length === 0 ? (
    <></>
  ) : (
    <small class="error" lang="en">
      {errors.map(({ detail }) => detail).join(" ")}
    </small>
  );
};

/** The fields that a form with terms has, for links from a problem to them. */
export const termsNamed = (visit: OrgVisit): readonly Field[] => [
  { name: "role", label: visit.words.role },
  { name: "scope", label: visit.words.which },
  { name: "until", label: visit.words.until, pointer: "/expiresAt" },
  { name: "reason", label: visit.words.reason },
];

/** What was chosen, as the API takes it. Nothing is checked here: the API says what is wrong. */
export function termsBody(visit: OrgVisit, fields: Fields, every: Every) {
  const kind = fields["scope"];
  const scope: ScopeShown =
    kind === "tags"
      ? { tags: [...new Set([...every("tag"), ...parted(fields["otherTags"])])] }
      : kind === "resources"
        ? { resources: [...new Set([...every("resource"), ...parted(fields["otherResources"])])] }
        : { all: true };
  return {
    ...(fields["role"] ? { role: fields["role"] } : {}),
    scope,
    expiresAt: endOfDay(visit, fields["until"]),
    reason: fields["reason"] || null,
  };
}

/** The roles of the sets that the tree's types use; above what is allowed, none can be chosen. */
async function roleOptions(
  { api, at, text, words }: OrgVisit,
  most: string | undefined,
): Promise<readonly Option[] | Refusal> {
  const [sets, types] = await Promise.all([
    api.all<RoleSet>(`${at}/role-sets`),
    api.all<{ roleSet: string }>(`${at}/types`),
  ]);
  if (!sets.ok) return sets;
  if (!types.ok) return types;
  const written = (set: string, role: string) => (set === "standard" ? role : `${set}.${role}`);
  if (most !== undefined) {
    const [role = "", name = "standard"] = most.split(".").toReversed();
    const set = sets.value.find((one) => one.name === name);
    // A set of the owner's tree that this one does not know: its own role is all there is to offer.
    if (!set) return [{ value: most, label: roleLabel(text, most) }];
    const top = set.roles.findIndex((one) => one.name === role);
    return set.roles.map((one, n) => {
      const above = set.ordered ? n > top : one.name !== role;
      return {
        value: written(name, one.name),
        label: roleLabel(text, written(name, one.name)),
        ...(above
          ? { disabled: true, why: fill(words.aboveShare, { role: roleLabel(text, most) }) }
          : {}),
      };
    });
  }
  const used = new Set(["standard", ...types.value.map(({ roleSet }) => roleSet)]);
  return sets.value
    .filter(({ name }) => used.has(name))
    .toSorted((a, b) => Number(b.name === "standard") - Number(a.name === "standard"))
    .flatMap((set) =>
      set.roles.map(({ name }) => {
        const value = written(set.name, name);
        const label = roleLabel(text, value);
        return {
          value,
          label: set.name === "standard" || label.includes(":") ? label : `${set.name}: ${label}`,
          ...(value === "admin" ? { why: words.adminIsAll } : {}),
        };
      }),
    );
}

interface Tag {
  readonly name: string;
  readonly resources: number;
}

/** The tags of the first resources of a list, with how many of them carry each. */
async function tagsOf({ api }: OrgVisit, list: string) {
  const found = await api.all<Named>(list, LOOKED_AT);
  if (!found.ok) return found;
  const counts = new Map<string, Tag>();
  for (const tag of found.value.flatMap(({ tags }) => tags)) {
    const known = counts.get(fold(tag));
    counts.set(fold(tag), { name: known?.name ?? tag, resources: (known?.resources ?? 0) + 1 });
  }
  return { ok: true as const, value: { items: [...counts.values()] } };
}

/** What a form was sent with before, the edit that it asks for, and why that was refused. */
export interface Again {
  readonly sent?: Sent;
  readonly edit?: Edit;
  readonly refusal?: Refusal | undefined;
}

/** A form of terms: what is said before them, what it sends, and the preview that was asked for. */
export async function termsForm(
  visit: OrgVisit,
  of: Again & {
    readonly title: string;
    readonly action: string;
    readonly fields?: readonly Field[];
    readonly current?: Terms;
    readonly within?: { readonly role: string; readonly resources: string };
    /** Who gets what, for the sentence of the preview. */
    readonly who?: string;
    readonly submit: string;
    readonly intro?: string;
  },
): Promise<Outcome> {
  const { words, text } = visit;
  const { sent, fields = [] } = of;
  const looked =
    sent?.fields["step"] === "check" && of.edit ? await effectsOf(visit, of.edit) : null;
  const refusal = of.refusal ?? (isRefusal(looked) ? looked : undefined);
  const terms = await termsFields(visit, {
    sent,
    refusal,
    current: of.current,
    within: of.within,
  });
  if (isRefusal(terms)) return terms;
  const said = sent && termsBody(visit, sent.fields, sent.every);
  const typed = sent && { fields: sent.fields, refusal };
  return {
    title: of.title,
    status: refusal?.status ?? 200,
    body: (
      <>
        {refusal && (
          <Problem visit={visit} refusal={refusal} fields={[...fields, ...termsNamed(visit)]} />
        )}
        {of.intro && <p>{of.intro}</p>}
        {looked !== null && !isRefusal(looked) && said && (
          <>
            <p class="notice">
              {fill(words.meaning.sentence, {
                who: of.who ?? "",
                role: roleLabel(text, said.role),
                scope: scopeLabel(text, said.scope),
              })}
            </p>
            {looked}
          </>
        )}
        <Form
          visit={visit}
          fields={fields}
          typed={typed}
          quiet
          action={of.action}
          submit={of.submit}
          second={{ step: "check", label: words.check }}
        >
          {terms}
        </Form>
      </>
    ),
  };
}

/** Makes an edit once "save" was sent; before that, or where it is refused, the form again. */
export async function savedOr(
  visit: OrgVisit,
  sent: Sent,
  edit: Edit,
  form: (again: Again) => Promise<Outcome>,
  done: () => Outcome,
  /** How a preview is shown that the API wants confirmed. */
  show?: (preview: Readonly<Record<string, unknown>>) => Child,
): Promise<Outcome> {
  const { step, confirm } = sent.fields;
  if (step === "check" || step === "find") return form({ sent, edit });
  const body = confirm === undefined ? edit.body : { ...(edit.body as object), confirm };
  const saved = await visit.api.send(edit.method, edit.path, body);
  if (saved.ok) return done();
  if (saved.code === "confirmation_needed") return confirmFirst(visit, saved, sent, show);
  return saved.code === "not_found" ? saved : form({ sent, edit, refusal: saved });
}

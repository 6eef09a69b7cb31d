import type { Child } from "hono/jsx";
import { isRefusal, type Refusal } from "../../../refusals.ts";
import type { Every, Fields, Shown } from "../page.ts";
import { instantText } from "./dates.tsx";
import { Problem } from "./form.tsx";
import type { OrgVisit } from "./settings.tsx";
import { fill, roleLabel, scopeLabel, type ScopeShown } from "./words.tsx";

/** An edit as the API takes it. */
export interface Edit {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

/** Edits that are made as one. */
export interface Edits {
  readonly edits: readonly Edit[];
}

/** What a form was sent with. */
export interface Sent {
  readonly fields: Fields;
  readonly every: Every;
}

interface Access {
  readonly role: string | null;
  readonly scope?: ScopeShown | null;
  readonly resource?: string;
  readonly org: { readonly name: string };
  readonly expiresAt: string | null;
}
interface Held extends Access {
  readonly person: string;
}
export interface Effects {
  readonly gains: readonly Held[];
  readonly loses: readonly Held[];
  readonly changes: readonly { person: string; before: Access | null; after: Access | null }[];
  readonly partners: readonly {
    readonly org: number;
    readonly before: Access | null;
    readonly after: Access | null;
    readonly people: number | null;
  }[];
  readonly counts: { readonly gains: number; readonly loses: number; readonly changes: number };
  readonly more: boolean;
}

/** What an edit would do to people, by the API's preview; nothing is made. */
export async function effectsOf(visit: OrgVisit, edit: Edit | Edits): Promise<Child | Refusal> {
  const found = await visit.api.send<Effects>("POST", `${visit.at}/preview`, edit);
  return found.ok ? <Meaning visit={visit} effects={found.value} /> : found;
}

/** Who gains, loses or changes what. */
export function Meaning({
  visit,
  effects,
  title = visit.words.meaning.title,
  nobody = visit.words.meaning.nobody,
}: {
  visit: OrgVisit;
  effects: Effects;
  title?: string;
  nobody?: string;
}) {
  const { text, words } = visit;
  const { gains, loses, changes, partners } = effects;
  const access = (one: Access | null): string =>
    one === null
      ? words.meaning.none
      : fill(words.meaning.access, {
          role: roleLabel(text, one.role),
          scope: one.resource ?? scopeLabel(text, one.scope),
          until: one.expiresAt
            ? fill(words.meaning.until, { at: instantText(visit, one.expiresAt) })
            : "",
        });
  const shift = (before: Access | null, after: Access | null): string =>
    `${access(before)} → ${access(after)}`;
  const groups: readonly (readonly [string, readonly string[]])[] = [
    [words.meaning.gains, gains.map((one) => `${one.person}: ${access(one)}`)],
    [words.meaning.loses, loses.map((one) => `${one.person}: ${access(one)}`)],
    [words.meaning.changes, changes.map((one) => `${one.person}: ${shift(one.before, one.after)}`)],
    [
      words.meaning.partners,
      partners.map(({ org, before, after, people }) =>
        [
          `${words.orgId} ${org}: ${shift(before, after)}`,
          people === null ? "" : fill(words.meaning.people, { n: people }),
        ].join(" "),
      ),
    ],
  ];
  const said = groups.filter(([, lines]) => lines.length > 0);
  return (
    <section class="meaning" aria-label={title}>
      <h2>{title}</h2>
      {said.length === 0 && <p>{nobody}</p>}
      {said.map(([title, lines]) => (
        <>
          <h3>
            {title} ({lines.length})
          </h3>
          <ul>
            {lines.map((line) => (
              <li>{line}</li>
            ))}
          </ul>
        </>
      ))}
      {effects.more && <p>{words.meaning.more}</p>}
    </section>
  );
}

/** The fields of a form again, for the next page's form to send. */
export const Carried = ({ fields, every }: Sent) => (
  <>
    {Object.keys(fields)
      .filter((name) => !["step", "confirm", "sure"].includes(name))
      .flatMap((name) =>
        every(name).map((value) => <input type="hidden" name={name} value={value} />),
      )}
  </>
);

/**
 * Asks before something is done that cannot be undone. `null` once it was confirmed: with the typed name,
 * where one is asked for.
 */
export async function unlessSure(
  visit: OrgVisit,
  sent: Sent,
  of: {
    readonly title: string;
    /** What will be lost, in sentences. */
    readonly what: Child;
    readonly submit: string;
    readonly back: string;
    readonly edit?: Edit | Edits;
    readonly typed?: string;
  },
): Promise<Shown | null> {
  const { words, c } = visit;
  const said = sent.fields["sure"];
  const right = of.typed === undefined ? said === "yes" : said === of.typed;
  if (right) return null;
  const effects = of.edit ? await effectsOf(visit, of.edit) : null;
  const wrong = said !== undefined;
  return {
    title: of.title,
    status: wrong ? 422 : 200,
    body: (
      <form method="post" action={new URL(c.req.url).pathname} class="confirm">
        <Carried {...sent} />
        {wrong && (
          <p role="alert" class="problem">
            {words.confirm.wrongName}
          </p>
        )}
        {of.what}
        {effects !== null &&
          (isRefusal(effects) ? <Problem visit={visit} refusal={effects} /> : effects)}
        {of.typed === undefined ? (
          <input type="hidden" name="sure" value="yes" />
        ) : (
          <>
            <label for="f-sure">{fill(words.confirm.typeName, { name: of.typed })}</label>
            <input
              id="f-sure"
              name="sure"
              autocomplete="off"
              required
              {...(wrong ? { "aria-invalid": "true" as const } : {})}
            />
          </>
        )}
        <p class="buttons">
          <a href={of.back} role="button" class="secondary outline">
            {words.confirm.back}
          </a>
          <button type="submit" class="danger">
            {of.submit}
          </button>
        </p>
      </form>
    ),
  };
}

/** A page for an edit that the API wants confirmed (409): what it would do, and the word that confirms it. */
export function confirmFirst(
  visit: OrgVisit,
  refusal: Refusal,
  sent: Sent,
  show?: (preview: Readonly<Record<string, unknown>>) => Child,
): Shown {
  const { words, c } = visit;
  const { confirm, ...shows } = refusal.preview ?? { confirm: "" };
  return {
    title: words.confirm.title,
    status: 409,
    body: (
      <form method="post" action={new URL(c.req.url).pathname} class="confirm">
        <Carried {...sent} />
        {show ? (
          show(shows)
        ) : (
          <>
            <p lang="en">{refusal.detail}</p>
            <Preview of={shows} />
          </>
        )}
        <input type="hidden" name="confirm" value={confirm} />
        <p class="buttons">
          <a href={new URL(c.req.url).pathname} role="button" class="secondary outline">
            {words.confirm.back}
          </a>
          <button type="submit" class="danger">
            {words.confirm.submit}
          </button>
        </p>
      </form>
    ),
  };
}

const shownAs = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value);

/** What a preview names, whatever it is: numbers, names, and lists of them. */
function Preview({ of }: { of: Readonly<Record<string, unknown>> }) {
  return (
    <dl>
      {Object.entries(of).map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>
            {Array.isArray(value) ? (
              <ul>
                {value.map((one) => (
                  <li>{shownAs(one)}</li>
                ))}
              </ul>
            ) : (
              shownAs(value)
            )}
          </dd>
        </>
      ))}
    </dl>
  );
}

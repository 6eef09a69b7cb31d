import type { Child } from "hono/jsx";
import type { Refusal } from "../../../refusals.ts";
import type { Fields, Visit } from "../page.ts";

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly disabled?: boolean | undefined;
  /** Stands beside it: why it cannot be chosen, or what it is. */
  readonly why?: string | undefined;
}

/** One field of a form. What it says is named `name` in what is sent. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?:
    | "text"
    | "email"
    | "number"
    | "date"
    | "url"
    | "color"
    | "textarea"
    | "select"
    | "radio"
    | "checkbox"
    | "checkboxes";
  readonly hint?: string | undefined;
  readonly required?: boolean;
  /** What it says before anybody typed. */
  readonly value?: string | undefined;
  /** Of `checkboxes`: those that are ticked. */
  readonly values?: readonly string[] | undefined;
  readonly options?: readonly Option[];
  /** Where the API's problems point when they mean it; by default `/name`. */
  readonly pointer?: string;
  readonly autocomplete?: string;
  /** What may be chosen instead of typed. */
  readonly suggest?: readonly string[];
  readonly maxlength?: number;
}

/** What a form was sent with, and why it was refused. */
export interface Typed {
  readonly fields: Fields;
  readonly refusal?: Refusal | undefined;
}

const idOf = (name: string, prefix = "f"): string => `${prefix}-${name.replace(/[^\w-]/g, "_")}`;

const means = (field: Field, pointer: string): boolean => {
  const own = field.pointer ?? `/${field.name}`;
  return pointer === own || pointer.startsWith(`${own}/`);
};

/** Why something was refused, read out at once; with links to the fields that it means. */
export function Problem({
  visit,
  refusal,
  fields = [],
  prefix,
}: {
  visit: Visit;
  refusal: Refusal;
  fields?: readonly Field[];
  prefix?: string | undefined;
}) {
  const { text } = visit;
  const errors = refusal.errors ?? [];
  return (
    <div role="alert" class="problem">
      <p>
        <strong>{text.problems[refusal.code]}.</strong> <span lang="en">{refusal.detail}</span>
      </p>
      {refusal.code === "strong_authentication_needed" && (
        <p>
          <a href="/your-account">{text.pages.showPasskey}</a>
        </p>
      )}
      {errors.length > 0 && (
        <ul>
          {errors.map(({ pointer, detail }) => {
            const field = fields.find((one) => means(one, pointer));
            return (
              <li>
                {field ? (
                  <a href={`#${idOf(field.name, prefix)}`}>{field.label}</a>
                ) : (
                  <code>{pointer}</code>
                )}
                : <span lang="en">{detail}</span>
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
}

/** A form by the description of its fields. It keeps what was typed, and says beside a field what is wrong with it. */
export function Form({
  visit,
  fields,
  typed,
  action,
  submit,
  hidden = {},
  prefix,
  second,
  class: style,
  quiet,
  children,
}: {
  visit: Visit;
  fields: readonly Field[];
  typed?: Typed | undefined;
  action: string;
  submit: string;
  /** What it sends that nobody types. */
  hidden?: Fields;
  /** Of the ids, where a page has several forms. */
  prefix?: string;
  /** A button before the other one: it sends the same with `step` as its value. */
  second?: { readonly step: string; readonly label: string };
  class?: string;
  /** The problem is said elsewhere on the page. */
  quiet?: boolean;
  children?: Child;
}) {
  return (
    <form method="post" action={action} novalidate class={style}>
      {!quiet && typed?.refusal && (
        <Problem visit={visit} refusal={typed.refusal} fields={fields} prefix={prefix} />
      )}
      {Object.entries(hidden).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {fields.map((field) => (
        <Control field={field} typed={typed} prefix={prefix} />
      ))}
      {children}
      <p class="buttons">
        {second && (
          <button type="submit" name="step" value={second.step} class="secondary">
            {second.label}
          </button>
        )}
        <button type="submit" name="step" value="save">
          {submit}
        </button>
      </p>
    </form>
  );
}

/** A field with its label, its hint, and what is wrong with it. */
export function Control({
  field,
  typed,
  prefix,
}: {
  field: Field;
  typed?: Typed | undefined;
  prefix?: string | undefined;
}) {
  const { name, label, type = "text", hint, required, options = [] } = field;
  const id = idOf(name, prefix);
  const value = typed ? (typed.fields[name] ?? "") : (field.value ?? "");
  const errors = (typed?.refusal?.errors ?? []).filter(({ pointer }) => means(field, pointer));
  const about = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(errors.length > 0 ? [`${id}-error`] : []),
  ].join(" ");
  const said = {
    ...(about === "" ? {} : { "aria-describedby": about }),
    ...(errors.length > 0 ? { "aria-invalid": "true" as const } : {}),
    ...(required && !isSet(type) ? { required: true } : {}),
  };
  const notes = (
    <>
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
      {errors.length > 0 && (
        <small id={`${id}-error`} class="error" lang="en">
          {errors.map(({ detail }) => detail).join(" ")}
        </small>
      )}
    </>
  );
  if (isSet(type)) {
    const ticked = type === "radio" ? [value] : (field.values ?? []);
    return (
      <fieldset id={id} class={options.length > MANY ? "many" : undefined} {...said}>
        <legend>{label}</legend>
        {options.map((option, n) => (
          <p class="option">
            <input
              type={type === "radio" ? "radio" : "checkbox"}
              id={`${id}-${n}`}
              name={name}
              value={option.value}
              checked={ticked.includes(option.value)}
              disabled={option.disabled}
              {...(option.why === undefined ? {} : { "aria-describedby": `${id}-${n}-why` })}
            />
            <label for={`${id}-${n}`}>{option.label}</label>
            {option.why !== undefined && <small id={`${id}-${n}-why`}> {option.why}</small>}
          </p>
        ))}
        {notes}
      </fieldset>
    );
  }
  if (type === "checkbox")
    return (
      <p class="option">
        <input
          type="checkbox"
          id={id}
          name={name}
          value="yes"
          checked={value === "yes"}
          {...said}
        />
        <label for={id}>{label}</label> {notes}
      </p>
    );
  const more = {
    ...(field.suggest ? { list: `${id}-list` } : {}),
    ...(field.autocomplete === undefined ? {} : { autocomplete: field.autocomplete }),
    ...(field.maxlength === undefined ? {} : { maxlength: field.maxlength }),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === "textarea" ? (
        <textarea id={id} name={name} rows={rowsOf(value)} {...said} {...more}>
          {value}
        </textarea>
      ) : type === "select" ? (
        <select id={id} name={name} {...said}>
          {options.map((option) => (
            <option
              value={option.value}
              selected={option.value === value}
              disabled={option.disabled}
            >
              {option.why === undefined ? option.label : `${option.label} (${option.why})`}
            </option>
          ))}
        </select>
      ) : (
        <input type={type} id={id} name={name} value={value} {...said} {...more} />
      )}
      {field.suggest && (
        <datalist id={`${id}-list`}>
          {field.suggest.map((one) => (
            <option value={one} />
          ))}
        </datalist>
      )}
      {notes}
    </div>
  );
}

/** So many choices stand in columns. */
const MANY = 12;
const ROWS = { least: 3, most: 20 };

/** A text is seen whole, as far as that goes. */
const rowsOf = (value: string): number =>
  Math.min(ROWS.most, Math.max(ROWS.least, value.split("\n").length + 1));

/** What was chosen stays, in front of what was found now. */
export const chosenFirst = (chosen: readonly string[], found: readonly Option[]): Option[] => [
  ...chosen.map((value) => found.find((one) => one.value === value) ?? { value, label: value }),
  ...found.filter(({ value }) => !chosen.includes(value)),
];

/** A search, by a button of the form that it stands in, and what was found to tick. */
export const Finder = ({
  visit: { text },
  name,
  label,
  find,
  options,
  chosen,
  more,
}: {
  visit: Visit;
  name: string;
  label: string;
  find: string;
  options: readonly Option[];
  chosen: readonly string[];
  /** Is there more than was found? */
  more: boolean;
}) => (
  <>
    <label for="f-find">{label}</label>
    <div role="group">
      <input type="search" id="f-find" name="find" value={find} />
      <button type="submit" name="step" value="find" class="secondary">
        {text.settings.scope.search}
      </button>
    </div>
    {options.map((option, n) => (
      <p class="option">
        <input
          type="checkbox"
          id={`${name}-${n}`}
          name={name}
          value={option.value}
          checked={chosen.includes(option.value)}
        />
        <label for={`${name}-${n}`}>{option.label}</label>
      </p>
    ))}
    {options.length === 0 && <p>{text.settings.nothingFound}</p>}
    {more && <p>{text.settings.scope.searchMore}</p>}
  </>
);

const isSet = (type: Field["type"]): boolean => type === "radio" || type === "checkboxes";

/** A button that sends a form of hidden fields: for an act beside a row. */
export const Act = ({
  action,
  label,
  about,
  hidden = {},
  strong,
}: {
  action: string;
  label: string;
  /** What it acts on, for who does not see the row. */
  about: string;
  hidden?: Fields;
  strong?: boolean;
}) => (
  <form method="post" action={action}>
    {Object.entries(hidden).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <button
      type="submit"
      class={strong ? "small" : "secondary small"}
      aria-label={`${label}: ${about}`}
    >
      {label}
    </button>
  </form>
);

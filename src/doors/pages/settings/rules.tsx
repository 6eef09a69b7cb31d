import { isRefusal, NOT_FOUND, type Refusal } from "../../../refusals.ts";
import { unlessSure } from "../kit/confirm.tsx";
import { When } from "../kit/dates.tsx";
import { Act } from "../kit/form.tsx";
import { after, type OrgVisit, type Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { savedOr, termsBody, termsForm, type Again, type Terms } from "../kit/terms.tsx";
import { fill, roleLabel, scopeLabel } from "../kit/words.tsx";
import type { Outcome } from "../page.ts";

export interface Grant extends Terms {
  readonly id: string;
  readonly org: number;
}

/** Whom access rules name: a member or a team, with the page of theirs that lists the rules. */
interface Holder {
  readonly name: string;
  /** Who that is, in a line. */
  readonly intro: string;
  readonly grants: readonly Grant[];
  readonly page: string;
  /** Where the API takes another rule. */
  readonly path: string;
}

/** The access rules of a holder, each with what changes and what removes it. */
export async function rulesTable(
  visit: OrgVisit,
  { grants, page, name }: Holder,
): Promise<Awaited<ReturnType<typeof table>>> {
  const { words, text, here } = visit;
  return table<Grant>(visit, {
    caption: words.rules.caption,
    list: { rows: grants },
    empty: <p>{fill(words.rules.none, { name })}</p>,
    columns: [
      { key: "role", label: words.role, value: ({ role }) => roleLabel(text, role) },
      { key: "scope", label: words.which, value: ({ scope }) => scopeLabel(text, scope) },
      {
        key: "until",
        label: words.until,
        value: ({ expiresAt }) => expiresAt,
        cell: ({ expiresAt }) => (expiresAt ? <When visit={visit} at={expiresAt} /> : words.noEnd),
      },
      { key: "reason", label: words.reason, value: ({ reason }) => reason },
    ],
    acts: (grant) => (
      <>
        <a
          href={here(`${page}/rules/${grant.id}`)}
          aria-label={`${words.change}: ${roleLabel(text, grant.role)}`}
        >
          {words.change}
        </a>{" "}
        <Act
          action={here(`${page}/rules/${grant.id}/remove`)}
          label={words.remove}
          about={roleLabel(text, grant.role)}
        />
      </>
    ),
  });
}

/** The pages that add, change and remove an access rule of whom the path names. */
export function ruleSections(of: {
  readonly section: Section["section"];
  /** The page of the holder, and the part of the path that names the rule. */
  readonly path: string;
  readonly rule: string;
  readonly holder: (visit: OrgVisit) => Promise<Holder | Refusal>;
}): readonly Section[] {
  const { section, path, rule } = of;
  const found = async (visit: OrgVisit) => {
    const holder = await of.holder(visit);
    if (isRefusal(holder)) return holder;
    const grant = holder.grants.find(({ id }) => id === visit.param(rule));
    return grant ? { holder, grant } : NOT_FOUND;
  };
  const inApi = (visit: OrgVisit, { id }: Grant) => `${visit.at}/grants/${encodeURIComponent(id)}`;
  const inside = { section, admins: true, inside: true } as const;
  return [
    {
      ...inside,
      path: `${path}/rules/new`,
      async show(visit) {
        const holder = await of.holder(visit);
        return isRefusal(holder) ? holder : addForm(visit, holder);
      },
      async act(visit, fields, every) {
        const holder = await of.holder(visit);
        if (isRefusal(holder)) return holder;
        const body = termsBody(visit, fields, every);
        return savedOr(
          visit,
          { fields, every },
          { method: "POST", path: holder.path, body },
          (again) => addForm(visit, holder, again),
          () => after(visit, holder.page, "added"),
        );
      },
    },
    {
      ...inside,
      path: `${path}/rules/:${rule}`,
      async show(visit) {
        const one = await found(visit);
        return isRefusal(one) ? one : changeForm(visit, one);
      },
      async act(visit, fields, every) {
        const one = await found(visit);
        if (isRefusal(one)) return one;
        return savedOr(
          visit,
          { fields, every },
          {
            method: "PATCH",
            path: inApi(visit, one.grant),
            body: termsBody(visit, fields, every),
          },
          (again) => changeForm(visit, one, again),
          () => after(visit, one.holder.page, "changed"),
        );
      },
    },
    {
      ...inside,
      path: `${path}/rules/:${rule}/remove`,
      async act(visit, fields, every) {
        const { words, text, here } = visit;
        const one = await found(visit);
        if (isRefusal(one)) return one;
        const { holder, grant } = one;
        const edit = { method: "DELETE", path: inApi(visit, grant) } as const;
        const what = fill(words.rules.removeWhat, {
          name: holder.name,
          role: roleLabel(text, grant.role),
          scope: scopeLabel(text, grant.scope),
        });
        const asked = await unlessSure(
          visit,
          { fields, every },
          {
            title: words.rules.removeTitle,
            what: <p>{what}</p>,
            submit: words.remove,
            back: here(holder.page),
            edit,
          },
        );
        if (asked) return asked;
        const removed = await visit.api.send(edit.method, edit.path);
        return removed.ok ? after(visit, holder.page, "removed") : removed;
      },
    },
  ];
}

const addForm = (visit: OrgVisit, holder: Holder, again: Again = {}): Promise<Outcome> =>
  termsForm(visit, {
    title: visit.words.rules.add,
    action: visit.here(`${holder.page}/rules/new`),
    submit: visit.words.add,
    who: holder.name,
    intro: holder.intro,
    ...again,
  });

const changeForm = (
  visit: OrgVisit,
  { holder, grant }: { holder: Holder; grant: Grant },
  again: Again = {},
): Promise<Outcome> =>
  termsForm(visit, {
    title: visit.words.rules.change,
    action: visit.here(`${holder.page}/rules/${grant.id}`),
    submit: visit.words.save,
    who: holder.name,
    intro: holder.intro,
    current: grant,
    ...again,
  });

import type { Child } from "hono/jsx";
import { isRefusal, NOT_FOUND, type Refusal } from "../../../refusals.ts";
import type { SettingsText } from "../../../text/index.ts";
import type { Every, Fields, Outcome, OwnVisit, Page, Shown } from "../page.ts";
import type { Answer, Listed } from "./api.ts";
import { Problem } from "./form.tsx";

export interface Org {
  readonly id: number;
  readonly name: string;
  readonly parent: number | null;
  readonly color: string | null;
  readonly description: string | null;
  readonly default: boolean;
}

/** Somebody inside an org who looks at its settings. */
export interface OrgVisit extends OwnVisit {
  readonly org: Org & Readonly<Record<string, unknown>>;
  readonly admin: boolean;
  /** The org in the API. */
  readonly at: string;
  readonly words: SettingsText;
  /** A page of this org: `here("team-members")`. */
  readonly here: (path: string) => string;
  /** A part of this page's path. */
  readonly param: (name: string) => string;
}

/** One page below `/{org}/settings/`. */
export interface Section {
  readonly section: keyof SettingsText["sections"];
  readonly path: string;
  /** To who is no admin, an admin's page does not exist. */
  readonly admins: boolean;
  /** In no menu: the page of a form, or of one thing. */
  readonly inside?: true;
  /** As a page has it. */
  readonly max?: number;
  readonly show?: (visit: OrgVisit) => Outcome | Promise<Outcome>;
  readonly act?: (visit: OrgVisit, fields: Fields, every: Every) => Outcome | Promise<Outcome>;
}

/** A section as a page: it lets in whom it is for, and sets what all of them have around it. */
export function settingsPage(of: Section, menu: readonly Section[]): Page {
  const within = async (
    visit: OwnVisit,
    run: (visit: OrgVisit) => Outcome | Promise<Outcome> | undefined,
  ): Promise<Outcome> => {
    const entered = await enter(visit, of.admins);
    if (isRefusal(entered)) return entered;
    const outcome = (await run(entered)) ?? NOT_FOUND;
    if (outcome instanceof Response || "next" in outcome) return outcome;
    if (!isRefusal(outcome)) return chrome(entered, of, menu, outcome);
    if (outcome.code === "not_found") return outcome;
    const { problems } = visit.text;
    const body = <Problem visit={visit} refusal={outcome} />;
    return chrome(entered, of, menu, {
      title: problems[outcome.code],
      body,
      status: outcome.status,
    });
  };
  const { show, act, max } = of;
  return {
    path: `${ORG}/${of.path}`,
    ...(max === undefined ? {} : { max }),
    ...(show ? { show: (visit) => within(visit, show) } : {}),
    ...(act ? { act: (visit, ...sent) => within(visit, (inside) => act(inside, ...sent)) } : {}),
  };
}

/** Who is inside the org; to anybody else it does not exist, and an admin's page only to admins. */
async function enter(visit: OwnVisit, admins: boolean): Promise<OrgVisit | Refusal> {
  const { api, c, text } = visit;
  const id = c.req.param("org") ?? "";
  const at = `/v1/orgs/${id}`;
  const [org, asAdmin] = await Promise.all([
    api.get<OrgVisit["org"]>(at),
    // A reading for admins, and the smallest: whether it is answered says who asks.
    api.get(`${at}/freezes?limit=1`),
  ]);
  if (!org.ok) return org;
  if (admins && !asAdmin.ok) return asAdmin.code === "forbidden" ? NOT_FOUND : asAdmin;
  return {
    ...visit,
    org: org.value,
    admin: asAdmin.ok,
    at,
    words: text.settings,
    here: (path) => `/${id}/settings/${path}`,
    param: (name) => c.req.param(name) ?? "",
  };
}

const ORG = "/:org{[1-9][0-9]{0,14}}/settings";

/** Leads into an org: its admins to the members, others to their own access. */
export const settingsFront: Page = {
  path: ORG,
  async show(visit) {
    const entered = await enter(visit, false);
    if (isRefusal(entered)) return entered;
    return { next: entered.here(entered.admin ? "team-members" : "your-access") };
  },
};

interface Reach {
  readonly id: string;
  readonly org: { readonly id: number; readonly name: string };
  readonly kind: string;
  readonly status: string;
}

const BELOW_MAX = 200;

/** What every page of the settings has around it: the org, the ways to others, the menu, the notice. */
async function chrome(
  visit: OrgVisit,
  of: Section,
  menu: readonly Section[],
  shown: Shown,
): Promise<Shown> {
  const { api, at, c, org, words, here, admin } = visit;
  const none: Answer<Listed<never>> = {
    ok: true,
    value: { items: [], next_cursor: null },
    etag: null,
    revision: null,
  };
  const [access, tree, parent] = await Promise.all([
    api.get<Listed<Reach>>("/v1/me/access"),
    api.get<Listed<Org>>(`${at}/tree`),
    org.parent === null ? none : api.get<Org>(`/v1/orgs/${org.parent}`),
  ]);
  const reached = new Map<number, string>();
  for (const one of access.ok ? access.value.items : [])
    if (one.kind === "member" && one.status === "active" && one.org.id !== org.id)
      reached.set(one.org.id, one.org.name);
  const below = (tree.ok ? tree.value.items : []).filter(({ id }) => id !== org.id);
  const above = parent.ok && parent !== none ? (parent.value as Org) : null;
  const go = ({ id, name }: { id: number; name: string }) => <a href={`/${id}/settings`}>{name}</a>;
  const pathname = new URL(c.req.url).pathname;
  return {
    ...shown,
    title: shown.title,
    scripts: [...(shown.scripts ?? []), "htmx.js", "settings.js"],
    before: <Notice visit={visit} />,
    aside: (
      <aside>
        <p class="org">
          {above && <small>{go(above)} › </small>}
          <strong>{org.name}</strong>
          <br />
          <small>
            {words.orgId} <code id="org-id">{org.id}</code>{" "}
            <button type="button" class="outline secondary small" data-copy="org-id" hidden>
              {words.copy}
            </button>
          </small>
        </p>
        {reached.size > 0 && (
          <details>
            <summary>{words.otherOrgs}</summary>
            <ul>
              {[...reached].map(([id, name]) => (
                <li>{go({ id, name })}</li>
              ))}
            </ul>
          </details>
        )}
        {below.length > 0 && (
          <details>
            <summary>
              {words.subWorkspaces} ({below.length})
            </summary>
            <Branch of={org.id} all={below.slice(0, BELOW_MAX)} go={go} />
            {below.length > BELOW_MAX && <p>…</p>}
          </details>
        )}
        <nav aria-label={words.menu}>
          <ul>
            {menu
              .filter(({ admins, inside }) => !inside && (admin || !admins))
              .map(({ section, path }) => {
                const current = pathname === here(path) ? "page" : of.section === section;
                return (
                  <li>
                    <a
                      href={here(path)}
                      {...(current ? { "aria-current": current === true ? "true" : current } : {})}
                    >
                      {words.sections[section]}
                    </a>
                  </li>
                );
              })}
          </ul>
        </nav>
      </aside>
    ),
  };
}

/** The orgs below one, as deep as they go. */
function Branch({
  of,
  all,
  go,
}: {
  of: number;
  all: readonly Org[];
  go: (org: Org) => Child;
}): Child {
  const own = all.filter(({ parent }) => parent === of);
  return own.length === 0 ? (
    <></>
  ) : (
    <ul>
      {own.map((org) => (
        <li>
          {go(org)}
          <Branch of={org.id} all={all} go={go} />
        </li>
      ))}
    </ul>
  );
}

/** What was just done: a word of a fixed list, in the query after a form was sent. */
function Notice({ visit: { c, words } }: { visit: OrgVisit }): Child {
  const done = c.req.query("done") ?? "";
  return Object.hasOwn(words.done, done) ? (
    <p role="status" class="notice">
      {words.done[done as keyof SettingsText["done"]]}
    </p>
  ) : (
    <></>
  );
}

/** Where to go after an edit, saying what was done. */
export const after = (
  visit: OrgVisit,
  path: string,
  done: keyof SettingsText["done"],
): { readonly next: string } => ({
  next: `${visit.here(path)}${path.includes("?") ? "&" : "?"}done=${done}`,
});

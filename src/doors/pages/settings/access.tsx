import { withQuery } from "../kit/api.ts";
import { When } from "../kit/dates.tsx";
import type { OrgVisit, Section } from "../kit/settings.tsx";
import { table } from "../kit/table.tsx";
import { fill, roleLabel } from "../kit/words.tsx";
import type { Outcome } from "../page.ts";
import { pageOf, refOf, resourceOf } from "./resources.tsx";

interface Access {
  readonly person?: {
    readonly email: string;
    readonly name: string | null;
    readonly member?: string;
  };
  readonly org?: { readonly id: number; readonly name: string };
  readonly people?: number | null;
  readonly role: string | null;
  readonly actions: readonly string[];
  readonly expiresAt: string | null;
  readonly sources: readonly { readonly source: string }[];
}

/** Who it is, in words: of a partner, the organisation and how many of its people. */
function whoShown({ words }: OrgVisit, { person, org, people }: Access): string {
  if (person) return person.name ? `${person.name}, ${person.email}` : person.email;
  const name = `${org?.name ?? ""} (${org?.id ?? ""})`;
  return people == null ? name : `${name} ${fill(words.meaning.people, { n: people })}`;
}

/** Who reaches a resource, by what. */
async function access(visit: OrgVisit): Promise<Outcome> {
  const { api, at, here, words, text } = visit;
  const found = await resourceOf(visit);
  if (!found.ok) return found;
  const resource = found.value;
  const path = `${at}/${pageOf(resource)}/access`;
  const covers = await api.get<{ complete: boolean }>(`${path}?limit=1`);
  if (!covers.ok) return covers;
  const listed = await table<Access>(visit, {
    caption: words.access.caption,
    list: { path },
    empty: <p>{words.access.none}</p>,
    filters: [
      {
        key: "source",
        label: words.access.by,
        options: Object.entries(words.access.sources).map(([value, label]) => ({ value, label })),
      },
    ],
    columns: [
      {
        key: "who",
        label: words.access.who,
        value: (row) => whoShown(visit, row),
        cell: (row) =>
          row.person?.member === undefined ? (
            whoShown(visit, row)
          ) : (
            <a href={here(`team-members/${encodeURIComponent(row.person.member)}`)}>
              {whoShown(visit, row)}
            </a>
          ),
      },
      {
        key: "role",
        label: words.role,
        value: ({ role, actions }) => roleLabel(text, role) || actions.join(", "),
      },
      {
        key: "by",
        label: words.access.by,
        value: ({ sources }) =>
          [...new Set(sources.map(({ source }) => words.access.sources[source] ?? source))].join(
            ", ",
          ),
      },
      {
        key: "until",
        label: words.until,
        value: ({ expiresAt }) => expiresAt,
        cell: ({ expiresAt }) => (expiresAt ? <When visit={visit} at={expiresAt} /> : words.noEnd),
      },
    ],
    acts: (row) =>
      row.person === undefined ? (
        <></>
      ) : (
        <a
          href={here(withQuery("why", { person: row.person.email, resource: refOf(resource) }))}
          aria-label={`${words.access.why} ${whoShown(visit, row)}`}
        >
          {words.access.why}
        </a>
      ),
  });
  if (!("view" in listed)) return listed;
  return {
    title: fill(words.access.title, { name: resource.name }),
    body: (
      <>
        <p>
          <a href={here(pageOf(resource))}>{resource.name}</a>
        </p>
        {!covers.value.complete && <p class="notice">{words.access.incomplete}</p>}
        {listed.view}
      </>
    ),
  };
}

export const accessSections: readonly Section[] = [
  {
    section: "resources",
    path: "resources/:type/:id/access",
    admins: true,
    inside: true,
    show: access,
  },
];

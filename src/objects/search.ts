import type { Asking, SearchRequest, SearchAnswer } from "../commands/rpc.ts";
import { sha256 } from "../kit/hash.ts";
import { accept, malformed, type Result } from "../refusals.ts";
import { candidateResources, candidateUsers, nameIn } from "../store/search.ts";
import type { Slice } from "../store/slice.ts";

/*
 * AuthZEN search. Candidates come from the store, each page of them is decided like so many checks,
 * partners' halves included, until the page is full.
 */

interface Around {
  readonly slice: Slice;
  readonly revision: number;
  decide(
    org: number,
    questions: readonly Asking[],
  ): Promise<Result<{ decisions: readonly boolean[] }>>;
}

/** Where a page ends: what was asked, the revision that was answered from, and the last one. */
const tokenOf = (query: string, revision: number, last: string | number): string =>
  btoa(JSON.stringify([query, revision, String(last)]));

function readToken(token: string): [query: string, revision: number, last: string] | null {
  try {
    const read = JSON.parse(atob(token)) as unknown;
    return Array.isArray(read) && read.length === 3 && typeof read[2] === "string"
      ? [String(read[0]), Number(read[1]), read[2]]
      : null;
  } catch {
    return null;
  }
}

const CHUNK_MIN = 100;

export async function search(
  around: Around,
  org: number,
  { query, token, limit }: Pick<SearchRequest, "query" | "token" | "limit">,
): Promise<Result<SearchAnswer>> {
  const { revision } = around;
  const asked = sha256(JSON.stringify([org, query])).slice(0, 22);
  const from = token === undefined ? null : readToken(token);
  if (token !== undefined && from?.[0] !== asked)
    return malformed("This page is of another search.", [
      { pointer: "/page/token", detail: "Not of this search." },
    ]);
  if (from && from[1] !== revision)
    return malformed("What is searched has changed; start from the first page.", [
      { pointer: "/page/token", detail: "The access has changed since." },
    ]);
  const after = from?.[2] ?? "";
  switch (query.find) {
    case "action":
      return actions(around, org, query, after);
    case "resource":
      return resources(around, org, query, asked, after, limit);
    case "subject":
      return subjects(around, org, query, asked, after, limit);
  }
}

type Query<F> = Extract<SearchRequest["query"], { find: F }>;

/** The actions of the type's roles, weakest role first. */
async function actions(around: Around, org: number, query: Query<"action">, after: string) {
  const { book } = around.slice;
  const names = after === "" ? book.actionsFor(query.resource.type) : [];
  const decided = await around.decide(
    org,
    names.map((action) => ({ ...query, action })),
  );
  if (!decided.ok) return decided;
  const results = names.filter((_, n) => decided.value.decisions[n]).map((name) => ({ name }));
  return accept<SearchAnswer>({ results, next: null });
}

async function resources(
  around: Around,
  org: number,
  query: Query<"resource">,
  asked: string,
  after: string,
  limit: number,
): Promise<Result<SearchAnswer>> {
  const { slice, revision } = around;
  const { subject, type } = query;
  const results: { type: string; id: string }[] = [];
  const user = slice.meansUser(subject.type)
    ? slice.userOf(subject.id, slice.lineage(org))
    : undefined;
  if (user === undefined) return accept({ results, next: null });
  const now = Date.now();
  const chunk = Math.max(limit + 1, CHUNK_MIN);
  for (let last = Number(after) || 0; ;) {
    const found = candidateResources(slice, { org, user, type, now, after: last, limit: chunk });
    const decided = await around.decide(
      org,
      found.map(({ id }) => ({ ...query, resource: { type, id } })),
    );
    if (!decided.ok) return decided;
    for (const [n, { key, id }] of found.entries()) {
      if (decided.value.decisions[n]) {
        if (results.length === limit)
          return accept({ results, next: tokenOf(asked, revision, last) });
        results.push({ type, id });
      }
      last = key;
    }
    if (found.length < chunk) return accept({ results, next: null });
  }
}

async function subjects(
  around: Around,
  org: number,
  query: Query<"subject">,
  asked: string,
  after: string,
  limit: number,
): Promise<Result<SearchAnswer>> {
  const { slice, revision } = around;
  const { action, resource, type } = query;
  const results: { type: string; id: string }[] = [];
  const row = slice.sought(resource.type, resource.id, org);
  if (!row || !slice.meansUser(type) || !slice.lineage(row.org).includes(org))
    return accept({ results, next: null });
  const chunk = Math.max(limit + 1, CHUNK_MIN);
  for (let last = after; ;) {
    const some = candidateUsers(slice, { ...row, type: resource.type }, action, Date.now(), {
      after: last,
      limit: chunk,
    });
    const decided = await around.decide(
      org,
      some.map((id) => ({ ...query, subject: { type, id } })),
    );
    if (!decided.ok) return decided;
    for (const [n, user] of some.entries()) {
      if (decided.value.decisions[n]) {
        if (results.length === limit)
          return accept({ results, next: tokenOf(asked, revision, last) });
        results.push({ type, id: nameIn(slice, user, row.org) });
      }
      last = user;
    }
    if (some.length < chunk) return accept({ results, next: null });
  }
}

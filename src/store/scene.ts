import type { About } from "../commands/facts.ts";
import type { MemberRow } from "../commands/record.ts";
import type { Json, Scene } from "../conditions.ts";
import type { Slice } from "./slice.ts";

/*
 * What a condition sees. A person has one id, whichever name a caller used: the external id where
 * there is one, else the e-mail. Their properties are the record's: those of their accepted
 * memberships in the resource's org and above it, the nearest first.
 */
export function sceneOf(slice: Slice, about: About): Scene {
  const { user, resource } = about;
  const lineage = slice.lineage(resource.org);
  const row = "key" in resource ? resource : slice.resource(resource.type, resource.id);
  const members = nearest(slice, user, lineage);
  const owner = row?.owner ?? null;
  return {
    subject: {
      type: about.subjectType ?? "user",
      id: idOf(slice, user, members),
      email: slice.emailOf(user),
      properties: merged(members),
    },
    resource: {
      type: resource.type,
      id: resource.id,
      name: row?.name ?? resource.id,
      org: resource.org,
      tags: JSON.parse(row?.tags ?? "[]") as string[],
      owner: owner === null ? null : idOf(slice, owner, nearest(slice, owner, lineage)),
      properties: { ...json(row?.properties), ...assertable(slice, about) },
    },
    action: { name: about.action, properties: about.actionProperties ?? {} },
    context: about.context ?? {},
  };
}

const json = (text: string | null | undefined): Json =>
  text == null ? {} : (JSON.parse(text) as Json);

/** A user's accepted memberships in the orgs of a lineage, from the org itself upwards. */
export function nearest(slice: Slice, user: string, lineage: readonly number[]): MemberRow[] {
  return slice
    .membershipsOf(user)
    .filter((member) => member.status === "active" && lineage.includes(member.org))
    .toSorted((a, b) => lineage.indexOf(a.org) - lineage.indexOf(b.org));
}

export const idOf = (slice: Slice, user: string, members: readonly MemberRow[]): string =>
  members.find((member) => member.externalId !== null)?.externalId ?? slice.emailOf(user);

const merged = (members: readonly MemberRow[]): Json =>
  members.reduceRight<Json>((above, member) => ({ ...above, ...json(member.properties) }), {});

/** Of what a caller says of a resource, what its type lets a caller say. */
function assertable(slice: Slice, { asserted, resource }: About): Json {
  if (!asserted) return {};
  const names = slice.book.type(resource.type).assertable;
  return Object.fromEntries(Object.entries(asserted).filter(([name]) => names.includes(name)));
}

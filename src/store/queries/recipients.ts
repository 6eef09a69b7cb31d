import type { GrantRow, LinkRow } from "../../commands/record.ts";
import type { Materials, ReadInput } from "../../views/materials.ts";
import type { Slice } from "../slice.ts";
import { one, page, refsOf, type Asking, type Page } from "./page.ts";

const resourceOf = (slice: Slice, ref: string) => {
  const colon = ref.indexOf(":");
  return slice.resource(ref.slice(0, colon), ref.slice(colon + 1));
};

const recipientShown =
  ({ slice, now }: Asking, resource: string) =>
  (grant: GrantRow): Materials["recipient"] => {
    const member = grant.toKind === "member" ? slice.member(grant.toId ?? "") : undefined;
    const team = grant.toKind === "team" ? slice.team(grant.toId ?? "") : undefined;
    const ended = grant.expiresAt !== null && grant.expiresAt <= now;
    return {
      id: grant.id,
      resource,
      toKind: grant.toKind,
      toId: grant.toId,
      name: member?.name ?? team?.name ?? null,
      email: member ? (slice.person(member.user)?.email ?? null) : null,
      role: grant.role,
      status: ended ? "expired" : (member?.status ?? "active"),
      via: grant.via,
      expiresAt: grant.expiresAt,
      reason: grant.reason,
      createdBy: grant.createdBy,
      createdByEmail: slice.person(grant.createdBy)?.email ?? null,
      createdAt: grant.createdAt,
    };
  };

const ofOne = (slice: Slice, grant: GrantRow): string | undefined =>
  refsOf(slice, (JSON.parse(grant.scope) as { keys?: number[] }).keys ?? [])[0];

/** One grant of one resource. */
export function recipient(asking: Asking, input: ReadInput): Page<Materials["recipient"]> {
  const grant = asking.slice.grant(input.id ?? "");
  const resource = grant && ofOne(asking.slice, grant);
  return one(grant && resource ? recipientShown(asking, resource)(grant) : null);
}

/** Who holds access to a resource directly: by a grant of this resource alone. */
export function recipients(asking: Asking, input: ReadInput): Page<Materials["recipients"]> {
  const ref = input.resource ?? "";
  const key = resourceOf(asking.slice, ref)?.key ?? 0;
  const rows = asking.slice.grantsOn(key, input.limit + 1, input.after);
  return page(rows, input.limit, (row) => row.id, recipientShown(asking, ref));
}

/** What an edit added: `id` is JSON of the ids of grants, by resource. */
export function passedOn(asking: Asking, { id }: ReadInput): Page<Materials["passedOn"]> {
  const added = JSON.parse(id ?? "{}") as Record<string, string[]>;
  const items = Object.entries(added).map(([resource, ids]) => ({
    resource,
    added: ids
      .flatMap((grant) => asking.slice.grant(grant) ?? [])
      .map(recipientShown(asking, resource)),
  }));
  return one({ items });
}

const linkShown =
  ({ slice, now }: Asking) =>
  (link: LinkRow): Materials["link"] => ({
    id: link.id,
    resource: refsOf(slice, [link.key])[0] ?? "",
    status: link.expiresAt !== null && link.expiresAt <= now ? "expired" : "active",
    expiresAt: link.expiresAt,
    createdBy: link.createdBy,
    createdAt: link.createdAt,
  });

export function link(asking: Asking, input: ReadInput): Page<Materials["link"]> {
  const row = asking.slice.row("links", { id: input.id ?? "" });
  const shown = row ? linkShown(asking)(row) : null;
  const elsewhere = input.resource !== undefined && shown?.resource !== input.resource;
  return one(elsewhere ? null : shown);
}

/** The links to a resource, by id. */
export function links(asking: Asking, input: ReadInput): Page<Materials["links"]> {
  const { slice } = asking;
  const rows = slice.all<LinkRow>(
    `select * from links where tree = ? and key = ? and id > ? order by id limit ?`,
    slice.tree,
    resourceOf(slice, input.resource ?? "")?.key ?? 0,
    input.after,
    input.limit + 1,
  );
  return page(rows, input.limit, (row) => row.id, linkShown(asking));
}

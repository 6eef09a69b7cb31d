import type {
  GrantRow,
  IssuerRow,
  MemberRow,
  ReviewRow,
  ShareRow,
  TeamRow,
  WebhookRow,
} from "../../commands/record.ts";
import type { ReadName } from "../../commands/reads.ts";
import type { Materials, ReadInput } from "../../views/materials.ts";
import { mailsOf } from "../mails.ts";
import { deliveriesOf } from "../webhooks.ts";
import { history, platformRoles } from "../outside.ts";
import { collaborations } from "./collaborations.ts";
import { shareOf, type Slice } from "../slice.ts";
import { freezes } from "./freezes.ts";
import { libraries, library } from "./libraries.ts";
import { memberShown } from "./members.ts";
import { found, listed, one, page, terms, type Asking, type Query } from "./page.ts";
import { received, rules } from "./received.ts";
import { link, links, passedOn, recipient, recipients } from "./recipients.ts";
import { teamMembers, teamShown } from "./teams.ts";
import { oneResource, resources } from "./resources.ts";
import { tags } from "./tags.ts";

import { oneType, pageByName, roleSets, types } from "./types.ts";

const shareShown =
  (slice: Slice) =>
  (row: ShareRow): Materials["share"] => ({
    ...terms(slice, row),
    email: row.toUser === null ? null : (slice.person(row.toUser)?.email ?? null),
    name: row.toName,
    frozen: slice.isFrozen(shareOf(row)),
  });

/** A review with its items, those to decide first. */
const reviewShown =
  (slice: Slice) =>
  (row: ReviewRow): Materials["review"] => {
    const found = slice.rows("reviewItems", { review: row.id });
    const count = (decision: "keep" | "end" | null) =>
      found.filter((one) => one.decision === decision).length;
    return {
      ...row,
      teamName: row.team === null ? null : (slice.team(row.team)?.name ?? null),
      counts: { kept: count("keep"), ended: count("end"), open: count(null) },
      items: found
        .toSorted((a, b) => Number(a.decision !== null) - Number(b.decision !== null))
        .map((one) => {
          const toOrg = one.kind === "share" ? slice.share(one.item)?.toOrg : null;
          return {
            ...one,
            org: { id: one.org, name: slice.org(one.org)?.name ?? "" },
            // Its name is its own tree's to say.
            partner: toOrg == null ? null : { id: toOrg, name: "" },
            confirmedAt: null,
          };
        }),
    };
  };

/** The mails about an org and those below it, newest first. */
async function mailPage({ slice, db, org }: Asking, input: ReadInput) {
  const orgs = slice.subtree(org).map((below) => below.id);
  const rows = await mailsOf(db, slice.tree, orgs, { ...input, limit: input.limit + 1 });
  return page(
    rows,
    input.limit,
    (row) => `${row.at} ${row.id}`,
    (row) => row,
  );
}

/** A member by their id, or by what else names the person: an address, a user id or an external id. */
function memberNamed({ slice, org }: Asking, id: string): MemberRow | undefined {
  const row = slice.member(id);
  if (row) return row;
  const user = slice.userOf(id, slice.lineage(org));
  return user === undefined ? undefined : slice.memberIn(org, user);
}

const membersOf = ({ slice, now }: Asking) => memberShown(slice, now);
const teamsOf = ({ slice }: Asking) => teamShown(slice);
const sharesOf = ({ slice }: Asking) => shareShown(slice);
const grantsOf =
  ({ slice }: Asking) =>
  (row: GrantRow) =>
    terms(slice, row);

/** Readings that take other trees' objects. */
type Elsewhere = "receivedResources" | "access" | "memberAccess" | "resourceAccess";
type Here = Exclude<ReadName, Elsewhere>;

/** Can the tree answer the reading by itself? */
export const isHere = (read: ReadName): read is Here => read in QUERIES;

/** The material of every reading but those that other trees' objects have. */
export const QUERIES: {
  readonly [R in Here]: Query<Materials[R]>;
} = {
  org: ({ slice, org }) => one(slice.org(org)),
  orgTree: ({ slice, org }) => ({ items: slice.subtree(org), next: null }),
  roleSet: ({ slice }, { id }) => one(roleSets(slice).find((set) => set.name === id)),
  roleSets: ({ slice }, input) => pageByName(roleSets(slice), input),
  type: oneType,
  types,
  resource: oneResource,
  resources,
  resourceToCopy: (asking, { resource, ...input }) =>
    oneResource({ ...asking, actor: { kind: "platform" } }, { ...input, id: resource }),
  tags,
  recipient,
  recipients,
  passedOn,
  link,
  links,
  member: (asking, { id = "" }) => {
    const row = memberNamed(asking, id);
    return one(row?.org === asking.org ? membersOf(asking)(row) : null);
  },
  members: listed<MemberRow, Materials["member"]>("members", membersOf),
  team: found((slice, id) => slice.team(id), teamsOf),
  teams: listed<TeamRow, Materials["team"]>("teams", teamsOf),
  teamMembers,
  grant: found((slice, id) => slice.grant(id), grantsOf),
  share: found((slice, id) => slice.share(id), sharesOf),
  shares: listed<ShareRow, Materials["share"]>("shares", sharesOf, "and status <> 'removed'"),
  freezes,
  receivedShare: received,
  receivedShares: received,
  rule: rules,
  rules,
  collaboration: collaborations,
  collaborations,
  library,
  libraries,
  libraryToCopy: library,
  key: found(
    (slice, id) => slice.key(id),
    () => (row) => row,
  ),
  keys: listed<Materials["key"] & { id: string }, Materials["key"]>("apiKeys", () => (row) => row),
  mail: async (asking, input) => mailPage(asking, { ...input, after: "" }),
  mails: mailPage,
  issuer: found(
    (slice, id) => slice.row("issuers", { id }),
    () => (row) => row,
  ),
  issuers: listed<IssuerRow, Materials["issuer"]>("issuers", () => (row) => row),
  webhook: found(
    (slice, id) => slice.row("webhooks", { id }),
    () => (row) => row,
  ),
  webhooks: listed<WebhookRow, Materials["webhook"]>("webhooks", () => (row) => row),
  deliveries: async ({ db }, { webhook = "", ...input }) => {
    const rows = await deliveriesOf(db, webhook, { ...input, limit: input.limit + 1 });
    return page(
      rows,
      input.limit,
      (row) => String(row.sequence),
      (row) => row,
    );
  },
  changes: async ({ slice, db, org }, input) => {
    const orgs = slice.subtree(org).map((below) => below.id);
    const rows = await history(db, slice.tree, orgs, Number(input.after) || 0, input.limit + 1);
    return page(
      rows,
      input.limit,
      (row) => String(row.revision),
      (row) => row,
    );
  },
  review: ({ slice, org }, { id = "" }) => {
    const row = slice.row("reviews", { id });
    return one(row?.org === org ? reviewShown(slice)(row) : null);
  },
  reviews: ({ slice, org }, input) => {
    const rows = slice.all<ReviewRow>(
      `select * from reviews where org = ?1 and (?2 = '' or startedAt < ?2) order by startedAt desc limit ?3`,
      org,
      input.after === "" ? "" : Number(input.after),
      input.limit + 1,
    );
    return page(
      rows,
      input.limit,
      (row) => String(row.startedAt),
      (row) => ({ ...reviewShown(slice)(row), items: null }),
    );
  },
  platformRole: ({ slice }, { id = "" }) => {
    const row = slice.row("platformRoles", { id });
    return one(row && { ...row, orgName: slice.org(row.org ?? -1)?.name ?? null });
  },
  platformRoles: async ({ db }, input) => {
    const rows = await platformRoles(db, input.after, input.limit + 1);
    return page(
      rows,
      input.limit,
      (row) => row.id,
      (row) => row,
    );
  },
};

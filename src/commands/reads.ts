import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import type { TreeFacts } from "./facts.ts";
import { existing, needPassing } from "./on-resource.ts";
import { splitRef } from "./terms.ts";
import type { ReadInput } from "../views/materials.ts";
import { noAdmin, standing, type Actor } from "./standing.ts";

/**
 * What can be read, and by whom: everyone inside an org, its admins only, or of one resource those
 * who may let others in to it and its org's admins. A reading that names one thing is refused by the
 * org in which that thing lies.
 */
export const READS = {
  org: "inside",
  orgTree: "inside",
  roleSet: "inside",
  roleSets: "inside",
  type: "inside",
  types: "inside",
  resource: "inside",
  resources: "inside",
  resourceToCopy: "inside",
  tags: "admin",
  recipient: "passing",
  recipients: "passing",
  passedOn: "passing",
  link: "passing",
  links: "passing",
  access: "admin",
  memberAccess: "admin",
  resourceAccess: "admin",
  member: "admin",
  members: "admin",
  team: "admin",
  teams: "admin",
  teamMembers: "admin",
  grant: "admin",
  share: "admin",
  shares: "admin",
  freezes: "admin",
  receivedShare: "admin",
  receivedShares: "admin",
  receivedResources: "admin",
  rule: "admin",
  rules: "admin",
  collaboration: "admin",
  collaborations: "admin",
  library: "inside",
  libraries: "inside",
  libraryToCopy: "admin",
  key: "admin",
  keys: "admin",
  changes: "admin",
  mail: "admin",
  mails: "admin",
  issuer: "admin",
  issuers: "admin",
  webhook: "admin",
  webhooks: "admin",
  deliveries: "admin",
  review: "admin",
  reviews: "admin",
  platformRole: "admin",
  platformRoles: "admin",
} as const satisfies Record<string, "inside" | "admin" | "passing">;

export type ReadName = keyof typeof READS;

export function mayRead(
  facts: TreeFacts,
  actor: Actor,
  read: ReadName,
  org: number,
  input: Partial<ReadInput>,
  at: number,
): Refusal | null {
  const found = standing(facts, actor, org, at);
  if (found === "stranger") return NOT_FOUND;
  if (actor.kind === "key" && found !== "admin")
    return refuse("forbidden", "This key may check, and nothing else.");
  if (READS[read] === "passing") {
    const row = existing(facts, actor, { org, ...splitRef(input.resource ?? "") }, at);
    if ("ok" in row) return row;
    return found === "admin" ? null : needPassing(facts, actor, row, at);
  }
  return READS[read] === "admin" && found !== "admin"
    ? noAdmin(facts, actor, org, at, "Only an admin of the organisation can see this.")
    : null;
}

import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { newPerson } from "./members.ts";
import { insert, remove, type PlatformRoleRow } from "./record.ts";
import {
  actorName,
  notForOneself,
  PLATFORM_ORG,
  rulesPlatform,
  standing,
  type Actor,
} from "./standing.ts";

const ROLES_MAX = 1_000;

export interface GrantPlatformRole {
  /** The org assigned, in its own tree; without one, the role is over all orgs and lies in tree 0. */
  org: number | null;
  email: string;
  role: PlatformRoleRow["role"];
}

/** Only the platform and its super admins give and take its roles [R27]. */
function needRule(facts: TreeFacts, actor: Actor, org: number, stamp: Stamp): Refusal | null {
  if (standing(facts, actor, org, stamp.at) === "stranger") return NOT_FOUND;
  return rulesPlatform(actor)
    ? null
    : refuse("forbidden", "Only a super admin of the platform can do this.");
}

const eventOf = (name: "platformRole.granted" | "platformRole.removed", row: PlatformRoleRow) => ({
  name,
  org: row.org ?? PLATFORM_ORG,
  data: { platformRole: row.id, email: row.email, role: row.role },
  person: row.user,
});

/** Gives a person a role on the platform: it governs the API, and opens no path in a check [R27]. */
export const grantPlatformRole = define<GrantPlatformRole>({
  needs: ({ email }) => ({ emails: [email] }),
  run(facts, actor, { org, email, role }, stamp, given) {
    const user = given.users[email] ?? "";
    const refused =
      needRule(facts, actor, org ?? PLATFORM_ORG, stamp) ?? notForOneself(actor, user);
    if (refused) return refused;
    if ((role === "account_manager") !== (org !== null))
      return refuse(
        "invalid",
        org === null
          ? "An account manager is assigned to an organisation."
          : "This role holds for all organisations.",
        "/org",
      );
    if (facts.row("platformRoles", { user, role, org }))
      return refuse("conflict", "This person holds the role already.", "/email");
    if (facts.count("platformRoles") >= ROLES_MAX)
      return refuse("limit", `A tree holds at most ${ROLES_MAX} platform roles.`);
    const row: PlatformRoleRow = {
      id: stamp.id("prl"),
      tree: stamp.tree,
      org,
      user,
      email,
      role,
      createdBy: actorName(actor),
      createdAt: stamp.at,
    };
    return {
      ok: true,
      org: org ?? PLATFORM_ORG,
      // Known to the tree, the person can be written to.
      rows: [...newPerson(facts, { user, email, name: email }), insert("platformRoles", row)],
      events: [eventOf("platformRole.granted", row)],
      status: 201,
      shows: { read: "platformRole", id: row.id },
    };
  },
});

/** Takes a platform role back, at once; the last super admin's too, for the platform's key remains. */
export const removePlatformRole = define<{ id: string }>({
  run(facts, actor, { id }, stamp) {
    const row = facts.row("platformRoles", { id });
    if (!row) return NOT_FOUND;
    const org = row.org ?? PLATFORM_ORG;
    const refused = needRule(facts, actor, org, stamp);
    if (refused) return refused;
    return {
      ok: true,
      org,
      rows: [remove("platformRoles", row)],
      events: [eventOf("platformRole.removed", row)],
      status: 204,
      shows: null,
    };
  },
});

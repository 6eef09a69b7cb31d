import type { Event } from "../events.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { insert, remove, replace, type MemberRow, type TeamRow } from "./record.ts";
import { losesLastAdmin, needAdmin, notForOneself, type Actor } from "./standing.ts";

const TEAMS_MAX = 10_000;
const MEMBERS_OF_A_TEAM_MAX = 10_000;
const TEAMS_OF_A_MEMBER_MAX = 1_000;

interface OfTeam {
  org: number;
  team: string;
}

/** The team, when the actor is an admin of its org [R9]. */
function managed(
  facts: TreeFacts,
  actor: Actor,
  { org, team }: OfTeam,
  stamp: Stamp,
): TeamRow | Refusal {
  const refused = needAdmin(facts, actor, org, stamp.at);
  if (refused) return refused;
  const row = facts.team(team);
  return row?.org === org ? row : NOT_FOUND;
}

const nameTaken = (facts: TreeFacts, org: number, name: string): Refusal | null =>
  facts.row("teams", { org, name })
    ? refuse("conflict", "The organisation has a team of this name.", "/name")
    : null;

const eventOf = (name: Event["name"], team: TeamRow, data: Event["data"] = {}): Event => ({
  name,
  org: team.org,
  data: { team: team.id, name: team.name, ...data },
});

/** Makes a team, empty and without access; its name is its own in the org. */
export const createTeam = define<{ org: number; name: string }>({
  run(facts, actor, { org, name }, stamp) {
    const refused = needAdmin(facts, actor, org, stamp.at) ?? nameTaken(facts, org, name);
    if (refused) return refused;
    if (facts.count("teams") >= TEAMS_MAX)
      return refuse("limit", `A tree holds at most ${TEAMS_MAX} teams.`);
    const team: TeamRow = { id: stamp.id("tem"), tree: stamp.tree, org, name };
    return {
      ok: true,
      org,
      rows: [insert("teams", team)],
      events: [eventOf("team.created", team)],
      status: 201,
      shows: { read: "team", id: team.id },
    };
  },
});

export const renameTeam = define<OfTeam & { name: string }>({
  current: (input) => ({ read: "team", id: input.team }),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const { name } = input;
    const refused = name === before.name ? null : nameTaken(facts, input.org, name);
    if (refused) return refused;
    return {
      ok: true,
      org: input.org,
      rows: [replace("teams", before, { name })],
      events: [eventOf("team.changed", { ...before, name })],
      status: 200,
      shows: { read: "team", id: before.id },
    };
  },
});

/** Removes a team, with the grants and the rules that name it, at once [R12]. */
export const removeTeam = define<OfTeam & { reason?: string | undefined }>({
  current: (input) => ({ read: "team", id: input.team }),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const refused = leavesNoAdmin(facts, before.id);
    if (refused) return refused;
    const naming = { toKind: "team", toId: before.id } as const;
    return {
      ok: true,
      org: input.org,
      rows: [
        ...facts.rows("rules", naming).map((rule) => remove("rules", rule)),
        ...facts.rows("grants", naming).map((grant) => remove("grants", grant)),
        ...facts.rows("teamMembers", { team: before.id }).map((row) => remove("teamMembers", row)),
        remove("teams", before),
      ],
      events: [eventOf("team.removed", before)],
      reason: input.reason,
      status: 204,
      shows: null,
    };
  },
});

/** Would an org in which the team has a grant lose its last admin with it [R10]? */
function leavesNoAdmin(facts: TreeFacts, team: string, member?: string): Refusal | null {
  const gone = member === undefined ? { team } : { team, member };
  for (const { org } of facts.rows("grants", { toKind: "team", toId: team })) {
    const refused = losesLastAdmin(facts, org, gone);
    if (refused) return refused;
  }
  return null;
}

interface OfTeamMember extends OfTeam {
  member: string;
}

const named = (facts: TreeFacts, member: MemberRow) => ({
  member: member.id,
  email: facts.person(member.user)?.email ?? "",
});

/** Puts a member of the team's own org into it: they have at once what the team has. */
export const joinTeam = define<OfTeamMember>({
  run(facts, actor, input, stamp) {
    const team = managed(facts, actor, input, stamp);
    if ("ok" in team) return team;
    const member = facts.member(input.member);
    if (!member || !facts.lineage(input.org).includes(member.org)) return NOT_FOUND;
    if (member.org !== team.org)
      return refuse("invalid", "A team is made of its own organisation's members.");
    const row = { tree: stamp.tree, team: team.id, member: member.id };
    const done = { ok: true, org: input.org, shows: { read: "member", id: member.id } } as const;
    if (facts.row("teamMembers", row)) return { ...done, rows: [], events: [], status: 200 };
    const refused = notForOneself(actor, member.user) ?? tooMany();
    if (refused) return refused;
    return {
      ...done,
      rows: [insert("teamMembers", row)],
      events: [eventOf("team.joined", team, named(facts, member))],
      status: 201,
    };

    function tooMany(): Refusal | null {
      if (facts.count("teamMembers", { team: input.team }) >= MEMBERS_OF_A_TEAM_MAX)
        return refuse("limit", `A team holds at most ${MEMBERS_OF_A_TEAM_MAX} members.`);
      return facts.count("teamMembers", { member: input.member }) >= TEAMS_OF_A_MEMBER_MAX
        ? refuse("limit", `A member is in at most ${TEAMS_OF_A_MEMBER_MAX} teams.`)
        : null;
    }
  },
});

/** Takes a member out of a team, and with it all that they have by it, at once [R12]. */
export const leaveTeam = define<OfTeamMember>({
  run(facts, actor, input, stamp) {
    const team = managed(facts, actor, input, stamp);
    if ("ok" in team) return team;
    const member = facts.member(input.member);
    const row = facts.row("teamMembers", { team: team.id, member: input.member });
    if (!member || !row) return NOT_FOUND;
    const refused = member.status === "active" ? leavesNoAdmin(facts, team.id, member.id) : null;
    if (refused) return refused;
    return {
      ok: true,
      org: input.org,
      rows: [remove("teamMembers", row)],
      events: [eventOf("team.left", team, named(facts, member))],
      status: 204,
      shows: null,
    };
  },
});

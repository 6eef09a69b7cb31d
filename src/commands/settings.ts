import {
  parseRole,
  roleText,
  settingsOf,
  TREE_SETTINGS,
  type OrgSettings,
} from "../access/index.ts";
import { refuse, type Refusal } from "../refusals.ts";
import type { TreeFacts } from "./facts.ts";
import type { OrgRow } from "./record.ts";
import { isPlatform, standing, type Actor } from "./standing.ts";

export { settingsOf, TREE_SETTINGS, type OrgSettings };

export type SomeSettings = { [K in keyof OrgSettings]?: OrgSettings[K] | undefined };

/** The settings that hold for the whole tree of an org. */
export const treeSettings = (facts: TreeFacts, org: number): OrgSettings =>
  settingsOf(facts.org(facts.lineage(org).at(-1) ?? 0) ?? { settings: "{}" });

/** Where the tree says so, only the root's admins make sub-workspaces [R24]. */
export const onlyCompany = (
  facts: TreeFacts,
  actor: Actor,
  parent: number,
  at: number,
): Refusal | null =>
  treeSettings(facts, parent).children === "admins" ||
  standing(facts, actor, facts.lineage(parent).at(-1) ?? parent, at) === "admin"
    ? null
    : refuse("forbidden", "Only an admin of the whole tree can make a sub-workspace.");

/** The longest life that a share of the org may have: what the nearest org says that says anything. */
export function shareDaysMax(facts: TreeFacts, org: number): number | null {
  for (const id of facts.lineage(org)) {
    const days = settingsOf(facts.org(id) ?? { settings: "{}" }).shareDaysMax;
    if (days !== null) return days;
  }
  return null;
}

/** The settings after a change of some of them, as the org's row keeps them: only what was set. */
export function changeSettings(
  facts: TreeFacts,
  actor: Actor,
  org: OrgRow,
  change: SomeSettings,
): string | Refusal {
  const settings: Record<string, unknown> = JSON.parse(org.settings) as object as never;
  for (const name of TREE_SETTINGS)
    if (change[name] !== undefined && org.parent !== null)
      return refuse("invalid", "This is set at the root, for the whole tree.", `/${name}`);
  if (change.deletion === "owners" && settingsOf(org).deletion === "platform" && !isPlatform(actor))
    return refuse("forbidden", "Only the platform can allow this again.", "/deletion"); // [R24]
  if (change.autoAccept != null && !facts.book.knows(parseRole(change.autoAccept)))
    return refuse("invalid", `There is no role ${change.autoAccept}.`, "/autoAccept");
  if (change.strongAdmins && actor.kind === "user" && actor.strong === false)
    return refuse(
      "strong_authentication_needed",
      "Whoever asks this of admins shows a passkey first.",
      "/strongAdmins",
    );
  for (const name of [
    "deletion",
    "children",
    "receives",
    "strongAdmins",
    "invitationDays",
    "shareDaysMax",
    "reviewMonths",
  ] as const)
    if (change[name] !== undefined) settings[name] = change[name];
  if (change.autoAccept !== undefined)
    settings["autoAccept"] = change.autoAccept && roleText(parseRole(change.autoAccept));
  if (change.reminderDays)
    settings["reminderDays"] = [...new Set(change.reminderDays)].toSorted((a, b) => b - a);
  if (change.subjectTypes)
    settings["subjectTypes"] = [...new Set(["user", ...change.subjectTypes])];
  return JSON.stringify(settings);
}

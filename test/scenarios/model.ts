import { expect } from "vitest";
import { Sketch, type TermsText } from "../access/sketch.ts";
import type { Command, Scenario, Step, Terms } from "./format.ts";

const DAY = 86_400_000;

/** Plays a scenario against the model alone: each command states the facts that it leaves behind. */
export function playOnModel(scenario: Scenario): void {
  const world = new Sketch();
  const termsOfShares = new Map<string, { role: string; toOrg: boolean }>();

  const termsOf = ({ role, scope, expiresInDays }: Terms): TermsText => ({
    role,
    ...(scope ? { scope } : {}),
    ...(expiresInDays === undefined ? {} : { expiresAt: world.now + expiresInDays * DAY }),
  });

  function perform(step: Command): void {
    if ("org" in step) {
      world.org(step.org, step.in);
      if (step.admin) world.joined(step.org, step.admin, "admin");
    } else if ("resource" in step) world.resource(step.in, step.resource, step.tags, step.owner);
    else if ("retag" in step) world.retag(step.retag, step.tags);
    else if ("deleteResource" in step) world.deleteResource(step.deleteResource);
    else if ("invite" in step) {
      const grant = `${step.invite}@${step.to}`;
      world.member(step.to, step.invite, "pending");
      world.grant(step.to, { member: step.invite }, termsOf(step), grant);
    } else if ("join" in step) world.member(step.to, step.join, "active");
    else if ("removeMember" in step) world.removeMember(step.from, step.removeMember);
    else if ("team" in step) world.team(step.in, step.team, ...step.of);
    else if ("grant" in step) world.grant(step.in, step.to, termsOf(step), step.grant);
    else if ("removeGrant" in step) world.removeGrant(step.removeGrant);
    else if ("share" in step) {
      termsOfShares.set(step.share, { role: step.role, toOrg: "org" in step.to });
      world.share(step.share, step.from, step.to, termsOf(step));
    } else if ("acceptShare" in step) {
      const id = step.acceptShare;
      world.answer(id, "accepted");
      const share = termsOfShares.get(id);
      if (share?.toOrg) world.rule(id, "admins", { role: share.role }, `admins of ${id}`);
    } else if ("declineShare" in step) world.answer(step.declineShare, "declined");
    else if ("changeShare" in step) {
      const known = termsOfShares.get(step.changeShare);
      if (known && step.role) known.role = step.role;
      world.changeShare(step.changeShare, step);
    } else if ("removeShare" in step) world.removeShare(step.removeShare);
    else if ("rule" in step) world.rule(step.on, step.to, termsOf(step), step.rule);
    else world.removeRule(step.removeRule);
  }

  function play(step: Step): void {
    if ("at" in step) world.now = step.at * DAY;
    else if ("refused" in step) return;
    else if ("expect" in step) {
      const asked = [...(step.may ?? []), ...(step.mayNot ?? [])];
      const allowed = asked.filter((action) => world.may(step.expect, action, step.on));
      expect(allowed, `${step.expect} on ${step.on}`).toEqual([...(step.may ?? [])]);
      if (step.role !== undefined) expect(world.role(step.expect, step.on)).toBe(step.role);
    } else if ("list" in step) {
      const { list, of, in: org, exactly } = step;
      const inOrg = world.below(org);
      const listed = world.list(of, list).filter((ref) => inOrg.includes(ref));
      expect(listed, `what ${of} may ${list} in ${org}`).toEqual([...exactly].toSorted());
    } else if ("who" in step) {
      const people = world.who(step.who, step.on);
      expect(people, `who may ${step.who} ${step.on}`).toEqual([...step.exactly].toSorted());
    } else perform(step);
  }

  scenario.steps.forEach((step, index) => {
    try {
      play(step);
    } catch (error) {
      if (error instanceof Error) error.message = `step ${index + 1}: ${error.message}`;
      throw error;
    }
  });
}

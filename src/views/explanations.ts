import { instant, roleShown, scopeShown } from "./index.ts";
import type {
  AccessAtMaterial,
  ExplanationMaterial,
  LackMaterial,
  StepMaterial,
} from "./materials.ts";

/*
 * What people see of an explanation; the sentences are the door's, in the reader's language.
 */

/** The words of one explanation, in some language. */
export interface Says {
  answer(explanation: ExplanationMaterial): string;
  path(steps: readonly StepMaterial[]): string;
  lack(
    explanation: ExplanationMaterial,
    steps: readonly StepMaterial[],
    lack: LackMaterial,
  ): string;
}

const toView = (to: StepMaterial["to"]) => {
  if (!to) return null;
  const { kind, id, name } = to;
  if (kind === "members" || kind === "admins") return kind;
  if (kind === "org") return { org: Number(id), name };
  return kind === "person" ? { email: name } : { [kind]: id, name };
};

export const stepView = (step: StepMaterial) => ({
  kind: step.kind,
  id: step.id,
  org: step.org,
  role: roleShown(step.role),
  scope: step.scope && scopeShown(step.scope, step.refs),
  to: toView(step.to),
  via: step.via,
  by: step.by,
  at: instant(step.at),
  reason: step.reason,
  expiresAt: instant(step.expiresAt),
});

export const accessAtView = (found: AccessAtMaterial, says: Says) => ({
  resource: found.resource,
  at: instant(found.at),
  items: found.items.map(({ person, role, paths }) => ({
    person,
    role: roleShown(role),
    paths: paths.map((steps) => ({ steps: steps.map(stepView), says: says.path(steps) })),
  })),
  partners: found.partners.map((step) => ({ ...stepView(step), says: says.path([step]) })),
  count: found.count,
  more: found.more,
  // Who used a share at a partner is the partner's own.
  uncovered: found.partners.length > 0 ? ["partners"] : [],
});

const whoView = (who: LackMaterial["who"]) =>
  who && (who.kind === "person" ? { person: who.email } : { [who.kind]: who.org });

export const explanationView = (found: ExplanationMaterial, says: Says) => ({
  decision: found.decision,
  at: instant(found.at),
  paths: found.paths.map((steps) => ({ steps: steps.map(stepView), says: says.path(steps) })),
  missing: found.missing.map(({ steps, lacks }) => ({
    steps: steps.map(stepView),
    lacks: lacks.map((lack) => ({
      what: lack.what,
      step: lack.step,
      who: whoView(lack.who),
      ...(lack.roles ? { roles: lack.roles.map(roleShown) } : {}),
      says: says.lack(found, steps, lack),
    })),
  })),
  more: found.more,
  uncovered: found.uncovered,
  says: says.answer(found),
});

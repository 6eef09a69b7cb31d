import { changeView, instant, roleShown, scopeShown } from "./index.ts";
import type {
  AccessMaterial,
  EffectiveMaterial,
  EffectMaterial,
  EffectsMaterial,
} from "./materials.ts";

/*
 * What people see of what changes do: access before and after, by person and by partner.
 */

const accessView = (access: AccessMaterial | null) =>
  access && {
    kind: access.kind,
    org: access.org,
    role: roleShown(access.role),
    ...(access.resource === null
      ? { scope: access.scope && scopeShown(access.scope, access.refs) }
      : { resource: access.resource }),
    ...(access.share === null ? {} : { share: access.share }),
    expiresAt: instant(access.expiresAt),
  };

/** A gain and a loss are one access; a change is two. */
const gainView = ({ person, before, after }: EffectMaterial) => ({
  person,
  ...accessView(after ?? before),
});

const shiftView = ({ person, before, after }: EffectMaterial) => ({
  person,
  before: accessView(before),
  after: accessView(after),
});

export const effectsView = (effects: EffectsMaterial) => ({
  gains: effects.gains.map(gainView),
  loses: effects.loses.map(gainView),
  changes: effects.changes.map(shiftView),
  partners: effects.partners.map(({ org, share, before, after, people }) => ({
    org,
    share,
    before: accessView(before),
    after: accessView(after),
    people,
  })),
  counts: effects.counts,
  more: effects.more,
});

export const effectiveView = ({ change, effects, types }: EffectiveMaterial) => ({
  ...changeView(change),
  ...effectsView(effects),
  types,
});

import { stepView } from "./explanations.ts";
import { instant, roleShown } from "./index.ts";
import type { AccessRowMaterial, WayMaterial } from "./materials.ts";

const wayView = (way: WayMaterial) => ({
  role: way.role === null ? null : roleShown(way.role),
  actions: way.actions,
  conditional: way.conditional,
  expiresAt: instant(way.expiresAt),
});

/** Who may do what to a resource, and by what; of another org how many people, and not who. */
export const accessView = (row: AccessRowMaterial) => {
  const { person, partner, resource, share } = row;
  const who = person?.user ?? `org_${partner?.id}`;
  return {
    id: `${who} ${share === null ? "" : `${share} `}${resource.type}:${resource.id}`,
    ...(person && {
      person: {
        id: person.user,
        email: person.email,
        name: person.name,
        ...(person.member === null ? {} : { member: person.member }),
      },
    }),
    ...(partner && { org: { id: partner.id, name: partner.name }, people: partner.people }),
    resource,
    ...(share === null ? {} : { share }),
    ...wayView(row),
    sources: row.sources.map((one) => ({
      source: one.source,
      ...wayView(one),
      steps: one.steps.map(stepView),
    })),
  };
};

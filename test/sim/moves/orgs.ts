import { PEOPLE, type Ground, type Move } from "../ground.ts";

const ORGS_MAX = 18;

/** Desk's roles come and go in part: in order or not, under conditions or not. */
const DESKS = [
  { ordered: true, author: [{ name: "edit", condition: "resource.owner == subject.id" }] },
  { ordered: true, author: ["edit", "close"] },
  { ordered: false, author: [{ name: "close", condition: '"North" in resource.tags' }] },
  {
    ordered: false,
    author: ["close", { name: "edit", condition: "resource.owner == subject.id" }],
  },
];

/** Sub-workspaces, their settings, what the tree defines for itself, teams and libraries. */
export function orgs(ground: Ground): readonly Move[] {
  const { random, at, somebody } = ground;
  const below = () => ground.orgs.filter(({ parent }) => parent !== null);

  const settings = () =>
    random.one([
      { receives: "collaborators" },
      { receives: "anyone" },
      { autoAccept: random.one(["viewer", "collaborator", null]) },
      { name: `Org ${random.below(99)}` },
      { default: random.chance(0.6) },
    ]);
  const roleSet = () => {
    const { ordered, author } = random.one(DESKS);
    const roles = [
      { name: "reader", actions: ["view"] },
      { name: "author", actions: author },
    ];
    return { ordered, roles };
  };
  return [
    [
      3,
      () => {
        if (ground.orgs.length >= ORGS_MAX) return undefined;
        const body = { name: `Org ${random.below(999)}`, parent: ground.org().id };
        return { method: "POST", path: "/v1/orgs", as: somebody(), body };
      },
    ],
    [3, () => ({ method: "PATCH", path: at(ground.org().id), as: somebody(), body: settings() })],
    [
      3,
      () =>
        ground.with(below(), ({ id }) => ({
          method: "PATCH",
          path: at(id),
          as: somebody(),
          body: { parent: ground.org().id },
          confirms: true,
        })),
    ],
    [
      1,
      () =>
        ground.with(below(), ({ id, name }) => ({
          method: "DELETE",
          path: at(id),
          as: somebody(),
          body: { confirm: name },
          removes: ground.everyone(),
        })),
    ],
    [
      2,
      () => ({
        method: "PUT",
        path: `${at(random.one(ground.roots))}/role-sets/desk`,
        body: roleSet(),
        confirms: true,
      }),
    ],
    [
      1,
      () => ({
        method: "PUT",
        path: `${at(random.one(ground.roots))}/types/ticket`,
        body: {
          roleSet: random.one(["desk", "desk", "standard"]),
          adminAccess: random.one(["implicit", "self-elevate"]),
          memberCreates: random.chance(0.5),
        },
        confirms: true,
      }),
    ],
    [
      3,
      () => ({
        method: "POST",
        path: `${at(ground.org().id)}/teams`,
        as: somebody(),
        body: { name: `Team ${random.below(6)}` },
      }),
    ],
    [
      9,
      () =>
        ground.with(ground.facts.teams, ({ org, id }) => {
          const members = ground.facts.members.filter((member) => member.org === org);
          return ground.with(members, (member) => ({
            method: "PUT",
            path: `${at(org)}/teams/${id}/members/${member.id}`,
            as: somebody(),
          }));
        }),
    ],
    [
      4,
      () =>
        ground.with(ground.facts.teams, ({ org, id, tree }) => ({
          method: "POST",
          path: `${at(org)}/teams/${id}/grants`,
          as: somebody(),
          body: ground.terms(tree),
        })),
    ],
    [
      3,
      () =>
        ground.with(ground.facts.teamMembers, ({ team, member }) => {
          const org = ground.facts.teams.find(({ id }) => id === team)?.org ?? 0;
          return {
            method: "DELETE",
            path: `${at(org)}/teams/${team}/members/${member}`,
            as: somebody(),
            removes: ground.facts.members.filter(({ id }) => id === member).map((m) => m.user),
          };
        }),
    ],
    [
      1,
      () =>
        ground.with(ground.facts.teams, ({ org, id }) => ({
          method: "DELETE",
          path: `${at(org)}/teams/${id}`,
          as: somebody(),
          removes: ground.everyone(),
        })),
    ],
    [
      1,
      () => ({
        method: "PUT",
        path: `${at(ground.org().id)}/libraries/Status`,
        as: somebody(),
        body: { values: [{ value: random.one(["open", "done", "late"]) }] },
      }),
    ],
    [
      1,
      () => ({
        method: "POST",
        path: `${at(ground.org().id)}/libraries/Status/copy`,
        as: random.one(PEOPLE),
        body: { to: ground.org().id, onConflict: "replace" },
      }),
    ],
  ];
}

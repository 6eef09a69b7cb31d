import { PEOPLE, type Ground, type Move, type Request } from "../ground.ts";

/** Members and their grants. */
export function people(ground: Ground): readonly Move[] {
  const { random, at, somebody, emailOf } = ground;

  const invite = (): Request => {
    const { id, tree } = ground.org();
    const email = random.one(PEOPLE);
    const terms = random.chance(0.7) ? ground.terms(tree) : {};
    const body = { name: email, email, ...terms };
    return { method: "POST", path: `${at(id)}/members`, as: somebody(), body };
  };
  const accept = () => {
    const pending = ground.facts.members.filter(({ status }) => status === "pending");
    return ground.with(pending.length ? pending : ground.facts.members, ({ id, user }) => ({
      method: "POST",
      path: `/v1/me/access/${id}/accept`,
      as: emailOf(user),
      body: {},
    }));
  };
  const addGrant = () =>
    ground.with(ground.facts.members, (member) => {
      const where = random.chance(0.7)
        ? { org: member.org, tree: member.tree }
        : { org: ground.org().id, tree: ground.org().tree };
      return {
        method: "POST",
        path: `${at(where.org)}/grants`,
        as: somebody(),
        body: {
          to: random.chance(0.8) ? { member: member.id } : "members",
          ...ground.terms(where.tree),
        },
      };
    });
  return [
    [14, invite],
    [16, accept],
    [11, addGrant],
    [
      4,
      () =>
        ground.with(ground.facts.grants, ({ org, id, tree }) => ({
          method: "PATCH",
          path: `${at(org)}/grants/${id}`,
          as: somebody(),
          body: ground.terms(tree),
        })),
    ],
    [
      4,
      () =>
        ground.with(ground.facts.grants, (grant) => ({
          method: "DELETE",
          path: `${at(grant.org)}/grants/${grant.id}`,
          as: somebody(),
          removes: ground.peopleOf(grant),
        })),
    ],
    [
      5,
      () =>
        ground.with(ground.facts.members, ({ org, id, user }) => ({
          method: "DELETE",
          path: `${at(org)}/members/${id}`,
          as: somebody(),
          removes: [user],
        })),
    ],
    [
      2,
      () =>
        ground.with(ground.facts.members, ({ id, user }) => ({
          method: "DELETE",
          path: `/v1/me/access/${id}`,
          as: emailOf(user),
          removes: [user],
        })),
    ],
  ];
}

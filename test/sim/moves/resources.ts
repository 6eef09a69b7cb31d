import { PEOPLE, TAGS, type Ground, type Move, type Request } from "../ground.ts";

/** Resources, who is let in to one of them, links, elevation and copies. */
export function resources(ground: Ground): readonly Move[] {
  const { random, at, somebody, emailOf } = ground;
  const existing = (make: (path: string, ref: string, tree: number) => Request | undefined) =>
    ground.with(ground.facts.resources, ({ org, type, id, tree }) =>
      make(`${at(org)}/resources/${type}/${id}`, `${type}:${id}`, tree),
    );
  const passed = () => ground.facts.grants.filter(({ via }) => via === "recipients");
  const pathOf = (grant: { tree: number; scope: string }) => {
    const { keys } = JSON.parse(grant.scope) as { keys?: number[] };
    const row = ground.facts.resources.find(
      ({ tree, key }) => tree === grant.tree && key === keys?.[0],
    );
    return row && `${at(row.org)}/resources/${row.type}/${row.id}`;
  };
  /** Who may be an admin somewhere in the tree. */
  const adminsIn = (tree: number) =>
    ground.facts.grants
      .filter((grant) => grant.tree === tree && grant.role === "standard.admin")
      .flatMap((grant) => ground.facts.members.filter(({ id }) => id === grant.toId))
      .map(({ user }) => emailOf(user));
  /** Mostly links that still stand. */
  const standing = () => {
    const ids = new Set(ground.facts.links.map(({ id }) => id.replace("lnk_", "ln_")));
    const found = ground.links.filter((token) => ids.has(token.split("_").slice(0, 4).join("_")));
    return found.length && random.chance(0.9) ? found : ground.links;
  };
  return [
    [
      14,
      () => {
        const { id, tree } = ground.org();
        const owner = random.chance(0.3) ? { owner: random.one(PEOPLE) } : {};
        const body = { tags: [random.one(TAGS), random.one(TAGS)], ...owner };
        return {
          method: "PUT",
          path: `${at(id)}/resources/${ground.thing(tree)}`,
          as: somebody(),
          body,
        };
      },
    ],
    [
      2,
      () => {
        const { id, tree } = ground.org();
        return {
          method: "DELETE",
          path: `${at(id)}/resources/${ground.thing(tree)}`,
          as: somebody(),
          removes: random.chance(0.5) ? [random.one(ground.facts.users).id] : [],
        };
      },
    ],
    [
      7,
      () =>
        ground.with(ground.facts.resources, ({ org, type, id, tree }) => {
          const members = ground.facts.members.filter((member) => member.tree === tree);
          const teams = ground.facts.teams.filter((team) => team.tree === tree);
          const named = [
            ...members.map((member) => ({ member: member.id })),
            ...teams.map((team) => ({ team: team.id })),
          ];
          if (named.length === 0) return undefined;
          const roles = {
            site: "viewer",
            document: "editor",
            project: "can_edit",
            ticket: "desk.author",
          };
          return {
            method: "POST",
            path: `${at(org)}/recipients`,
            as: random.chance(0.4) ? undefined : random.one(PEOPLE),
            body: {
              resources: [`${type}:${id}`],
              to: [random.chance(0.8) ? random.one(named) : "members"],
              role: roles[type as keyof typeof roles],
            },
          };
        }),
    ],
    [
      2,
      () =>
        ground.with(passed(), (grant) => {
          const path = pathOf(grant);
          return path === undefined
            ? undefined
            : {
                method: "DELETE",
                path: `${path}/recipients/${grant.id}`,
                as: somebody(),
                removes: ground.peopleOf(grant),
              };
        }),
    ],
    [
      3,
      () =>
        existing((path, _, tree) => ({
          method: "POST",
          path: `${path}/elevate`,
          as: random.one([...adminsIn(tree), random.one(PEOPLE)]),
          body: {},
        })),
    ],
    [
      2,
      () =>
        existing((path, _, tree) => {
          const to = ground.orgs.filter((org) => org.tree === tree);
          const id = `${tree}-${random.below(7)}`;
          const body = { to: random.one(to.length ? to : ground.orgs).id, id };
          return { method: "POST", path: `${path}/copy`, as: somebody(), body };
        }),
    ],
    [
      3,
      () =>
        existing((path) => ({
          method: "POST",
          path: `${path}/links`,
          as: somebody(),
          body: random.chance(0.3) ? { expiresAt: ground.later() } : {},
        })),
    ],
    [
      10,
      () =>
        ground.with(standing(), (token) => ({
          method: "POST",
          path: `/v1/links/${token}/open`,
          as: random.one(PEOPLE),
          body: {},
        })),
    ],
    [
      2,
      () =>
        ground.with(ground.facts.links, (link) => {
          const path = pathOf({ tree: link.tree, scope: JSON.stringify({ keys: [link.key] }) });
          const given = ground.facts.grants.filter(({ via }) => via === link.id);
          return path === undefined
            ? undefined
            : {
                method: "DELETE",
                path: `${path}/links/${link.id}`,
                as: somebody(),
                removes: given.flatMap((grant) => ground.peopleOf(grant)),
              };
        }),
    ],
    [
      1,
      () =>
        ground.with(ground.facts.users, ({ id }) => ({
          method: "POST",
          path: "/v1/platform/roles",
          body: random.chance(0.5)
            ? { email: emailOf(id), role: "sys_admin" }
            : { email: emailOf(id), role: "account_manager", org: ground.org().id },
        })),
    ],
  ];
}

import { PEOPLE, type Ground, type Move } from "../ground.ts";

/** Shares, what receivers make of them, freezes and collaborations. */
export function shares(ground: Ground): readonly Move[] {
  const { random, at, somebody, emailOf } = ground;

  /** Mostly of what still waits for an answer. */
  const open = () => {
    const answered = new Set(ground.facts.receipts.map(({ share }) => share));
    const here = new Set(ground.orgs.map(({ id }) => id));
    const waiting = ground.facts.shares.filter(
      ({ id, org, status, toOrg }) =>
        status === "pending" &&
        !answered.has(id) &&
        here.has(org) &&
        (toOrg === null || here.has(toOrg)),
    );
    return waiting.length && random.chance(0.8) ? waiting : ground.facts.shares;
  };
  const received = (word: "accept" | "decline") => () =>
    ground.with(open(), (share) =>
      share.toOrg === null
        ? {
            method: "POST",
            path: `/v1/me/access/${share.id}/${word}`,
            as: emailOf(share.toUser),
            body: {},
          }
        : {
            method: "POST",
            path: `${at(share.toOrg)}/received-shares/${share.id}/${word}`,
            as: somebody(),
            body: {},
            ...(word === "decline" ? { removes: ground.everyone() } : {}),
          },
    );
  const addRule = () => {
    const accepted = ground.facts.receipts.filter(({ status }) => status === "accepted");
    return ground.with(accepted, (receipt) => {
      const share = ground.facts.shares.find(({ id }) => id === receipt.share);
      const members = ground.facts.members.filter((one) => one.tree === receipt.tree);
      const teams = ground.facts.teams.filter((one) => one.tree === receipt.tree);
      const named = [
        ...members.map(({ id }) => ({ member: id })),
        ...teams.map(({ id }) => ({ team: id })),
      ];
      const to = random.chance(0.6) && named.length ? random.one(named) : undefined;
      return {
        method: "POST",
        path: `${at(receipt.org)}/received-shares/${receipt.share}/rules`,
        as: somebody(),
        body: {
          to: to ?? random.one(["members", "admins"]),
          ...ground.terms(receipt.ownerTree),
          ...(share && random.chance(0.5) ? { role: share.role } : {}),
        },
      };
    });
  };
  const treeOfRule = (share: string) =>
    ground.facts.shares.find(({ id }) => id === share)?.tree ?? 0;
  const freeze = () => ({
    method: "POST",
    path: `${at(ground.org().id)}/freeze`,
    as: somebody(),
    body: random.chance(0.7) ? { partner: ground.org().id } : {},
    removes: ground.everyone(),
  });
  const thaw = () =>
    ground.with(ground.facts.freezes, ({ org, partner }) => ({
      method: "POST",
      path: `${at(org)}/thaw`,
      as: somebody(),
      body: partner === 0 ? {} : { partner },
    }));
  return [
    [
      10,
      () => {
        const { id, tree } = ground.org();
        const to = random.chance(0.7)
          ? { org: ground.org().id }
          : { email: random.one(PEOPLE), name: "Guest" };
        const body = { ...ground.terms(tree), to };
        return { method: "POST", path: `${at(id)}/shares`, as: somebody(), body };
      },
    ],
    [14, received("accept")],
    [2, received("decline")],
    [12, addRule],
    [
      4,
      () =>
        ground.with(ground.facts.shares, ({ org, id, tree }) => ({
          method: "PATCH",
          path: `${at(org)}/shares/${id}`,
          as: somebody(),
          body: ground.terms(tree),
        })),
    ],
    [
      3,
      () =>
        ground.with(ground.facts.shares, ({ org, id, toUser }) => ({
          method: "DELETE",
          path: `${at(org)}/shares/${id}`,
          as: somebody(),
          removes: toUser ? [toUser] : ground.everyone(),
        })),
    ],
    [
      4,
      () =>
        ground.with(ground.facts.rules, ({ org, share, id }) => ({
          method: "PATCH",
          path: `${at(org)}/received-shares/${share}/rules/${id}`,
          as: somebody(),
          body: ground.terms(treeOfRule(share)),
        })),
    ],
    [
      4,
      () =>
        ground.with(ground.facts.rules, (rule) => ({
          method: "DELETE",
          path: `${at(rule.org)}/received-shares/${rule.share}/rules/${rule.id}`,
          as: somebody(),
          removes: ground.peopleOf(rule),
        })),
    ],
    [2, freeze],
    [4, thaw],
    [
      3,
      () => ({
        method: "POST",
        path: `${at(ground.org().id)}/collaborations`,
        as: somebody(),
        body: { with: ground.org().id },
      }),
    ],
    [
      4,
      () =>
        ground.with(ground.facts.collaborations, ({ withOrg, id }) => ({
          method: "POST",
          path: `${at(withOrg)}/collaborations/${id}/accept`,
          as: somebody(),
          body: {},
        })),
    ],
    [
      1,
      () =>
        ground.with(ground.facts.collaborations, ({ org, id }) => ({
          method: "DELETE",
          path: `${at(org)}/collaborations/${id}`,
          as: somebody(),
          removes: ground.everyone(),
        })),
    ],
  ];
}

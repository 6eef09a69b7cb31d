import { pathsOf, secondHalves, type Facts, type Grant, type Path } from "../access/index.ts";
import type { GrantRow, MemberRow, ShareRow } from "../commands/record.ts";
import { grantOf, LIVE, shareOf, type Slice } from "./slice.ts";

/** A key's rows; rows of the same key in the order in which they came. */
function grouped<K, R, V>(
  rows: readonly R[],
  key: (row: R) => K,
  value: (row: R) => V,
): ReadonlyMap<K, readonly V[]> {
  const found = new Map<K, V[]>();
  for (const row of rows) {
    const list = found.get(key(row));
    if (list) list.push(value(row));
    else found.set(key(row), [value(row)]);
  }
  return found;
}

function once<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    if (!known.has(key)) known.set(key, make(key));
    return known.get(key) as V;
  };
}

/**
 * The facts of many users at once: their own are read in a few statements however many they are,
 * and what they share (a team's grants, the rules on a share) once. It sees one moment, and is of
 * no use after the next write.
 */
export class Crowd {
  readonly #facts: Facts;
  readonly #emails: ReadonlyMap<string, string>;
  readonly #slice: Slice;
  readonly paths: (user: string) => readonly Path[];

  constructor(slice: Slice, users: readonly string[]) {
    this.#slice = slice;
    const who = JSON.stringify(users);
    const members = slice
      .all<MemberRow>(`select * from members where user in (select value from json_each(?))`, who)
      .filter(({ org }) => slice.lineage(org).length > 0);
    const ids = JSON.stringify(members.map(({ id }) => id));
    const teams = grouped(
      slice.all<{ team: string; member: string }>(
        `select team, member from teamMembers where member in (select value from json_each(?))`,
        ids,
      ),
      ({ member }) => member,
      ({ team }) => team,
    );
    const own = grouped(
      slice.all<GrantRow>(
        `select * from grants where toKind = 'member' and toId in (select value from json_each(?)) and ${LIVE}`,
        ids,
      ),
      ({ toId }) => toId ?? "",
      grantOf,
    );
    const ofTeam = once((id: string) => slice.grantsTo({ kind: "team", id }, 0));
    const ofMembers = once((org: number) => slice.grantsTo({ kind: "members" }, org));
    const memberships = grouped(
      members,
      ({ user }) => user,
      (row) => row,
    );
    const shares = grouped(
      slice.all<ShareRow>(
        `select * from shares where toUser in (select value from json_each(?))`,
        who,
      ),
      ({ toUser }) => toUser ?? "",
      shareOf,
    );
    this.#facts = {
      lineage: (org) => slice.lineage(org),
      membershipsOf: (user) => memberships.get(user) ?? [],
      teamsOf: (member) => teams.get(member) ?? [],
      grantsTo: (to, org): readonly Grant[] =>
        to.kind === "member"
          ? (own.get(to.id) ?? [])
          : to.kind === "team"
            ? ofTeam(to.id)
            : ofMembers(org),
      sharesTo: (user) => shares.get(user) ?? [],
      sharesAskable: () => [],
      receipt: once((share: string) => slice.receipt(share)),
      rulesOn: once((share: string) => slice.rulesOn(share)),
      isFrozen: (share) => slice.isFrozen(share),
      ownerRoles: () => slice.ownerRoles(),
    };
    this.#emails = new Map(
      slice
        .all<{ user: string; email: string }>(
          `select user, email from people where tree = ? and user in (select value from json_each(?))`,
          slice.tree,
          who,
        )
        .map(({ user, email }) => [user, email]),
    );
    this.paths = once((user) => pathsOf(this.#facts, user));
  }

  secondHalves(user: string, shares: readonly string[], now: number) {
    return secondHalves(this.#facts, user, this.paths(user), shares, now);
  }

  emailOf(user: string): string {
    return this.#emails.get(user) ?? this.#slice.emailOf(user);
  }
}

import type { Event } from "../events.ts";
import { NOT_FOUND, refuse, type Refusal } from "../refusals.ts";
import { define } from "./change.ts";
import type { Stamp, TreeFacts } from "./facts.ts";
import { insert, remove, replace, type IssuerRow } from "./record.ts";
import { actorName, needAdmin, type Actor } from "./standing.ts";

const ISSUERS_MAX = 20;

interface IssuerFields {
  /** The door has seen that it leads out, and not back in. */
  jwksUrl: string;
  audience: string;
  claim: string;
  algorithms: readonly string[];
}

export interface CreateIssuer extends IssuerFields {
  org: number;
  issuer: string;
}

const eventOf = (name: Event["name"], { org, id, issuer }: IssuerRow): Event => ({
  name,
  org,
  data: { id, issuer },
});

const shown = (id: string) => ({ read: "issuer", id }) as const;

/** Trusts an issuer: its users are, inside the org and below it, whom its tokens name. */
export const createIssuer = define<CreateIssuer>({
  run(facts, actor, input, stamp) {
    const refused = needAdmin(facts, actor, input.org, stamp.at);
    if (refused) return refused;
    // One reach for each issuer and tree: then a token says who somebody is, and nothing of where.
    const known = facts.rows("issuers", { issuer: input.issuer }).some((row) => facts.org(row.org));
    if (known) return refuse("conflict", "This issuer is trusted in the tree already.", "/issuer");
    if (facts.count("issuers", { org: input.org }) >= ISSUERS_MAX)
      return refuse("limit", `An organisation trusts at most ${ISSUERS_MAX} issuers.`);
    const row: IssuerRow = {
      id: stamp.id("iss"),
      tree: stamp.tree,
      org: input.org,
      issuer: input.issuer,
      jwksUrl: input.jwksUrl,
      audience: input.audience,
      claim: input.claim,
      algorithms: JSON.stringify(input.algorithms),
      createdBy: actorName(actor),
      createdAt: stamp.at,
    };
    return {
      ok: true,
      org: input.org,
      rows: [insert("issuers", row)],
      events: [eventOf("issuer.created", row)],
      status: 201,
      shows: shown(row.id),
    };
  },
});

interface OfIssuer {
  org: number;
  issuer: string;
}

function managed(
  facts: TreeFacts,
  actor: Actor,
  { org, issuer }: OfIssuer,
  stamp: Stamp,
): IssuerRow | Refusal {
  const refused = needAdmin(facts, actor, org, stamp.at);
  if (refused) return refused;
  const row = facts.row("issuers", { id: issuer });
  return row?.org === org ? row : NOT_FOUND;
}

export type UpdateIssuer = OfIssuer & { [F in keyof IssuerFields]?: IssuerFields[F] | undefined };

export const updateIssuer = define<UpdateIssuer>({
  current: (input) => shown(input.issuer),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    const after: IssuerRow = {
      ...before,
      jwksUrl: input.jwksUrl ?? before.jwksUrl,
      audience: input.audience ?? before.audience,
      claim: input.claim ?? before.claim,
      algorithms: input.algorithms ? JSON.stringify(input.algorithms) : before.algorithms,
    };
    return {
      ok: true,
      org: input.org,
      rows: [replace("issuers", before, after)],
      events: [eventOf("issuer.changed", after)],
      status: 200,
      shows: shown(before.id),
    };
  },
});

/** From then on its tokens are none. */
export const removeIssuer = define<OfIssuer>({
  current: (input) => shown(input.issuer),
  run(facts, actor, input, stamp) {
    const before = managed(facts, actor, input, stamp);
    if ("ok" in before) return before;
    return {
      ok: true,
      org: input.org,
      rows: [remove("issuers", before)],
      events: [eventOf("issuer.removed", before)],
      status: 204,
      shows: null,
    };
  },
});

import { NOT_FOUND, refuse } from "../refusals.ts";
import { define } from "./change.ts";
import { insert, remove, type KeyRow } from "./record.ts";
import { actorName, needAdmin } from "./standing.ts";

const KEYS_MAX = 1_000;

export interface CreateKey {
  org: number;
  name: string;
  holds: readonly ("check" | "manage")[];
  /** SHA-256 of the secret; the secret itself never comes here. */
  hash: string;
}

/** Makes an API key of the org: it reaches the org and what is below. */
export const createKey = define<CreateKey>({
  run(facts, actor, input, stamp) {
    const refused = needAdmin(facts, actor, input.org, stamp.at);
    if (refused) return refused;
    if (facts.count("apiKeys") >= KEYS_MAX)
      return refuse("limit", `A tree holds at most ${KEYS_MAX} keys.`);
    const key: KeyRow = {
      id: stamp.id("key"),
      tree: stamp.tree,
      org: input.org,
      name: input.name,
      holds: [...new Set(input.holds)].toSorted().join(" "),
      hash: input.hash,
      createdBy: actorName(actor),
      createdAt: stamp.at,
    };
    return {
      ok: true,
      org: input.org,
      rows: [insert("apiKeys", key)],
      events: [{ name: "key.created", org: input.org, data: { key: key.id, name: key.name } }],
      status: 201,
      shows: { read: "key", id: key.id },
    };
  },
});

export const deleteKey = define<{ org: number; key: string }>({
  current: (input) => ({ read: "key", id: input.key }),
  run(facts, actor, input, stamp) {
    const refused = needAdmin(facts, actor, input.org, stamp.at);
    if (refused) return refused;
    const key = facts.key(input.key);
    if (key?.org !== input.org) return NOT_FOUND;
    return {
      ok: true,
      org: input.org,
      rows: [remove("apiKeys", key)],
      events: [{ name: "key.removed", org: input.org, data: { key: key.id, name: key.name } }],
      status: 204,
      shows: null,
    };
  },
});

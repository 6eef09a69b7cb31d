import { NOT_FOUND } from "../refusals.ts";
import { define } from "./change.ts";
import { replace } from "./record.ts";

/**
 * The tree follows a person who proved another address. Nobody asks for this but Latchkey itself,
 * and asked again it changes nothing.
 */
export const readdressPerson = define<{ user: string; email: string }>({
  run(facts, actor, { user, email }) {
    if (actor.kind !== "system") return NOT_FOUND;
    const person = facts.person(user);
    const roles = facts.rows("platformRoles", { user }).filter((row) => row.email !== email);
    const stale = person && person.email !== email ? [person] : [];
    const from = stale[0]?.email ?? roles[0]?.email;
    return {
      ok: true,
      org: facts.tree,
      rows: [
        ...stale.map((row) => replace("people", row, { email })),
        ...roles.map((row) => replace("platformRoles", row, { email })),
      ],
      events:
        from === undefined
          ? []
          : [{ name: "person.readdressed", org: facts.tree, data: { user, from, to: email } }],
      status: 200,
      shows: null,
    };
  },
});

import { beforeAll, describe, expect, inject, test } from "vitest";
import { accept, call, newOrg } from "../support/http.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The vectors of the AuthZEN interop scenario "Todo", by file; none where they are absent. */
    todo: Readonly<Record<string, unknown>>;
  }
}

interface Vector {
  readonly request: object;
  readonly expected: boolean | readonly { decision: boolean }[];
}

const { "users.json": users, ...files } = inject("todo");
const vectors = Object.entries(files).flatMap(([file, groups]) =>
  Object.entries(groups as Record<string, Vector[]>).flatMap(([group, list]) =>
    list.map((vector, index): [string, Vector] => [`${file} ${group} ${index}`, vector]),
  ),
);

const mine = (name: string) => ({
  name,
  condition: "resource.properties.ownerID == subject.email",
});

/** The scenario's policy: everyone reads, editors change their own, and so on. */
const ROLES = [
  { name: "viewer", actions: ["can_read_user", "can_read_todos"] },
  {
    name: "editor",
    actions: ["can_create_todo", mine("can_update_todo"), mine("can_delete_todo")],
  },
  { name: "admin", actions: ["can_create_todo", "can_delete_todo"] },
  { name: "evil_genius", actions: ["can_update_todo"] },
];

interface TodoUser {
  email: string;
  name: string;
  roles: readonly string[];
}

describe.skipIf(vectors.length === 0)("the AuthZEN Todo scenario", () => {
  let at: string;

  beforeAll(async () => {
    const org = await newOrg("Todo");
    at = `/orgs/${org.id}/access/v1`;
    const put = async (path: string, body: object) =>
      expect((await call("PUT", `${org.at}${path}`, body)).status).toBe(201);
    await put("/role-sets/todo", { ordered: false, roles: ROLES });
    await put("/types/todo", { roleSet: "todo", open: true, assertable: ["ownerID"] });
    await put("/types/user", { roleSet: "todo", open: true });
    await call("PATCH", org.at, { subjectTypes: ["user", "identity"] });
    for (const [externalId, { email, name, roles }] of Object.entries(
      users as Record<string, TodoUser>,
    )) {
      const scope = { all: true };
      const person = { name, email, externalId, role: "todo.viewer", scope };
      const made = await call("POST", `${org.at}/members`, person);
      expect(made.status).toBe(201);
      for (const role of roles.filter((one) => one !== "viewer")) {
        const grant = { role: `todo.${role}`, scope };
        const given = await call("POST", `${org.at}/members/${made.body.id}/grants`, grant);
        expect(given.status).toBe(201);
      }
      await accept(made.body.id, email);
    }
  });

  test.each(vectors)("%s", async (_, { request, expected }) => {
    const one = typeof expected === "boolean";
    const reply = await call("POST", `${at}/${one ? "evaluation" : "evaluations"}`, request);
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual(one ? { decision: expected } : { evaluations: expected });
  });
});

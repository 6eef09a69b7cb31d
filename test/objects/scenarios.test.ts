import { afterEach, expect, test, vi } from "vitest";
import type { Edit } from "../../src/commands/index.ts";
import type { AccessMapRpc, Credentials } from "../../src/commands/rpc.ts";
import { editOfItem } from "../../src/doors/api/edits.ts";
import { shown } from "../../src/doors/api/index.ts";
import { treeOfId } from "../../src/kit/ids.ts";
import { NOT_FOUND, type Refusal } from "../../src/refusals.ts";
import { allocateOrg, treeOfOrg, usersFor } from "../../src/store/outside.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import { play, type Transport } from "../scenarios/player.ts";
import { DB, objectOf } from "./record.ts";

const PLATFORM: Credentials = { kind: "platform", person: null };

async function credentialsOf(by: string | null): Promise<Credentials> {
  if (by === null) return PLATFORM;
  const id = (await usersFor(DB, [by], Date.now()))[by] ?? "";
  return { kind: "platform", person: { id, email: by } };
}

const object = (tree: number): AccessMapRpc => objectOf(tree);
const treeOf = async (org: number): Promise<number> => (await treeOfOrg(DB, org)) ?? 0;

/** The edit that the API's method and path stand for, and the tree whose object makes it. */
async function editFor(
  method: string,
  path: string,
  body: unknown,
): Promise<{ edit: Edit; tree: number } | Refusal> {
  if (path === "/v1/orgs") {
    const input = body as { name: string; parent?: number };
    const above = input.parent === undefined ? null : await treeOf(input.parent);
    const id = await allocateOrg(DB, above, null, Date.now());
    return { edit: { command: "org.create", input: { ...input, id } }, tree: above ?? id };
  }
  const [, access = "", answer] = /^\/v1\/me\/access\/([^/]+)\/(accept|decline)$/.exec(path) ?? [];
  if (answer === "accept" || answer === "decline")
    return {
      edit: { command: `access.${answer}`, input: { access } },
      tree: treeOfId(access) ?? 0,
    };
  const edit = editOfItem({ method, path, body });
  return "ok" in edit
    ? edit
    : { edit, tree: await treeOf(Number(/^\/v1\/orgs\/(\d+)/.exec(path)?.[1])) };
}

/** The object's own RPC, by stub. */
const overRpc: Transport = {
  async edit(method, path, body, by) {
    const found = await editFor(method, path, body);
    if ("ok" in found) return { status: found.status, body: found };
    const credentials = await credentialsOf(by);
    const performed = await object(found.tree).perform({
      credentials,
      edits: [found.edit],
      mode: "all",
    });
    const done = performed.ok ? (performed.value.results[0] ?? NOT_FOUND) : performed;
    return { status: done.status, body: done.ok ? shown(done) : done };
  },
  async members(org) {
    const tree = await treeOf(org);
    const input = { after: "", limit: 100 };
    const found = await object(tree).read({ credentials: PLATFORM, read: "members", org, input });
    const items = found.ok ? (found.value.items as readonly { email: string; id: string }[]) : [];
    return new Map(items.map((one) => [one.email, one.id]));
  },
  async decide(org, asked) {
    const questions = asked.map(({ email, action, type, id }) => ({
      subject: { type: "user", id: email },
      action,
      resource: { type, id },
    }));
    const found = await object(await treeOf(org)).evaluate({
      credentials: PLATFORM,
      org,
      questions,
    });
    expect(found).toMatchObject({ ok: true });
    return found.ok ? found.value.decisions : [];
  },
};

afterEach(() => vi.useRealTimers());

SCENARIOS.forEach((one, index) =>
  test(`[${one.rules.join(", ")}] ${one.name}`, () => play(one, overRpc, `rpc${index}`)),
);

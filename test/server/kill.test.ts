import { once } from "node:events";
import { afterAll, expect, test } from "vitest";
import { Running } from "./running.ts";

/** `npm start`, killed in the middle of its work: what it acknowledged is there, and nothing is half done. */

const EDITS = 200;
const AT_ONCE = 8;
const running = new Running();
const call = running.call.bind(running);
afterAll(() => running.end());

/** Each edit is a batch of two: a site and a member who may see it. Both are there, or neither is. */
const edit = (org: number, n: number) =>
  call(
    "POST",
    `/v1/orgs/${org}/batch`,
    {
      edits: [
        { method: "PUT", path: `/v1/orgs/${org}/resources/site/s${n}`, body: { tags: [`t${n}`] } },
        {
          method: "POST",
          path: `/v1/orgs/${org}/members`,
          body: {
            name: `M${n}`,
            email: `m${n}@acme.example`,
            role: "viewer",
            scope: { tags: [`t${n}`] },
          },
        },
      ],
    },
    `edit-${n}`,
  );

async function everything(path: string): Promise<{ id: string; email?: string }[]> {
  const items = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const { body } = await call(
      "GET",
      `${path}?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    items.push(...body.items);
    cursor = body.next_cursor;
  }
  return items;
}

/** What each edit left: sites and members, by the number of the edit. */
async function whatIsThere(org: number) {
  const sites = (await everything(`/v1/orgs/${org}/resources`)).map(({ id }) =>
    Number(id.slice(1)),
  );
  const members = (await everything(`/v1/orgs/${org}/members`)).map(({ email }) =>
    Number(/^m(\d+)@/.exec(email ?? "")?.[1]),
  );
  const changes = (await everything(`/v1/orgs/${org}/changes`)).map(({ id }) => Number(id));
  const ascending = (list: number[]) => list.toSorted((a, b) => a - b);
  return { sites: ascending(sites), members: ascending(members), changes: ascending(changes) };
}

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

test(`[R33, R34] killed in the middle of ${EDITS} edits, it keeps all that it acknowledged and nothing half`, async () => {
  const first = await running.start();
  const org: number = (await call("POST", "/v1/orgs", { name: "Acme" })).body.id;
  const acknowledged: number[] = [];
  let asked = 0;
  let killed = false;
  const work = async () => {
    while (asked < EDITS && !killed) {
      const n = asked++;
      const answer = await edit(org, n).catch(() => undefined);
      if (answer?.status === 200) acknowledged.push(n);
      if (acknowledged.length >= EDITS / 2 && !killed) {
        killed = true;
        void running.kill();
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (first.signalCode === null) await once(first, "exit");
  expect(acknowledged.length).toBeGreaterThanOrEqual(EDITS / 2);
  expect(acknowledged.length).toBeLessThan(EDITS);

  const second = await running.start();
  const kept = await whatIsThere(org);
  expect(kept.sites).toEqual(expect.arrayContaining(acknowledged));
  expect(kept.members).toEqual(kept.sites);
  expect(kept.changes).toEqual(upTo(kept.sites.length + 1)); // and the org's own

  // Asked again with the same keys, what was made is not made twice, and the rest is made.
  for (let n = 0; n < EDITS; n++) expect((await edit(org, n)).status, `edit ${n}`).toBe(200);
  const all = await whatIsThere(org);
  expect(all.sites).toEqual(upTo(EDITS).map((n) => n - 1));
  expect(all.members).toEqual(all.sites);
  expect(all.changes).toEqual(upTo(EDITS + 1));
  console.log(`acknowledged ${acknowledged.length}, kept ${kept.sites.length} of ${asked} asked`);

  const exited = once(second, "exit");
  second.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
  expect(await fetch(`${running.url}/healthz`).catch(() => "gone")).toBe("gone");
}, 120_000);

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { call, DB, evict, expectWhole, inside, revisionOf, type Answer } from "./record.ts";

/*
 * Faults between an object and the record [R33, R34]. The object's database is replaced by one that
 * misbehaves; whatever happens, an edit is there once or not at all, and both stores end alike.
 */

let tree = 0;
let edits = 0;
beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {}); // the faults are logged, as they should be
  const org = await call("POST", "/v1/orgs", { name: "Acme" });
  expect(org.status).toBe(201);
  tree = org.body.id;
  await put("before");
});
afterEach(() => void vi.restoreAllMocks());

const put = (id: string, key?: string): Promise<Answer> =>
  call(
    "PUT",
    `/v1/orgs/${tree}/resources/site/${id}`,
    { tags: ["North"] },
    key === undefined ? {} : { "idempotency-key": key },
  );

const there = async (id: string): Promise<boolean> =>
  (await call("GET", `/v1/orgs/${tree}/resources/site/${id}`)).status === 200;

const changesMade = async (work: () => Promise<unknown>): Promise<number> => {
  const before = await revisionOf(tree);
  await work();
  return (await revisionOf(tree)) - before;
};

type Batch = D1Database["batch"];

/** The real database, but for its batches. `prepare` passes through. */
const withBatch = (batch: (real: Batch) => Batch): D1Database => {
  const real = DB.batch.bind(DB);
  return { prepare: (sql: string) => DB.prepare(sql), batch: batch(real) } as unknown as D1Database;
};

const misbehave = (db: D1Database) => inside(tree, (object) => void (object.db = db));

/** The next batch misbehaves, those after it do not. */
const once = (fault: (real: Batch, ...batch: Parameters<Batch>) => Promise<unknown>) => {
  let done = false;
  return misbehave(
    withBatch(
      (real) =>
        ((...batch: Parameters<Batch>) => {
          if (done) return real(...batch);
          done = true;
          return fault(real, ...batch);
        }) as Batch,
    ),
  );
};

/** A database that answers nothing, not even reads. */
const unreachable = (): D1Database => {
  const fail = () => Promise.reject(new Error("D1 is not reachable"));
  const statement = { bind: () => statement, first: fail, all: fail, run: fail, raw: fail };
  return { prepare: () => statement, batch: fail } as unknown as D1Database;
};

test("an answer lost after the commit: the edit is acknowledged, and made once", async () => {
  await once(async (real, batch) => {
    await real(batch);
    throw new Error("answer lost");
  });
  let first: Answer | undefined;
  const made = await changesMade(async () => {
    first = await put("a", "key-a");
    const again = await put("a", "key-a");
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again).toEqual(first);
    await evict(tree);
    expect(await put("a", "key-a")).toEqual(first);
  });
  expect(made).toBe(1);
  await expectWhole(tree);
});

test("an answer lost after the commit, and no D1 to look: the same key finds it later", async () => {
  await once(async (real, batch) => {
    await real(batch);
    await inside(tree, (object) => void (object.db = unreachable()));
    throw new Error("answer lost");
  });
  const made = await changesMade(async () => {
    expect(await put("a", "key-a")).toMatchObject({ status: 503, body: { code: "unavailable" } });
    await misbehave(DB);
    expect(await put("a", "key-a")).toMatchObject({ status: 201 });
    expect(await put("a", "key-a")).toMatchObject({ status: 201 });
  });
  expect(made).toBe(1);
  await expectWhole(tree);
});

test("a batch that never ran: the edit is tried again, and made once", async () => {
  await once(() => Promise.reject(new Error("network lost")));
  const made = await changesMade(async () =>
    expect(await put("a", "key-a")).toMatchObject({ status: 201 }),
  );
  expect(made).toBe(1);
  expect(await there("a")).toBe(true);
  await expectWhole(tree);
});

test("a batch that never runs, however often: refused, and nothing is left", async () => {
  await misbehave(withBatch(() => () => Promise.reject(new Error("network lost"))));
  const made = await changesMade(async () =>
    expect(await put("a", "key-a")).toMatchObject({ status: 503, body: { code: "unavailable" } }),
  );
  expect(made).toBe(0);
  expect(await there("a")).toBe(false);
  await misbehave(DB);
  expect(await put("a", "key-a")).toMatchObject({ status: 201 });
  await expectWhole(tree);
});

test("a batch that lands after the fence fails, and leaves nothing", async () => {
  let land: (() => Promise<unknown>) | undefined;
  await once((real, batch) => {
    land = () => real(batch);
    return Promise.reject(new Error("timed out"));
  });
  const made = await changesMade(async () => {
    expect(await put("a")).toMatchObject({ status: 201 });
    const late = await land?.().then(
      () => "landed",
      () => "refused",
    );
    expect(late).toBe("refused");
  });
  expect(made).toBe(1);
  await expectWhole(tree);
});

test("a batch that lands while only the fence lies between, on the same revision, fails", async () => {
  let land: (() => Promise<unknown>) | undefined;
  // No later batch runs either, so only the epoch can refuse the late one.
  await misbehave(
    withBatch((real) => (batch: D1PreparedStatement[]) => {
      land ??= () => real(batch);
      return Promise.reject(new Error("timed out"));
    }),
  );
  const made = await changesMade(async () => {
    expect(await put("a")).toMatchObject({ status: 503 });
    const late = await land?.().then(
      () => "landed",
      () => "refused",
    );
    expect(late).toBe("refused");
  });
  expect(made).toBe(0);
  expect(await there("a")).toBe(false);
  await misbehave(DB);
  await expectWhole(tree);
});

/*
 * Aborting an object with a request in flight takes workerd down with it, so a death between commit
 * and apply is told by what it leaves: the commit in D1, the note in the slice, nothing in memory.
 */
test("an object that dies between commit and apply catches up when it wakes", async () => {
  await once(async (real, batch) => {
    await real(batch);
    await misbehave(unreachable());
    throw new Error("the object dies here");
  });
  const made = await changesMade(async () => {
    expect(await put("a", "key-a")).toMatchObject({ status: 503 });
    expect(await inside(tree, ({ replica }) => replica.slice.meta("note"))).toBeDefined();
    await evict(tree);
    expect(await there("a")).toBe(true);
    await expectWhole(tree);
    expect(await put("a", "key-a")).toMatchObject({ status: 201 });
  });
  expect(made).toBe(1);
  await expectWhole(tree);
});

test("an object that dies before its batch lands refuses the batch when it wakes", async () => {
  let land: (() => Promise<unknown>) | undefined;
  await once(async (real, batch) => {
    land = () => real(batch);
    await misbehave(unreachable());
    throw new Error("the object dies here");
  });
  const made = await changesMade(async () => {
    expect(await put("a", "key-a")).toMatchObject({ status: 503 });
    await evict(tree);
    expect(await there("a")).toBe(false);
    expect(
      await land?.().then(
        () => "landed",
        () => "refused",
      ),
    ).toBe("refused");
    expect(await put("a", "key-a")).toMatchObject({ status: 201 });
  });
  expect(made).toBe(1);
  await expectWhole(tree);
});

/** Another object of the tree commits behind the back of this one. */
async function commitBehindItsBack(id: string): Promise<void> {
  const now = await DB.prepare(`select revision, epoch from trees where tree = ?`)
    .bind(tree)
    .first<{
      revision: number;
      epoch: number;
    }>();
  if (!now) throw new Error("no tree");
  const { commit } = await import("../../src/store/record.ts");
  const row = {
    tree,
    key: 1_000_000 + edits++,
    org: tree,
    type: "site",
    id,
    name: id,
    tags: "[]",
    tagKeys: "[]",
    owner: null,
    properties: null,
    createdAt: 1,
  };
  await commit(DB, {
    tree,
    ...now,
    attempt: crypto.randomUUID(),
    org: tree,
    at: Date.now(),
    actor: "platform",
    what: "resource.put",
    reason: null,
    events: [],
    notices: [],
    rows: [{ table: "resources", before: null, after: row }],
    answer: null,
  });
}

test("a stale object fails at its guard, catches up, and then makes its edit", async () => {
  await commitBehindItsBack("elsewhere");
  expect(await there("elsewhere")).toBe(false); // it cannot know yet
  await expect(expectWhole(tree)).rejects.toThrow("resources of tree");
  const made = await changesMade(async () => expect(await put("a")).toMatchObject({ status: 201 }));
  expect(made).toBe(1);
  expect(await there("elsewhere")).toBe(true);
  await expectWhole(tree);
});

test("a fenced object fails at its guard, takes the new epoch, and then makes its edit", async () => {
  await DB.prepare(`update trees set epoch = epoch + 1 where tree = ?`).bind(tree).run();
  const made = await changesMade(async () => {
    expect(await put("a")).toMatchObject({ status: 201 });
    expect(await put("b")).toMatchObject({ status: 201 });
  });
  expect(made).toBe(2);
  await expectWhole(tree);
});

test("a stale object that is many changes behind catches up", async () => {
  for (let n = 0; n < 45; n++) await commitBehindItsBack(`elsewhere${n}`);
  expect(await put("a")).toMatchObject({ status: 201 });
  expect(await there("elsewhere44")).toBe(true);
  await expectWhole(tree);
});

/** D1 answers until a statement of this text was prepared `times` times, and then nothing. */
const reachableUntil = (text: string, times: number): D1Database => {
  let left = times;
  return {
    batch: DB.batch.bind(DB),
    prepare: (sql: string) => {
      if (sql.includes(text)) left -= 1;
      return left < 0 ? unreachable().prepare(sql) : DB.prepare(sql);
    },
  } as unknown as D1Database;
};

test("committed, but D1 fails when the object looks whether it was: the same key finds it", async () => {
  await once(async (real, batch) => {
    await real(batch);
    await misbehave(reachableUntil("from changeRows", 1));
    throw new Error("answer lost");
  });
  const made = await changesMade(async () => {
    expect((await put("a", "key-a")).status).toBe(503);
    await misbehave(DB);
    expect((await put("a", "key-a")).status).toBe(201);
  });
  expect(made).toBe(1);
  await expectWhole(tree);
});

test("a rebuild that loses D1 on its way leaves the old slice serving, and can be done again", async () => {
  const rebuild = () => call("POST", `/v1/orgs/${tree}/rebuild`);
  await misbehave(reachableUntil('from "resources"', 0));
  expect((await rebuild()).status).toBe(503);
  expect(await there("before")).toBe(true);
  await misbehave(DB);
  expect(await put("a")).toMatchObject({ status: 201 });
  expect((await rebuild()).status).toBe(200);
  await expectWhole(tree);
});

test("an object that caught up only in part does not serve the part", async () => {
  for (let n = 0; n < 45; n++) await commitBehindItsBack(`elsewhere${n}`);
  await misbehave(reachableUntil("from changeRows", 1));
  expect(await put("a")).toMatchObject({ status: 503 });
  expect(await call("GET", `/v1/orgs/${tree}/resources/site/elsewhere44`)).toMatchObject({
    status: 503,
  });
});

test("a repeated edit gets its first answer, though D1 failed before answers were loaded", async () => {
  const remove = () =>
    call("DELETE", `/v1/orgs/${tree}/resources/site/before`, undefined, {
      "idempotency-key": "key-remove",
    });
  await once(async (real, batch) => {
    await real(batch);
    await misbehave(reachableUntil("from idempotency", 0));
    throw new Error("answer lost");
  });
  expect((await remove()).status).toBe(503);
  await misbehave(DB);
  expect((await remove()).status).toBe(204);
});

test("a repeated edit is not made twice, though D1 failed at the end of a new slice", async () => {
  const partner = await call("POST", "/v1/orgs", { name: "Partner" });
  const offer = () =>
    call(
      "POST",
      `/v1/orgs/${tree}/shares`,
      { to: { org: partner.body.id }, role: "viewer", scope: { all: true } },
      { "idempotency-key": "key-offer" },
    );
  const first = await offer();
  expect(first.status).toBe(201);
  // The slice is lost, as it is when its form changes with a deployment.
  await inside(tree, (_, { storage }) => storage.deleteAll());
  await evict(tree);
  await misbehave(reachableUntil("from idempotency", 0));
  expect((await call("GET", `/v1/orgs/${tree}`)).status).toBe(503);
  await misbehave(DB);
  expect((await offer()).body.id).toBe(first.body.id); // it is a second share
});

test("a slice that was lost is read anew, with the answers", async () => {
  const first = await put("a", "key-a");
  await inside(tree, (_, { storage }) => storage.deleteAll());
  await evict(tree);
  expect(await put("a", "key-a")).toEqual(first);
  await expectWhole(tree);
});

test("without D1 to recover from nothing is served; with it again, everything is", async () => {
  await misbehave(unreachable());
  expect(await there("before")).toBe(true); // nothing is in doubt: no D1 is needed
  expect(await put("a")).toMatchObject({ status: 503, body: { code: "unavailable" } });
  expect(await call("GET", `/v1/orgs/${tree}/resources/site/before`)).toMatchObject({
    status: 503,
    body: { code: "unavailable" },
  });
  await misbehave(DB);
  expect(await there("before")).toBe(true);
  expect(await there("a")).toBe(false);
  expect(await put("a")).toMatchObject({ status: 201 });
  await expectWhole(tree);
});

test("a burst of edits with faults in every third batch: each is made once", async () => {
  let n = 0;
  await misbehave(
    withBatch(
      (real) =>
        (async (batch: D1PreparedStatement[]) => {
          const turn = n++ % 6;
          if (turn === 2) throw new Error("network lost");
          const answer = await real(batch);
          if (turn === 5) throw new Error("answer lost");
          return answer;
        }) as Batch,
    ),
  );
  const made = await changesMade(async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => put(`burst${index >> 1}`, `burst-${index >> 1}`)),
    );
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 201));
  });
  expect(made).toBe(20);
  await misbehave(DB);
  await expectWhole(tree);
});

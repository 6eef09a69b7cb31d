import { describe, expect, test } from "vitest";
import { flawIn, holdsIn, type Json, type Scene } from "../../src/conditions.ts";

const PROPERTIES: Json = {
  level: 4,
  half: 4.5,
  ownerID: "ann@people.example",
  status: "archived",
  list: [1, 2, 3],
  deep: { a: { b: null } },
  constructor: "c",
};

const SCENE: Scene = {
  subject: {
    type: "user",
    id: "ann-1",
    email: "ann@people.example",
    properties: { department: "Sales", regions: ["north", "south"] },
  },
  resource: {
    type: "site",
    id: "hq",
    name: "HQ",
    org: 7,
    tags: ["North"],
    owner: null,
    properties: PROPERTIES,
  },
  action: { name: "delete", properties: { soft: true } },
  context: { n: 3, ip: "10.0.0.1" },
};

const holds = (condition: string, scene: Scene = SCENE) => holdsIn(condition, scene);

describe("conditions", () => {
  test.each([
    "resource.properties.ownerID == subject.email",
    'subject.id == "ann-1" && subject.type == "user"',
    "action.properties.soft",
    'action.name == "delete"',
    "context.n == 3",
    '"North" in resource.tags',
    "resource.owner == null",
    "resource.org == 7",
    '"north" in subject.properties.regions',
    "has(resource.properties.level) && !has(resource.properties.missing)",
    "resource.properties.missing == 1 || true",
    "subject.properties.regions.exists(r, r.startsWith('n'))",
    "resource.properties.list.all(n, resource.properties.list.exists(m, m >= n))",
    "resource.properties.list.filter(n, n > 1).map(n, n * 2) == [4, 6]",
    'resource.properties["constructor"] == "c"',
    "resource.properties.deep.a.b == null",
    'timestamp("2026-01-01T00:00:00Z").getFullYear() == 2026',
  ])("holds: %s", (condition) => {
    expect(flawIn(condition)).toBeNull();
    expect(holds(condition)).toBe(true);
  });

  test.each([
    "resource.properties.level > 3",
    "resource.properties.half > 3",
    "resource.properties.half < 5",
    "resource.properties.level == 4.0",
    "resource.properties.level in [1, 4]",
    "resource.properties.half + 1 == 5.5",
    "1 + resource.properties.half == 5.5",
    "resource.properties.level * 0.5 == 2.0",
    "resource.properties.half / 2 < 3 && 10 - resource.properties.half > 5",
  ])("JSON has one kind of number: %s", (condition) => {
    expect(flawIn(condition)).toBeNull();
    expect(holds(condition)).toBe(true);
  });

  test.each([
    "resource.properties.missing == 1",
    "!(resource.properties.missing == 1)",
    "resource.properties.status > 3",
    "!(resource.properties.status > 3)",
    "resource.properties.status",
    "resource.properties.deep.a.b.c == 1",
    "resource.properties.level / 0 == 1",
    "resource.properties.list[9] == 1",
    "context.ip.size() == context.missing.size()",
    "resource.properties.toString == 1",
    "has(resource.properties.__proto__)",
    "timestamp(context.ip) < timestamp(context.ip)",
    "resource.properties.status != 'archived' || subject.properties.archivist == true",
  ])("what goes wrong is a no: %s", (condition) => {
    expect(flawIn(condition)).toBeNull();
    expect(holds(condition)).toBe(false);
  });

  test.each([
    ["", 1, 1],
    ["subject.id ==", 1, 14],
    ["subject.id == 'a' &&\n  resource.", 2, 12],
    ["user.id == subject.id", 1, 1],
    ["subject.emial == 'a'", 1, 9],
    ["subject.id > 3", 1, 1],
    ["subject.id", 1, 1],
    ["'yes'", 1, 1],
    ["subject.email.matches('a+')", 1, 1],
    ["cel.bind(a, [1], a == a)", 1, 1],
    ["subject.email.split('').size() > 3", 1, 1],
    ["nothing(subject.id)", 1, 1],
    ["context.a.all(x, x > 1) && context.b.all(x, x > 1) && context.c.all(x, x > 1)", 1, 55],
    ["context.a.all(x, context.b.all(y, context.c.all(z, x + y > z)))", 1, 35],
    [`${"(".repeat(30)}true${")".repeat(30)}`, 1, 21],
    [Array(150).fill("true").join("||"), 1, 1],
    [`subject.id == "${"x".repeat(1_000)}"`, 1, 1_001],
  ])("refuses %s", (condition, line, column) => {
    expect(flawIn(condition)).toMatchObject({ line, column, reason: expect.any(String) });
    expect(holds(condition)).toBe(false);
  });

  test("with more before it than may be walked, a condition does not hold", () => {
    const long = (n: number): Scene => ({ ...SCENE, context: { list: Array(n).fill(1) } });
    const once = "context.list.all(x, x == 1)";
    const twice = "context.list.all(x, context.list.exists(y, x == y))";
    expect([holds(once, long(1_900)), holds(once, long(2_001))]).toEqual([true, false]);
    expect([holds(twice, long(300)), holds(twice, long(401))]).toEqual([true, false]);
    expect(holds("size(context.list) == 9000", long(9_000))).toBe(true);
    const text = { ...SCENE, context: { text: "x".repeat(700_000) } };
    expect(holds("context.text != ''", text)).toBe(false);
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import { EDIT_ROUTES } from "../../src/doors/api/routes/index.ts";
import { BODY_MAX, IMPORT_MAX, LARGE_BODY_MAX } from "../../src/doors/body.ts";
import {
  accept,
  as,
  call,
  expectProblem,
  mailTo,
  newKey,
  newMember,
  newOrg,
  someone,
  withKey,
} from "../support/http.ts";

/** One route with everything that a good request to it needs. Paths name their parts as `:part`. */
interface Route {
  readonly method: string;
  readonly path: string;
  /** A body that is accepted; without one, the route reads none. */
  readonly body?: unknown;
  readonly max?: number;
  /** What a member who is no admin is told; all may read where nothing is said. */
  readonly member?: number;
  readonly type?: string;
  /** Is the form of the body its own affair (imports: a result per row)? */
  readonly rows?: true;
}

const terms = { role: "viewer", scope: { all: true } };

/** A good body for each edit. The check below holds this list against the table of routes. */
const BODIES: Readonly<Record<string, unknown>> = {
  "PATCH ": { name: "Renamed" },
  "DELETE ": { confirm: "No name of any" },
  "PUT /role-sets/:set": { roles: [{ name: "reader", actions: ["view"] }] },
  "DELETE /role-sets/:set": {},
  "PUT /types/:type": { roleSet: "standard" },
  "DELETE /types/:type": {},
  "PUT /resources/:type/:id": { name: "HQ" },
  "PATCH /resources/:type/:id": { name: "HQ" },
  "DELETE /resources/:type/:id": {},
  "POST /resources/:type/:id/copy": { to: ":org" },
  "POST /resources/:type/:id/elevate": {},
  "POST /recipients": { resources: [":type::id"], to: ["members"], role: "viewer" },
  "PATCH /resources/:type/:id/recipients/:grant": { role: "viewer" },
  "DELETE /resources/:type/:id/recipients/:grant": {},
  "DELETE /resources/:type/:id/links/:link": {},
  "POST /members": { name: "New", email: "new@people.example", ...terms },
  "PATCH /members/:member": { name: "Renamed" },
  "DELETE /members/:member": {},
  "POST /members/:member/resend": {},
  "POST /members/:member/grants": terms,
  "POST /teams": { name: "Another" },
  "PATCH /teams/:team": { name: "Renamed" },
  "DELETE /teams/:team": {},
  "PUT /teams/:team/members/:member": {},
  "DELETE /teams/:team/members/:member": {},
  "POST /teams/:team/grants": terms,
  "POST /grants": { to: "members", ...terms },
  "PATCH /grants/:grant": { role: "commenter" },
  "DELETE /grants/:grant": {},
  "POST /shares": { to: { email: "out@people.example", name: "Out" }, ...terms },
  "PATCH /shares/:share": { role: "commenter" },
  "POST /shares/:share/resend": {},
  "DELETE /shares/:share": {},
  "POST /freeze": { reason: "A leak" },
  "POST /thaw": {},
  "POST /received-shares/:share/accept": {},
  "POST /received-shares/:share/decline": {},
  "POST /received-shares/:share/rules": { to: "members", ...terms },
  "PATCH /received-shares/:share/rules/:rule": { role: "viewer" },
  "DELETE /received-shares/:share/rules/:rule": {},
  "POST /collaborations": { with: ":partner" },
  "POST /collaborations/:collaboration/accept": {},
  "DELETE /collaborations/:collaboration": {},
  "PUT /libraries/:library": { values: [{ value: "North" }] },
  "DELETE /libraries/:library": {},
  "POST /libraries/:library/copy": { to: ":org" },
  "DELETE /keys/:key": {},
  "DELETE /webhooks/:webhook": {},
  "DELETE /issuers/:issuer": {},
  "POST /received-shares/:share/confirm": {},
  "POST /reviews": { of: { team: ":team" } },
  "PUT /reviews/:review/items/:item": { decision: "keep" },
  "POST /reviews/:review/items/:item/ask": {},
  "POST /reviews/:review/close": {},
};

const ORG = "/v1/orgs/:org";
const read = (path: string, member = 200): Route => ({ method: "GET", path: ORG + path, member });

const evaluation = {
  subject: { type: "user", id: "someone@people.example" },
  action: { name: "view" },
  resource: { type: "site", id: "hq" },
};

const EDITS: readonly Route[] = EDIT_ROUTES.map(({ method, path, max }) => ({
  method,
  path,
  body: BODIES[`${method} ${path.slice(ORG.length)}`],
  max,
  member: 403,
}));

const READS: readonly Route[] = [
  read(""),
  read("/tree"),
  read("/tags", 403),
  read("/role-sets"),
  read("/role-sets/:set"),
  read("/types"),
  read("/types/:type"),
  read("/resources"),
  read("/resources/:type/:id"),
  read("/resources/:type/:id/recipients", 403),
  read("/resources/:type/:id/links", 403),
  read("/resources/:type/:id/links/:link", 403),
  read("/access", 403),
  read("/members/:member/access", 403),
  read("/resources/:type/:id/access", 403),
  read("/members", 403),
  read("/members/:member", 403),
  read("/teams", 403),
  read("/teams/:team", 403),
  read("/teams/:team/members", 403),
  read("/grants/:grant", 403),
  read("/shares", 403),
  read("/shares/:share", 403),
  read("/freezes", 403),
  read("/received-shares", 403),
  read("/received-shares/:share", 403),
  read("/received-shares/:share/resources", 403),
  read("/received-shares/:share/rules", 403),
  read("/received-shares/:share/rules/:rule", 403),
  read("/collaborations", 403),
  read("/collaborations/:collaboration", 403),
  read("/libraries"),
  read("/libraries/:library"),
  read("/keys", 403),
  read("/keys/:key", 403),
  read("/changes", 403),
  read("/changes/effective", 403),
  read("/mails", 403),
  read("/mails/:mail", 403),
  read("/issuers", 403),
  read("/reviews", 403),
  read("/reviews/:review", 403),
  read("/issuers/:issuer", 403),
  read("/webhooks", 403),
  read("/webhooks/events", 403),
  read("/webhooks/:webhook", 403),
  read("/webhooks/:webhook/deliveries", 403),
];

const IMPORTS: readonly Route[] = ["/resources/import", "/members/import"].map((path) => ({
  method: "POST",
  path: ORG + path,
  body: '{"type":"site","id":"imported","email":"imported@people.example"}\n',
  type: "application/x-ndjson",
  max: IMPORT_MAX,
  rows: true,
}));

const CHECKS: readonly Route[] = [
  "evaluation",
  "evaluations",
  "search/subject",
  "search/resource",
  "search/action",
].map((path) => ({
  method: "POST",
  path: `/orgs/:org/access/v1/${path}`,
  body: evaluation,
  max: LARGE_BODY_MAX,
  member: 403,
}));

const OTHERS: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/orgs",
    body: { name: "Below", parent: ":org" },
    max: BODY_MAX,
    member: 403,
  },
  {
    method: "POST",
    path: `${ORG}/batch`,
    body: { edits: [{ method: "PATCH", path: ORG, body: { name: "Renamed" } }] },
    max: LARGE_BODY_MAX,
    member: 403,
  },
  {
    method: "POST",
    path: `${ORG}/explain`,
    body: {
      subject: { id: "other@people.example" },
      action: "view",
      resource: { type: "site", id: "hq" },
    },
    max: BODY_MAX,
    member: 403,
  },
  {
    method: "POST",
    path: `${ORG}/preview`,
    body: { method: "PATCH", path: ORG, body: { name: "Renamed" } },
    max: LARGE_BODY_MAX,
    member: 403,
  },
  {
    method: "POST",
    path: `${ORG}/history`,
    body: { at: "2026-01-01T00:00:00Z", question: { resource: { type: "site", id: "hq" } } },
    max: BODY_MAX,
    member: 403,
  },
  { method: "POST", path: `${ORG}/rebuild`, member: 403 },
  { method: "POST", path: `${ORG}/mails/:mail/send`, body: {}, max: BODY_MAX, member: 403 },
  {
    method: "POST",
    path: `${ORG}/resources/:type/:id/links`,
    body: {},
    max: BODY_MAX,
    member: 403,
  },
  {
    method: "POST",
    path: `${ORG}/webhooks`,
    body: { url: "http://127.0.0.1:9/hook" },
    max: BODY_MAX,
    member: 403,
  },
  {
    method: "PATCH",
    path: `${ORG}/webhooks/:webhook`,
    body: { name: "Renamed" },
    max: BODY_MAX,
    member: 403,
  },
  {
    method: "POST",
    path: `${ORG}/issuers`,
    body: { issuer: "http://issuer.latchkey.test", audience: "latchkey" },
    max: BODY_MAX,
    member: 403,
  },
  {
    method: "PATCH",
    path: `${ORG}/issuers/:issuer`,
    body: { audience: "others" },
    max: BODY_MAX,
    member: 403,
  },
  ...["rotate", "test"].map((word) => ({
    method: "POST",
    path: `${ORG}/webhooks/:webhook/${word}`,
    body: {},
    max: BODY_MAX,
    member: 403,
  })),
  {
    method: "POST",
    path: `${ORG}/webhooks/:webhook/redeliver`,
    body: { since: "2026-01-01T00:00:00Z" },
    max: BODY_MAX,
    member: 403,
  },
  ...[":webhook/deliveries", "deliveries"].map((of) => ({
    method: "POST",
    path: `${ORG}/webhooks/${of}/:delivery/redeliver`,
    body: {},
    max: BODY_MAX,
    member: 403,
  })),
  {
    method: "POST",
    path: `${ORG}/keys`,
    body: { name: "key", holds: ["check"] },
    max: BODY_MAX,
    member: 403,
  },
];

const OF_ORG: readonly Route[] = [...EDITS, ...READS, ...IMPORTS, ...CHECKS, ...OTHERS];

const ME: readonly Route[] = [
  { method: "GET", path: "/v1/me/access" },
  { method: "POST", path: "/v1/me/access/:share/accept", body: {}, max: BODY_MAX },
  { method: "POST", path: "/v1/me/access/:share/decline", body: {}, max: BODY_MAX },
  { method: "DELETE", path: "/v1/me/access/:share", body: {}, max: BODY_MAX },
  { method: "POST", path: "/v1/links/:token/open", body: {}, max: BODY_MAX },
  { method: "GET", path: "/v1/me" },
  { method: "PATCH", path: "/v1/me", body: { language: "fr" }, max: BODY_MAX },
  { method: "GET", path: "/v1/me/sessions" },
  { method: "DELETE", path: "/v1/me/sessions", body: {}, max: BODY_MAX },
  { method: "DELETE", path: "/v1/me/sessions/:id", body: {}, max: BODY_MAX },
  { method: "POST", path: "/v1/me/email", body: { email: "moved@people.example" }, max: BODY_MAX },
  { method: "GET", path: "/v1/me/passkeys" },
  { method: "POST", path: "/v1/me/passkeys/options", body: {}, max: BODY_MAX },
  {
    method: "POST",
    path: "/v1/me/passkeys",
    body: { response: { id: "x", response: {} } },
    max: BODY_MAX,
  },
  { method: "DELETE", path: "/v1/me/passkeys/:id", body: {}, max: BODY_MAX },
];

const names = (route: Route) => `${route.method} ${route.path}`;
const taking = (routes: readonly Route[]) => routes.filter((route) => route.body !== undefined);
const named = (routes: readonly Route[]) => routes.map((route) => [names(route), route] as const);

/** Things that exist, by the names of the parts of a path, and who is outside and inside. */
let real: Record<string, string>;
let member: string;
let stranger: { email: string; token: string };
let ownKey: string;

beforeAll(async () => {
  const acme = await newOrg("Acme");
  const beta = await newOrg("Beta");
  await call("PUT", `${acme.at}/resources/site/hq`, { name: "HQ" });
  await call("PUT", `${beta.at}/resources/site/plant`, { name: "Plant" });
  const made = await newMember(acme.at);
  const to = { email: someone("out"), name: "Out" };
  const crew = { roles: [{ name: "reader", actions: ["view"] }] };
  expect((await call("PUT", `${acme.at}/role-sets/crew`, crew)).status).toBe(201);
  const share = await call("POST", `${acme.at}/shares`, { to, ...terms });
  const offer = { to: { org: acme.id }, role: "collaborator", scope: { all: true } };
  const received = await call("POST", `${beta.at}/shares`, offer);
  const at = `${acme.at}/received-shares/${received.body.id}`;
  expect((await call("POST", `${at}/accept`, {})).status).toBe(200);
  const rule = await call("POST", `${at}/rules`, { to: "members", ...terms });
  const team = await call("POST", `${acme.at}/teams`, { name: "Crew" });
  const review = await call("POST", `${acme.at}/reviews`, { of: "outside" });
  const partner = await newOrg("Partner");
  const wish = { with: acme.id };
  const collaboration = await call("POST", `${partner.at}/collaborations`, wish);
  await call("PUT", `${acme.at}/libraries/touchpoints`, { values: [] });
  const hook = { url: "http://127.0.0.1:9/hook" };
  const webhook = (await call("POST", `${acme.at}/webhooks`, hook)).body.id;
  const tried = await call("POST", `${acme.at}/webhooks/${webhook}/test`, {});
  const manage = await newKey(acme.at, "manage", "check");
  ownKey = manage.token;
  member = made.email;
  stranger = { email: beta.admin, token: (await newKey(beta.at, "manage", "check")).token };
  real = {
    org: String(acme.id),
    set: "crew",
    type: "site",
    id: "hq",
    member: made.id,
    team: team.body.id,
    grant: made.grant,
    share: share.body.id,
    received: received.body.id,
    rule: rule.body.id,
    partner: String(beta.id),
    collaboration: collaboration.body.id,
    library: "touchpoints",
    key: manage.id,
    mail: (await mailTo(made.email, "member.invited")).id,
    webhook,
    review: review.body.id,
    item: share.body.id,
    issuer: (
      await call("POST", `${acme.at}/issuers`, {
        issuer: "http://one.latchkey.test",
        audience: "x",
      })
    ).body.id,
    delivery: tried.body.deliveries[0],
    link: "lnk_1_1_0",
    token: `ln_${acme.id}_1_0_${"x".repeat(43)}`,
  };
});

/** What stands in for `:part`s; a received share is another one than one of our own. */
const fill = (text: string, parts: Record<string, string>): string =>
  text.replace(/:([a-z]+)\b/g, (whole, name: string) => {
    const received = name === "share" && text.includes("/received-shares/");
    return parts[received ? "received" : name] ?? whole;
  });

/** Sends the route's good request, but for what the test makes wrong. */
function ask(
  route: Route,
  wrong: { parts?: Record<string, string>; body?: unknown; sent?: Record<string, string | null> },
) {
  const parts = { ...real, ...wrong.parts };
  const good = route.body;
  const filled =
    good === undefined || typeof good === "string"
      ? good
      : JSON.parse(fill(JSON.stringify(good), parts), (name, value) =>
          ["parent", "with"].includes(name) || (name === "to" && /^\d+$/.test(value))
            ? Number(value)
            : value,
        );
  return call(route.method, fill(route.path, parts), "body" in wrong ? wrong.body : filled, {
    ...(route.type ? { "content-type": route.type } : {}),
    ...wrong.sent,
  });
}

test("every edit has a good body here", () => {
  const edits = EDIT_ROUTES.map(({ method, path }) => `${method} ${path.slice(ORG.length)}`);
  expect(Object.keys(BODIES).toSorted()).toEqual([...edits].toSorted());
});

describe("who asks", () => {
  test.each(named([...OF_ORG, ...ME]))("nobody is refused: %s", async (_, route) => {
    const reply = await ask(route, { sent: { authorization: null } });
    expectProblem(reply, 401, "unauthenticated");
    expect(reply.headers.get("www-authenticate")).toBe("Bearer");
  });

  test.each(named([...OF_ORG, ...ME]))("a key that is none is refused: %s", async (_, route) => {
    expectProblem(await ask(route, { sent: withKey("none") }), 401, "unauthenticated");
  });

  test.each(named(OF_ORG))("a key with a wrong secret is refused: %s", async (_, route) => {
    const wrong = ownKey.replace(/_[^_]{20,}$|.{20}$/, `_${"x".repeat(43)}`);
    expectProblem(await ask(route, { sent: withKey(wrong) }), 401, "unauthenticated");
  });

  test.each(named(OF_ORG.filter((route) => !route.rows)))(
    "to another tenant's key nothing exists: %s",
    async (_, route) => {
      expectProblem(await ask(route, { sent: withKey(stranger.token) }), 404, "not_found");
    },
  );

  test.each(named(OF_ORG.filter((route) => !route.rows && !CHECKS.includes(route))))(
    "to a stranger nothing exists: %s",
    async (_, route) => {
      expectProblem(await ask(route, { sent: as(stranger.email) }), 404, "not_found");
      expectProblem(await ask(route, { sent: as(stranger.email, ownKey) }), 404, "not_found");
    },
  );

  test.each(named(IMPORTS))("to other tenants nothing exists: %s", async (_, route) => {
    expectProblem(await ask(route, { sent: withKey(stranger.token) }), 404, "not_found");
    expectProblem(await ask(route, { sent: as(stranger.email) }), 404, "not_found");
  });

  test.each(named(OF_ORG.filter((route) => route.member === 403)))(
    "[R9] a member who is no admin is refused: %s",
    async (_, route) => {
      expectProblem(await ask(route, { sent: as(member, ownKey) }), 403, "forbidden");
    },
  );

  test.each(named(OF_ORG.filter((route) => route.member === 200)))(
    "every member may read: %s",
    async (_, route) => {
      expect((await ask(route, { sent: as(member, ownKey) })).status).toBe(200);
    },
  );

  test("[R9] a member's resources are refused by row, their members at once", async () => {
    const [resources, members] = IMPORTS;
    if (!resources || !members) throw new Error("no imports");
    const sent = as(member, ownKey);
    const reply = await ask(resources, { body: '{"type":"site","id":"row"}', sent });
    expect(reply.body.items).toMatchObject([{ row: 1, status: 403, code: "forbidden" }]);
    expectProblem(await ask(members, { sent }), 403, "forbidden");
  });

  test.each(named(ME))("what is the person's alone needs the person: %s", async (_, route) => {
    expectProblem(await ask(route, { sent: as(member, ownKey) }), 403, "forbidden");
    expectProblem(await ask(route, { sent: withKey(ownKey) }), 403, "forbidden");
    expectProblem(await ask(route, {}), 403, "forbidden");
  });
});

describe("what there is not", () => {
  const NOTHING = {
    set: "nothing",
    id: "nothing",
    member: "mem_0_0_0",
    team: "tem_0_0_0",
    grant: "grt_0_0_0",
    share: "shr_0_0_0",
    received: "shr_0_0_0",
    rule: "rul_0_0_0",
    collaboration: "col_0_0_0",
    library: "nothing",
    key: "key_0_0_0",
    link: "lnk_0_0_0",
    webhook: "whk_0_0_0",
    issuer: "iss_0_0_0",
    review: "rvw_0_0_0",
    item: "shr_0_0_0",
    delivery: "msg_0",
    mail: "mail_0",
    token: "ln_0_0_0_secret",
  };

  test.each(named(OF_ORG))("no such org: %s", async (_, route) => {
    expectProblem(await ask(route, { parts: { org: "999999" } }), 404, "not_found");
  });

  const naming = OF_ORG.filter(
    (route) => /:(?!org\b|type\b)[a-z]+/.test(route.path) && route.method !== "PUT",
  );
  test.each(named(naming))("no such thing: %s", async (_, route) => {
    expectProblem(await ask(route, { parts: NOTHING }), 404, "not_found");
  });

  test.each(named(ME.filter(({ path }) => path.includes(":"))))(
    "no such access: %s",
    async (_, route) => {
      expectProblem(await ask(route, { parts: NOTHING, sent: as(member) }), 404, "not_found");
    },
  );

  test("no such route", async () => {
    expectProblem(await call("GET", "/v1/nothing"), 404, "not_found");
    expectProblem(await call("PUT", `/v1/orgs/${real["org"]}/grants`, {}), 404, "not_found");
  });
});

describe("what is sent", () => {
  const forms = taking(OF_ORG).filter((route) => !route.rows);
  // Leaving reads no body of a share to an org; the others read it and drop it.
  const own = taking(ME);

  test.each(named([...forms, ...own]))("no JSON: %s", async (_, route) => {
    const sent = ME.includes(route) ? as(member) : {};
    expectProblem(await ask(route, { body: '{"name":', sent }), 400, "invalid");
  });

  test.each(named([...forms, ...own]))("not said to be JSON: %s", async (_, route) => {
    const sent = { ...(ME.includes(route) ? as(member) : {}), "content-type": "text/plain" };
    expectProblem(await ask(route, { body: "{}", sent }), 415, "invalid");
  });

  // AuthZEN has receivers ignore what they do not know.
  const strict = forms.filter((route) => !CHECKS.includes(route));
  const surplus = (route: Route) => ({ ...(route.body as object), surplus: true });

  test.each(named(strict))("a field that nobody knows: %s", async (_, route) => {
    expectProblem(await ask(route, { body: surplus(route) }), 400, "invalid");
  });

  test.each(named(own))("a field that nobody knows: %s", async (_, route) => {
    const reply = await ask(route, { body: surplus(route), sent: as(member) });
    expectProblem(reply, 400, "invalid");
  });

  test.each(named(CHECKS))("checks ignore a field that they do not know: %s", async (_, route) => {
    expect((await ask(route, { body: surplus(route) })).status).toBe(200);
  });

  test.each(named([...forms, ...own]))("too large a body: %s", async (_, route) => {
    const body = JSON.stringify({ surplus: "x".repeat(route.max ?? 0) });
    const sent = ME.includes(route) ? as(member) : {};
    expectProblem(await ask(route, { body, sent }), 413, "too_large");
  });

  test.each(named(IMPORTS))("rows of another kind: %s", async (_, route) => {
    const sent = { "content-type": "application/json" };
    expectProblem(await ask(route, { body: "[]", sent }), 415, "invalid");
  });

  test.each(named(READS.filter((route) => !route.path.includes("/resources/:type"))))(
    "a query that is none: %s",
    async (_, route) => {
      if (!/\/[a-z-]+$/.test(route.path)) return; // names one thing
      const path = fill(route.path, real);
      expectProblem(await call("GET", `${path}?limit=0`), 400, "invalid");
      expectProblem(await call("GET", `${path}?cursor=%25`), 400, "invalid");
    },
  );
});

test("[R8] a member who has not accepted is a stranger yet", async () => {
  const email = someone("pending");
  const at = `/v1/orgs/${real["org"]}`;
  const made = await call("POST", `${at}/members`, { name: "Late", email, ...terms });
  expectProblem(await call("GET", at, undefined, as(email)), 404, "not_found");
  await accept(made.body.id, email);
  expect((await call("GET", at, undefined, as(email))).status).toBe(200);
});

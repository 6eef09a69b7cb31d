// The demo world: an owner of sixty sites, two partner organisations and a few people, each with
// the access of one everyday case. It comes in through the public API only. Each write always has
// the same Idempotency-Key: a load that was cut short is repeated, within a day, and doubles nothing.

type Options = { url: string; rootKey: string; log: (line: string) => void };
type Scope = { all: true } | { tags: string[] } | { resources: string[] };
type Terms = { role: string; scope: Scope };
type Person = { name: string; email: string };
type Member = { who: Person; grants: [Terms, ...Terms[]]; pending?: true }; // nobody accepts for them
type Org = { name: string; admin: Person; members: Member[] };
type Share = { to: Person; terms: Terms; months?: number };
type OrgShare = { to: Org; terms: Terms; rule?: Terms }; // left pending without a rule

const all: Scope = { all: true };
const tagged = (tag: string): Scope => ({ tags: [tag] });
const only = (resource: string): Scope => ({ resources: [resource] });
const view = (scope: Scope): Terms => ({ role: "viewer", scope });
const work = (scope: Scope): Terms => ({ role: "collaborator", scope });

/** Helen Ward at northgate is helen.ward@northgate.example. */
function at(company: string, name: string): Person {
  return { name, email: `${name.toLowerCase().replace(" ", ".")}@${company}.example` };
}

const OWNER: Org = {
  name: "Northgate Estates",
  admin: at("northgate", "Helen Ward"),
  members: [
    // 1. A new colleague, on everything.
    { who: at("northgate", "Sarah Johnson"), grants: [work(all)] },
    // 5. A portfolio manager: one region to work on, one to watch, and the head office.
    {
      who: at("northgate", "Daniel Okafor"),
      grants: [work(tagged("North")), view(tagged("Centre")), work(only("site:hq"))],
    },
    // 6. Access that follows tags: a site tagged later is theirs at once.
    { who: at("northgate", "Rosa Duarte"), grants: [work(tagged("Division A"))] },
    { who: at("northgate", "Kenji Mori"), grants: [work(tagged("Division B"))] },
    // An invitation to accept.
    { who: at("northgate", "Lena Fischer"), grants: [view(tagged("Retail"))], pending: true },
  ],
};
const BRIGHTMETER: Org = {
  name: "Brightmeter Energy",
  admin: at("brightmeter", "Omar Haddad"),
  members: [
    { who: at("brightmeter", "Priya Nair"), grants: [view(all)] },
    { who: at("brightmeter", "Tom Becker"), grants: [view(all)] },
  ],
};
const SOUTHBANK: Org = {
  name: "Southbank Facilities",
  admin: at("southbank", "Grace Lindqvist"),
  members: [{ who: at("southbank", "Noah Clarke"), grants: [work(all)] }],
};
const ORGS = [OWNER, BRIGHTMETER, SOUTHBANK];

const SHARES: Share[] = [
  // 2. A facilities manager, on the one building that he runs.
  { to: at("foundryyard", "Mike Chen"), terms: work(only("site:building-7")) },
  // 4. A consultant, on the sites of a project, until it ends.
  { to: at("consulting", "Alex Rivera"), terms: work(tagged("Consultant-Project")), months: 3 },
];
const ORG_SHARES: OrgShare[] = [
  // 3. A partner organisation that lets all its people look.
  { to: BRIGHTMETER, terms: view(tagged("North")), rule: view(all) },
  // A share to accept.
  { to: SOUTHBANK, terms: work(tagged("South")) },
];

/** The tags that all sites of a city have; then its sites, each an id, which tells its kind, and a name. */
const PLACES = `
  Leeds, North, Division A: building-1 Wharf House, building-2 Aire Court, building-7 Foundry Yard, warehouse-1 Canal Gate, shop-1 Arcade
  York, North, Division A: building-3 Minster View, building-4 Station Rise, warehouse-2 Ouse Park, shop-2 Stonegate, shop-3 Walmgate
  Newcastle, North, Division B: building-5 Quayside, building-6 Grainger, warehouse-3 Tyne Dock, warehouse-4 Team Valley, shop-4 Haymarket
  Carlisle, North, Division B: building-8 Citadel Row, building-9 Eden House, warehouse-5 Kingmoor, warehouse-6 Border Park, shop-5 Lanes
  Nottingham, Centre, Division A: building-10 Lace Hall, building-11 Trent Point, warehouse-7 Colwick, shop-6 Hockley, lab-1 Beeston
  Leicester, Centre, Division A: building-12 Soar House, building-13 Abbey Court, warehouse-8 Meridian, shop-7 Highcross, shop-8 Market
  Birmingham, Centre, Division B: building-14 Colmore, building-15 Gas Basin, warehouse-9 Witton, warehouse-10 Tyseley, shop-9 Bullring
  Coventry, Centre, Division B: building-16 Spire Court, building-17 Friargate, warehouse-11 Ansty, shop-10 Broadgate, lab-2 Whitley
  London, South, Division A: hq Northgate House, building-18 Tanner Street, building-19 Rope Walk, warehouse-12 Silvertown, shop-11 Borough
  Brighton, South, Division A: building-20 Lanes End, building-21 Preston, warehouse-13 Shoreham, shop-12 Kemp Town, shop-13 Dyke Road
  Bristol, South, Division B: building-22 Temple Back, building-23 Wapping, warehouse-14 Avonmouth, warehouse-15 Portbury, shop-14 Clifton
  Southampton, South, Division B: building-24 Ocean Gate, building-25 Bargate, warehouse-16 Test Lane, shop-15 Above Bar, lab-3 Chilworth`;

/** Tags by what an id contains: kinds, and marks that cross cities and divisions. */
const TAGS: [tag: string, ids: RegExp][] = [
  ["Office", /^(hq|building)/],
  ["Warehouse", /^warehouse/],
  ["Retail", /^shop/],
  ["Laboratory", /^lab/],
  ["Consultant-Project", /^(building-(5|11|15|22)|warehouse-3|lab-2)$/],
  ["Solar", /^(hq|warehouse-(1|9|14|16))$/],
  ["Listed", /^(building-(6|10|19)|shop-2)$/],
];

const SITES = PLACES.trim().split("\n").flatMap(sitesOf);

function sitesOf(place: string) {
  const [common = "", sites = ""] = place.trim().split(": ");
  return sites.split(", ").map((site) => {
    const [id = "", ...words] = site.split(" ");
    const label = id.includes("-") ? `${id.charAt(0).toUpperCase()}${id.slice(1)}, ` : "";
    const own = TAGS.filter(([, ids]) => ids.test(id)).map(([tag]) => tag);
    const tags = [...common.split(", "), ...own];
    return { type: "site", id, name: label.replace("-", " ") + words.join(" "), tags };
  });
}

/** The last thing made: where there is a key of this name, all the rest is there too. */
const LAST = { name: "demo", holds: ["check"] };
const REPEATABLE_MS = 23 * 3_600_000; // the server remembers requests for 24 hours
const CUT_SHORT = "The demo was cut short too long ago to go on; a new STATE gets a whole one.";

/** What whoever starts the demo should know; `ids` are the organisations' numbers, in order. */
export function demoSummary(ids: readonly number[]): string[] {
  const offered = ORG_SHARES.filter(({ rule }) => !rule).map(({ to }) => to.admin);
  const invited = OWNER.members.filter(({ pending }) => pending).map(({ who }) => who);
  return [
    `The demo: ${ORGS.map(({ name }, n) => `${name} is organisation ${ids[n]}`).join(", ")}.`,
    `Not yet accepted by: ${[...offered, ...invited].map(({ email }) => email).join(", ")}.`,
    `For a key to check with: POST /v1/orgs/${ids[0]}/keys {"name":"…","holds":["check"]}`,
  ];
}

/** Loads the demo into a new, empty state, and leaves alone one that holds anything else. */
export async function loadDemo({ url, rootKey, log }: Options): Promise<void> {
  const { get, post } = client(url, rootKey);
  const first = () => get("/v1/orgs/1", null, NOTHING);

  const before = await first();
  if (before !== NOTHING) {
    if (before.name !== OWNER.name) return;
    const keys = await get("/v1/orgs/1/keys?limit=1000", null);
    if (keys.items.some(({ name }) => name === LAST.name)) return;
    if (Date.now() - Date.parse(before.createdAt) > REPEATABLE_MS) return log(CUT_SHORT);
  }

  const ids = new Map<Org, number>();
  for (const org of ORGS) {
    const { id } = await post("/v1/orgs", null, org.name, { name: org.name, admin: org.admin });
    ids.set(org, Number(id));
  }
  const made = await first(); // if it was deleted since, its creation is only remembered
  if (made.name !== OWNER.name) return log("No demo is loaded: this state is not a new one.");

  const path = (org: Org, rest: string) => `/v1/orgs/${ids.get(org)}${rest}`;
  for (const { admin } of ORGS) await accept(admin);
  const { items } = await post(path(OWNER, "/resources/import"), OWNER.admin, "sites", SITES);
  const refused = items.filter(({ status }) => Number(status) >= 300);
  if (refused.length > 0) throw new Error(`Sites were refused: ${JSON.stringify(refused)}`);
  for (const org of ORGS) for (const member of org.members) await invite(org, member);

  for (const { to, terms, months } of SHARES) {
    const end = months ? { expiresAt: monthsAfter(made.createdAt, months) } : {};
    await post(path(OWNER, "/shares"), OWNER.admin, to.name, { to, ...terms, ...end });
    await accept(to);
  }
  for (const { to, terms, rule } of ORG_SHARES) {
    const offer = { to: { org: ids.get(to) }, ...terms };
    const { id } = await post(path(OWNER, "/shares"), OWNER.admin, to.name, offer);
    if (!rule) continue;
    const received = path(to, `/received-shares/${id}`);
    await post(`${received}/accept`, to.admin, "yes", {});
    await post(`${received}/rules`, to.admin, "members", { to: "members", ...rule });
  }
  await post(path(OWNER, "/keys"), OWNER.admin, LAST.name, LAST);
  for (const line of demoSummary([...ids.values()])) log(line);

  async function invite(org: Org, { who, grants, pending }: Member): Promise<void> {
    const [role, ...more] = grants;
    const { id } = await post(path(org, "/members"), org.admin, who.name, { ...who, ...role });
    for (const [n, grant] of more.entries())
      await post(path(org, `/members/${id}/grants`), org.admin, `${n}`, grant);
    if (!pending) await accept(who);
  }

  /** A person's own yes to whatever waits for it. */
  async function accept(who: Person): Promise<void> {
    for (const { id, kind, status } of (await get("/v1/me/access", who)).items)
      if (status === "pending" && kind !== "org_share")
        await post(`/v1/me/access/${id}/accept`, who, "yes", {});
  }
}

/** Counted from a moment that a repeated load finds again: its requests must be the same. */
function monthsAfter(start: string, months: number): string {
  const date = new Date(start);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString();
}

type Item = { id: string; name: string; kind: string; status: string | number };
type Answer = { id: string | number; name: string; createdAt: string; items: Item[] };
const NOTHING: Answer = { id: "", name: "", createdAt: "", items: [] };

/** The API, asked with the platform's key: as the platform, or as a person. */
function client(url: string, rootKey: string) {
  async function call(path: string, as: Person | null, sent: RequestInit, missing?: Answer) {
    const headers = new Headers(sent.headers);
    headers.set("authorization", `Bearer ${rootKey}`);
    if (as) headers.set("on-behalf-of", as.email);
    const response = await fetch(url + path, { ...sent, headers });
    const text = await response.text();
    if (response.ok) return JSON.parse(text || "{}") as Answer;
    if (missing && response.status === 404) return missing;
    throw new Error(`${sent.method} ${path}: ${response.status} ${text}`);
  }
  const get = (path: string, as: Person | null, missing?: Answer) =>
    call(path, as, { method: "GET" }, missing);
  /** A list goes as NDJSON. `step` tells the writes of one path apart. */
  const post = (path: string, as: Person | null, step: string, body: object) => {
    const type = Array.isArray(body) ? "application/x-ndjson" : "application/json";
    const headers = { "content-type": type, "idempotency-key": `demo-${path}-${step}` };
    const rows = [body].flat().map((row) => JSON.stringify(row));
    return call(path, as, { method: "POST", headers, body: rows.join("\n") });
  };
  return { get, post };
}

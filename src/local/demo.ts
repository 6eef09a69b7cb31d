// The demo world: an owner of sixty sites, two partner organisations and a few people, each with
// the access of one everyday case. It comes in through the public API only, as anyone's data would.
// Every write carries the same Idempotency-Key each time, so a load that was cut short is repeated
// from the start, within a day, and doubles nothing.

type Scope = { all: true } | { tags: string[] } | { resources: string[] };
type Role = "viewer" | "commenter" | "collaborator" | "admin";
type Terms = { role: Role; scope: Scope; reason?: string };
type Person = { name: string; email: string };
/** Nobody accepts for someone who is `pending`. */
type Member = { person: Person; grants: [Terms, ...Terms[]]; pending?: true };
type Org = { name: string; description: string; admin: Person; members: Member[] };
type Share = { to: Person; terms: Terms; months?: number };
/** A share without a `rule` is left for the other side to accept. */
type OrgShare = { to: Org; terms: Terms; rule?: Terms };

const all: Scope = { all: true };
const tagged = (...tags: string[]): Scope => ({ tags });
const only = (...resources: string[]): Scope => ({ resources });
const may = (role: Role, scope: Scope, reason?: string): Terms =>
  reason === undefined ? { role, scope } : { role, scope, reason };

const at = (company: string, name: string): Person => ({
  name,
  email: `${name.toLowerCase().replace(" ", ".")}@${company}.example`,
});

const OWNER: Org = {
  name: "Northgate Estates",
  description: "Offices, warehouses and shops in twelve cities.",
  admin: at("northgate", "Helen Ward"),
  members: [
    // 1. A new colleague, on everything.
    { person: at("northgate", "Sarah Johnson"), grants: [may("collaborator", all)] },
    // 5. A portfolio manager: one region to work on, one to watch, and the head office.
    {
      person: at("northgate", "Daniel Okafor"),
      grants: [
        may("collaborator", tagged("North")),
        may("viewer", tagged("Centre")),
        may("collaborator", only("site:hq")),
      ],
    },
    // 6. Access that follows tags: a site tagged later is theirs at once.
    { person: at("northgate", "Rosa Duarte"), grants: [may("collaborator", tagged("Division A"))] },
    { person: at("northgate", "Kenji Mori"), grants: [may("collaborator", tagged("Division B"))] },
    // An invitation to accept.
    { person: at("northgate", "Lena Fischer"), grants: [may("viewer", all)], pending: true },
  ],
};

const BRIGHTMETER: Org = {
  name: "Brightmeter Energy",
  description: "Reads and analyses meters.",
  admin: at("brightmeter", "Omar Haddad"),
  members: [
    { person: at("brightmeter", "Priya Nair"), grants: [may("viewer", all)] },
    { person: at("brightmeter", "Tom Becker"), grants: [may("viewer", all)] },
  ],
};

const SOUTHBANK: Org = {
  name: "Southbank Facilities",
  description: "Looks after buildings for their owners.",
  admin: at("southbank", "Grace Lindqvist"),
  members: [{ person: at("southbank", "Noah Clarke"), grants: [may("collaborator", all)] }],
};

const ORGS = [OWNER, BRIGHTMETER, SOUTHBANK];

const MIKE = at("foundryyard", "Mike Chen");
const ALEX = at("consulting", "Alex Rivera");
const SHARES: Share[] = [
  // 2. A facilities manager, on the one building that he runs.
  { to: MIKE, terms: may("collaborator", only("site:building-7"), "Runs building 7") },
  // 4. A consultant, on the sites of a project, until it ends.
  { to: ALEX, terms: may("collaborator", tagged("Consultant-Project"), "Survey"), months: 3 },
];

const ORG_SHARES: OrgShare[] = [
  // 3. A partner organisation that lets all its people look.
  { to: BRIGHTMETER, terms: may("viewer", tagged("North"), "Meters"), rule: may("viewer", all) },
  // A share to accept.
  { to: SOUTHBANK, terms: may("collaborator", tagged("South"), "Maintenance contract") },
];

/** The tags that a city's sites have in common, then each site: its id, which tells its kind, and its name. */
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

const SITES = PLACES.trim()
  .split("\n")
  .flatMap((line) => {
    const [common = "", sites = ""] = line.split(": ");
    return sites.split(", ").map((site) => {
      const [id = "", ...words] = site.split(" ");
      const [kind = "", number] = id.split("-");
      const title = number ? `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${number}, ` : "";
      const own = TAGS.flatMap(([tag, ids]) => (ids.test(id) ? [tag] : []));
      const tags = [...common.trim().split(", "), ...own];
      return { type: "site", id, name: title + words.join(" "), tags };
    });
  });

/** The last thing made: where there is a key of this name, all the rest is there too. */
const LAST = { name: "demo", holds: ["check"] };
const REPEATABLE_MS = 23 * 3_600_000; // the server remembers requests for 24 hours

/** What whoever starts the demo should know; `ids` are the organisations' numbers, the owner's first. */
export function demoSummary(ids: readonly number[]): string[] {
  const offered = ORG_SHARES.flatMap(({ to, rule }) => (rule ? [] : [to.admin]));
  const invited = ORGS.flatMap(({ members }) =>
    members.flatMap(({ person, pending }) => (pending ? [person] : [])),
  );
  const emails = (people: Person[]) => people.map(({ email }) => email).join(", ");
  return [
    `The demo: ${ORGS.map(({ name }, at) => `${name} is organisation ${ids[at]}`).join(", ")}.`,
    `A share waits for ${emails(offered)}, an invitation for ${emails(invited)}.`,
    `For a key to check with: POST /v1/orgs/${ids[0]}/keys {"name":"…","holds":["check"]}`,
  ];
}

/** Loads the demo into a new, empty state, and leaves alone one that holds anything else. */
export async function loadDemo(o: {
  url: string;
  rootKey: string;
  log: (line: string) => void;
}): Promise<void> {
  const { find, list, write } = client(o.url, o.rootKey);
  const owner = () => find<{ name: string; createdAt: string }>("/v1/orgs/1");

  const before = await owner();
  if (before && before.name !== OWNER.name) return;
  if (before && (await list<{ name: string }>("/v1/orgs/1/keys")).some(isLast)) return;
  if (before && Date.now() - Date.parse(before.createdAt) > REPEATABLE_MS)
    return o.log(
      "The demo was cut short over a day ago and stays so: a new STATE gets a whole one.",
    );

  const ids = new Map<Org, number>();
  for (const org of ORGS) {
    const { name, description, admin } = org;
    const { id } = await write<{ id: number }>(null, "/v1/orgs", name, {
      name,
      description,
      admin,
    });
    ids.set(org, id);
  }
  const made = await owner(); // deleted by someone: then its creation is only remembered
  if (made?.name !== OWNER.name) return o.log("No demo is loaded: the state is not a new one.");

  const path = (org: Org, rest: string) => `/v1/orgs/${ids.get(org)}${rest}`;
  const byOwner = <T>(rest: string, step: string, body: object) =>
    write<T>(OWNER.admin, path(OWNER, rest), step, body);
  for (const { admin } of ORGS) await accept(admin);

  const { items } = await byOwner<{ items: Row[] }>("/resources/import", "sites", SITES);
  const refused = items.filter(({ status }) => status >= 300);
  if (refused.length > 0) throw new Error(`Sites were refused: ${JSON.stringify(refused)}`);

  for (const org of ORGS) for (const member of org.members) await invite(org, member);

  for (const { to, terms, months } of SHARES) {
    const end = months ? { expiresAt: monthsAfter(made.createdAt, months) } : {};
    await byOwner("/shares", to.email, { to, ...terms, ...end });
    await accept(to);
  }
  for (const { to, terms, rule } of ORG_SHARES) {
    const { id } = await byOwner<Made>("/shares", to.name, { to: { org: ids.get(to) }, ...terms });
    const received = path(to, `/received-shares/${id}`);
    if (!rule) continue;
    await write(to.admin, `${received}/accept`, "yes");
    await write(to.admin, `${received}/rules`, "members", { to: "members", ...rule });
  }
  await byOwner("/keys", LAST.name, LAST);
  for (const line of demoSummary(ORGS.map((org) => ids.get(org) ?? 0))) o.log(line);

  async function invite(org: Org, { person, grants, pending }: Member): Promise<void> {
    const [first, ...more] = grants;
    const invitation = { ...person, ...first };
    const { id } = await write<Made>(org.admin, path(org, "/members"), person.email, invitation);
    for (const [index, grant] of more.entries())
      await write(org.admin, path(org, `/members/${id}/grants`), String(index), grant);
    if (!pending) await accept(person);
  }

  /** A person's own yes to whatever waits for it. */
  async function accept(person: Person): Promise<void> {
    for (const { id, kind, status } of await list<OwnAccess>("/v1/me/access", person))
      if (status === "pending" && kind !== "org_share")
        await write(person, `/v1/me/access/${id}/accept`, "yes");
  }
}

type Row = { status: number };
type Made = { id: string };
type OwnAccess = { id: string; kind: string; status: string };

const isLast = (key: { name: string }): boolean => key.name === LAST.name;

/** Counted from a moment that a repeated load finds again, since its requests must be the same. */
function monthsAfter(start: string, months: number): string {
  const date = new Date(start);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString();
}

/** The API, asked with the platform's key: as the platform, or as a person. */
function client(url: string, rootKey: string) {
  async function call(as: Person | null, path: string, sent: RequestInit = {}) {
    const headers = new Headers(sent.headers);
    headers.set("authorization", `Bearer ${rootKey}`);
    if (as) headers.set("on-behalf-of", as.email);
    const response = await fetch(url + path, { ...sent, headers });
    return {
      status: response.status,
      text: await response.text(),
      what: `${sent.method ?? "GET"} ${path}`,
    };
  }
  return {};
}

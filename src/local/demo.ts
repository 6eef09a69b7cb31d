// The demo world: an owner of some sixty sites, two partner organisations and a few people, each with the access of one
// everyday case. It comes in through the public API only, as anyone's data would. Every write carries the same
// Idempotency-Key each time, so a load that was cut short is repeated from the start, within a day, and doubles nothing.

type Scope = { all: true } | { tags: string[] } | { resources: string[] }
type Terms = { role: 'viewer' | 'commenter' | 'collaborator' | 'admin'; scope: Scope; reason?: string }
type Person = { name: string; email: string }
/** Nobody accepts for someone who is `pending`. */
type Member = Person & { grants: [Terms, ...Terms[]]; pending?: true }
type Org = { name: string; description: string; admin: Person; members: Member[] }
type Share = Terms & { to: Person; months?: number }
type OrgShare = Terms & { to: Org; rule?: Terms }

const ALL: Scope = { all: true }
const tagged = (...tags: string[]): Scope => ({ tags })

const OWNER: Org = {
  name: 'Northgate Estates',
  description: 'Offices, warehouses and shops in twelve cities.',
  admin: { name: 'Helen Ward', email: 'helen.ward@northgate.example' },
  members: [
    // 1. A new colleague, on everything.
    { name: 'Sarah Johnson', email: 'sarah.johnson@northgate.example', grants: [{ role: 'collaborator', scope: ALL }] },
    // 5. A portfolio manager: one region to work on, one to watch, and the head office.
    {
      name: 'Daniel Okafor',
      email: 'daniel.okafor@northgate.example',
      grants: [
        { role: 'collaborator', scope: tagged('North') },
        { role: 'viewer', scope: tagged('Centre') },
        { role: 'collaborator', scope: { resources: ['site:hq'] } },
      ],
    },
    // 6. Access that follows tags: a site tagged later is theirs at once.
    { name: 'Rosa Duarte', email: 'rosa.duarte@northgate.example', grants: [{ role: 'collaborator', scope: tagged('Division A') }] },
    { name: 'Kenji Mori', email: 'kenji.mori@northgate.example', grants: [{ role: 'collaborator', scope: tagged('Division B') }] },
    { name: 'Lena Fischer', email: 'lena.fischer@northgate.example', grants: [{ role: 'commenter', scope: tagged('Retail') }], pending: true },
  ],
}

const BRIGHTMETER: Org = {
  name: 'Brightmeter Energy',
  description: 'Reads and analyses meters.',
  admin: { name: 'Omar Haddad', email: 'omar.haddad@brightmeter.example' },
  members: [
    { name: 'Priya Nair', email: 'priya.nair@brightmeter.example', grants: [{ role: 'viewer', scope: ALL }] },
    { name: 'Tom Becker', email: 'tom.becker@brightmeter.example', grants: [{ role: 'viewer', scope: ALL }] },
  ],
}

const SOUTHBANK: Org = {
  name: 'Southbank Facilities',
  description: 'Looks after buildings for their owners.',
  admin: { name: 'Grace Lindqvist', email: 'grace.lindqvist@southbank.example' },
  members: [{ name: 'Noah Clarke', email: 'noah.clarke@southbank.example', grants: [{ role: 'collaborator', scope: ALL }] }],
}

const ORGS = [OWNER, BRIGHTMETER, SOUTHBANK]

const MIKE: Person = { name: 'Mike Chen', email: 'mike.chen@foundryyard.example' }
const ALEX: Person = { name: 'Alex Rivera', email: 'alex.rivera@consulting.example' }

const SHARES: Share[] = [
  // 2. A facilities manager, on the one building that he runs.
  { to: MIKE, role: 'collaborator', scope: { resources: ['site:building-7'] }, reason: 'Runs building 7' },
  // 4. A consultant, on the sites of a project, until it ends.
  { to: ALEX, role: 'collaborator', scope: tagged('Consultant-Project'), months: 3, reason: 'Heating survey' },
]

const ORG_SHARES: OrgShare[] = [
  // 3. A partner organisation that lets all its people look.
  { to: BRIGHTMETER, role: 'viewer', scope: tagged('North'), reason: 'Meter readings', rule: { role: 'viewer', scope: ALL } },
  { to: SOUTHBANK, role: 'collaborator', scope: tagged('South'), reason: 'Maintenance contract' }, // left for its admin to accept
]

/** City, region, division and its sites: each an id, which begins with its building type, and a name. */
const PLACES: [city: string, region: string, division: string, sites: string][] = [
  ['Leeds', 'North', 'A', 'building-1 Wharf House, building-2 Aire Court, building-7 Foundry Yard, warehouse-1 Canal Gate, shop-1 Arcade'],
  ['York', 'North', 'A', 'building-3 Minster View, building-4 Station Rise, warehouse-2 Ouse Park, shop-2 Stonegate, shop-3 Walmgate'],
  ['Newcastle', 'North', 'B', 'building-5 Quayside, building-6 Grainger, warehouse-3 Tyne Dock, warehouse-4 Team Valley, shop-4 Haymarket'],
  ['Carlisle', 'North', 'B', 'building-8 Citadel Row, building-9 Eden House, warehouse-5 Kingmoor, warehouse-6 Border Park, shop-5 Lanes'],
  ['Nottingham', 'Centre', 'A', 'building-10 Lace Hall, building-11 Trent Point, warehouse-7 Colwick, shop-6 Hockley, lab-1 Beeston'],
  ['Leicester', 'Centre', 'A', 'building-12 Soar House, building-13 Abbey Court, warehouse-8 Meridian, shop-7 Highcross, shop-8 Market'],
  ['Birmingham', 'Centre', 'B', 'building-14 Colmore, building-15 Gas Basin, warehouse-9 Witton, warehouse-10 Tyseley, shop-9 Bullring'],
  ['Coventry', 'Centre', 'B', 'building-16 Spire Court, building-17 Friargate, warehouse-11 Ansty, shop-10 Broadgate, lab-2 Whitley'],
  ['London', 'South', 'A', 'hq Northgate House, building-18 Tanner Street, building-19 Rope Walk, warehouse-12 Silvertown, shop-11 Borough'],
  ['Brighton', 'South', 'A', 'building-20 Lanes End, building-21 Preston Circus, warehouse-13 Shoreham, shop-12 Kemp Town, shop-13 Dyke Road'],
  ['Bristol', 'South', 'B', 'building-22 Temple Back, building-23 Wapping, warehouse-14 Avonmouth, warehouse-15 Portbury, shop-14 Clifton'],
  ['Southampton', 'South', 'B', 'building-24 Ocean Gate, building-25 Bargate, warehouse-16 Test Lane, shop-15 Above Bar, lab-3 Chilworth'],
]

const KINDS: Record<string, string> = { hq: 'Office', building: 'Office', warehouse: 'Warehouse', shop: 'Retail', lab: 'Laboratory' }

/** Tags that cross cities and divisions. */
const MARKS: Record<string, string[]> = {
  'Consultant-Project': ['building-5', 'building-11', 'building-15', 'building-22', 'warehouse-3', 'lab-2'],
  Solar: ['hq', 'warehouse-1', 'warehouse-9', 'warehouse-14', 'warehouse-16'],
  Listed: ['building-6', 'building-10', 'building-19', 'shop-2'],
}

/** The last thing made: where there is a key of this name, all the rest is there too. */
const LAST = { name: 'demo', holds: ['check'] }
const REPEATABLE_MS = 23 * 3_600_000 // the server remembers keys of requests for 24 hours

const SITES = PLACES.flatMap(([city, region, division, sites]) =>
  sites.split(', ').map((site) => {
    const [id = '', ...words] = site.split(' ')
    const [type = '', number] = id.split('-')
    const name = number ? `${type[0]?.toUpperCase()}${type.slice(1)} ${number}, ${words.join(' ')}` : words.join(' ')
    const marks = Object.keys(MARKS).filter((mark) => MARKS[mark]?.includes(id))
    return { type: 'site', id, name, tags: [region, `Division ${division}`, city, KINDS[type] ?? type, ...marks] }
  }),
)

/** What there is to know of the demo, for whoever starts it; `ids` are the organisations' numbers, the owner's first. */
export function demoSummary(ids: readonly number[]): string[] {
  const waiting = ORG_SHARES.filter((share) => !share.rule).map(({ to }) => `a share for ${to.admin.email}`)
  const invited = ORGS.flatMap((org) => org.members.filter((member) => member.pending).map(({ email }) => `an invitation for ${email}`))
  return [
    `The demo is loaded: ${ORGS.map(({ name }, at) => `${name} is organisation ${ids[at]}`).join(', ')}.`,
    `${OWNER.name} has ${SITES.length} sites. Not yet accepted: ${[...waiting, ...invited].join(', ')}.`,
    `A key that may ask for decisions: POST /v1/orgs/${ids[0]}/keys {"name":"…","holds":["check"]}`,
  ]
}

/** Loads the demo into a new, empty state; leaves alone one that holds anything else. */
export async function loadDemo({ url, rootKey, log }: { url: string; rootKey: string; log: (line: string) => void }): Promise<void> {
  const { read, list, write } = client(url, rootKey)
  const owner = () => read<{ name: string; createdAt: string }>('/v1/orgs/1')

  const before = await owner()
  if (before && before.name !== OWNER.name) return
  if (before && (await list<{ name: string }>('/v1/orgs/1/keys')).some((key) => key.name === LAST.name)) return
  if (before && Date.now() - Date.parse(before.createdAt) > REPEATABLE_MS)
    return log('The demo was cut short more than a day ago and stays as it is. A new STATE gets a whole one.')

  const ids = new Map<Org, number>()
  for (const org of ORGS) {
    const { name, description, admin } = org
    ids.set(org, (await write<{ id: number }>(null, '/v1/orgs', name, { name, description, admin })).id)
  }
  // Someone may have deleted organisation 1: its creation is then only remembered.
  const made = await owner()
  if (made?.name !== OWNER.name) return log('The demo is not loaded: this state is not a new one.')

  for (const { admin } of ORGS) await acceptAll(admin)
  const at = (org: Org, path: string) => `/v1/orgs/${ids.get(org)}${path}`
  const { items } = await write<{ items: { status: number }[] }>(OWNER.admin, at(OWNER, '/resources/import'), 'sites', SITES)
  const refused = items.filter(({ status }) => status >= 300)
  if (refused.length > 0) throw new Error(`These sites were refused: ${JSON.stringify(refused)}`)
  for (const org of ORGS) for (const member of org.members) await invite(org, member)
  for (const { to, months, ...terms } of SHARES) {
    const expiresAt = months === undefined ? {} : { expiresAt: monthsAfter(made.createdAt, months) }
    await write(OWNER.admin, at(OWNER, '/shares'), to.email, { to, ...terms, ...expiresAt })
    await acceptAll(to)
  }
  for (const { to, rule, ...terms } of ORG_SHARES) {
    const share = await write<{ id: string }>(OWNER.admin, at(OWNER, '/shares'), to.name, { to: { org: ids.get(to) }, ...terms })
    if (!rule) continue
    await write(to.admin, at(to, `/received-shares/${share.id}/accept`), 'accept')
    await write(to.admin, at(to, `/received-shares/${share.id}/rules`), 'members', { to: 'members', ...rule })
  }
  await write(OWNER.admin, at(OWNER, '/keys'), LAST.name, LAST)
  for (const line of demoSummary(ORGS.map((org) => ids.get(org) ?? 0))) log(line)

  async function invite(org: Org, { name, email, grants, pending }: Member): Promise<void> {
    const [first, ...more] = grants
    const member = await write<{ id: string }>(org.admin, at(org, '/members'), email, { name, email, ...first })
    for (const [index, grant] of more.entries()) await write(org.admin, at(org, `/members/${member.id}/grants`), String(index), grant)
    if (!pending) await acceptAll({ name, email })
  }

  /** A person's own yes to whatever waits for it. */
  async function acceptAll(person: Person): Promise<void> {
    for (const { id, kind, status } of await list<{ id: string; kind: string; status: string }>('/v1/me/access', person))
      if (status === 'pending' && kind !== 'org_share') await write(person, `/v1/me/access/${id}/accept`, 'accept')
  }
}

/** From a moment that a repeated load finds again: a repeated request must have the same body. */
function monthsAfter(start: string, months: number): string {
  const date = new Date(start)
  date.setUTCMonth(date.getUTCMonth() + months)
  return date.toISOString()
}

type Write = { body: string | null; headers: Record<string, string> }

/** The API, asked with the platform's key, as itself or as a person. A list as body is sent as NDJSON. */
function client(url: string, rootKey: string) {
  async function call(path: string, as: Person | null, write?: Write, may404 = false): Promise<unknown> {
    const method = write ? 'POST' : 'GET'
    const acting: Record<string, string> = as ? { 'on-behalf-of': as.email } : {}
    const headers = { authorization: `Bearer ${rootKey}`, ...acting, ...write?.headers }
    const response = await fetch(`${url}${path}`, { method, headers, body: write?.body ?? null })
    const text = await response.text()
    if (may404 && response.status === 404) return undefined
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    /** Undefined when there is no such thing. */
    read: async <T>(path: string): Promise<T | undefined> => (await call(path, null, undefined, true)) as T | undefined,
    list: async <T>(path: string, as: Person | null = null): Promise<T[]> =>
      ((await call(`${path}?limit=1000`, as)) as { items: T[] }).items,
    /** `step` tells apart the writes of one path. */
    async write<T>(as: Person | null, path: string, step: string, body?: object): Promise<T> {
      const rows = Array.isArray(body)
      const type = rows ? 'application/x-ndjson' : 'application/json'
      const text = rows ? body.map((row) => `${JSON.stringify(row)}\n`).join('') : body ? JSON.stringify(body) : null
      const key = `demo-${path}-${step}`.replace(/[^\w@.]+/g, '-')
      return (await call(path, as, { body: text, headers: { 'idempotency-key': key, 'content-type': type } })) as T
    },
  }
}

import {
  firstHalf,
  joinHalves,
  parseRole,
  roleText,
  secondHalves,
  type Path,
  type Question,
} from "../access/index.ts";
import type {
  AccessMapRpc,
  ReachAnswer,
  ReachRequest,
  ReadAnswer,
  Uncovered,
  UsersAnswer,
} from "../commands/rpc.ts";
import { splitRef } from "../commands/terms.ts";
import { logFault } from "../kit/log.ts";
import { accept, malformed, NOT_FOUND, type Result } from "../refusals.ts";
import {
  partnerRow,
  pathsInto,
  peopleAround,
  personOf,
  reachedOf,
  reachedRows,
  rowOf,
  united,
  usersBy,
  usersOf,
  waysOn,
  type On,
} from "../store/access.ts";
import { orgNamed, Shown } from "../store/explain.ts";
import { isOpen } from "../store/queries/received.ts";
import type { Asking } from "../store/queries/page.ts";
import { candidateShares, candidateUsers } from "../store/search.ts";
import { shareOf, type Slice } from "../store/slice.ts";
import type { AccessRowMaterial, ReadInput, StepMaterial } from "../views/materials.ts";

/*
 * Lists of access: of a resource, of a member, of an org. A list is a walk in a fixed order, people
 * by id and resources by key, of which a page is a stretch: what has access throughout is listed
 * exactly once, whatever is edited meanwhile, and a list that an edit may have made miss something
 * says so.
 */

export interface Around {
  readonly asking: Asking;
  readonly revision: () => number;
  object(tree: number): AccessMapRpc;
  /** Does the reader administer this org? */
  readonly mayKnow: (org: number) => boolean;
}

/** Where a walk is: in which part, after whom and what, and by which revision of another tree. */
type Place = readonly [part: number, whom: string, what: string, revision: number];

interface Stop {
  readonly at: Place;
  readonly row: AccessRowMaterial | null;
}

type Walk = AsyncGenerator<Stop> | Generator<Stop>;
type Part = (whom: string, what: string, revision: number) => Walk;

/** So much is looked at for one page: it may be shorter than its limit, and the next goes on. */
const STOPS_A_PAGE = 2_000;
const CHUNK = 200;
const CALLS_A_PAGE = 50;

export async function accessPage(
  around: Around,
  read: "access" | "memberAccess" | "resourceAccess",
  input: ReadInput,
): Promise<Result<ReadAnswer>> {
  const { slice } = around.asking;
  const role = input.role && roleText(parseRole(input.role));
  const walk = new Access(around, { ...input, role });
  const parts =
    read === "access" ? walk.ofOrg() : read === "memberAccess" ? walk.ofMember() : await walk.on();
  if (!parts) return NOT_FOUND;
  const from = readPlace(input.after, parts.length);
  if (!from) return malformed("This cursor is none of ours.");
  const revision = around.revision();
  const [began, start] = from.begun ? [from.begun, from.place] : [revision, from.place];
  const items: AccessRowMaterial[] = [];
  let place: Place = start;
  let stops = 0;
  let next: Place | null = null;
  pages: for (let part = start[0]; part < parts.length; part++) {
    const [, whom, what, other] = part === start[0] ? start : ([part, "", "", 0] as const);
    for await (const { at, row } of parts[part]?.(whom, what, other) ?? []) {
      if (items.length === input.limit || stops === STOPS_A_PAGE || walk.calls > CALLS_A_PAGE) {
        next = place;
        break pages;
      }
      stops += 1;
      place = [part, at[1], at[2], at[3]];
      if (row) items.push(row);
    }
  }
  if (around.revision() !== began) walk.uncovered.add("changed");
  if (read !== "resourceAccess" && [...slice.book.types()].some((type) => type.open))
    walk.uncovered.add("unregistered");
  return accept({
    revision,
    items,
    next: next && JSON.stringify([began, ...next, ...walk.uncovered]),
    uncovered: [...new Set([...from.uncovered, ...walk.uncovered])],
  });
}

const UNCOVERED: readonly Uncovered[] = ["partners", "changed", "above", "unregistered"];

function readPlace(after: string, parts: number) {
  const nothing: readonly Uncovered[] = [];
  if (after === "") return { begun: 0, place: [0, "", "", 0] as Place, uncovered: nothing };
  try {
    const read = JSON.parse(after) as unknown;
    if (!Array.isArray(read)) return null;
    const [begun, part, whom, what, revision, ...said] = read as unknown[];
    if (![begun, part, revision].every(Number.isSafeInteger)) return null;
    if (typeof whom !== "string" || typeof what !== "string") return null;
    if (Number(part) < 0 || Number(part) >= parts) return null;
    const place: Place = [Number(part), whom, what, Number(revision)];
    const uncovered = UNCOVERED.filter((one) => said.includes(one));
    return { begun: Number(begun), place, uncovered };
  } catch {
    return null;
  }
}

class Access {
  readonly uncovered = new Set<Uncovered>();
  /** How many calls other trees were asked. */
  calls = 0;
  readonly #around: Around;
  readonly #input: ReadInput;

  constructor(around: Around, input: ReadInput) {
    this.#around = around;
    this.#input = input;
  }

  get #slice(): Slice {
    return this.#around.asking.slice;
  }

  /** The parts of the list of an org: its people, its partners, and what it received. */
  ofOrg(): readonly Part[] {
    const { org } = this.#around.asking;
    const { person } = this.#input;
    if (person === undefined)
      return [
        (user, key) =>
          this.#ownOf((after) => peopleAround(this.#slice, org, after, CHUNK), user, key),
        (share, key, revision) => this.#partners(share, key, revision),
        (at, key, revision) => this.#received(null, at, key, revision),
      ];
    const user = this.#slice.userOf(person, this.#slice.lineage(org));
    return user === undefined ? [] : this.#ofPerson(user);
  }

  ofMember(): readonly Part[] | null {
    const member = this.#slice.member(this.#input.member ?? "");
    return member?.org === this.#around.asking.org ? this.#ofPerson(member.user) : null;
  }

  #ofPerson(user: string): readonly Part[] {
    return [
      (after, key) => this.#ownOf((from) => (from < user ? [user] : []), after, key),
      (at, key, revision) => this.#received(user, at, key, revision),
    ];
  }

  /** The parts of the list of a resource: people, and partners; of one of a share's, our people. */
  async on(): Promise<readonly Part[] | null> {
    const { org } = this.#around.asking;
    const { share } = this.#input;
    const { type, id } = splitRef(this.#input.resource ?? "");
    if (share !== undefined) {
      const receipt = (await isOpen(this.#around.asking, share))
        ? this.#slice.receiptRow(share)
        : undefined;
      if (!receipt || receipt.org !== org) return null;
      const asked = { people: [], resource: { type, id } };
      if (!(await this.#call(receipt, asked, ""))) return null;
      return [(user) => this.#onReceived(receipt, { type, id }, user)];
    }
    const row = this.#slice.sought(type, id, org);
    if (!row || !this.#slice.lineage(row.org).includes(org)) return null;
    const name = this.#slice.resource(type, id)?.name ?? id;
    const on = { ...row, type, id, name };
    return [(user) => this.#people(on, user), (after) => this.#partnersOn(on, after)];
  }

  *#people(on: On & { name: string }, from: string): Generator<Stop> {
    const { now } = this.#around.asking;
    for (let after = from; ;) {
      const users = candidateUsers(this.#slice, on, null, now, { after, own: true, limit: CHUNK });
      for (const user of users)
        yield { at: [0, user, "", 0], row: this.#rowOf(on, user, this.#slice.paths(user)) };
      if (users.length < CHUNK) return;
      after = users.at(-1) ?? "";
    }
  }

  #rowOf(on: On & { name?: string }, user: string, paths: readonly Path[]) {
    const { now } = this.#around.asking;
    return rowOf(this.#slice, on, user, paths, this.#input, now, this.#around.mayKnow);
  }

  async *#partnersOn(on: On & { name: string }, after: string): AsyncGenerator<Stop> {
    const { now } = this.#around.asking;
    const shares = candidateShares(this.#slice, on, now).filter(({ id }) => id > after);
    const halves = shares.flatMap((row) => this.#halfOf(row.id) ?? []);
    const users = await this.#usersBy(halves.map(({ half }) => half.share));
    for (const { half, toOrg } of halves) {
      const of = users.get(half.share);
      const row = of ? this.#partnerRow(on, half, toOrg, of) : null;
      yield { at: [0, half.share, "", 0], row };
    }
  }

  #partnerRow(
    on: On & { name?: string },
    half: NonNullable<ReturnType<typeof firstHalf>>,
    toOrg: number,
    of: UsersAnswer,
  ) {
    const { now } = this.#around.asking;
    return partnerRow(this.#slice, on, half, toOrg, of, this.#input, now, this.#around.mayKnow);
  }

  /** The half that a share to an org is; what was given above is not for admins further down to know. */
  #halfOf(id: string) {
    const row = this.#slice.share(id);
    const half = row && row.toOrg !== null ? firstHalf(this.#slice, shareOf(row)) : null;
    if (!row || !half) return null;
    if (this.#around.mayKnow(row.org)) return { half, toOrg: row.toOrg ?? 0 };
    this.uncovered.add("above");
    return null;
  }

  /** How many people use shares, by what rules: as their receivers say, each asked once. */
  async #usersBy(shares: readonly string[]): Promise<ReadonlyMap<string, UsersAnswer>> {
    const { now } = this.#around.asking;
    const trees = new Map<number, string[]>();
    for (const share of shares) {
      const tree = this.#slice.share(share)?.toTree ?? this.#slice.tree;
      trees.set(tree, [...(trees.get(tree) ?? []), share]);
    }
    const found = await Promise.all(
      [...trees].map(([tree, mine]) =>
        this.#around
          .object(tree)
          .usersBy(mine, now)
          .catch((error: unknown): Record<string, UsersAnswer> => {
            logFault("receiver", error);
            this.uncovered.add("partners");
            return {};
          }),
      ),
    );
    return new Map(found.flatMap((answers) => Object.entries(answers)));
  }

  /** What people reach of the org's own and below: person by person, by key. */
  *#ownOf(
    people: (after: string) => readonly string[],
    whom: string,
    what: string,
  ): Generator<Stop> {
    const { asking } = this.#around;
    const { org, now } = asking;
    const ways = (user: string) => pathsInto(this.#slice, user, org, this.#input, now);
    // Who the page before stopped at may reach more.
    if (what !== "") yield* this.#ownRows(whom, ways(whom), what);
    for (let after = whom; ;) {
      const users = people(after);
      for (const user of users) {
        const paths = ways(user);
        if (paths.length > 0) yield* this.#ownRows(user, paths, "");
        yield { at: [0, user, "", 0], row: null };
      }
      if (users.length < CHUNK) return;
      after = users.at(-1) ?? "";
    }
  }

  *#ownRows(user: string, paths: readonly Path[], from: string): Generator<Stop> {
    const { org, now } = this.#around.asking;
    const { type, tag } = this.#input;
    for (let after = from; ;) {
      const input = { type, tag, after, limit: CHUNK };
      const rows = reachedRows(this.#slice, org, user, paths, input, now);
      for (const row of rows.slice(0, CHUNK)) {
        after = String(row.key);
        yield { at: [0, user, after, 0], row: this.#rowOf(row, user, paths) };
      }
      if (rows.length <= CHUNK) return;
    }
  }

  /** What the people of partners reach of the org's own and below: share by share, by key. */
  async *#partners(whom: string, what: string, revision: number): AsyncGenerator<Stop> {
    const { source, type, tag } = this.#input;
    if (source !== undefined && source !== "org_share") return;
    const { org, now } = this.#around.asking;
    const orgs = new Set([
      ...this.#slice.lineage(org),
      ...this.#slice.subtree(org).map(({ id }) => id),
    ]);
    const shares = this.#slice.all<{ id: string }>(
      `select id from shares where toOrg is not null and status <> 'removed'
       and org in (select value from json_each(?)) and id >= ? order by id`,
      JSON.stringify([...orgs]),
      whom,
    );
    for (const { id } of shares) {
      if (id === whom && what === "") continue;
      const found = this.#halfOf(id);
      if (!found) continue;
      const { half, toOrg } = found;
      this.calls += 1;
      const of = (await this.#usersBy([id])).get(id);
      if (!of || of.groups.length === 0) continue;
      const other = of.revision;
      if (id === whom && other !== revision) this.uncovered.add("changed");
      for (let after = id === whom ? what : ""; ;) {
        const input = { type, tag, after, limit: CHUNK };
        const rows = reachedRows(this.#slice, org, "", [half], input, now);
        for (const row of rows.slice(0, CHUNK)) {
          after = String(row.key);
          yield { at: [0, id, after, other], row: this.#partnerRow(row, half, toOrg, of) };
        }
        if (rows.length <= CHUNK) break;
      }
      yield { at: [0, id, "", 0], row: null };
    }
  }

  /** What people reach of what others shared with the org and those below: share by share. */
  async *#received(
    only: string | null,
    at: string,
    what: string,
    revision: number,
  ): AsyncGenerator<Stop> {
    const { source } = this.#input;
    if (source !== undefined && source !== "received") return;
    const { org } = this.#around.asking;
    const [from = "", whom = ""] = at.split(" ");
    const receipts = this.#slice.all<Receipt>(
      `select share, org, ownerTree from receipts where status = 'accepted'
       and org in (select value from json_each(?)) and share >= ? order by share`,
      JSON.stringify(this.#slice.subtree(org).map(({ id }) => id)),
      from,
    );
    for (const receipt of receipts) {
      const here = receipt.share === from;
      for (const { user, seconds } of this.#usersOf(receipt.share, only)) {
        if (here && (user < whom || (user === whom && what === ""))) continue;
        const place = `${receipt.share} ${user}`;
        const going = here && user === whom;
        yield* this.#throughShare(
          receipt,
          { user, seconds },
          going ? what : "",
          going ? revision : 0,
        );
        yield { at: [0, place, "", 0], row: null };
      }
    }
  }

  #usersOf(share: string, only: string | null): ReachRequest["people"] {
    const { now } = this.#around.asking;
    if (only === null) return usersOf(this.#slice, share, now);
    const seconds = secondHalves(this.#slice, only, this.#slice.paths(only), [share], now);
    return seconds.length === 0 ? [] : [{ user: only, seconds }];
  }

  async *#throughShare(
    receipt: Receipt,
    one: ReachRequest["people"][number],
    from: string,
    revision: number,
  ): AsyncGenerator<Stop> {
    let other = revision;
    for (let after = from; ;) {
      const found = await this.#ask(receipt, { people: [one], resource: null }, after);
      if (!found) return;
      if (other !== 0 && other !== found.revision) this.uncovered.add("changed");
      other = found.revision;
      for (const row of found.rows)
        yield {
          at: [0, `${receipt.share} ${one.user}`, String(row.resource.key), other],
          row: this.#receivedRow(receipt, found, row, one.seconds),
        };
      if (found.next === null) return;
      after = String(found.next);
    }
  }

  async *#onReceived(
    receipt: Receipt,
    resource: { type: string; id: string },
    from: string,
  ): AsyncGenerator<Stop> {
    const all = usersOf(this.#slice, receipt.share, this.#around.asking.now);
    const users = all.filter(({ user }) => user > from);
    for (let n = 0; n < users.length; n += CHUNK) {
      const people = users.slice(n, n + CHUNK);
      const found = await this.#ask(receipt, { people, resource }, "");
      const rows = new Map(found?.rows.map((row) => [row.user, row]));
      for (const { user, seconds } of people) {
        const row = found && rows.get(user);
        yield {
          at: [0, user, "", 0],
          row: row ? this.#receivedRow(receipt, found, row, seconds) : null,
        };
      }
    }
  }

  #call(
    { share, org, ownerTree }: Receipt,
    asked: Pick<ReachRequest, "people" | "resource">,
    after: string,
  ): Promise<ReachAnswer | null> {
    const { type, tag, role } = this.#input;
    const { now } = this.#around.asking;
    const input = { type, tag, role, after, limit: CHUNK };
    this.calls += 1;
    return this.#around.object(ownerTree).reachedBy({ share, org, ...asked, input, now });
  }

  #ask(
    receipt: Receipt,
    asked: Pick<ReachRequest, "people" | "resource">,
    after: string,
  ): Promise<ReachAnswer | null> {
    return this.#call(receipt, asked, after).catch((error: unknown) => {
      logFault("owner", error);
      this.uncovered.add("partners");
      return null;
    });
  }

  /** A row of one of our people on a resource of a partner, by the rules that let them use its share. */
  #receivedRow(
    { share, org }: Receipt,
    { step }: ReachAnswer,
    { user, resource: reached, all, ways }: ReachAnswer["rows"][number],
    seconds: ReachRequest["people"][number]["seconds"],
  ): AccessRowMaterial | null {
    const { source } = this.#input;
    if (source !== undefined && source !== "received") return null;
    const { now } = this.#around.asking;
    const slice = this.#slice;
    const shown = new Shown(slice, { user, now } as Question, this.#around.mayKnow);
    const { key: _, ...resource } = reached;
    const us = slice.org(org)?.name ?? "";
    const first: StepMaterial = { ...step, to: { kind: "org", id: String(org), name: us } };
    const sources = ways.map(({ rule, ...way }) => {
      const steps = seconds.map((second) => second.step).filter(({ from }) => from.id === rule);
      const second = shown.steps({ org, steps, admin: false, owned: null });
      return { source: "received", ...way, steps: [first, ...second] } as const;
    });
    return {
      person: personOf(slice, user, org),
      partner: null,
      resource,
      share,
      ...all,
      sources,
    };
  }
}

type Receipt = { share: string; org: number; ownerTree: number };

/** The owner's part of a list of access: what people of a receiver reach through a share. */
export function reachedThrough(
  slice: Slice,
  revision: number,
  { share: id, org, people, resource, input, now }: ReachRequest,
): ReachAnswer | null {
  const share = slice.share(id);
  const half = share?.toOrg === org ? firstHalf(slice, shareOf(share)) : null;
  if (!share || !half) return null;
  // Why it was given, and by whom, is the owner's own.
  const [step] = new Shown(slice, { user: "", now } as Question, () => true).steps(half);
  if (!step) return null;
  const rowOn = (row: On, { user, seconds }: ReachRequest["people"][number]) => {
    const paths = seconds.map((second) => joinHalves(half, second));
    const ways = waysOn(slice, row, user, paths, now)
      .filter((way) => input.role === undefined || way.role === input.role)
      .map(({ path, ...way }) => ({ ...way, rule: path.steps[1]?.from.id ?? "" }));
    if (ways.length === 0) return [];
    // Where below the share's org it lies is the owner's own, too.
    const reached = { ...reachedOf(slice, row), org: orgNamed(slice, share.org) };
    return { user, resource: reached, all: united(slice, row.type, ways), ways };
  };
  const answer = { revision, step: { ...step, by: null, reason: null } };
  if (resource) {
    const facts = slice.sought(resource.type, resource.id, share.org);
    const name = slice.resource(resource.type, resource.id)?.name ?? resource.id;
    const row = facts && { ...facts, ...resource, name };
    if (!row || waysOn(slice, row, "", [half], now).length === 0) return null;
    return { ...answer, rows: people.flatMap((one) => rowOn(row, one)), next: null };
  }
  const [one] = people;
  if (!one) return { ...answer, rows: [], next: null };
  const paths = one.seconds.map((second) => joinHalves(half, second));
  const rows = reachedRows(slice, share.org, one.user, paths, input, now);
  const shown = rows.slice(0, input.limit);
  return {
    ...answer,
    rows: shown.flatMap((row) => rowOn(row, one)),
    next: rows.length > input.limit ? (shown.at(-1)?.key ?? null) : null,
  };
}

/** The receiver's part: how many of its people use shares. */
export const usersHere = (
  slice: Slice,
  revision: number,
  shares: readonly string[],
  now: number,
): Record<string, UsersAnswer> =>
  Object.fromEntries(
    shares.flatMap((share) => {
      const org = slice.org(slice.receiptRow(share)?.org ?? -1);
      return org ? [[share, { revision, name: org.name, groups: usersBy(slice, share, now) }]] : [];
    }),
  );

import type {
  Facts,
  Grant,
  Instant,
  Member,
  OrgId,
  RoleName,
  Rule,
  Scope,
  Share,
  Terms,
  UserId,
} from "./facts.ts";
import { isAdminRole } from "./roles.ts";

/** One link of a path: what it lets through, until when, and which fact it stands for. */
export interface Step {
  readonly role: RoleName;
  readonly scope: Scope;
  /** The step ends at this instant: from then on it lets nothing through [R21]. */
  readonly expiresAt: Instant | null;
  readonly from: { readonly kind: "grant" | "share" | "rule" | "owner"; readonly id: string };
  /** Why the fact does not count, though it is there; only near paths have such steps. */
  readonly lacks?: readonly Lack[];
}

/**
 * What keeps a fact from counting: an invitation or a share that nobody accepted yet [R8, R16], one
 * that was declined or removed [R12], is suspended, or whose collaboration ended [R31]; a share that
 * no rule of its receiver lets the user use, and a rule that names others.
 */
export type Lack =
  | "invited"
  | "unaccepted"
  | "declined"
  | "removed"
  | "frozen"
  | "ended"
  | "unruled"
  | "unnamed";

/**
 * One way in which a user reaches resources. Along a path everything intersects: an action must be
 * allowed by every step, a resource selected by every step, and no step may have ended.
 */
export interface Path {
  /** Resources of this org and of every org below it can be reached, no others [R3, R22]. */
  readonly org: OrgId;
  readonly steps: readonly Step[];
  /** A grant that makes its holder an admin of `org`; a share never does. */
  readonly admin: boolean;
  /** The path reaches only resources of this type that the user owns [R26]. */
  readonly owned: string | null;
}

const stepOf = (kind: Step["from"]["kind"], fact: Terms & { readonly id: string }): Step => ({
  role: fact.role,
  scope: fact.scope,
  expiresAt: fact.expiresAt,
  from: { kind, id: fact.id },
});

const grantPath = (grant: Grant): Path => ({
  org: grant.org,
  steps: [stepOf("grant", grant)],
  admin: isAdminRole(grant.role) && grant.scope.kind === "all",
  owned: null,
});

/** Only accepted memberships count [R8]. */
const activeMemberships = (facts: Facts, user: UserId): readonly Member[] =>
  facts.membershipsOf(user).filter((member) => member.status === "active");

/** Every grant that an active member holds: by name, by a team, or as one of all members [R13]. */
function grantsOf(facts: Facts, member: Member): readonly Grant[] {
  const teams = facts.teamsOf(member.id);
  const grants = [
    ...facts.grantsTo({ kind: "member", id: member.id }, member.org),
    ...facts.grantsTo({ kind: "members" }, member.org),
    ...teams.flatMap((id) => facts.grantsTo({ kind: "team", id }, member.org)),
  ];
  // A grant may name a member or team of its own org or of one above it, never from beside it [R22];
  // what was passed on, taken or given by a link may name anyone of the tree [R28, R30].
  return grants.filter(
    (grant) => grant.via !== null || facts.lineage(grant.org).includes(member.org),
  );
}

/** The paths of a user that this tree knows whole: grants, shares to the user, things they own. */
export function pathsOf(facts: Facts, user: UserId): readonly Path[] {
  const members = activeMemberships(facts, user);
  const grants = members.flatMap((member) => grantsOf(facts, member));
  const shares = facts
    .sharesTo(user)
    .filter((share) => share.status === "active" && !facts.isFrozen(share));
  const owned = members.flatMap((member) =>
    facts.ownerRoles().map(({ type, role }): Path => ({
      org: member.org,
      steps: [stepOf("owner", { id: member.id, role, scope: { kind: "all" }, expiresAt: null })],
      admin: false,
      owned: type,
    })),
  );
  return [...grants.map(grantPath), ...shares.map(sharePath), ...owned];
}

/**
 * The paths that facts of a user would open if they counted: each has a step that says what it
 * lacks, so none of them allows anything [R8]. They tell why not, and decide nothing.
 */
export function nearPathsOf(facts: Facts, user: UserId): readonly Path[] {
  const invited = facts.membershipsOf(user).filter((member) => member.status === "pending");
  const grants = invited.flatMap((member) => grantsOf(facts, member));
  return [
    ...grants.map((grant) => lacking(grantPath(grant), ["invited"])),
    ...facts.sharesTo(user).flatMap((share) => {
      const lacks = lacksOf(facts, share);
      return lacks.length === 0 ? [] : [lacking(sharePath(share), lacks)];
    }),
  ];
}

const lacking = (path: Path, lacks: readonly Lack[]): Path => ({
  ...path,
  steps: path.steps.map((step) => ({ ...step, lacks: [...(step.lacks ?? []), ...lacks] })),
});

const STATUS_LACKS = { pending: "unaccepted", declined: "declined", removed: "removed" } as const;

/** What keeps a share from counting, as far as its owner's tree knows. */
function lacksOf(facts: Facts, share: Share): readonly Lack[] {
  const { status } = share;
  // Whether an org accepted is its own to say.
  const counts = status === "active" || ("org" in share.to && status !== "removed");
  const lacks: readonly Lack[] = counts ? [] : [STATUS_LACKS[status]];
  return facts.isFrozen(share) ? [...lacks, "frozen"] : lacks;
}

/** The path that a share to an org would open, were it not for these, and for what its owner keeps back. */
export const awaiting = (facts: Facts, share: Share, ...lacks: readonly Lack[]): Path =>
  lacking(sharePath(share), [...lacksOf(facts, share), ...lacks]);

/** The first half of a path, known to the owner's tree; for a share to a person it is all of it. */
export function sharePath(share: Share): Path {
  return { org: share.org, steps: [stepOf("share", share)], admin: false, owned: null };
}

/**
 * The first halves of the paths that other trees may complete: shares to orgs that are not
 * removed. Whether the receiver accepted, and whom it lets in, only the receiver knows [R16].
 */
export const openHalves = (facts: Facts, user: UserId): readonly FirstHalf[] =>
  facts.sharesAskable(user).flatMap((share) => firstHalf(facts, share) ?? []);

export type FirstHalf = Path & { readonly share: string };

/** The first half that a share to an org is; none when it was removed [R12] or is suspended. */
export const firstHalf = (facts: Facts, share: Share): FirstHalf | null =>
  share.status === "removed" || facts.isFrozen(share)
    ? null
    : { ...sharePath(share), share: share.id };

/** A second half: this rule of the receiver lets the user use this share. */
export interface SecondHalf {
  readonly share: string;
  readonly step: Step;
}

/**
 * The second halves that the receiver's tree adds for a user: one for each rule that names them,
 * on a share that was accepted [R16, R19]. Only the receiving org's own people are reached [R20].
 * `paths` are the user's own in the receiver's tree.
 */
export function secondHalves(
  facts: Facts,
  user: UserId,
  paths: readonly Path[],
  shares: readonly string[],
  now: Instant,
): readonly SecondHalf[] {
  const members = activeMemberships(facts, user);
  return shares.flatMap((share) => {
    const receipt = facts.receipt(share);
    if (receipt?.status !== "accepted") return [];
    const here = facts.lineage(receipt.org);
    const own = members.filter((member) => here.includes(member.org));
    const reaches = ({ to }: Rule): boolean => {
      switch (to.kind) {
        case "admins":
          return isAdmin(facts, paths, receipt.org, now);
        case "members":
          return own.some((member) => member.org === receipt.org);
        case "member":
          return own.some((member) => member.id === to.id);
        case "team":
          return own.some((member) => facts.teamsOf(member.id).includes(to.id));
      }
    };
    return facts
      .rulesOn(share)
      .filter(reaches)
      .map((rule) => ({ share, step: stepOf("rule", rule) }));
  });
}

/**
 * The second halves that would be there if the receiver's facts counted or named the user: of every
 * rule on the shares that lets them use none, with what it lacks.
 */
export function nearSecondHalves(
  facts: Facts,
  user: UserId,
  paths: readonly Path[],
  shares: readonly string[],
  now: Instant,
): readonly SecondHalf[] {
  const had = new Set(
    secondHalves(facts, user, paths, shares, now).map(({ step }) => step.from.id),
  );
  const invited = new Set(
    facts.membershipsOf(user).flatMap((m) => (m.status === "pending" ? [m.org] : [])),
  );
  return shares.flatMap((share) =>
    facts
      .rulesOn(share)
      .filter((rule) => !had.has(rule.id))
      .map((rule) => {
        const waits = rule.to.kind === "members" && invited.has(rule.org);
        return { share, step: { ...stepOf("rule", rule), lacks: [waits ? "invited" : "unnamed"] } };
      }),
  );
}

/** A whole path: the owner's half and the receiver's, intersected like any two steps [R17, R18]. */
export const joinHalves = (first: Path, second: SecondHalf): Path => ({
  ...first,
  steps: [...first.steps, second.step],
});

/** Has no step ended? A step ends at its instant, not after it [R21]. */
export const isLive = (path: Path, now: Instant): boolean =>
  path.steps.every((step) => step.expiresAt === null || now < step.expiresAt);

/**
 * Is the user an admin of the org: by a live grant of an admin role at scope all, in the org or
 * above it? This is what "admin" means in every rule.
 */
export function isAdmin(facts: Facts, paths: readonly Path[], org: OrgId, now: Instant): boolean {
  const lineage = facts.lineage(org);
  return paths.some((path) => path.admin && lineage.includes(path.org) && isLive(path, now));
}

/** Has the user any live access in the org or above it? To others its things do not exist. */
export function isInside(
  facts: Facts,
  paths: readonly Path[],
  user: UserId,
  org: OrgId,
  now: Instant,
): boolean {
  const lineage = facts.lineage(org);
  return (
    activeMemberships(facts, user).some((member) => lineage.includes(member.org)) ||
    paths.some((path) => lineage.includes(path.org) && isLive(path, now))
  );
}

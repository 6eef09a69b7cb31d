/** What an org says of itself. A field that was never set has its default. */
export interface OrgSettings {
  /** Of the whole tree, at its root: who may delete an org, its admins or the platform alone [R24]. */
  readonly deletion: "platform" | "owners";
  /** Of the whole tree, at its root: who may make a sub-workspace [R24]. */
  readonly children: "company" | "admins";
  /** Of the whole tree, at its root: the subject types that mean a user in a check. */
  readonly subjectTypes: readonly string[];
  /** From whom the org takes shares: anyone, or only whom a collaboration stands with [R31]. */
  readonly receives: "anyone" | "collaborators";
  /** Shares of a standing collaboration are accepted by themselves up to this role [R16, R31]. */
  readonly autoAccept: string | null;
  /** For how many days an invitation or an offer of the org can be accepted, after it was sent. */
  readonly invitationDays: number;
  /** For how many days a share of the org, and of those below it, lives at most; null: for ever. */
  readonly shareDaysMax: number | null;
  /** Of the whole tree, at its root: how many days before an end people are reminded of it. */
  readonly reminderDays: readonly number[];
  /** Of the whole tree, at its root: every so many months its admins are reminded of a review. */
  readonly reviewMonths: 3 | 6 | 12 | null;
  /** Sessions of the org's admins, and of those below it, need a passkey. */
  readonly strongAdmins: boolean;
}

/** The settings that hold for the whole tree, and are said at its root. */
export const TREE_SETTINGS = [
  "deletion",
  "children",
  "subjectTypes",
  "reminderDays",
  "reviewMonths",
] as const;

const DEFAULTS: OrgSettings = {
  deletion: "owners",
  children: "admins",
  subjectTypes: ["user"],
  receives: "anyone",
  autoAccept: null,
  invitationDays: 14,
  shareDaysMax: null,
  reminderDays: [7, 1],
  reviewMonths: null,
  strongAdmins: false,
};

export const DAY_MS = 86_400_000;

/** Can what was sent then still be accepted? It is derived, so a longer or shorter life acts at once. */
export const isOpenStill = (
  org: { readonly settings: string },
  sentAt: number,
  now: number,
): boolean => now < sentAt + settingsOf(org).invitationDays * DAY_MS;

/** The settings of an org, from what its row says of them in JSON. */
export const settingsOf = (org: { readonly settings: string }): OrgSettings => ({
  ...DEFAULTS,
  ...(JSON.parse(org.settings) as Partial<OrgSettings>),
});

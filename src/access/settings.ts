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
  /** Sessions of the org's admins, and of those below it, need a passkey. */
  readonly strongAdmins: boolean;
}

/** The settings that hold for the whole tree, and are said at its root. */
export const TREE_SETTINGS = ["deletion", "children", "subjectTypes"] as const;

const DEFAULTS: OrgSettings = {
  deletion: "owners",
  children: "admins",
  subjectTypes: ["user"],
  receives: "anyone",
  autoAccept: null,
  strongAdmins: false,
};

/** The settings of an org, from what its row says of them in JSON. */
export const settingsOf = (org: { readonly settings: string }): OrgSettings => ({
  ...DEFAULTS,
  ...(JSON.parse(org.settings) as Partial<OrgSettings>),
});

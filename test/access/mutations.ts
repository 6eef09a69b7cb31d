/** One textual replacement in the model that breaks a rule. */
export interface Mutation {
  readonly name: string;
  readonly file: "answers.ts" | "paths.ts" | "roles.ts" | "scopes.ts";
  readonly from: string;
  readonly to: string;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "a share without the rule's narrowing [R17]",
    file: "paths.ts",
    from: "steps: [...first.steps, second.step]",
    to: "steps: first.steps",
  },
  {
    name: "a rule without the share's cap [R17]",
    file: "paths.ts",
    from: "steps: [...first.steps, second.step]",
    to: "steps: [second.step]",
  },
  {
    name: "a pending share that counts [R8]",
    file: "paths.ts",
    from: 'share.status === "active" &&',
    to: '["active", "pending"].includes(share.status) &&',
  },
  {
    name: "a declined share that counts [R8]",
    file: "paths.ts",
    from: 'share.status === "active" &&',
    to: '["active", "declined"].includes(share.status) &&',
  },
  {
    name: "a removed share that counts for a person [R12]",
    file: "paths.ts",
    from: 'share.status === "active" &&',
    to: '["active", "removed"].includes(share.status) &&',
  },
  {
    name: "a removed share that counts for an org [R12, R19]",
    file: "paths.ts",
    from: 'share.status === "removed" || facts.isFrozen(share)',
    to: "facts.isFrozen(share)",
  },
  {
    name: "a suspended share that counts for an org",
    file: "paths.ts",
    from: 'share.status === "removed" || facts.isFrozen(share)',
    to: 'share.status === "removed"',
  },
  {
    name: "a suspended share that counts for a person",
    file: "paths.ts",
    from: " && !facts.isFrozen(share)",
    to: "",
  },
  {
    name: "a pending member that counts [R8]",
    file: "paths.ts",
    from: '.filter((member) => member.status === "active")',
    to: "",
  },
  {
    name: "an org that is not compared [R22]",
    file: "answers.ts",
    from: "q.lineage.includes(path.org) &&",
    to: "",
  },
  {
    name: "AND instead of OR on tags [R4]",
    file: "scopes.ts",
    from: "scope.tags.some((tag) => resource",
    to: "scope.tags.every((tag) => resource",
  },
  {
    name: "tags compared as they were written [R4]",
    file: "scopes.ts",
    from: ".trim().toLowerCase().toUpperCase().toLowerCase()",
    to: "",
  },
  {
    name: "a step that ends one instant too late [R21]",
    file: "answers.ts",
    from: "q.now >= step.expiresAt",
    to: "q.now > step.expiresAt",
  },
  {
    name: "an admin who stays one instant too long [R21]",
    file: "paths.ts",
    from: "now < step.expiresAt",
    to: "now <= step.expiresAt",
  },
  {
    name: "any step enough where all are needed",
    file: "answers.ts",
    from: "leadsTo(path, q) && path.steps.every((step)",
    to: "leadsTo(path, q) && path.steps.some((step)",
  },
  {
    name: "access that leaks upward [R22]",
    file: "paths.ts",
    from: "...grants.map(grantPath)",
    to: "...grants.map((g) => ({ ...grantPath(g), org: facts.lineage(g.org).at(-1) ?? g.org }))",
  },
  {
    name: "a grant that names a member from below or beside [R22]",
    file: "paths.ts",
    from: "(grant) => grant.via !== null || facts.lineage(grant.org).includes(member.org)",
    to: "() => true",
  },
  {
    name: "a recipient who must be of the org or above [R30]",
    file: "paths.ts",
    from: "grant.via !== null || ",
    to: "",
  },
  {
    name: "a rule that names a member from below or beside [R20]",
    file: "paths.ts",
    from: "members.filter((member) => here.includes(member.org))",
    to: "members",
  },
  {
    name: "all members taken from above the receiving org [R20]",
    file: "paths.ts",
    from: "own.some((member) => member.org === receipt.org)",
    to: "own.length > 0",
  },
  {
    name: "an admin made by a share [R7]",
    file: "paths.ts",
    from: '[stepOf("share", share)], admin: false',
    to: '[stepOf("share", share)], admin: isAdminRole(share.role)',
  },
  {
    name: "an admin by a role on a part [R7]",
    file: "paths.ts",
    from: 'isAdminRole(grant.role) && grant.scope.kind === "all"',
    to: "isAdminRole(grant.role)",
  },
  {
    name: "an org's admin who is not admin below it [R7, R22]",
    file: "paths.ts",
    from: "path.admin && lineage.includes(path.org)",
    to: "path.admin && path.org === org",
  },
  {
    name: "a rule for admins that reaches every member [R16]",
    file: "paths.ts",
    from: "return isAdmin(facts, paths, receipt.org, now);",
    to: "return own.length > 0;",
  },
  {
    name: "a declined receipt that counts [R16]",
    file: "paths.ts",
    from: 'if (receipt?.status !== "accepted") return [];',
    to: "if (!receipt) return [];",
  },
  {
    name: "a share nobody answered that counts [R16]",
    file: "paths.ts",
    from: "const receipt = facts.receipt(share);",
    to: 'const [r] = facts.rulesOn(share); const receipt = facts.receipt(share) ?? (r && { status: "accepted", org: r.org });',
  },
  {
    name: "a lower role that is not included [R1]",
    file: "roles.ts",
    from: "new Map(set.ordered ? below : [])",
    to: "new Map()",
  },
  {
    name: "an unordered set treated as ordered [R1]",
    file: "roles.ts",
    from: "new Map(set.ordered ? below : [])",
    to: "new Map(below)",
  },
  {
    name: "a self-elevate type open to admins [R7]",
    file: "roles.ts",
    from: 'if (!asAdmin || type.adminAccess === "self-elevate") return false;',
    to: "if (!asAdmin) return false;",
  },
  {
    name: "an owner's role on what others own [R26]",
    file: "answers.ts",
    from: "path.owned === q.resource.type && q.resource.owner === q.user",
    to: "path.owned === q.resource.type",
  },
  {
    name: "a self-elevate type closed to whom a role was given [R7]",
    file: "roles.ts",
    from: "if (type.roleSet === role.set)\n      return",
    to: 'if (type.roleSet === role.set && !(asAdmin && type.adminAccess === "self-elevate"))\n      return',
  },
  {
    name: "an admin with the weakest role of another set [R7]",
    file: "roles.ts",
    from: "const top = set.roles.at(-1)",
    to: "const top = set.roles.at(0)",
  },
  {
    name: "a role that reaches types of another set",
    file: "roles.ts",
    from: "if (type.roleSet === role.set)\n      return",
    to: "if (!asAdmin || type.roleSet === role.set)\n      return",
  },
  {
    name: "a condition that binds what was allowed outright [R1]",
    file: "roles.ts",
    from: 'if (typeof permission === "string" || known === true) own.set(name, true);',
    to: 'if (typeof permission === "string") own.set(name, true); else if (known === true) own.set(name, [permission.condition]);',
  },
  {
    name: "a later condition that takes the place of an earlier one",
    file: "roles.ts",
    from: "[...(known ?? []), permission.condition]",
    to: "[permission.condition]",
  },
  {
    name: "every condition needed where one is enough",
    file: "answers.ts",
    from: "permitted.some(holds)",
    to: "permitted.every(holds)",
  },
  {
    name: "a condition that is not asked",
    file: "answers.ts",
    from: "permitted.some(holds)",
    to: "permitted.length > 0",
  },
];

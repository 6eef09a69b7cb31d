/**
 * The model: who may do what to which resource. Pure and synchronous; now is an argument.
 *
 * - Along a path, everything intersects (`allows`).
 * - Over paths, everything unites (`check`).
 *
 * Read `facts.ts` for the words, `paths.ts` for how facts become paths, `answers.ts` for what is
 * read off them, `roles.ts` and `scopes.ts` for the two sets that are intersected.
 */
export * from "./answers.ts";
export * from "./collaborations.ts";
export * from "./facts.ts";
export * from "./paths.ts";
export * from "./roles.ts";
export * from "./scopes.ts";
export * from "./settings.ts";
export * from "./stored.ts";

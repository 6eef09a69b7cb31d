import { z } from "zod";

/* What the forms of answers are made of, each with an example. */

export const eg = <S extends z.ZodType>(schema: S, ...examples: unknown[]): S =>
  schema.meta({ examples });

export const instant = z.iso.datetime().meta({ examples: ["2026-03-03T09:00:00.000Z"] });
export const ended = instant.nullable();
export const number = eg(z.int().nonnegative(), 1);
export const idOf = (prefix: string) => eg(z.string(), `${prefix}_1_8_0`);
export const user = eg(z.string(), "usr_V1StGXR8_Z5jdHi6B");
export const email = eg(z.string(), "lea@acme.example");
export const name = eg(z.string(), "Acme");
export const role = eg(z.string(), "viewer");
export const ref = eg(z.string(), "site:hq");
export const count = eg(z.int().nonnegative(), 3);
export const text = z.string().nullable();
export const said = z.record(z.string(), z.unknown());
export const orgNamed = z.strictObject({ id: number, name });

export const scope = z
  .union([
    z.strictObject({ all: z.literal(true) }),
    z.strictObject({ tags: z.array(eg(z.string(), "North")) }),
    z.strictObject({ resources: z.array(ref) }),
  ])
  .meta({ id: "ScopeShown" });

export const terms = {
  role,
  scope,
  expiresAt: ended,
  reason: text,
  createdBy: user,
  createdAt: ended,
};

/** `members`, `admins`, or one by id. */
export const grantee = z.union([eg(z.string(), "members"), z.record(z.string(), z.string())]);

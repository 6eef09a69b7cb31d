import { getTableConfig, type SQLiteColumn, type SQLiteTable } from "drizzle-orm/sqlite-core";
import { FACTS } from "./schema.ts";
import { TABLES } from "./rows.ts";

/*
 * The tables of a slice, made from the same schema as D1's. A slice can be thrown away, so it needs
 * no migrations: where the fingerprint of its tables differs from the code's, it is rebuilt.
 */

function tableDdl(table: SQLiteTable, prefix: string, suffix: string): string[] {
  const { name, columns, primaryKeys, indexes } = getTableConfig(table);
  const lines = columns.map(
    (column) =>
      `"${column.name}" ${column.getSQLType()}${column.primary ? " primary key" : ""}${column.notNull ? " not null" : ""}`,
  );
  const key = primaryKeys[0]?.columns.map((column) => `"${column.name}"`).join(", ");
  if (key) lines.push(`primary key (${key})`);
  return [
    `create table "${prefix}${name}" (${lines.join(", ")})`,
    ...indexes.map(({ config }) => {
      const on = config.columns.map((column) => `"${(column as SQLiteColumn).name}"`).join(", ");
      return `create ${config.unique ? "unique " : ""}index "${config.name}${suffix}" on "${prefix}${name}" (${on})`;
    }),
  ];
}

/** Which resources carry a tag: derived from their rows, and kept beside them. */
const tagsDdl = (prefix: string, suffix: string): string[] => [
  `create table "${prefix}resourceTags" ("tag" text not null, "key" integer not null, primary key ("tag", "key")) without rowid`,
  `create index "resourceTags_key${suffix}" on "${prefix}resourceTags" ("key")`,
];

/** Grants whose scope is a list. The words stand in the index and in the queries that use it. */
export const OF_A_LIST = `substr(scope, 1, 7) = '{"keys"'`;

const listsDdl = (prefix: string, suffix: string): string =>
  `create index "grants_list${suffix}" on "${prefix}grants" ("scope") where ${OF_A_LIST}`;

/**
 * What the scopes of grants and shares name: `*`, a tag or a key, by the org that gave it. Derived
 * from their rows, so that who reaches a resource is found from what selects it.
 */
const scopesDdl = (prefix: string, suffix: string): string[] => [
  `create table "${prefix}scopeParts" ("org" integer not null, "part" text not null, "id" text not null, primary key ("org", "part", "id")) without rowid`,
  `create index "scopeParts_id${suffix}" on "${prefix}scopeParts" ("id")`,
];

/** The tables that hold facts; `suffix` keeps index names apart while two slices stand side by side. */
export const factsDdl = (prefix: string, suffix: string): string[] => [
  ...TABLES.flatMap((name) => tableDdl(FACTS[name], prefix, suffix)),
  ...tagsDdl(prefix, suffix),
  ...scopesDdl(prefix, suffix),
  listsDdl(prefix, suffix),
];

/** The tables that are swapped when a rebuilt slice takes the place of the old one. */
export const SWAPPED: readonly string[] = [...TABLES, "resourceTags", "scopeParts"];

/** What an object keeps besides facts. */
export const OWN_DDL = [
  // revision, epoch, generation, fingerprint, and the note of an edit on its way
  `create table if not exists "meta" ("name" text primary key, "value" text not null) without rowid`,
  `create table if not exists "answers" ("actor" text not null, "key" text not null, "request" text not null, "answer" text not null, "at" integer not null, primary key ("actor", "key"))`,
  `create index if not exists "answers_at" on "answers" ("at")`,
  // whom receivers said may be asked about, and the shares of which that is not known
  `create table if not exists "askable" ("share" text not null, "user" text not null, "email" text not null, primary key ("user", "share")) without rowid`,
  `create index if not exists "askable_email" on "askable" ("email")`,
  `create index if not exists "askable_share" on "askable" ("share")`,
  `create table if not exists "askableUnknown" ("share" text primary key, "toOrg" integer not null) without rowid`,
  // the last day on which a member used what an org has; days since the epoch
  `create table if not exists "lastUsed" ("user" text not null, "org" integer not null, "day" integer not null, primary key ("user", "org")) without rowid`,
  // whom an owner must still be told of
  `create table if not exists "tells" ("share" text not null, "user" text not null, primary key ("share", "user")) without rowid`,
  // the offers of which a receiver must still be told
  `create table if not exists "offers" ("share" text primary key, "revision" integer not null) without rowid`,
];

/** Changes whenever the tables do. */
export const FINGERPRINT = [...factsDdl("", ""), ...OWN_DDL].join(";");

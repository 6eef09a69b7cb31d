/**
 * Spellings of tags, by hand; within a line they are one tag, across lines never [R4]. Case,
 * Unicode form, surrounding space, German ß, Greek final sigma, and near misses.
 */
export const SPELLINGS: readonly (readonly string[])[] = [
  ["North", "north", " NORTH\t", "\uff2eorth"],
  ["North HQ", "north hq"],
  ["Stra\u00dfe", "STRASSE", "strasse"],
  ["caf\u00e9", "CAFE\u0301", "\u00a0Cafe\u0301"],
  ["cafe"],
  ["\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c2", "\u03bf\u03b4\u03bf\u03c3"],
];

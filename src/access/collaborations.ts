/** One side's half of a collaboration. */
export type HalfStatus = "asked" | "accepted" | "ended";
export type CollaborationStatus = "pending" | "active" | "ended";

/**
 * What a collaboration has come to: it stands while both halves do, and either ends it [R31].
 * Nobody stores this: each half lives with its own side.
 */
export const collaborationStatus = (
  one: HalfStatus | undefined | null,
  other: HalfStatus | undefined | null,
): CollaborationStatus => {
  if (one === "ended" || other === "ended") return "ended";
  return one && other ? "active" : "pending";
};

/** Opaque cursors: where a list goes on. */
export const encodeCursor = (last: string | number): string =>
  btoa(encodeURIComponent(String(last))).replace(/=+$/, "");

/** `undefined` when it is none of ours. */
export function decodeCursor(cursor: string): string | undefined {
  try {
    return decodeURIComponent(atob(cursor));
  } catch {
    return undefined;
  }
}

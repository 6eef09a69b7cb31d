import { stringify } from "csv-stringify/browser/esm/sync";

/**
 * A list as CSV (RFC 4180), for spreadsheets: with a byte order mark, and with what would run as a
 * formula made plain text. What has parts is given as JSON.
 */
export function csvOf(
  items: readonly object[],
  columns = [...new Set(items.flatMap((item) => Object.keys(item)))],
  first = true,
): string {
  return stringify(
    items.map((item) =>
      Object.fromEntries(
        Object.entries(item).map(([name, value]: [string, unknown]) => [
          name,
          typeof value === "object" && value !== null ? JSON.stringify(value) : value,
        ]),
      ),
    ),
    { header: first, columns, bom: first, escape_formulas: true, record_delimiter: "windows" },
  );
}

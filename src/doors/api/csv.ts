import { stringify } from "csv-stringify/browser/esm/sync";

/**
 * A list as CSV (RFC 4180), for spreadsheets: with a byte order mark, and with what would run as a
 * formula made plain text. What has parts is given as JSON.
 */
export function csvOf(items: readonly object[]): string {
  const columns = [...new Set(items.flatMap((item) => Object.keys(item)))];
  return stringify(
    items.map((item) =>
      Object.fromEntries(
        Object.entries(item).map(([name, value]: [string, unknown]) => [
          name,
          typeof value === "object" && value !== null ? JSON.stringify(value) : value,
        ]),
      ),
    ),
    { header: true, columns, bom: true, escape_formulas: true, record_delimiter: "windows" },
  );
}

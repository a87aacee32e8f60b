/** Writes CSV that spreadsheets open as what it is: text that looks like a formula stays text. Pure. */

export const BYTE_ORDER_MARK = "\ufeff";
/** What a spreadsheet would take for a formula. A plain number with its sign is none. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d[\d .,()-]*$/;
const SPECIAL = /[",\r\n]/;

export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csvLine = (values: readonly unknown[]): string => `${values.map(csvCell).join(",")}\r\n`;

/** Takes back what `csvCell` put before a text that looks like a formula. */
export const withoutGuard = (text: string): string =>
  text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;

/** Money of the provider, which bills in dollars. */
import { numberFormat } from "../i18n/locale";

const WHOLE = numberFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
const SMALL = numberFormat({ minimumFractionDigits: 4, maximumFractionDigits: 4 });
const TINY = numberFormat({ minimumFractionDigits: 6, maximumFractionDigits: 6 });

/** Millionths of a dollar as dollars, with as many digits as it needs to be more than nothing. */
export function dollars(micros: number): string {
  const size = Math.abs(micros);
  const format = size === 0 || size >= 1_000_000 ? WHOLE : size >= 100 ? SMALL : TINY;
  return `${micros < 0 ? "−" : ""}$${format().format(size / 1_000_000)}`;
}

/** What a field for dollars holds as millionths; null when it is empty, NaN when it is no amount. */
export function microsFrom(text: string): number | null {
  const plain = text.trim().replace(",", ".");
  if (plain === "") return null;
  const value = Number(plain);
  return Number.isFinite(value) && value >= 0 ? Math.round(value * 1_000_000) : Number.NaN;
}

/** Millionths as a field for dollars holds them. */
export const dollarField = (micros: number | null): string => (micros === null ? "" : String(micros / 1_000_000));

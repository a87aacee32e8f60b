/** Money of a call: micro-dollars from the provider's own token counts and the dated price table. Unknown prices are null, never a guess. */
import type { Usage } from "./ai-port";
import { PRICE_TABLE, type PriceRow } from "./price-table";

const DATED_SNAPSHOT = /-\d{4}-\d{2}-\d{2}$/;

/** The price that held for a model at a time (milliseconds), or null. A dated snapshot has the price of its model. */
export function findPrice(model: string, at: number, table: readonly PriceRow[] = PRICE_TABLE): PriceRow | null {
  const name = model.replace(DATED_SNAPSHOT, "");
  let found: PriceRow | null = null;
  for (const row of table) {
    if (row.model !== model && row.model !== name) continue;
    if (Date.parse(row.effectiveFrom) > at) continue;
    if (!found || row.effectiveFrom > found.effectiveFrom) found = row;
  }
  return found;
}

/**
 * Cost of one call in micro-dollars, rounded to the nearest whole one:
 * `(input - cached - written)·in + cached·c + written30m·w + written12h·w12 + output·out`; output contains reasoning.
 */
export function costMicros(usage: Usage, price: PriceRow): number {
  const nanos = exactNanos(usage, price);
  return Number((nanos + 500n) / 1000n);
}

/** The same in nano-dollars as an integer: calls are added before anything is rounded. */
export function exactNanos(usage: Usage, price: PriceRow): bigint {
  const written30m = Math.max(0, usage.cacheWrite - usage.cacheWrite12h);
  const plain = Math.max(0, usage.input - usage.cached - usage.cacheWrite);
  const inputNanos =
    amount(plain, price.input) +
    amount(usage.cached, price.cached) +
    amount(written30m, price.cacheWrite) +
    amount(usage.cacheWrite12h, price.cacheWrite12h);
  const outputNanos = amount(usage.output, price.output);
  const isLong = price.longInput !== undefined && usage.input > price.longInput;
  return isLong ? inputNanos * 2n + (outputNanos * 3n) / 2n : inputNanos + outputNanos;
}

/** Nano-dollars of so many seconds of sound; null where this model is not sold by the minute. A minute is billed by its seconds. */
export function soundNanos(seconds: number, { perMinute }: PriceRow): number | null {
  return perMinute === undefined ? null : Math.round((seconds / 60) * Math.round(perMinute * 1e9));
}

/** Nano-dollars of a call that only reads; null when the price or the tokens are unknown. */
export function readingNanos(tokens: number | null, price: PriceRow | null): number | null {
  if (tokens === null || !price) return null;
  return Number(exactNanos({ input: tokens, cached: 0, cacheWrite: 0, cacheWrite12h: 0, output: 0, reasoning: 0 }, price));
}

/** One USD per million tokens is a thousand nano-dollars per token; prices have at most three decimals. */
const amount = (tokens: number, usdPerMillion: number): bigint => BigInt(tokens) * BigInt(Math.round(usdPerMillion * 1000));

/** Adds up the money of several calls; null as soon as one of them is unknown. */
export class CostMeter {
  readonly #prices: () => readonly PriceRow[];
  #nanos: bigint | null = 0n;

  constructor(prices: () => readonly PriceRow[] = () => PRICE_TABLE) {
    this.#prices = prices;
  }

  add(usage: Usage | null, model: string, at: number): void {
    const price = usage && findPrice(model, at, this.#prices());
    this.#nanos = this.#nanos === null || !usage || !price ? null : this.#nanos + exactNanos(usage, price);
  }

  /** A call whose usage will never be known, because it was cut off: it may have been billed. */
  addUnknown(): void {
    this.#nanos = null;
  }

  get micros(): number | null {
    return this.#nanos === null ? null : Number((this.#nanos + 500n) / 1000n);
  }
}

/**
 * What models cost, as dated data: USD per million tokens, standard tier, and per minute of sound where that is sold. The one place
 * where a price stands; people add their own rows. Rows are added when prices change, never edited, so that old runs keep their price.
 */

export interface PriceRow {
  model: string;
  /** First day on which it holds, `YYYY-MM-DD` in UTC. */
  effectiveFrom: string;
  /** Where the figures come from: a provider's own page, or second hand. */
  source: "official" | "secondary" | "assumed";
  /** USD per million tokens. */
  input: number;
  cached: number;
  /** Writing to the cache for 30 minutes and for 12 hours; input price where writing costs nothing extra. */
  cacheWrite: number;
  cacheWrite12h: number;
  output: number;
  /** USD per minute of sound; absent where tokens are sold. */
  perMinute?: number;
  /** Above this many input tokens in one call, input costs twice and output one and a half times as much. */
  longInput?: number;
}

const LONG = 272_000;

export const PRICE_TABLE: readonly PriceRow[] = [
  row("gpt-6-luna", "2026-09-22", "official", 0.1, 0.01, 0.125, 0.25, 0.5),
  row("gpt-6.1-terra", "2026-10-26", "official", 1, 0.05, 1.25, 2.5, 5),
  row("gpt-6-sol", "2026-09-22", "secondary", 2, 0.2, 2.5, 5, 10),
  row("gpt-5.6-luna", "2026-07-30", "official", 0.2, 0.02, 0.25, 0.5, 1.2),
  row("gpt-5.6-terra", "2026-07-30", "secondary", 2, 0.2, 2.5, 5, 12),
  row("gpt-5.4-mini", "2026-05-01", "secondary", 0.75, 0.075, 0.75, 0.75, 4.5),
  row("gpt-5.4-nano", "2026-05-01", "secondary", 0.2, 0.02, 0.2, 0.2, 1.25),
  vectors("text-embedding-3-small", "2024-01-25", "secondary", 0.02),
  vectors("text-embedding-3-large", "2024-01-25", "official", 0.13),
  { ...vectors("gpt-transcribe", "2026-10-17", "secondary", 0), perMinute: 0.0045 },
  // Nobody has been seen to be charged for it; it tells no tokens either.
  vectors("omni-moderation-latest", "2024-09-26", "assumed", 0),
  // Costs nothing because no provider is asked.
  { ...row("chasqui-sandbox", "2026-01-01", "official", 0, 0, 0, 0, 0), perMinute: 0 },
];

/** What only reads: it writes nothing, and nothing of it is cached. */
function vectors(model: string, effectiveFrom: string, source: PriceRow["source"], input: number): PriceRow {
  return { model, effectiveFrom, source, input, cached: input, cacheWrite: input, cacheWrite12h: input, output: 0 };
}

function row(
  model: string,
  effectiveFrom: string,
  source: PriceRow["source"],
  input: number,
  cached: number,
  cacheWrite: number,
  cacheWrite12h: number,
  output: number,
): PriceRow {
  return { model, effectiveFrom, source, input, cached, cacheWrite, cacheWrite12h, output, longInput: LONG };
}

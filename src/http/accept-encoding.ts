/** Chooses the stored encoding a client likes best (RFC 9110 §12.5.3), remembering the answer for the few headers browsers send. */

/** Smallest result first: this order decides between encodings the client likes equally. */
export const SERVER_PREFERENCE = ["br", "zstd", "gzip", "identity"] as const;
export type Encoding = (typeof SERVER_PREFERENCE)[number];

/** A handful of header values covers all browsers; the bound keeps a hostile client from filling memory. */
const REMEMBERED_HEADERS = 64;
const LONGEST_REMEMBERED = 100;
const remembered = new Map<string, readonly Encoding[]>();

/**
 * The best of the available encodings for this Accept-Encoding header. `identity` must be available: it is the answer
 * when nothing else fits, even when the client refuses it, because a body it can probably read beats a 406.
 */
export function preferredEncoding(header: string | null, available: { has(encoding: Encoding): boolean }): Encoding {
  if (!header) return "identity";
  for (const encoding of ranking(header)) if (available.has(encoding)) return encoding;
  return "identity";
}

function ranking(header: string): readonly Encoding[] {
  const known = remembered.get(header);
  if (known) return known;
  const ranked = rank(header);
  if (remembered.size < REMEMBERED_HEADERS && header.length <= LONGEST_REMEMBERED) remembered.set(header, ranked);
  return ranked;
}

function rank(header: string): readonly Encoding[] {
  const weights = new Map<string, number>();
  for (const part of header.toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    const weight = q === undefined ? 1 : Number(q);
    if (name) weights.set(name === "x-gzip" ? "gzip" : name, weight >= 0 && weight <= 1 ? weight : 0);
  }
  const rest = weights.get("*");
  // Unnamed encodings are not accepted, except identity, which is accepted but comes last.
  const weightOf = (encoding: Encoding) => weights.get(encoding) ?? rest ?? (encoding === "identity" ? Number.MIN_VALUE : 0);
  return SERVER_PREFERENCE.filter((encoding) => weightOf(encoding) > 0).sort((a, b) => weightOf(b) - weightOf(a));
}

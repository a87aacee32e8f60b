/** Text messages, and the split of a long text into several. */
import { fail } from "../../../core/errors";
import { type ComposeOptions, envelope } from "./envelope";

/** Meta's limit of a text body (facts §3.1). */
const MAX_TEXT = 4096;

const LINK = /https?:\/\/\S/i;

/** A text message. A preview is asked for only when there is a link to preview, and nobody said otherwise. */
export function composeText({
  text,
  previewUrl = true,
  ...options
}: ComposeOptions & { text: string; previewUrl?: boolean }): string {
  if (text.trim() === "") throw fail("message.empty");
  if (text.length > MAX_TEXT) throw fail("message.too-long");
  return envelope("text", LINK.test(text) ? { body: text, preview_url: previewUrl } : { body: text }, options);
}

/**
 * The text in parts of at most `limit` characters, none empty. Cut after a paragraph, else a line, a sentence, a word; a single word
 * longer than the limit is cut between whole characters, so no emoji is torn apart. Links and *formatted* stretches stay whole as
 * long as they fit. Blanks at a cut are dropped, nothing else is.
 */
export function splitText(text: string, limit: number = MAX_TEXT): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > limit) {
    const end = cutAt(rest, limit);
    const part = rest.slice(0, end).trimEnd();
    if (part !== "") parts.push(part);
    rest = rest.slice(end).trimStart();
  }
  if (rest !== "") parts.push(rest);
  return parts;
}

/** A cut that would leave less than this share of the limit in a part is not taken: parts should be few. */
const WORTH_TAKING = 0.5;

const boundaries: readonly RegExp[] = [/\n\s*\n/g, /\n/g, /[.!?…。！？]["'”»)\]]*\s/g, /\s/g];

/** What loses its meaning when it is cut: WhatsApp's ```code```, *bold*, _italic_ and ~struck~. A link has no blank to cut at. */
const FORMATTED = /```[\s\S]{1,4000}?```|(?<![\p{L}\p{N}])([*_~])(?=\S)[^\n]{0,1000}?\S\1(?![\p{L}\p{N}])/gu;

function cutAt(text: string, limit: number): number {
  // Beyond the limit too: what begins before a cut may end behind it.
  const whole = Array.from(text.slice(0, limit * 2).matchAll(FORMATTED), ({ index, 0: { length } }) => [index, index + length]);
  const isInside = (at: number) => whole.some(([from = 0, to = 0]) => from < at && at < to);
  return cutWhere(text, limit, (at) => !isInside(at)) || cutWhere(text, limit, () => true) || wholeCharacters(text, limit);
}

/** The best boundary that is allowed; 0 when there is none. */
function cutWhere(text: string, limit: number, isAllowed: (at: number) => boolean): number {
  // One more than the limit, so that a blank right behind a full part still counts as its boundary.
  const head = text.slice(0, limit + 1);
  for (const [rank, boundary] of boundaries.entries()) {
    const least = rank === boundaries.length - 1 ? 1 : limit * WORTH_TAKING;
    let end = 0;
    for (const match of head.matchAll(boundary)) {
      const after = match.index + match[0].trimEnd().length;
      if (after <= limit && isAllowed(after)) end = after;
    }
    if (end >= least) return end;
  }
  return 0;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** A visible character of many joined code points is rarely longer. */
const LONGEST_CHARACTER = 64;

function wholeCharacters(text: string, limit: number): number {
  const from = Math.max(0, limit - LONGEST_CHARACTER);
  let end = 0;
  for (const { index } of segmenter.segment(text.slice(from, limit + LONGEST_CHARACTER))) {
    if (index > 0 && from + index <= limit) end = from + index;
  }
  if (end > 0) return end;
  // One "character" fills the part (endless combining marks): only keep surrogate pairs together.
  const isHigh = /[\uD800-\uDBFF]/.test(text[limit - 1] ?? "");
  return isHigh && limit > 1 ? limit - 1 : limit;
}

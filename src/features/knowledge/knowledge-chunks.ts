/** Cuts a text into passages along its own structure: headings, paragraphs, lists; sentences only where a paragraph is too long. Pure. */

export interface Piece {
  /** The headings above it, from the outside in. */
  heading: string;
  text: string;
}

export interface ChunkLimits {
  /** A passage is closed when it would grow beyond this. */
  tokens: number;
  /** As much of the end of one passage is repeated at the start of the next. */
  overlap: number;
}

export const CHUNK_LIMITS: Readonly<ChunkLimits> = { tokens: 400, overlap: 60 };

const HEADING = /^(#{1,6})\s+(.+)$/;

export function chunkText(text: string, countTokens: (text: string) => number, limits: ChunkLimits = CHUNK_LIMITS): Piece[] {
  const pieces: Piece[] = [];
  const path: string[] = [];
  let blocks: string[] = [];
  let size = 0;

  const close = () => {
    if (blocks.length > 0) pieces.push({ heading: path.filter(Boolean).join(" › "), text: blocks.join("\n\n") });
    blocks = [];
    size = 0;
  };
  const add = (block: string) => {
    const tokens = countTokens(block);
    if (size > 0 && size + tokens > limits.tokens) {
      const last = blocks.at(-1) ?? "";
      close();
      // What a paragraph refers to often stands just before it.
      if (countTokens(last) <= limits.overlap) {
        blocks = [last];
        size = countTokens(last);
      }
    }
    blocks.push(block);
    size += tokens;
  };

  for (const block of blocksOf(text)) {
    const heading = HEADING.exec(block);
    if (heading) {
      close();
      const level = heading[1]!.length;
      path.length = level - 1;
      path[level - 1] = heading[2]!.trim();
    } else for (const part of parts(block, countTokens, limits.tokens)) add(part);
  }
  close();
  return pieces;
}

function blocksOf(text: string): string[] {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/^(#{1,6}\s+.+)$/gm, "\n\n$1\n\n")
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter(Boolean);
}

/** A paragraph longer than a passage, cut between lines, else sentences, else words. */
function parts(block: string, countTokens: (text: string) => number, most: number): string[] {
  if (countTokens(block) <= most) return [block];
  for (const [separator, glue] of [
    [/\n+/, "\n"],
    [/(?<=[.!?…])\s+/u, " "],
    [/\s+/, " "],
  ] as const) {
    const units = block.split(separator);
    if (units.length === 1) continue;
    const out: string[] = [];
    let current = "";
    let size = 0;
    for (const unit of units) {
      const tokens = countTokens(unit);
      if (current !== "" && size + tokens > most) {
        out.push(current);
        current = "";
        size = 0;
      }
      current = current === "" ? unit : current + glue + unit;
      size += tokens;
    }
    out.push(current);
    return out.flatMap((part) => (part === block ? [part] : parts(part, countTokens, most)));
  }
  return [block];
}

/**
 * Token counts as the provider would report them, prompt cache included: a prefix of at least 1,024 tokens that ended at a breakpoint
 * of an earlier request under the same key, within its lifetime, is read from the cache; what is new up to the last breakpoint is written.
 */
import type { Clock } from "../../core/clock";
import { shortHash } from "../../core/id";
import { TtlMap } from "../../core/ttl-map";
import { estimateTokens } from "../token-estimate";
import type { Dialogue, DialogueItem, SandboxAnswer } from "./dialogue";

export interface SimulatedUsage {
  input: number;
  cached: number;
  write30m: number;
  write12h: number;
  output: number;
}

const SMALLEST_PREFIX = 1_024;
/** Role marks around each item. */
const TOKENS_PER_ITEM = 4;
const MOST_PREFIXES = 20_000;

export class CacheSimulation {
  readonly #written: Record<"30m" | "12h", TtlMap<string, true>>;

  constructor(clock: Clock) {
    this.#written = {
      "30m": new TtlMap({ ttlMs: 1_800_000, maxEntries: MOST_PREFIXES, clock }),
      "12h": new TtlMap({ ttlMs: 43_200_000, maxEntries: MOST_PREFIXES, clock }),
    };
  }

  /** Counts a request and its answer, and remembers the prefixes that are now in the cache. */
  account(dialogue: Dialogue, answer: SandboxAnswer): SimulatedUsage {
    const prefixes = prefixesOf(dialogue);
    const isKnown = (hash: string) => this.#written["30m"].has(hash) || this.#written["12h"].has(hash);
    const cached = prefixes.findLast((prefix) => isKnown(prefix.hash))?.tokens ?? 0;
    const ends = prefixes.filter((prefix) => prefix.isBreakpoint && prefix.tokens >= SMALLEST_PREFIX);
    const written = Math.max(0, (ends.at(-1)?.tokens ?? 0) - cached);
    for (const end of ends) this.#written[dialogue.cacheTtl].set(end.hash, true);
    return {
      input: prefixes.at(-1)?.tokens ?? 0,
      cached,
      write30m: dialogue.cacheTtl === "30m" ? written : 0,
      write12h: dialogue.cacheTtl === "12h" ? written : 0,
      output: outputTokens(answer),
    };
  }

  /** Frees the timers. */
  stop(): void {
    this.#written["30m"].clear();
    this.#written["12h"].clear();
  }
}

interface Prefix {
  hash: string;
  tokens: number;
  isBreakpoint: boolean;
}

/** Every start of the request, shortest first: the tools, then one item more each time. */
function prefixesOf({ tools, items, cacheKey, cacheMode }: Dialogue): Prefix[] {
  let hash = cacheKey;
  let tokens = 0;
  const prefixes: Prefix[] = [];
  const add = (source: string, isBreakpoint: boolean) => {
    hash = shortHash(`${hash}\n${source}`);
    tokens += countTokens(source) + TOKENS_PER_ITEM;
    prefixes.push({ hash, tokens, isBreakpoint });
  };
  if (tools.length > 0) add(tools.map((tool) => tool.source).join("\n"), false);
  items.forEach((item, index) => {
    const isImplicit = cacheMode === "implicit" && index === items.length - 1;
    add(sourceOf(item), isImplicit || (item.kind === "text" && item.breakpoint));
  });
  return prefixes;
}

const counted = new Map<string, number>();
const LONG_SOURCE = 500;
const MOST_COUNTED = 200;

/** Long texts (rules, tools, articles) come again with every request: they are counted once. */
function countTokens(source: string): number {
  if (source.length < LONG_SOURCE) return estimateTokens(source);
  let tokens = counted.get(source);
  if (tokens === undefined) {
    tokens = estimateTokens(source);
    if (counted.size >= MOST_COUNTED) counted.clear();
    counted.set(source, tokens);
  }
  return tokens;
}

function sourceOf(item: DialogueItem): string {
  if (item.kind === "text") return `${item.role}: ${item.text}`;
  return item.kind === "call" ? `${item.name} ${item.arguments}` : item.output;
}

function outputTokens({ text = "", refusal = "", calls = [] }: SandboxAnswer): number {
  return estimateTokens(text + refusal) + calls.reduce((sum, call) => sum + estimateTokens(`${call.name} ${call.arguments}`), 0);
}

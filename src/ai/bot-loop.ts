/** Notices when the customer is itself a machine, before two machines thank each other all night. Pure. */
import type { HistoryEntry } from "./context";

export type BotLoopReason =
  /** The same text again and again. */
  | "repeating"
  /** The other side says that it is an automatic answer. */
  | "auto-reply"
  /** Long messages arrive faster than anybody types. */
  | "too-fast";

export interface BotLoopLimits {
  /** Only messages this recent count. */
  windowMs: number;
  sameText: number;
  /** The same but for its numbers: lists and order numbers of people look alike as well. */
  sameButNumbers: number;
  autoReplies: number;
  fastReplies: number;
}

export const BOT_LOOP_LIMITS: Readonly<BotLoopLimits> = {
  windowMs: 1_800_000,
  sameText: 4,
  sameButNumbers: 10,
  autoReplies: 2,
  fastReplies: 5,
};

/** Nobody types faster than this, even thumbs of twenty. */
const CHARS_PER_SECOND = 25;
/** Short answers ("ok", a button's text) are sent in no time by people too. */
const LONG_TEXT = 60;

const AUTO_REPLY =
  /(?:mensaje|respuesta|resposta|mensagem) autom[áa]tic[ao]|auto[- ]?(?:reply|response|respuesta|resposta)|automat(?:ic|ed) (?:reply|response|message)|out of (?:the )?office|fuera de (?:la )?oficina|fora do escrit[óo]rio|do not reply to this|no responda a este|n[ãa]o responda a est|gracias por (?:comunicarte|contactar\p{L}*|escribirnos).{0,80}(?:en breve|a la brevedad|pronto)|obrigad[oa] (?:por entrar em contato|pelo contato).{0,80}(?:em breve|logo)|thank(?:s| you) for (?:contacting|reaching out).{0,80}(?:shortly|soon|as soon as)/isu;

/**
 * Whether the other side looks like a bot, from the messages of a conversation, oldest first and the newest included; null when it looks like a person.
 * A reply of a colleague starts the count anew: a person is in charge then.
 */
export function detectBotLoop(
  messages: readonly HistoryEntry[],
  now: number,
  limits: BotLoopLimits = BOT_LOOP_LIMITS,
): BotLoopReason | null {
  const since = messages.findLastIndex(({ role }) => role === "operator") + 1;
  const recent = messages.slice(since).filter(({ at }) => now - at <= limits.windowMs);
  const inbound = recent.filter(({ role }) => role === "user");
  if (inbound.filter(({ text }) => AUTO_REPLY.test(text)).length >= limits.autoReplies) return "auto-reply";
  // Machines answer an answer; what somebody sends in one go is no echo.
  const echoes = recent.filter(({ role }, index) => role === "user" && recent[index - 1]?.role === "assistant");
  if (mostFrequent(echoes.map(({ text }) => plain(text))) >= limits.sameText) return "repeating";
  if (mostFrequent(echoes.map(({ text }) => skeleton(text))) >= limits.sameButNumbers) return "repeating";
  return fastestRun(recent) >= limits.fastReplies ? "too-fast" : null;
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

/** A text without what machines fill in: numbers, marks, case. Codes of letters and digits stay: people ask about one after the other. */
const skeleton = (text: string): string =>
  text
    .toLowerCase()
    .replace(/(?<![\p{L}\p{N}])\p{N}+(?![\p{L}\p{N}])|[^\p{L}\p{N}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();

function mostFrequent(texts: readonly string[]): number {
  const times = new Map<string, number>();
  // People do send "?" or "hola" four times; whole sentences they do not.
  for (const text of texts) if (text.length > 12) times.set(text, (times.get(text) ?? 0) + 1);
  return Math.max(0, ...times.values());
}

/** The newest unbroken run of long messages that each came faster after our reply than anybody types. */
function fastestRun(messages: readonly HistoryEntry[]): number {
  let run = 0;
  for (let index = messages.length - 1; index > 0; index--) {
    const { role, text, at } = messages[index]!;
    const before = messages[index - 1]!;
    if (role !== "user" || before.role !== "assistant") continue;
    const typingMs = (text.length / CHARS_PER_SECOND) * 1000;
    if (text.length < LONG_TEXT || at - before.at > typingMs) break;
    run++;
  }
  return run;
}

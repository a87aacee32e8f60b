/** What makes a password easy to guess: it is one of those that everybody tries, or such a word with a number, or one's own name. */
import { FREQUENT_PASSWORDS } from "./frequent-passwords";

/** A frequent password as the list keeps it. */
export const passwordMark = (text: string): number => Bun.hash.xxHash32(text.toLowerCase());

let marks: ReadonlySet<number> | null = null;

/** Opened at first use: a few thousand numbers. */
function isFrequent(text: string): boolean {
  marks ??= new Set(new Uint32Array(Uint8Array.from(Buffer.from(FREQUENT_PASSWORDS, "base64")).buffer));
  return marks.has(passwordMark(text));
}

const LEET: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};
const SHORTEST_WORD = 4;
/** Words of this product and of signing in, which lists of the net do not have. */
const OURS = [
  "chasqui",
  "whatsapp",
  "password",
  "contrasena",
  "contraseña",
  "administrator",
  "admin",
  "qwerty",
  "bienvenido",
  "welcome",
];

/** The letters in the middle: what is left when somebody has added a year and an exclamation mark. */
const coreOf = (text: string): string => text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
const unleet = (text: string): string => text.replace(/[013457@$!]/g, (sign) => LEET[sign] ?? sign);

/** One piece said over and over, or a row of neighbours: it is as good as that piece. */
function isMonotonous(text: string): boolean {
  for (let size = 1; size <= text.length / 3; size++)
    if (
      text ===
      text
        .slice(0, size)
        .repeat(Math.ceil(text.length / size))
        .slice(0, text.length)
    )
      return true;
  const steps = new Set([...text].slice(1).map((sign, at) => sign.charCodeAt(0) - text.charCodeAt(at)));
  return steps.size === 1;
}

/**
 * Whether somebody who tries what everybody uses would soon have it (ASVS 2.1.7). `own`: words of the person, such as name and e-mail.
 * Long sentences and random signs are never easy, whatever is in them.
 */
export function isEasyPassword(password: string, own: readonly string[] = []): boolean {
  const text = password.toLowerCase();
  if (isFrequent(text) || isMonotonous(text)) return true;
  const theirs = new Set(
    [...OURS, ...own.flatMap((word) => word.toLowerCase().split(/[^\p{L}]+/u))].filter((word) => word.length >= SHORTEST_WORD),
  );
  const isKnown = (word: string): boolean => theirs.has(word) || (word.length >= SHORTEST_WORD && isFrequent(word));
  return [coreOf(text), unleet(coreOf(text)), coreOf(unleet(text))].some((core) => {
    const half = core.slice(0, core.length / 2);
    return isKnown(core) || (core.length > 0 && core === half + half && isKnown(half));
  });
}

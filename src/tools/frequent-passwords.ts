/**
 * Writes the list of passwords that everybody tries first, from `passwords.json` of the npm package @zxcvbn-ts/language-common (MIT),
 * the most frequent first: `bun src/tools/frequent-passwords.ts <passwords.json>`. They are kept as numbers: that is small, and nobody has to read them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { passwordMark } from "../features/agents/password-strength";

const LINE = 120;
/** Whole passwords as long as new ones must be at least, all that the list has. */
const LONG = 12;
/** Words that people lengthen with numbers: so many of the most frequent. */
const MOST_WORDS = 5_000;

const [path] = process.argv.slice(2);
if (!path) throw new Error("Give the path of passwords.json.");
const all = JSON.parse(readFileSync(path, "utf8")) as string[];
const words = all.filter((word) => /^[a-z]{4,}$/.test(word)).slice(0, MOST_WORDS);
const marks = [...new Set([...all.filter((word) => word.length >= LONG), ...words].map((word) => passwordMark(word)))].sort(
  (a, b) => a - b,
);
const packed = Buffer.from(Uint32Array.from(marks).buffer).toString("base64");
const lines = packed.match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
const text = `/** Made by src/tools/frequent-passwords.ts: ${marks.length} frequent passwords and words in them, as sorted numbers of 32 bits. */
export const FREQUENT_PASSWORDS =
${lines.map((line) => `  "${line}"`).join(" +\n")};
`;
writeFileSync(join(import.meta.dir, "../features/agents/frequent-passwords.ts"), text);

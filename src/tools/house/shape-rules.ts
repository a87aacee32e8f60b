/** Sizes and names of files. */
import type { SourceFile } from "./source-file";

const HARD_LIMIT = 400;
const LOOK_TWICE = 250;
/** Names that say nothing about what is inside. */
const EMPTY_WORDS = new Set(["util", "utils", "helper", "helpers", "common", "types", "misc", "stuff"]);
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

const linesOf = (text: string): number => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);

/** Files that were never split. For tests the limit is advice: a table of cases is long and still one thing. */
export function checkSize({ path, text }: SourceFile): string[] {
  return linesOf(text) > HARD_LIMIT
    ? [`${path} has ${linesOf(text)} lines: above ${HARD_LIMIT} a file is split by responsibility`]
    : [];
}

/** A name nobody can search for. */
export function checkName({ path }: SourceFile): string[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const found: string[] = [];
  if (name.split(/[.-]/).some((word) => EMPTY_WORDS.has(word)))
    found.push(`${path}: no files named ${[...EMPTY_WORDS].join(", ")}`);
  if (!KEBAB_CASE.test(name)) found.push(`${path}: file names are kebab-case`);
  return found;
}

/** Files worth a second look, longest first, as `path (lines)`. */
export function longFiles(files: readonly SourceFile[]): string[] {
  return files
    .map(({ path, text }) => ({ path, lines: linesOf(text) }))
    .filter(({ lines }) => lines > LOOK_TWICE)
    .sort((a, b) => b.lines - a.lines)
    .map(({ path, lines }) => `${path} (${lines})`);
}

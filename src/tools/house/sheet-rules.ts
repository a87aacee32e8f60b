/** The app has one style sheet, so a name in it means the same everywhere: each is described in one of the files it is made of. */
import type { SourceFile } from "./source-file";

const COMMENT = /\/\*[\s\S]*?\*\//g;

/** Names that several files describe, each with the files: one would change how the other's page looks. */
export function checkSheets(sheets: readonly SourceFile[], shared: ReadonlySet<string> = new Set()): string[] {
  const places = new Map<string, Set<string>>();
  for (const { path, text } of sheets)
    for (const [, selectors = ""] of text.replace(COMMENT, "").matchAll(/([^{};]+)\{/g))
      for (const selector of selectors.split(",").map((one) => one.trim()))
        if (/^\.[a-z][\w-]*$/.test(selector)) places.set(selector, (places.get(selector) ?? new Set()).add(path));
  return [...places]
    .filter(([name, files]) => files.size > 1 && !shared.has(name))
    .map(([name, files]) => `${name} is described in ${[...files].sort().join(" and ")}`);
}

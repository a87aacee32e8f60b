/** Things that may be touched in one place only: the environment and the time. */
import { type SourceFile, withoutComments } from "./source-file";

const PLACES: readonly { pattern: RegExp; home: RegExp; rule: string }[] = [
  {
    pattern: /\bprocess\s*\.\s*env\b|\bprocess\s*\[\s*["'`]env|\bBun\s*\.\s*env\b|\bimport\.meta\.env\b/,
    home: /^src\/config\/env\.ts$/,
    rule: "the environment is read in src/config/env.ts",
  },
  {
    pattern:
      /\bDate\s*\.\s*now\b|\bnew Date\b(?!\s*\(\s*[^)\s])|(?<!new |[\w.])Date\(\)|\bperformance\s*\.\s*now\b|\bhrtime\b|\bBun\s*\.\s*nanoseconds\b/,
    home: /^src\/(core|web\/app)\/clock\.ts$/,
    rule: "the time comes from src/core/clock.ts (in the web app: src/web/app/clock.ts)",
  },
];

/** Every broken rule as one sentence that names the file, the line and the rule. */
export function checkPlaces({ path, text }: SourceFile): string[] {
  const code = withoutComments(text);
  return PLACES.flatMap(({ pattern, home, rule }) => {
    const found = home.test(path) ? null : pattern.exec(code);
    return found ? [`${path} uses ${found[0].trim()}: ${rule}`] : [];
  });
}

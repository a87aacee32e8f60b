/** The README tells the truth: its map shows the folders that exist, its commands exist. */
import type { SourceFile } from "./source-file";

const FENCE = /^```[^\n]*\n([\s\S]*?)^```/gm;

/** Paths named by the house map: the fenced block that shows `src/`, one entry a line, nested by indentation or tree lines. */
export function mapEntries(readme: string): string[] {
  const block = [...readme.matchAll(FENCE)].map(([, body = ""]) => body).find((body) => /^[\s│├└─]*src\/(\s|$)/m.test(body));
  if (!block) return [];
  const open: { indent: number; path: string }[] = [];
  return block.split("\n").flatMap((line) => {
    const indent = line.search(/[^\s│├└─]/);
    // `features/<nouns>/` stands for the folder in front of the placeholder.
    const name = indent < 0 ? "" : line.slice(indent).replace(/[\s<*{,].*/, "");
    if (!/[/.]/.test(name)) return [];
    while (open.length > 0 && open.at(-1)!.indent >= indent) open.pop();
    const path = (open.at(-1)?.path ?? "") + name;
    if (name.endsWith("/")) open.push({ indent, path });
    return [path];
  });
}

/** Compares the map with the folders that exist directly below `src`. `exists` answers for a path of the checkout. */
export function checkMap(readme: string, folders: readonly string[], exists: (path: string) => boolean): string[] {
  const entries = mapEntries(readme);
  if (entries.length === 0) return ["README.md has no house map (a fenced block with a line `src/`)"];
  return [
    ...entries.filter((path) => !exists(path)).map((path) => `README.md's map shows ${path}, which does not exist`),
    ...folders.filter((name) => !entries.includes(`src/${name}/`)).map((name) => `README.md's map does not show src/${name}/`),
  ];
}

const BUILT_IN = new Set(["ci", "install", "run", "exec", "config"]);

/** Every `npm start`, `npm test` and `npm run ...` in a text needs a script of that name. */
export function checkCommands({ path, text }: SourceFile, scripts: readonly string[]): string[] {
  const named = [...text.matchAll(/\b(?:npm|bun) run ([a-z][\w:-]*)|\bnpm (start|test)\b/g)].map(
    ([, run, short]) => run ?? short ?? "",
  );
  return [...new Set(named)]
    .filter((name) => !scripts.includes(name) && !BUILT_IN.has(name))
    .map((name) => `${path} names the script "${name}", which package.json does not have`);
}

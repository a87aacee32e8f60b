/** A text file of the checkout as the house rules see it, and the list of all of them. */
import { join } from "node:path";
import { ROOT } from "../checkout";

export interface SourceFile {
  /** Relative to the checkout, with forward slashes. */
  path: string;
  text: string;
}

/** Files of the checkout that match these patterns, sorted by path. */
export async function readSources(...patterns: string[]): Promise<SourceFile[]> {
  const paths = new Set<string>();
  for (const pattern of patterns) for await (const path of new Bun.Glob(pattern).scan({ cwd: ROOT, dot: true })) paths.add(path);
  return Promise.all([...paths].sort().map(async (path) => ({ path, text: await Bun.file(join(ROOT, path)).text() })));
}

const NEVER_COMMITTED = /^(node_modules|dist|data|coverage|\.cache|\.git)\//;

/** All files that are or will be committed: what git tracks and what it would add. In a copy without git: everything but what is made. */
export function committedPaths(): string[] {
  const git = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: ROOT,
    stderr: "ignore",
  });
  if (git.success) return [...new Set(git.stdout.toString().split("\0").filter(Boolean))];
  return [...new Bun.Glob("**").scanSync({ cwd: ROOT, dot: true })].filter((path) => !NEVER_COMMITTED.test(path));
}

/** Code without its comments. Strings stay, so text that only looks like a comment inside one stays too. */
export function withoutComments(code: string): string {
  return code.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_, text: string | undefined) => text ?? " ",
  );
}

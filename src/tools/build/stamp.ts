/** Tells whether something built is still what its sources would build: a hash of every source file, kept beside the result. */
import { existsSync } from "node:fs";
import { ROOT } from "../checkout";

/** A hash of the content and names of all files that match these patterns (relative to the checkout). */
export async function hashSources(patterns: readonly string[]): Promise<string> {
  const paths = new Set<string>();
  for (const pattern of patterns)
    for await (const path of new Bun.Glob(pattern).scan({ cwd: ROOT, dot: true, onlyFiles: true })) paths.add(path);
  const hasher = new Bun.CryptoHasher("sha256");
  hasher.update(Bun.version);
  for (const path of [...paths].sort()) {
    const bytes = await Bun.file(`${ROOT}/${path}`).bytes();
    hasher.update(`\n${path}\n${bytes.byteLength}\n`).update(bytes);
  }
  return hasher.digest("hex");
}

/** Something built, and the file that holds the hash of what it was built from. */
export interface Built {
  result: string;
  stamp: string;
}

/** True when the result exists and was built from exactly these sources. */
export async function isFresh({ result, stamp }: Built, sources: string): Promise<boolean> {
  return existsSync(result) && existsSync(stamp) && (await Bun.file(stamp).text()) === sources;
}

export async function writeStamp({ stamp }: Built, sources: string): Promise<void> {
  await Bun.write(stamp, sources);
}

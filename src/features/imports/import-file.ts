/** The files of an import in the data directory: what was uploaded, and the report of what could not be taken. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { open, rename, truncate } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "../../core/errors";

const LARGEST_BYTES = 50 * 1024 * 1024;

export interface ImportFiles {
  /** Writes the upload to disk; it is there whole, or not at all. Throws `request.too-large` and `request.malformed`. */
  receive(id: string, body: AsyncIterable<Uint8Array> | null): Promise<void>;
  exists(id: string): Promise<boolean>;
  sample(id: string): Promise<Uint8Array>;
  chunks(id: string): AsyncIterable<Uint8Array>;
  /** Adds to the report behind `from` bytes and gives its new length. */
  report(id: string, from: number, text: string): Promise<number>;
  reportOf(id: string, length: number): Blob;
  remove(id: string): void;
  /** Ids of which there are files. */
  list(): string[];
}

const SAMPLE_BYTES = 64 * 1024;

export function createImportFiles(dataDir: string): ImportFiles {
  const directory = join(dataDir, "imports");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = (id: string) => join(directory, `${id}.csv`);
  const reportPath = (id: string) => join(directory, `${id}.report.csv`);

  return {
    async receive(id, body) {
      if (!body) throw fail("request.malformed", { message: "The body has to be the file." });
      const partial = `${path(id)}.part`;
      const file = await open(partial, "w", 0o600);
      let size = 0;
      try {
        for await (const chunk of body) {
          size += chunk.byteLength;
          if (size > LARGEST_BYTES) throw fail("request.too-large", { message: "A file may have 50 MB." });
          await file.write(chunk);
        }
        if (size === 0) throw fail("request.malformed", { message: "The file is empty." });
        await file.sync();
      } catch (error) {
        // A line that broke, a file that is too large, a full disk: nothing of it stays.
        rmSync(partial, { force: true });
        throw error;
      } finally {
        await file.close();
      }
      await rename(partial, path(id));
    },
    exists: (id) => Bun.file(path(id)).exists(),
    sample: async (id) => new Uint8Array(await Bun.file(path(id)).slice(0, SAMPLE_BYTES).arrayBuffer()),
    chunks: (id) => Bun.file(path(id)).stream() as unknown as AsyncIterable<Uint8Array>,
    async report(id, from, text) {
      const target = reportPath(id);
      const file = await open(target, "a", 0o600);
      try {
        await truncate(target, from);
        await file.appendFile(text);
        return (await file.stat()).size;
      } finally {
        await file.close();
      }
    },
    reportOf: (id, length) => Bun.file(reportPath(id)).slice(0, length),
    remove(id) {
      for (const one of [path(id), reportPath(id), `${path(id)}.part`]) rmSync(one, { force: true });
    },
    list: () => [...new Set(readdirSync(directory).map((name) => name.split(".")[0] ?? ""))],
  };
}

/** Where media files are kept: by the hash of their content, so that the same file is stored once. A directory, or S3. */
import { mkdir, open, rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "../../core/id";

export interface StoredFile {
  /** SHA-256 of the content in hex: the name of the file. */
  key: string;
  size: number;
}

/** A file on its way in. Nothing is visible under its key before `commit`. */
export interface MediaWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Makes the file durable and answers its key. */
  commit(mimeType: string): Promise<StoredFile>;
  abort(): Promise<void>;
}

export interface MediaStorage {
  begin(): Promise<MediaWriter>;
  /** The file, for streaming whole or in ranges (`slice`); null when it is not there. */
  open(key: string): Promise<Blob | null>;
  remove(key: string): Promise<void>;
}

const KEY = /^[0-9a-f]{64}$/;
const PARTIAL = "partial";

/** Files under `directory`, spread over 256 folders. Leftovers of an interrupted run are removed. */
export async function createDirectoryStorage(directory: string): Promise<MediaStorage> {
  await startSpool(directory);
  const pathOf = (key: string) => join(directory, key.slice(0, 2), key);
  return {
    begin: () => spool(directory, async (path, file) => place(path, pathOf(file.key))),
    open: async (key) => {
      const file = KEY.test(key) ? Bun.file(pathOf(key)) : null;
      return file && (await file.exists()) ? file : null;
    },
    remove: async (key) => {
      if (KEY.test(key)) await rm(pathOf(key), { force: true });
    },
  };
}

async function place(from: string, to: string): Promise<void> {
  const folder = join(to, "..");
  await mkdir(folder, { recursive: true });
  await rename(from, to);
  // The new name must outlive a power cut too.
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** An S3 bucket through Bun's own client; files pass through `spoolDirectory` because their name is known only at the end. */
export async function createS3Storage(client: Bun.S3Client, spoolDirectory: string, prefix = "media/"): Promise<MediaStorage> {
  await startSpool(spoolDirectory);
  return {
    begin: () =>
      spool(spoolDirectory, async (path, { key }, mimeType) => {
        await client.write(prefix + key, Bun.file(path), { type: mimeType });
        await unlink(path);
      }),
    open: async (key) => (KEY.test(key) && (await client.exists(prefix + key)) ? client.file(prefix + key) : null),
    remove: async (key) => {
      if (KEY.test(key)) await client.delete(prefix + key);
    },
  };
}

async function startSpool(directory: string): Promise<void> {
  await rm(join(directory, PARTIAL), { recursive: true, force: true });
  await mkdir(join(directory, PARTIAL), { recursive: true });
}

type Finish = (path: string, file: StoredFile, mimeType: string) => Promise<void>;

async function spool(directory: string, finish: Finish): Promise<MediaWriter> {
  const path = join(directory, PARTIAL, newId());
  const handle = await open(path, "wx", 0o600);
  const hasher = new Bun.CryptoHasher("sha256");
  let size = 0;
  return {
    async write(chunk) {
      hasher.update(chunk);
      size += chunk.length;
      await handle.writeFile(chunk);
    },
    async commit(mimeType) {
      await handle.sync();
      await handle.close();
      const file = { key: hasher.digest("hex"), size };
      await finish(path, file, mimeType);
      return file;
    },
    async abort() {
      await handle.close();
      await rm(path, { force: true });
    },
  };
}

/** Writes brotli, zstd and gzip siblings beside the files of the web app, where they are worth it. The server picks one per request. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** Below this a compressed answer saves no network packet. */
const SMALLEST_BYTES = 1_024;
/** A sibling must be at least a tenth smaller, or decoding it is not worth it. */
const LARGEST_SHARE = 0.9;
/** Images (but SVG), audio and woff2 are compressed already. */
const COMPRESSIBLE = /\.(js|mjs|css|html|svg|json|txt|map|xml|webmanifest|wasm|ttf|otf|ico)$/;

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

const ENCODERS: readonly (readonly [suffix: string, encode: (plain: Buffer) => Promise<Uint8Array>])[] = [
  [
    ".br",
    (plain) =>
      brotliAsync(plain, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: plain.byteLength,
        },
      }),
  ],
  [".zst", (plain) => Bun.zstdCompress(plain, { level: 19 })],
  // Browsers offer brotli and zstd only over HTTPS; gzip serves those that reach the server by plain HTTP in a local network.
  [".gz", (plain) => gzipAsync(plain, { level: 9 })],
];

export interface PrecompressResult {
  files: number;
  plainBytes: number;
  /** Bytes of a first load with brotli where it exists. */
  brotliBytes: number;
}

/** Compresses every file below `directory` that gains from it; siblings of an earlier run are replaced. */
export async function precompress(directory: string): Promise<PrecompressResult> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const stale = new Set(
    paths.filter((path) => ENCODERS.some(([suffix]) => path.endsWith(suffix) && paths.includes(path.slice(0, -suffix.length)))),
  );
  await Promise.all([...stale].map((path) => rm(path)));

  const result = { files: 0, plainBytes: 0, brotliBytes: 0 };
  await Promise.all(
    paths
      .filter((path) => !stale.has(path))
      .map(async (path) => {
        const plain = Buffer.from(await Bun.file(path).bytes());
        const brotliBytes = await writeSiblings(path, plain);
        result.files++;
        result.plainBytes += plain.byteLength;
        result.brotliBytes += brotliBytes;
      }),
  );
  return result;
}

async function writeSiblings(path: string, plain: Buffer): Promise<number> {
  if (plain.byteLength < SMALLEST_BYTES || !COMPRESSIBLE.test(path)) return plain.byteLength;
  const sizes = await Promise.all(
    ENCODERS.map(async ([suffix, encode]) => {
      const encoded = await encode(plain);
      if (encoded.byteLength > plain.byteLength * LARGEST_SHARE) return plain.byteLength;
      await Bun.write(path + suffix, encoded);
      return encoded.byteLength;
    }),
  );
  return sizes[0]!;
}

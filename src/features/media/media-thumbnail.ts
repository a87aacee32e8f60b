/** Small pictures for the thread. An image that cannot be read has none; a tiny file that unfolds into a huge one is refused unread. */

/** Shown at up to 320 CSS pixels; twice that for sharp screens. */
const SIDE = 640;
const QUALITY = 72;
/** 50 megapixels: more than any phone takes, and 200 MB while it is worked on. */
const MAX_PIXELS = 50_000_000;
const MAX_FILE_BYTES = 25 * 1024 * 1024;

export const THUMBNAIL_TYPE = "image/webp";

/** The WebP bytes of a thumbnail; null when there can be none. */
export async function makeThumbnail(file: Blob): Promise<Uint8Array | null> {
  if (file.size > MAX_FILE_BYTES) return null;
  try {
    return await new Bun.Image(await file.bytes(), { maxPixels: MAX_PIXELS })
      .resize(SIDE, SIDE, { fit: "inside", withoutEnlargement: true })
      .webp({ quality: QUALITY })
      .bytes();
  } catch (error) {
    // ERR_IMAGE_*: no picture after all, damaged, or too many pixels.
    if (String((error as { code?: unknown }).code).startsWith("ERR_IMAGE_")) return null;
    throw error;
  }
}

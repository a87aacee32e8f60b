/** What WhatsApp takes, told before anything is uploaded; the server checks again by the file's own bytes. */
import type { MediaView } from "@server/events/view";

const MB = 1024 * 1024;

export type Kind = Exclude<MediaView["type"], "sticker">;

const TYPES: Record<Exclude<Kind, "document">, RegExp> = {
  image: /^image\/(jpeg|png)$/,
  video: /^video\/(mp4|3gpp)$/,
  audio: /^audio\/(aac|amr|mpeg|mp4|ogg)\b/,
};
export const MOST_BYTES: Record<Kind, number> = { image: 5 * MB, video: 16 * MB, audio: 16 * MB, document: 100 * MB };
const LONGEST_SIDE = 2_560;

export function kindOfFile({ type }: Blob): Kind {
  for (const [kind, pattern] of Object.entries(TYPES)) if (pattern.test(type)) return kind as Kind;
  return "document";
}

/** Pictures that WhatsApp does not take as they are, or that are too large, can be made to fit. */
export const needsShrinking = (file: Blob): boolean =>
  file.type.startsWith("image/") && (!TYPES.image.test(file.type) || file.size > MOST_BYTES.image);

/** The picture as a JPEG that fits; null when this browser cannot read it. */
export async function shrink(file: File): Promise<File | null> {
  // Awaited: InvalidStateError for pictures that cannot be read.
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return null;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  // JPEG knows no transparency.
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.86 });
  return new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" });
}

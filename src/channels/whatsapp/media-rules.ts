/** What files may be: Meta's limits for sending, our limits for keeping, and the true type by the first bytes (facts §3.3). Pure. */
import { fail } from "../../core/errors";
import type { Attachment } from "./inbound-content";

const KB = 1024;
const MB = 1024 * KB;

interface SendRule {
  types: readonly string[];
  maxBytes: number;
}

const office = "application/vnd.openxmlformats-officedocument.";

const sendRules: Readonly<Record<Attachment["type"], SendRule>> = {
  image: { types: ["image/jpeg", "image/png"], maxBytes: 5 * MB },
  video: { types: ["video/mp4", "video/3gpp"], maxBytes: 16 * MB },
  audio: { types: ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"], maxBytes: 16 * MB },
  sticker: { types: ["image/webp"], maxBytes: 500 * KB },
  document: {
    types: [
      "text/plain",
      "application/pdf",
      "application/msword",
      "application/vnd.ms-excel",
      "application/vnd.ms-powerpoint",
      `${office}wordprocessingml.document`,
      `${office}spreadsheetml.sheet`,
      `${office}presentationml.presentation`,
    ],
    maxBytes: 100 * MB,
  },
};

/** WhatsApp delivers files of up to 100 MB. */
export const MAX_RECEIVED_BYTES = 100 * MB;

/** A MIME type without its parameters, in lower case. */
export const bareType = (mimeType: string): string => (mimeType.split(";")[0] ?? "").trim().toLowerCase();

/** A sticker that does not move has less room. */
const MAX_STILL_STICKER = 100 * KB;

/** Whether the first bytes of a WebP file say that it moves: the animation bit of its extended header. */
export const isAnimatedWebp = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(12, 16)).toString("latin1") === "VP8X" && ((head[20] ?? 0) & 2) !== 0;

interface Upload {
  type: Attachment["type"];
  mimeType: string;
  size: number;
  /** The first bytes, where they are known. */
  head?: Uint8Array;
}

/** Refuses, with the reason, a file Meta would refuse as this kind of message. */
export function checkUpload({ type, mimeType, size, head }: Upload): void {
  const rule = sendRules[type];
  const maxBytes = type === "sticker" && head && !isAnimatedWebp(head) ? MAX_STILL_STICKER : rule.maxBytes;
  if (size === 0) throw fail("media.refused", { message: "The file is empty." });
  if (!rule.types.includes(bareType(mimeType))) {
    throw fail("media.refused", {
      message: `WhatsApp takes no ${bareType(mimeType)} as ${type}. It takes: ${rule.types.join(", ")}.`,
    });
  }
  if (size > maxBytes) {
    throw fail("media.refused", {
      message: `WhatsApp takes at most ${formatBytes(maxBytes)} as ${type}; this file has ${formatBytes(size)}.`,
    });
  }
}

/** What the upload for handles takes at all. */
const HANDLE_TYPES = ["image/jpeg", "image/png", "video/mp4", "application/pdf"];

/** Refuses, with the reason, a file that can be no example of a template's header of this kind, nor a profile picture. */
export function checkExample(file: Upload): void {
  checkUpload(file);
  const types = sendRules[file.type].types.filter((type) => HANDLE_TYPES.includes(type));
  if (types.includes(bareType(file.mimeType))) return;
  throw fail("media.refused", {
    message: `WhatsApp takes no ${bareType(file.mimeType)} as an example. It takes: ${types.join(", ")}.`,
  });
}

const formatBytes = (bytes: number): string => (bytes >= MB ? `${(bytes / MB).toFixed(1)} MB` : `${Math.ceil(bytes / KB)} KB`);

/** The kind of message a file goes out as: its own when Meta takes it so, else a document, else undefined. */
export function kindOfFile(mimeType: string, size: number): Attachment["type"] | undefined {
  const bare = bareType(mimeType);
  const kinds = Object.entries(sendRules) as [Attachment["type"], SendRule][];
  return kinds.find(([, rule]) => rule.types.includes(bare) && size <= rule.maxBytes)?.[0];
}

const signatures: readonly { type: string; at: number; bytes: string }[] = [
  { type: "image/jpeg", at: 0, bytes: "\xff\xd8\xff" },
  { type: "image/png", at: 0, bytes: "\x89PNG\r\n\x1a\n" },
  { type: "image/gif", at: 0, bytes: "GIF8" },
  { type: "image/webp", at: 8, bytes: "WEBP" },
  { type: "audio/ogg", at: 0, bytes: "OggS" },
  { type: "audio/amr", at: 0, bytes: "#!AMR" },
  { type: "audio/mpeg", at: 0, bytes: "ID3" },
  { type: "audio/mpeg", at: 0, bytes: "\xff\xfb" },
  { type: "audio/mpeg", at: 0, bytes: "\xff\xf3" },
  { type: "audio/aac", at: 0, bytes: "\xff\xf1" },
  { type: "audio/aac", at: 0, bytes: "\xff\xf9" },
  { type: "audio/mp4", at: 4, bytes: "ftypM4A" },
  { type: "video/3gpp", at: 4, bytes: "ftyp3gp" },
  { type: "video/mp4", at: 4, bytes: "ftyp" },
  { type: "application/pdf", at: 0, bytes: "%PDF-" },
  { type: "application/zip", at: 0, bytes: "PK\x03\x04" },
];

/** The type that the first bytes (32 are enough) give away; undefined when they say nothing. */
export function sniffType(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.subarray(0, 32)).toString("latin1");
  return signatures.find(({ at, bytes }) => text.startsWith(bytes, at))?.type;
}

const INLINE = /^(image\/(jpeg|png|gif|webp)|audio\/(ogg|mpeg|mp4|aac|amr)|video\/(mp4|3gpp)|application\/pdf)$/;

/**
 * How a received file may be served: its true type in the page when it is a picture, a sound, a film or a PDF by its own bytes;
 * everything else only as a download of unknown type, whatever the sender called it.
 */
export function serveAs(declared: string, sniffed: string | undefined): { mimeType: string; inline: boolean } {
  const bare = bareType(declared);
  const isContainer = sniffed === "video/mp4" && bare === "audio/mp4";
  const type = isContainer ? bare : sniffed;
  return type !== undefined && INLINE.test(type)
    ? { mimeType: type, inline: true }
    : { mimeType: "application/octet-stream", inline: false };
}

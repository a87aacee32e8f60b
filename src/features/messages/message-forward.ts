/** A stored message as it would be written anew in another conversation. Pure. */
import { fail } from "../../core/errors";
import type { Message } from "./message.model";
import type { NewMessage } from "./message-content.schema";

const FILES = new Set(["image", "video", "audio", "document", "sticker"]);
const WITH_CAPTION = new Set(["image", "video", "document"]);

/** Throws `message.not-forwardable` for kinds that make sense only where they were said, and for files that are not here. */
export function forwardOf(message: Message): NewMessage {
  const { type, content, payload, attachments, erasedAt } = message;
  if (erasedAt || message.private) throw fail("message.not-forwardable");
  if (type === "text") return { text: content };
  const [file] = attachments;
  if (FILES.has(type) && file?.media) {
    const caption = WITH_CAPTION.has(type) && file.fileDescription ? { caption: file.fileDescription } : {};
    const filename = type === "document" && file.filename ? { filename: file.filename } : {};
    return { type, [type]: { mediaId: file.media, ...caption, ...filename } } as NewMessage;
  }
  if (type === "location") {
    const { latitude, longitude, name, address } = payload;
    const words = { ...(typeof name === "string" ? { name } : {}), ...(typeof address === "string" ? { address } : {}) };
    if (typeof latitude === "number" && typeof longitude === "number")
      return { type: "location", location: { latitude, longitude, ...words } };
  }
  throw fail("message.not-forwardable");
}

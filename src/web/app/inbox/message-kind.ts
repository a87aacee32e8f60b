/** What a message that is not plain text is called, and its icon. */
import type { MessageView } from "@server/events/view";
import type { WordKey } from "../i18n/words";

export interface MessageKind {
  icon: string;
  word: WordKey;
}

const KINDS: Record<string, MessageKind> = {
  image: { icon: "image", word: "kind.image" },
  video: { icon: "video", word: "kind.video" },
  audio: { icon: "mic", word: "kind.audio" },
  voice: { icon: "mic", word: "kind.voice" },
  document: { icon: "file", word: "kind.document" },
  sticker: { icon: "sticker", word: "kind.sticker" },
  location: { icon: "pin", word: "kind.location" },
  contacts: { icon: "card", word: "kind.contacts" },
  reaction: { icon: "react", word: "kind.reaction" },
  interactive: { icon: "buttons", word: "kind.interactive" },
  button: { icon: "buttons", word: "kind.button" },
  order: { icon: "cart", word: "kind.order" },
  template: { icon: "template", word: "kind.template" },
  system: { icon: "info", word: "kind.system" },
  call_permission_reply: { icon: "phone", word: "kind.callPermission" },
};

/** Null for plain text, which needs no label. */
export function kindOf({ type }: { type: string }): MessageKind | null {
  return type === "text" ? null : (KINDS[type] ?? { icon: "help", word: "kind.unknown" });
}

/** Tells what happened, as a line of the thread. What the product itself has sent to the customer is a message like any other. */
export const isActivity = ({ role, delivery }: Pick<MessageView, "role" | "delivery">): boolean =>
  role === "system" && delivery === null;

/** What a message that is not plain text is called, and its icon. */
export interface MessageKind {
  icon: string;
  word: string;
}

const KINDS: Record<string, MessageKind> = {
  image: { icon: "image", word: "Photo" },
  video: { icon: "video", word: "Video" },
  audio: { icon: "mic", word: "Voice message" },
  document: { icon: "file", word: "Document" },
  sticker: { icon: "sticker", word: "Sticker" },
  location: { icon: "pin", word: "Location" },
  contacts: { icon: "card", word: "Contact" },
  reaction: { icon: "react", word: "Reaction" },
  interactive: { icon: "buttons", word: "Answer" },
  button: { icon: "buttons", word: "Answer" },
  order: { icon: "cart", word: "Order" },
  template: { icon: "template", word: "Template" },
  system: { icon: "info", word: "Notice" },
};

/** Null for plain text, which needs no label. */
export function kindOf({ type }: { type: string }): MessageKind | null {
  return type === "text" ? null : (KINDS[type] ?? { icon: "help", word: `A kind of message that is not shown yet (${type})` });
}

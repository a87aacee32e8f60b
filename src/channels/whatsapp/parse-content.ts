/** From the `type` of a message and the object under that key to typed content. Never throws; missing parts stay absent. */
import type { Attachment, MessageContent, MessageType } from "./inbound-content";
import { booleanOf, compact, idOf, type JsonObject, listOf, numberOf, objectOf, storable, textOf } from "./json-value";
import { readContacts } from "./parse-contact-card";
import { readInteractive } from "./parse-interactive";
import { readOrder } from "./parse-order";
import { readSystem } from "./parse-system";

const UNAVAILABLE = 131060;

type Reader = (data: JsonObject, message: JsonObject) => MessageContent;

const readers: Record<Exclude<MessageType, "unknown">, Reader> = {
  text: (data, message) => {
    // Some providers hand on the text itself where WhatsApp has an object.
    const body = textOf(data.body) ?? textOf(message.text) ?? "";
    return { type: "text", text: body, payload: { body }, attachments: [] };
  },
  image: (data) => {
    const caption = textOf(data.caption);
    return { type: "image", text: caption ?? "", payload: compact({ caption }), attachments: [attachment("image", data)] };
  },
  video: (data) => {
    const caption = textOf(data.caption);
    return { type: "video", text: caption ?? "", payload: compact({ caption }), attachments: [attachment("video", data)] };
  },
  audio: (data, message) => ({
    type: "audio",
    text: "",
    payload: { voice: booleanOf(data.voice) ?? message.type === "voice" },
    attachments: [attachment("audio", data)],
  }),
  document: (data) => {
    const caption = textOf(data.caption);
    const filename = textOf(data.filename);
    const payload = compact({ caption, filename });
    return { type: "document", text: caption ?? filename ?? "", payload, attachments: [attachment("document", data)] };
  },
  sticker: (data) => ({
    type: "sticker",
    text: "",
    payload: { animated: booleanOf(data.animated) ?? false },
    attachments: [attachment("sticker", data)],
  }),
  location: (data) => {
    const name = textOf(data.name);
    const address = textOf(data.address);
    const payload = compact({
      latitude: numberOf(data.latitude),
      longitude: numberOf(data.longitude),
      name,
      address,
      url: textOf(data.url),
    });
    const place = [name, address].filter(Boolean).join(", ");
    return { type: "location", text: place || coordinates(payload), payload, attachments: [] };
  },
  contacts: (_, message) => readContacts(message.contacts, textOf(message.origin)),
  interactive: readInteractive,
  button: (data) => {
    const text = textOf(data.text);
    return { type: "button", text: text ?? "", payload: compact({ payload: textOf(data.payload), text }), attachments: [] };
  },
  reaction: (data) => {
    const emoji = textOf(data.emoji) ?? null;
    const payload = compact({ messageId: idOf(data.message_id), emoji });
    return { type: "reaction", text: emoji ?? "", payload, attachments: [] };
  },
  order: readOrder,
  system: readSystem,
  unsupported: (data, message) => {
    const unavailable = listOf(message.errors).some((error) => numberOf(objectOf(error)?.code) === UNAVAILABLE);
    const older = message.type === "ephemeral" ? "ephemeral" : undefined;
    const payload = compact({ subject: textOf(data.type) ?? older, rawType: textOf(data.raw_type), unavailable });
    return { type: "unsupported", text: "", payload, attachments: [] };
  },
  edit: (data) => {
    const edited = objectOf(data.message);
    const content = edited ? readContent(edited) : null;
    const payload = compact({ originalMessageId: originalOf(data), content });
    return { type: "edit", text: content?.text ?? "", payload, attachments: content?.attachments ?? [] };
  },
  revoke: (data) => ({
    type: "revoke",
    text: "",
    payload: compact({ originalMessageId: originalOf(data) }),
    attachments: [],
  }),
  request_welcome: () => ({ type: "request_welcome", text: "", payload: {}, attachments: [] }),
};

const originalOf = (data: JsonObject): string | undefined => idOf(data.original_message_id) ?? idOf(data.message_id);

/** Older names that mean one of today's kinds. */
const synonyms: Readonly<Record<string, keyof typeof readers>> = {
  unknown: "unsupported",
  ephemeral: "unsupported",
  voice: "audio",
};

const isKnown = (name: string): name is keyof typeof readers => Object.hasOwn(readers, name);

/** An edit holds a message, which could hold an edit ...: the inner ones stay unread from here on. */
const MAX_EDIT_DEPTH = 2;

/** The content of a message object, inbound or echoed. */
export function readContent(message: JsonObject): MessageContent {
  const name = typeName(message);
  if (name === undefined) return unknownContent(undefined, undefined);
  const known = isKnown(name) ? name : Object.hasOwn(synonyms, name) ? synonyms[name] : undefined;
  if (known === undefined) return unknownContent(name, Object.hasOwn(message, name) ? message[name] : undefined);
  if (known === "edit" && editDepth(message) > MAX_EDIT_DEPTH) return unknownContent(name, undefined);
  return readers[known](objectOf(message[name]) ?? {}, message);
}

/** `type`, or, when that is missing or no text, the kind whose object the message carries. */
function typeName(message: JsonObject): string | undefined {
  const given = idOf(message.type);
  if (given !== undefined) return given;
  return Object.keys(readers).find((name) => objectOf(message[name]) ?? (name === "contacts" && Array.isArray(message[name])));
}

function editDepth(message: JsonObject): number {
  let depth = 0;
  let inner: JsonObject | undefined = message;
  while (inner && objectOf(inner.edit) && depth <= MAX_EDIT_DEPTH) {
    depth++;
    inner = objectOf(objectOf(inner.edit)?.message);
  }
  return depth;
}

function unknownContent(name: string | undefined, data: unknown): MessageContent {
  return { type: "unknown", text: "", payload: compact({ name, data: storable(data) }), attachments: [] };
}

function attachment(type: Attachment["type"], data: JsonObject): Attachment {
  return compact<Attachment>({
    type,
    mediaId: idOf(data.id),
    url: idOf(data.url),
    mimeType: textOf(data.mime_type),
    sha256: textOf(data.sha256),
    filename: textOf(data.filename),
    caption: textOf(data.caption),
    voice: booleanOf(data.voice),
    animated: booleanOf(data.animated),
  });
}

const coordinates = ({ latitude, longitude }: { latitude?: number; longitude?: number }): string =>
  latitude === undefined || longitude === undefined ? "" : `${latitude}, ${longitude}`;

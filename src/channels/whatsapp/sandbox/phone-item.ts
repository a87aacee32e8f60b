/** From what a customer writes on the fake phone to the `messages[]` item Meta would post (facts §2.8). */
import { newId } from "../../../core/id";
import { compact, type JsonObject, objectOf, textOf } from "../json-value";
import type { MediaStore } from "./media-store";
import type { PhoneMessage } from "./phone-message.schema";
import { type MediaKind, sampleFile } from "./sample-media";

export interface PhoneItem {
  /** The keys of the item besides id, sender and time. */
  item: JsonObject;
  /** What the phone's own screen shows; absent for what is no bubble. */
  content?: { type: string; text: string; body: JsonObject };
}

/** What becomes one `messages[]` item; the others are acts of the phone (phone-act.ts). */
export type WrittenMessage = Exclude<
  PhoneMessage,
  { type: "ad_first" | "change_number" | "change_user_id" | "echo" | "preference" | "call" | "raw" }
>;

type MediaMessage = Extract<WrittenMessage, { type: MediaKind }>;

/** A customer's permission to call lasts a week, unless it is for good. */
const CALL_PERMISSION_S = 7 * 86_400;

/** `now`: WhatsApp's clock, in seconds. */
export function phoneItem(message: WrittenMessage, media: MediaStore, businessNumber: string, now: number): PhoneItem {
  switch (message.type) {
    case "text":
      return textItem(message, businessNumber);
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return mediaItem(message, media);
    case "location": {
      const { type, latitude, longitude, name, address } = message;
      return shown(type, name ?? `${latitude}, ${longitude}`, compact({ latitude, longitude, name, address }));
    }
    case "contacts":
      return contactsItem(message);
    case "button_reply":
      return interactive({ type: "button_reply", button_reply: { id: message.id, title: message.title } }, message.title);
    case "list_reply": {
      const { id, title, description } = message;
      return interactive({ type: "list_reply", list_reply: compact({ id, title, description }) }, title);
    }
    case "flow_reply": {
      const reply = { name: "flow", body: "Sent", response_json: JSON.stringify(message.response) };
      return interactive({ type: "nfm_reply", nfm_reply: reply }, "Sent");
    }
    case "address_reply": {
      const reply = { name: "address_message", body: "Sent", response_json: JSON.stringify({ values: message.values }) };
      return interactive({ type: "nfm_reply", nfm_reply: reply }, "Sent");
    }
    case "call_permission_reply": {
      const { accepts, isPermanent = false } = message;
      const reply = compact({
        response: accepts ? "accept" : "reject",
        is_permanent: accepts ? isPermanent : undefined,
        expiration_timestamp: accepts && !isPermanent ? now + CALL_PERMISSION_S : undefined,
        response_source: "user_action",
      });
      return interactive({ type: "call_permission_reply", call_permission_reply: reply }, reply.response);
    }
    case "payment_method": {
      const { method, referenceId, lastFourDigits } = message;
      const reply = compact({
        payment_method: method,
        payment_timestamp: now,
        reference_id: referenceId,
        last_four_digits: lastFourDigits,
      });
      return interactive({ type: "payment_method", payment_method: reply }, method);
    }
    case "button":
      return shown("button", message.text, { payload: message.payload, text: message.text });
    case "reaction": {
      const reaction = compact({ message_id: message.messageId, emoji: message.emoji ?? undefined });
      return { item: { type: "reaction", reaction } };
    }
    case "order": {
      const items = message.items.map(({ productId, quantity, price, currency }) => ({
        product_retailer_id: productId,
        quantity,
        item_price: price,
        currency,
      }));
      const order = compact({ catalog_id: message.catalogId, text: message.text, product_items: items });
      return shown("order", message.text ?? `${items.length} products`, order);
    }
    case "edit": {
      const edited = { context: { id: "M0" }, type: "text", text: { body: message.text } };
      return { item: { type: "edit", edit: { original_message_id: message.messageId, message: edited } } };
    }
    case "revoke":
      return { item: { type: "revoke", revoke: { original_message_id: message.messageId } } };
    case "unsupported":
      return unsupportedItem(131051, "Message type unknown", "Message type is currently not supported.", message.subject);
    case "request_welcome":
      return { item: { type: "request_welcome" } };
  }
}

function shown(type: string, text: string, body: JsonObject): PhoneItem {
  return { item: { type, [type]: body }, content: { type, text, body } };
}

const interactive = (body: JsonObject, text: string): PhoneItem => shown("interactive", text, body);

function textItem(message: Extract<WrittenMessage, { type: "text" }>, businessNumber: string): PhoneItem {
  const { item, content } = shown("text", message.text, { body: message.text });
  const { referral, product, groupId } = message;
  const context = product && {
    from: businessNumber,
    id: `wamid.${newId()}`,
    referred_product: { catalog_id: product.catalogId, product_retailer_id: product.productId },
  };
  return { item: compact({ ...item, group_id: groupId, referral: referral && referralItem(referral), context }), content };
}

export function referralItem(referral: NonNullable<Extract<WrittenMessage, { type: "text" }>["referral"]>): JsonObject {
  const { sourceUrl, sourceId = "120200000000000001", sourceType = "ad", headline, body } = referral;
  return compact({
    source_url: sourceUrl,
    source_id: sourceId,
    source_type: sourceType,
    headline,
    body,
    media_type: "image",
    image_url: sourceUrl,
    ctwa_clid: `Aff${newId()}`,
  });
}

function mediaItem(message: MediaMessage, store: MediaStore): PhoneItem {
  const { type, data, caption, voice, animated } = message;
  const sample = data === undefined ? sampleFile(type) : undefined;
  const bytes = sample?.bytes ?? Buffer.from(data ?? "", "base64");
  const mimeType = message.mimeType ?? sample?.mimeType ?? "application/octet-stream";
  const filename = message.filename ?? sample?.filename;
  const { id, sha256 } = store.add(bytes, { mimeType, filename: filename ?? null, origin: "customer" });
  const body = compact({
    caption: type === "audio" || type === "sticker" ? undefined : caption,
    filename: type === "document" ? filename : undefined,
    mime_type: mimeType,
    sha256,
    id,
    url: store.address(id),
    voice: type === "audio" ? (voice ?? false) : undefined,
    animated: type === "sticker" ? (animated ?? false) : undefined,
  });
  return shown(type, caption ?? filename ?? "", body);
}

function contactsItem({ contacts, answersRequest }: Extract<WrittenMessage, { type: "contacts" }>): PhoneItem {
  const cards = contacts.map(({ name, phone }) => {
    const digits = phone.replace(/\D/g, "");
    const vcard = `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;waid=${digits}:${phone}\nEND:VCARD`;
    return {
      name: { formatted_name: name, first_name: name.split(" ")[0] },
      phones: [{ phone, wa_id: digits, type: "CELL" }],
      ...(answersRequest ? { origin: "contact_request" } : { origin: "other", vcard }),
    };
  });
  const content = { type: "contacts", text: contacts.map(({ name }) => name).join(", "), body: { contacts: cards } };
  return { item: { type: "contacts", contacts: cards }, content };
}

/** A message Cloud API cannot carry, with the error that says why. */
export function unsupportedItem(code: number, title: string, details: string, subject?: string): PhoneItem {
  const item = compact({
    type: "unsupported",
    unsupported: subject === undefined ? undefined : { type: subject },
    errors: [{ code, title, message: title, error_data: { details } }],
  });
  return { item, content: { type: "unsupported", text: subject ?? "", body: {} } };
}

/** An item a tester wrote by hand: shown by its type and whatever text it has. */
export function rawItem(item: JsonObject): PhoneItem {
  const type = textOf(item.type) ?? "raw";
  const body = objectOf(item[type]) ?? {};
  return { item, content: { type, text: textOf(body.body) ?? textOf(body.caption) ?? "", body } };
}

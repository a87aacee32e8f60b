/** What a message says, typed per kind: one row for every kind of facts §2.8, and `unknown` for what comes later. */
import type { JsonObject } from "./json-value";

/** A number, an address or an id of a person in a contact card; every part may be missing. */
export interface SharedContact {
  formattedName?: string;
  firstName?: string;
  lastName?: string;
  middleName?: string;
  prefix?: string;
  suffix?: string;
  phones: { phone?: string; waId?: string; type?: string }[];
  emails: { email?: string; type?: string }[];
  addresses: {
    street?: string;
    city?: string;
    state?: string;
    zip?: string;
    country?: string;
    countryCode?: string;
    type?: string;
  }[];
  urls: { url?: string; type?: string }[];
  org?: { company?: string; department?: string; title?: string };
  birthday?: string;
  /** `contact_request`: the answer to our request for the phone number. `other`: a card the customer chose to share. */
  origin?: string;
  vcard?: string;
}

export interface OrderItem {
  productRetailerId?: string;
  quantity?: number;
  price?: number;
  currency?: string;
}

export type InteractivePayload =
  | { kind: "button_reply"; id?: string; title?: string }
  | { kind: "list_reply"; id?: string; title?: string; description?: string }
  /** `response` is the parsed form of `responseJson`, null when that is no JSON object. */
  | { kind: "nfm_reply"; name?: string; body?: string; responseJson?: string; response: JsonObject | null; flowToken?: string }
  | { kind: "call_permission_reply"; response?: string; permanent?: boolean; expiresAt?: number; source?: string }
  | {
      kind: "payment_method";
      method?: string;
      paidAt?: number;
      referenceId?: string;
      lastFourDigits?: string;
      credentialId?: string;
    }
  | { kind: "product"; data: JsonObject }
  /** A kind that is not known yet, or an `interactive` object that did not arrive. */
  | { kind: "other"; name?: string; data: JsonObject };

/** An identity change: `previous` is who wrote to us until now, `current` who it is from now on. */
export interface SystemPayload {
  /** Meta's name, such as `user_changed_number` or `user_changed_user_id`. */
  change: string;
  body?: string;
  previous: { waId?: string; userId?: string; parentUserId?: string };
  current: { waId?: string; userId?: string; parentUserId?: string };
  /** Only with `customer_identity_changed`. */
  identity?: { acknowledged?: boolean; createdAt?: number; hash?: string };
}

interface ContentPayloads {
  text: { body: string };
  image: { caption?: string };
  video: { caption?: string };
  audio: { voice: boolean };
  document: { caption?: string; filename?: string };
  sticker: { animated: boolean };
  location: { latitude?: number; longitude?: number; name?: string; address?: string; url?: string };
  contacts: { contacts: SharedContact[] };
  interactive: InteractivePayload;
  /** The quick reply of a template. */
  button: { payload?: string; text?: string };
  /** `emoji: null` removes the customer's reaction from the message. */
  reaction: { messageId?: string; emoji: string | null };
  order: { catalogId?: string; text?: string; items: OrderItem[]; total?: number };
  system: SystemPayload;
  /** `subject` is what the customer really sent, such as `poll_creation`. `unavailable`: the real message may still come (131060). */
  unsupported: { subject?: string; rawType?: string; unavailable: boolean };
  edit: { originalMessageId?: string; content: MessageContent | null };
  revoke: { originalMessageId?: string };
  request_welcome: Record<string, never>;
  /** A kind Chasqui does not know yet: `name` is WhatsApp's word for it, `data` what came under that key. */
  unknown: { name?: string; data?: unknown };
}

export type MessageType = keyof ContentPayloads;

export interface Attachment {
  type: "image" | "video" | "audio" | "document" | "sticker";
  /** Lives 7 days. */
  mediaId?: string;
  /** Lives 5 minutes and needs the bearer token. */
  url?: string;
  mimeType?: string;
  /** Base64. */
  sha256?: string;
  filename?: string;
  caption?: string;
  voice?: boolean;
  animated?: boolean;
}

interface ContentOf<T extends MessageType> {
  type: T;
  /** What a person reads and what search indexes; "" when there is nothing to read. */
  text: string;
  payload: ContentPayloads[T];
  attachments: Attachment[];
}

export type MessageContent = { [T in MessageType]: ContentOf<T> }[MessageType];

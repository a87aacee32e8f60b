/**
 * Everything a WhatsApp webhook can tell us, as one discriminated union. One item of the body is one event: nothing is dropped,
 * what makes no sense becomes an IgnoredEvent with its reason.
 */
import type { MessageContent } from "./inbound-content";
import type { Notice } from "./inbound-notice";

export type {
  Attachment,
  InteractivePayload,
  MessageContent,
  MessageType,
  OrderItem,
  SharedContact,
  SystemPayload,
} from "./inbound-content";
export type { HistoryMessage, Notice, NoticeName } from "./inbound-notice";

interface EventBase {
  /**
   * Natural unique key, the same whenever Meta delivers the same thing again: `m:<channel>:<wamid>`,
   * `s:<channel>:<wamid>:<status>[:<participant>]`, `e:<channel>:<wamid>` for echoes, `h:<hash of the content>` for everything else.
   */
  key: string;
  /** phone_number_id, or "unknown" when the body does not name one. */
  channel: string;
  /** Milliseconds, from WhatsApp's timestamp; the time of receipt when that is absent or nonsense. */
  at: number;
  /** The item as received. */
  raw: unknown;
  /** `entry.id`: the WhatsApp Business Account (or, for partner events, a business portfolio). */
  wabaId?: string;
  /** Digits of the business number, when the body names it. */
  displayNumber?: string;
}

/** A person as WhatsApp names them. The user id (BSUID) is the identity; the phone may be absent, the username may change hands. */
export interface Identity {
  waId?: string;
  /** The same number as `contacts[].wa_id` writes it, when that form differs from `waId`. */
  otherWaId?: string;
  userId?: string;
  /** Without a leading @. */
  username?: string;
  profileName?: string;
  parentUserId?: string;
}

/** An error object inside a webhook (not the answer to a call). */
export interface WebhookError {
  code?: number;
  title?: string;
  message?: string;
  details?: string;
  href?: string;
}

export interface MessageContext {
  /** The quoted message; may name one never seen here. */
  messageId?: string;
  /** Who wrote the quoted message. */
  from?: string;
  forwarded?: boolean;
  frequentlyForwarded?: boolean;
  referredProduct?: { catalogId?: string; productRetailerId?: string };
}

/** The ad or post that led the customer here (click to WhatsApp). */
export interface Referral {
  sourceUrl?: string;
  sourceId?: string;
  sourceType?: string;
  headline?: string;
  body?: string;
  mediaType?: string;
  imageUrl?: string;
  videoUrl?: string;
  thumbnailUrl?: string;
  ctwaClid?: string;
  welcomeText?: string;
  ref?: string;
}

export interface MessageEvent extends EventBase {
  kind: "message";
  /** WhatsApp's message id; `none:<hash>` when the item came without one. */
  wamid: string;
  /** For `system` messages: who it was before the change. */
  sender: Identity;
  content: MessageContent;
  context?: MessageContext;
  referral?: Referral;
  groupId?: string;
  errors?: WebhookError[];
  /** False for what is stored without starting a turn: reactions, system notes, edits, revokes, unsupported, group messages ... */
  answerable: boolean;
}

export type KnownStatus = "sent" | "delivered" | "read" | "played" | "failed";

export interface StatusEvent extends EventBase {
  kind: "status";
  wamid: string;
  /** One of KnownStatus, or Meta's newer word as it came. */
  status: KnownStatus | (string & {});
  recipient: Identity;
  /** Only for groups: which member this status is about. */
  participant?: string;
  groupId?: string;
  /** What we gave as `biz_opaque_callback_data`: our message id. */
  callbackData?: string;
  pricing?: { billable?: boolean; model?: string; type?: string; category?: string };
  conversation?: { id?: string; expiresAt?: number; origin?: string };
  errors?: WebhookError[];
}

/** A message the owner wrote on the phone app (coexistence): ours, and a sign that a person has taken over. */
export interface EchoEvent extends EventBase {
  kind: "echo";
  wamid: string;
  recipient: Identity;
  content: MessageContent;
  context?: MessageContext;
  errors?: WebhookError[];
}

export type NoticeEvent = EventBase & { kind: "notice"; field: string } & Notice;

export interface IgnoredEvent extends EventBase {
  kind: "ignored";
  reason: string;
}

export type InboundEvent = MessageEvent | StatusEvent | EchoEvent | NoticeEvent | IgnoredEvent;

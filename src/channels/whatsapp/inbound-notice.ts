/** News that are neither message nor status: one typed payload for every other webhook field (facts §2.10). */
import type { Identity, MessageContext, Referral, WebhookError } from "./inbound";
import type { MessageContent } from "./inbound-content";
import type { JsonObject } from "./json-value";

interface TemplateRef {
  templateId?: string;
  templateName?: string;
  /** Normalised to `en_US`. */
  language?: string;
}

/** A message from before this number was connected, or one that another owner of the thread handles. Never answered. */
export interface HistoryMessage {
  /** WhatsApp's message id; `none:<hash>` when the item came without one. */
  wamid: string;
  at?: number;
  direction: "inbound" | "outbound";
  /** The customer of the thread. */
  customer: Identity;
  content: MessageContent;
  context?: MessageContext;
  referral?: Referral;
  groupId?: string;
  errors?: WebhookError[];
  /** Such as READ or PLAYED. */
  status?: string;
  /** The item as received, only for a kind that is not known. */
  raw?: JsonObject;
}

interface NoticePayloads {
  /** A value-level error such as 130429: it concerns the number, not one message. */
  error: WebhookError;
  "template:status": TemplateRef & {
    event?: string;
    category?: string;
    reason?: string;
    disabledAt?: string;
    title?: string;
    description?: string;
    recommendation?: string;
  };
  "template:quality": TemplateRef & { previous?: string; current?: string };
  "template:category": TemplateRef & { previous?: string; current?: string; correct?: string; changesAt?: number };
  "template:components": TemplateRef & {
    title?: string;
    body?: string;
    footer?: string;
    buttons: { type?: string; text?: string; url?: string; phoneNumber?: string }[];
  };
  "phone-number:quality": { event?: string; previousLimit?: string; currentLimit?: string };
  "phone-number:name": { decision?: string; name?: string; reason?: string };
  "account:update": {
    event?: string;
    phoneNumber?: string;
    violation?: string;
    /** Why the phone app is no longer connected. */
    reason?: string;
    restrictions: { type?: string; expiresAt?: number }[];
    banState?: string;
    banDate?: string;
    wabaId?: string;
  };
  "account:alert": {
    entityType?: string;
    entityId?: string;
    severity?: string;
    status?: string;
    type?: string;
    description?: string;
  };
  "account:review": { decision?: string };
  "account:settings": { settings: JsonObject };
  "business:capability": { dailyLimit?: string; maxPhoneNumbers?: number; maxPhoneNumbersPerWaba?: number };
  "business:username": { username?: string; status?: string };
  security: { event?: string; requester?: string };
  flow: { event?: string; flowId?: string; message?: string; previous?: string; current?: string };
  "payment:configuration": { name?: string; provider?: string; status?: string };
  /** The state of a payment we asked for; not a delivery status of its message. */
  "payment:status": { messageId?: string; status?: string; customer: Identity; payment: JsonObject };
  "partner:solution": { event?: string; solutionId?: string; status?: string };
  /** `stop` and `resume` set and clear the opt-out. */
  "user:preference": { customer: Identity; category?: string; value?: string; detail?: string };
  "user:id": { customer: Identity; previous?: string; current?: string; detail?: string };
  /** A link of a marketing message was opened. */
  "user:action": { customer: Identity; action?: string; data: JsonObject };
  /** A call by the customer (direction USER_INITIATED) opens the 24-hour window. */
  call: {
    callId?: string;
    event?: string;
    direction?: string;
    customer: Identity;
    durationSeconds?: number;
    outcome?: string;
    callbackData?: string;
  };
  "call:status": { callId?: string; status?: string; customer: Identity };
  history: { phase?: number; chunk?: number; progress?: number; messages: HistoryMessage[]; errors: WebhookError[] };
  "contact:sync": { action?: string; phoneNumber?: string; fullName?: string; firstName?: string };
  group: { groupId?: string; event?: string; subject?: string; added: Identity[]; removed: Identity[] };
  /** Another owner (the Meta Business Agent) has this thread: shown, never answered. */
  "standby:message": HistoryMessage;
  handover: { customer: Identity; event?: string; previousOwner?: string; newOwner?: string };
  "conversion:event": { name?: string; messageId?: string; ctwaClid?: string; value?: number; currency?: string };
  /** A field or shape that is not known yet. */
  unknown: { value: unknown };
}

export type NoticeName = keyof NoticePayloads;
export type Notice = { [N in NoticeName]: { name: N; payload: NoticePayloads[N] } }[NoticeName];

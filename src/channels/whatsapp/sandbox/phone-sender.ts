/** Sends what a customer does as signed webhooks and reports how our door answered. */
import type { Clock } from "../../../core/clock";
import type { JsonObject } from "../json-value";
import type { ChaosKnobs } from "./chaos";
import type { SandboxCredentials } from "./credentials";
import type { MediaStore } from "./media-store";
import type { Outbox } from "./outbox";
import type { PhoneBook } from "./phone-book";
import { phoneItem, rawItem, referralItem, unsupportedItem, type WrittenMessage } from "./phone-item";
import type { PhoneMessage } from "./phone-message.schema";
import type { SandboxPhone } from "./state-store";
import { contactOf } from "./status-flow";
import { newWamid } from "./wamid";
import type { Update } from "./webhook-body";

export interface SentFromPhone {
  wamid: string;
  /** How the last try was answered; 0 when no answer came. */
  httpStatus: number;
  /** Milliseconds from the first try to that answer. */
  ms: number;
  attempts: number;
}

/** A sender who waits longer than this sees the state so far; the tries go on. */
const PATIENCE_MS = 15_000;
/** The real message follows its placeholder after this time (facts §2.4). */
const AD_GAP_MS = 200;

export interface PhoneSenderDeps {
  credentials: SandboxCredentials;
  outbox: () => Outbox;
  phones: PhoneBook;
  media: MediaStore;
  chaos: ChaosKnobs;
  clock: Clock;
}

export type PhoneSender = (phoneId: string, message: PhoneMessage) => Promise<SentFromPhone>;

export function createPhoneSender(deps: PhoneSenderDeps): PhoneSender {
  const { credentials, outbox, phones, media, chaos, clock } = deps;
  const now = () => clock.now();
  const seconds = () => String(Math.floor(now() / 1000));
  const isHidden = () => chaos.get().hideNumbers;

  /** Posts and waits for the first 200. */
  const post = (phone: SandboxPhone, wamid: string, update: Update, afterMs = 0, label = "message"): Promise<SentFromPhone> =>
    new Promise((resolve) => {
      let last = { httpStatus: 0, ms: 0, attempts: 0 };
      const patience = clock.timer(PATIENCE_MS + afterMs, () => resolve({ wamid, ...last }));
      outbox().add({ phoneId: phone.id, messageId: wamid, label, dueAt: now() + afterMs, update }, ({ status, ms, attempts }) => {
        last = { httpStatus: status, ms, attempts };
        if (status !== 200) return;
        patience.cancel();
        resolve({ wamid, ...last });
      });
    });

  const sender = (phone: SandboxPhone): JsonObject => ({
    ...(phone.waId === null || isHidden() ? {} : { from: phone.waId }),
    from_user_id: phone.userId,
  });

  const messageUpdate = (phone: SandboxPhone, wamid: string, item: JsonObject): Update => ({
    field: "messages",
    value: {
      contacts: [contactOf(phone, isHidden())],
      messages: [{ ...sender(phone), id: wamid, timestamp: seconds(), ...item }],
    },
  });

  const write = (phone: SandboxPhone, message: WrittenMessage): Promise<SentFromPhone> => {
    const wamid = newWamid(phone.waId ?? phone.userId);
    const { item, content } = phoneItem(message, media, credentials.displayNumber, Number(seconds()));
    const replyTo = "replyTo" in message ? message.replyTo : undefined;
    const forwarded = "forwarded" in message ? message.forwarded : undefined;
    const context: JsonObject = {
      ...(replyTo === undefined ? {} : { from: credentials.displayNumber, id: replyTo }),
      ...(forwarded === "once" ? { forwarded: true } : forwarded === "often" ? { frequently_forwarded: true } : {}),
    };
    if (message.type === "reaction") phones.setReaction(message.messageId, "customer", message.emoji);
    else if (message.type === "edit") {
      phones.setContent(message.messageId, { type: "text", text: message.text, body: { body: message.text, edited: true } });
    } else if (message.type === "revoke") phones.setContent(message.messageId, { type: "revoked", text: "", body: {} });
    if (content) {
      const quote = replyTo === undefined ? {} : { replyTo };
      phones.show(phone.id, { id: wamid, from: "customer", content, at: now(), ticks: "sent", ...quote, reactions: {} });
    }
    const full = Object.keys(context).length > 0 ? { context, ...item } : item;
    return post(phone, wamid, messageUpdate(phone, wamid, full));
  };

  const raw = (phone: SandboxPhone, given: JsonObject): Promise<SentFromPhone> => {
    const wamid = typeof given.id === "string" && given.id !== "" ? given.id : newWamid(phone.waId ?? phone.userId);
    const { item, content } = rawItem(given);
    if (content) phones.showOnce(phone.id, { id: wamid, from: "customer", content, at: now(), ticks: "sent", reactions: {} });
    return post(phone, wamid, messageUpdate(phone, wamid, item));
  };

  const adFirst = async (phone: SandboxPhone, message: Extract<PhoneMessage, { type: "ad_first" }>): Promise<SentFromPhone> => {
    const wamid = newWamid(phone.waId ?? phone.userId);
    const body = { body: message.text };
    const content = { type: "text", text: message.text, body };
    phones.show(phone.id, { id: wamid, from: "customer", content, at: now(), ticks: "sent", reactions: {} });
    const { item } = unsupportedItem(131060, "This message is unavailable.", "This message is currently unavailable.", "unknown");
    const first = post(phone, wamid, messageUpdate(phone, wamid, item));
    const real = { type: "text", text: body, referral: referralItem(message.referral) };
    const second = await post(phone, wamid, messageUpdate(phone, wamid, real), AD_GAP_MS);
    await first;
    return second;
  };

  /** System messages name the old number or user id in the envelope and come without contacts (facts §2.6). */
  const system = (before: SandboxPhone, after: SandboxPhone, type: string, change: JsonObject): Promise<SentFromPhone> => {
    const wamid = newWamid(before.waId ?? before.userId);
    const item = {
      ...(type === "user_changed_number" && before.waId !== null ? { from: before.waId } : {}),
      id: wamid,
      timestamp: seconds(),
      type: "system",
      system: { type, ...change, user_id: after.userId, previous_user_id: before.userId },
    };
    return post(after, wamid, { field: "messages", value: { messages: [item] } }, 0, "system");
  };

  const changeNumber = (phone: SandboxPhone, waId: string): Promise<SentFromPhone> => {
    const after = phones.change(phone.id, { waId, userId: phones.freeUserId() });
    const body = `User ${phone.name} changed from ${phone.waId ?? phone.userId} to ${waId}`;
    return system(phone, after, "user_changed_number", { body, wa_id: waId });
  };

  const changeUserId = (phone: SandboxPhone): Promise<SentFromPhone> => {
    const after = phones.change(phone.id, { userId: phones.freeUserId() });
    const body = `User changed from ${phone.userId} to ${after.userId}`;
    return system(phone, after, "user_changed_user_id", { body });
  };

  const echo = (phone: SandboxPhone, text: string): Promise<SentFromPhone> => {
    const wamid = newWamid(credentials.displayNumber);
    const content = { type: "text", text, body: { body: text } };
    phones.show(phone.id, { id: wamid, from: "business", content, at: now(), ticks: "shown", reactions: {} });
    const item = {
      from: credentials.displayNumber,
      ...(phone.waId === null || isHidden() ? {} : { to: phone.waId }),
      to_user_id: phone.userId,
      id: wamid,
      timestamp: seconds(),
      type: "text",
      text: { body: text },
    };
    return post(phone, wamid, { field: "smb_message_echoes", value: { message_echoes: [item] } }, 0, "echo");
  };

  const preference = (phone: SandboxPhone, value: "stop" | "resume"): Promise<SentFromPhone> => {
    const item = {
      ...(phone.waId === null || isHidden() ? {} : { wa_id: phone.waId }),
      user_id: phone.userId,
      detail: `User requested to ${value} marketing messages`,
      category: "marketing_messages",
      value,
      timestamp: Math.floor(now() / 1000),
    };
    phones.setPreference(phone.id, value);
    const update = { field: "user_preferences", value: { contacts: [contactOf(phone, isHidden())], user_preferences: [item] } };
    return post(phone, "", update, 0, "preference");
  };

  const call = (phone: SandboxPhone, duration: number): Promise<SentFromPhone> => {
    const id = newWamid(phone.waId ?? phone.userId).replace("wamid.", "wacid.");
    const end = Math.floor(now() / 1000);
    const item = {
      id,
      ...sender(phone),
      to: credentials.displayNumber,
      event: "terminate",
      direction: "USER_INITIATED",
      timestamp: String(end),
      status: duration > 0 ? "COMPLETED" : "FAILED",
      start_time: String(end - duration),
      end_time: String(end),
      duration,
    };
    phones.openWindow(phone.id, now());
    return post(phone, id, { field: "calls", value: { contacts: [contactOf(phone, isHidden())], calls: [item] } }, 0, "call");
  };

  return async (phoneId, message) => {
    const phone = phones.get(phoneId);
    switch (message.type) {
      case "raw":
        return raw(phone, message.item);
      case "ad_first":
        return adFirst(phone, message);
      case "change_number":
        return changeNumber(phone, message.waId);
      case "change_user_id":
        return changeUserId(phone);
      case "echo":
        return echo(phone, message.text);
      case "preference":
        return preference(phone, message.value);
      case "call":
        return call(phone, message.seconds);
      default:
        return write(phone, message);
    }
  };
}

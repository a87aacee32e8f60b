/** The life of an accepted message: sent, delivered when the phone is online, read when its owner reads; each told by a webhook. */
import type { Clock } from "../../../core/clock";
import type { JsonObject } from "../json-value";
import type { ChaosKnobs } from "./chaos";
import type { Outbox } from "./outbox";
import type { PhoneBook } from "./phone-book";
import type { OutboxRow, SandboxPhone, StateStore, ThreadMessage } from "./state-store";

/** Delays in milliseconds after the message was accepted. */
const SENT_MS = 20;
const DELIVERED_MS = 120;
const READ_MS = 700;

export interface StatusFlow {
  /** Plans the statuses of a message that was just accepted. Resolves when `sent` was taken, for the knob statusBeforeAnswer. */
  begin(phone: SandboxPhone, message: ThreadMessage, pricing: JsonObject): Promise<void>;
  /** The message fails: one `failed` status with this error. */
  fail(
    target: { phone?: SandboxPhone; waId?: string },
    message: { id: string; callbackData?: string },
    error: StatusFailure,
  ): void;
  /** What waited for the phone is delivered now (and read, when its owner reads). */
  cameOnline(phone: SandboxPhone): void;
  wentOffline(phone: SandboxPhone): void;
  startsReading(phone: SandboxPhone): void;
  stopsReading(phone: SandboxPhone): void;
  /** Shows a due status on the phone. */
  onDue(row: OutboxRow): void;
}

export interface StatusFailure {
  code: number;
  title: string;
  details: string;
}

export interface StatusFlowDeps {
  outbox: () => Outbox;
  phones: PhoneBook;
  store: StateStore;
  chaos: ChaosKnobs;
  random: () => number;
  clock: Clock;
}

export function createStatusFlow({ outbox, phones, store, chaos, random, clock }: StatusFlowDeps): StatusFlow {
  const plan = (
    phone: SandboxPhone,
    message: { id: string; callbackData?: string },
    status: "sent" | "delivered" | "read" | "played",
    afterMs: number,
    pricing?: JsonObject,
    watch?: () => void,
  ) => {
    const dueAt = clock.now() + afterMs + chaos.get().statusDelayMs;
    const hidden = chaos.get().hideNumbers;
    const item: JsonObject = {
      id: message.id,
      status,
      timestamp: seconds(dueAt),
      ...(phone.waId === null || hidden ? {} : { recipient_id: phone.waId }),
      recipient_user_id: phone.userId,
      ...(message.callbackData === undefined ? {} : { biz_opaque_callback_data: message.callbackData }),
      ...(pricing === undefined ? {} : { pricing }),
    };
    const update = { field: "messages", value: { contacts: [contactOf(phone, hidden)], statuses: [item] } };
    outbox().add({ phoneId: phone.id, messageId: message.id, label: status, dueAt, update }, watch);
  };

  const planArrival = (phone: SandboxPhone, message: ThreadMessage, pricing?: JsonObject) => {
    const skip = random() < chaos.get().skipDelivered;
    if (!skip) plan(phone, message, "delivered", DELIVERED_MS, pricing);
    // Without `delivered` there is only `read` to tell that it arrived.
    if (phone.reads || skip) planRead(phone, message, READ_MS);
  };

  const planRead = (phone: SandboxPhone, message: ThreadMessage, afterMs: number) => {
    plan(phone, message, "read", afterMs);
    if (message.content.type === "audio" && message.content.body.voice === true)
      plan(phone, message, "played", afterMs + READ_MS);
  };

  return {
    begin(phone, message, pricing) {
      const isReaction = message.content.type === "reaction";
      const early = chaos.get().statusBeforeAnswer;
      return new Promise((resolve) => {
        plan(phone, message, "sent", early ? 0 : SENT_MS, pricing, early ? () => resolve() : undefined);
        // A reaction of ours gets `sent` and nothing more (facts §2.9).
        if (!isReaction && phone.online && !phone.blocked) planArrival(phone, message, pricing);
        if (!early) resolve();
      });
    },

    fail({ phone, waId }, { id, callbackData }, { code, title, details }) {
      const recipient = phone ? phone.waId : waId;
      const item: JsonObject = {
        id,
        status: "failed",
        timestamp: seconds(clock.now()),
        ...(recipient ? { recipient_id: recipient } : phone ? { recipient_user_id: phone.userId } : {}),
        ...(callbackData === undefined ? {} : { biz_opaque_callback_data: callbackData }),
        errors: [
          {
            code,
            title,
            message: title,
            error_data: { details },
            href: "/documentation/business-messaging/whatsapp/support/error-codes",
          },
        ],
      };
      const dueAt = clock.now() + SENT_MS + chaos.get().statusDelayMs;
      // Failed statuses come without contacts (facts §2.7).
      const update = { field: "messages", value: { statuses: [item] } };
      outbox().add({ phoneId: phone?.id ?? null, messageId: id, label: "failed", dueAt, update });
    },

    cameOnline(phone) {
      if (phone.blocked) return;
      if (phone.reads) for (const message of store.businessMessages(phone.id, "shown")) planRead(phone, message, READ_MS);
      for (const message of store.businessMessages(phone.id, "waiting")) planArrival(phone, message);
    },
    wentOffline: (phone) => outbox().cancel(phone.id, ["delivered", "read", "played"]),
    startsReading(phone) {
      for (const message of store.businessMessages(phone.id, "shown")) planRead(phone, message, DELIVERED_MS);
    },
    stopsReading: (phone) => outbox().cancel(phone.id, ["read", "played"]),

    onDue({ label, messageId }) {
      if (messageId === null) return;
      if (label === "delivered") phones.setTicks(messageId, "shown");
      else if (label === "read") phones.setTicks(messageId, "read");
      else if (label === "failed") phones.setTicks(messageId, "failed");
    },
  };
}

const seconds = (ms: number): string => String(Math.floor(ms / 1000));

/** The `contacts[]` element of this customer. */
export function contactOf(phone: SandboxPhone, hideNumber: boolean): JsonObject {
  return {
    profile: { name: phone.name, ...(phone.username === null ? {} : { username: phone.username }) },
    ...(phone.waId === null || hideNumber ? {} : { wa_id: phone.waId }),
    user_id: phone.userId,
  };
}

/** Statuses of sent messages: forward only, in any order, also before the call that sent the message has answered. */
import type { StatusEvent } from "../channels/whatsapp/inbound";
import type { Clock } from "../core/clock";
import { ID_PATTERN } from "../core/id";
import type { Change } from "../events/log";
import type { ContactService } from "../features/contacts/contact.service";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { Message } from "../features/messages/message.model";
import type { DeliveryService, StatusReport } from "../features/messages/message-delivery.service";
import type { IngestHandlers, ReceivedEvent } from "./ingest";
import type { Trace } from "./trace";

const OUR_ID = new RegExp(ID_PATTERN);
/** `sent` is left out: the answer of the call has told it already. */
const TOLD = new Set(["delivered", "read", "failed"]);

/** Meta's codes with a meaning for the customer and not only for the message (facts §3.6). */
const WINDOW_CLOSED = 131_047;
const STOPPED_MARKETING = 131_050;

export interface ReceiptsDeps {
  deliveries: DeliveryService;
  contacts: ContactService;
  conversations: ConversationService;
  clock: Clock;
  trace: Trace;
}

export function createReceipts({ deliveries, contacts, conversations, clock, trace }: ReceiptsDeps): IngestHandlers["statuses"] {
  /** WhatsApp knows better than we do: its word about window and opt-out counts. */
  async function learn({ delivery, conversation, contact }: Message, change: Change): Promise<void> {
    const now = new Date(clock.now());
    if (delivery?.error?.code === WINDOW_CLOSED) await conversations.update(conversation, { windowExpiresAt: now }, change);
    if (delivery?.error?.code === STOPPED_MARKETING) await contacts.setOptOutOf(contact, now, "whatsapp", change);
  }

  return async (received, change) => {
    const statuses = received as readonly ReceivedEvent<StatusEvent>[];
    const reports = statuses.map(({ event, receivedAt }) => toReport(event, receivedAt));
    const applied = await deliveries.applyStatuses(reports, change);
    const unmatched = new Set(applied.unmatched);
    for (const message of applied.failed) await learn(message, change);
    const orphans = new Map<string, string>();
    statuses.forEach(({ rowId, event }, index) => {
      if (unmatched.has(reports[index] as StatusReport)) orphans.set(rowId, `${event.channel}:${event.wamid}`);
    });
    return {
      orphans,
      afterCommit: () => {
        for (const { rowId, requestId, event } of statuses)
          if (TOLD.has(event.status) && !orphans.has(rowId))
            trace(event.status as "delivered" | "read" | "failed", {
              correlationId: requestId,
              message: event.callbackData ?? null,
              wamid: event.wamid,
              detail: "told by WhatsApp",
            });
      },
    };
  };
}

function toReport(event: StatusEvent, receivedAt: number): StatusReport {
  const error = event.errors?.[0];
  return {
    channel: event.channel,
    wamid: event.wamid,
    status: event.status,
    // Phones tell some things long after they happened; `sent` comes from WhatsApp itself, so it tells how late news reach us.
    ...(event.status === "sent" ? { lateMs: Math.max(0, receivedAt - event.at) } : {}),
    ...(event.callbackData && OUR_ID.test(event.callbackData) ? { messageId: event.callbackData } : {}),
    ...(error
      ? {
          error: {
            code: error.code ?? "failed",
            message: error.title ?? error.message ?? "WhatsApp gave no reason",
            ...(error.details ? { details: error.details } : {}),
          },
        }
      : {}),
    ...(event.pricing ? { pricing: { ...event.pricing } } : {}),
  };
}

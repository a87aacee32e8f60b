/** Statuses of sent messages: forward only, in any order, also before the call that sent the message has answered. */
import type { Identity, KnownStatus, StatusEvent } from "../channels/whatsapp/inbound";
import { ID_PATTERN } from "../core/id";
import type { Change } from "../events/log";
import type { ContactService } from "../features/contacts/contact.service";
import type { DeliveryService, StatusReport } from "../features/messages/message-delivery.service";
import type { IngestHandlers } from "./ingest-apply";
import { withVariants } from "./ingest-identity";
import type { Learn } from "./learn";
import type { ReceivedEvent } from "./received-event";
import type { Trace } from "./trace";

/** The words that say how far a message has come; any other is recorded and changes nothing. */
const KNOWN: ReadonlySet<string> = new Set<KnownStatus>(["sent", "delivered", "read", "played", "failed"]);

const OUR_ID = new RegExp(ID_PATTERN);
/** `sent` is left out: the answer of the call has told it already. */
const TOLD = new Set(["delivered", "read", "failed"]);

const MOST_LEARNED = 50_000;

export interface ReceiptsDeps {
  deliveries: DeliveryService;
  contacts: ContactService;
  learn: Learn;
  trace: Trace;
}

export function createReceipts({ deliveries, contacts, learn, trace }: ReceiptsDeps): IngestHandlers["statuses"] {
  /** User ids that were told before, so that busy days ask the store once per customer. */
  const learned = new Set<string>();

  /** Statuses tell the user id of people we may know by number only: once they hide it, the id is all that is left. */
  async function learnWho(statuses: readonly ReceivedEvent<StatusEvent>[], change: Change): Promise<Identity[]> {
    const told = statuses.flatMap(({ event: { recipient } }) =>
      recipient.userId !== undefined && recipient.waId !== undefined && !learned.has(recipient.userId) ? [recipient] : [],
    );
    if (told.length > 0) await contacts.learnIdentities(told.map(withVariants), change);
    return told;
  }

  return async (received, change) => {
    const all = received as readonly ReceivedEvent<StatusEvent>[];
    const told = await learnWho(all, change);
    const statuses = all.filter(({ event }) => KNOWN.has(event.status));
    const reports = statuses.map(({ event, receivedAt }) => toReport(event, receivedAt));
    const applied = await deliveries.applyStatuses(reports, change);
    const unmatched = new Set(applied.unmatched);
    for (const message of applied.failed) await learn(message, message.delivery?.error, change);
    const orphans = new Map<string, string>();
    statuses.forEach(({ rowId, event }, index) => {
      if (unmatched.has(reports[index] as StatusReport)) orphans.set(rowId, `${event.channel}:${event.wamid}`);
    });
    return {
      orphans,
      afterCommit: () => {
        if (learned.size > MOST_LEARNED) learned.clear();
        for (const { userId } of told) if (userId !== undefined) learned.add(userId);
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
    ...(event.pricing
      ? { pricing: { ...event.pricing, ...(event.conversation ? { conversation: event.conversation } : {}) } }
      : {}),
  };
}

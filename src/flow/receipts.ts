/** Statuses of sent messages: forward only, in any order, also before the call that sent the message has answered. */
import type { StatusEvent } from "../channels/whatsapp/inbound";
import { ID_PATTERN } from "../core/id";
import type { DeliveryService, StatusReport } from "../features/messages/message-delivery.service";
import type { IngestHandlers, ReceivedEvent } from "./ingest";
import type { Learn } from "./learn";
import type { Trace } from "./trace";

const OUR_ID = new RegExp(ID_PATTERN);
/** `sent` is left out: the answer of the call has told it already. */
const TOLD = new Set(["delivered", "read", "failed"]);

export interface ReceiptsDeps {
  deliveries: DeliveryService;
  learn: Learn;
  trace: Trace;
}

export function createReceipts({ deliveries, learn, trace }: ReceiptsDeps): IngestHandlers["statuses"] {
  return async (received, change) => {
    const statuses = received as readonly ReceivedEvent<StatusEvent>[];
    const reports = statuses.map(({ event }) => toReport(event));
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

function toReport(event: StatusEvent): StatusReport {
  const error = event.errors?.[0];
  return {
    channel: event.channel,
    wamid: event.wamid,
    status: event.status,
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

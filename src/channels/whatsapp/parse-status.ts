/** One element of `statuses[]`: what became of a message we sent (facts §2.9). */
import type { Identity, StatusEvent } from "./inbound";
import { booleanOf, compact, idOf, type JsonObject, millisecondsOf, objectOf, textOf } from "./json-value";
import { type Envelope, keyPart, timeOf } from "./parse-envelope";
import { type ContactBook, waIdOf } from "./parse-identity";
import { readErrors } from "./parse-message";

/** The status event, or undefined when the item names no message or no status. */
export function readStatus(item: JsonObject, envelope: Envelope, book: ContactBook): StatusEvent | undefined {
  const wamid = idOf(item.id);
  const status = idOf(item.status)?.toLowerCase();
  if (wamid === undefined || status === undefined) return undefined;
  const isGroup = item.recipient_type === "group";
  const participant = idOf(item.recipient_participant_id) ?? idOf(item.recipient_participant_user_id);
  const recipientId = idOf(item.recipient_id);
  const key = `s:${keyPart(envelope.channel)}:${keyPart(wamid)}:${keyPart(status)}`;
  return compact<StatusEvent>({
    kind: "status",
    key: participant === undefined ? key : `${key}:${keyPart(participant)}`,
    ...envelope.base,
    at: timeOf(item.timestamp, envelope.receivedAt),
    raw: item,
    wamid,
    status,
    recipient: book.complete(statusIdentity(item, isGroup)),
    participant,
    groupId: isGroup ? recipientId : undefined,
    callbackData: textOf(item.biz_opaque_callback_data),
    pricing: readPricing(item.pricing),
    conversation: readConversation(item.conversation),
    errors: readErrors(item.errors),
  });
}

/** The customer a status names. For groups `recipient_id` is the group, not a person. */
export function statusIdentity(item: JsonObject, isGroup = false): Identity {
  return compact<Identity>({
    waId: isGroup ? undefined : waIdOf(item.recipient_id),
    userId: idOf(item.recipient_user_id),
    parentUserId: idOf(item.recipient_parent_user_id),
  });
}

function readPricing(value: unknown): StatusEvent["pricing"] {
  const pricing = objectOf(value);
  if (!pricing) return undefined;
  return compact({
    billable: booleanOf(pricing.billable),
    model: textOf(pricing.pricing_model),
    type: textOf(pricing.type),
    category: textOf(pricing.category),
  });
}

function readConversation(value: unknown): StatusEvent["conversation"] {
  const conversation = objectOf(value);
  if (!conversation) return undefined;
  return compact({
    id: idOf(conversation.id),
    expiresAt: millisecondsOf(conversation.expiration_timestamp),
    origin: textOf(objectOf(conversation.origin)?.type),
  });
}

/** System messages: a customer changed number or user id. Tells apart who they were and who they are now (facts §2.7). */
import type { MessageContent, SystemPayload } from "./inbound-content";
import { booleanOf, compact, idOf, type JsonObject, millisecondsOf, objectOf, textOf } from "./json-value";
import { waIdOf } from "./parse-identity";

export function readSystem(data: JsonObject, message: JsonObject): MessageContent {
  const payload = readPayload(data, message);
  return { type: "system", text: payload.body ?? "", payload, attachments: [] };
}

function readPayload(data: JsonObject, message: JsonObject): SystemPayload {
  const told = data.identity ?? message.identity;
  // Older shapes have the bare hash.
  const identity = objectOf(told) ?? (typeof told === "string" ? { hash: told } : undefined);
  const userId = idOf(data.user_id);
  const parentUserId = idOf(data.parent_user_id);
  return compact<SystemPayload>({
    change: textOf(data.type) ?? "unknown",
    body: textOf(data.body),
    previous: compact({
      waId: waIdOf(message.from) ?? waIdOf(data.customer),
      // One documented form lacks the previous id; then the envelope's id counts unless it is already the new one.
      userId: idOf(data.previous_user_id) ?? unless(idOf(message.from_user_id), userId),
      parentUserId: idOf(data.previous_parent_user_id) ?? unless(idOf(message.from_parent_user_id), parentUserId),
    }),
    current: compact({ waId: waIdOf(data.wa_id) ?? waIdOf(data.new_wa_id), userId, parentUserId }),
    identity:
      identity &&
      compact({
        acknowledged: booleanOf(identity.acknowledged),
        createdAt: millisecondsOf(identity.created_timestamp),
        hash: textOf(identity.hash),
      }),
  });
}

const unless = (value: string | undefined, same: string | undefined) => (value === same ? undefined : value);

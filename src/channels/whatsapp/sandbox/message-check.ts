/**
 * Refuses what Meta would refuse in a send: missing and overlong values, wrong kinds (facts §3.1). Written from the reference and
 * independent of the builders, so that a mistake there shows here.
 */
import { type JsonObject, objectOf } from "../json-value";
import { contentChecks } from "./content-check";
import { invalidRequest, parameterInvalid, parameterMissing } from "./graph-refusal";

export interface CheckedMessage {
  type: string;
  content: JsonObject | readonly unknown[];
  to?: string;
  recipient?: string;
  replyTo?: string;
  callbackData?: string;
}

const KNOWN_KEYS = new Set([
  "messaging_product",
  "recipient_type",
  "to",
  "recipient",
  "type",
  "context",
  "biz_opaque_callback_data",
  "recipient_identity_key_hash",
  "messaging_account_id",
]);

export function checkMessage(body: JsonObject): CheckedMessage {
  if (body.messaging_product !== "whatsapp")
    throw invalidRequest("The parameter messaging_product is required and must be 'whatsapp'.");
  if (body.recipient_type !== undefined && body.recipient_type !== "individual" && body.recipient_type !== "group") {
    throw parameterInvalid("recipient_type must be 'individual' or 'group'.");
  }
  const { to, recipient } = body;
  if (to === undefined && recipient === undefined) throw invalidRequest("The parameter to is required.");
  if (to !== undefined && (typeof to !== "string" || !/^\+?[\d\s()-]+$/.test(to) || !/\d/.test(to))) {
    throw parameterInvalid("to must be a phone number.");
  }
  if (recipient !== undefined && (typeof recipient !== "string" || !/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(recipient))) {
    throw parameterInvalid("recipient must be a business-scoped user id.");
  }
  const type = body.type ?? "text";
  const check = typeof type === "string" && Object.hasOwn(contentChecks, type) ? contentChecks[type] : undefined;
  if (typeof type !== "string" || !check) throw invalidRequest(`type must be one of ${Object.keys(contentChecks).join(", ")}.`);
  for (const key in body) {
    if (!KNOWN_KEYS.has(key) && key !== type) throw invalidRequest(`Unexpected key "${key}" on param body.`);
  }
  const content = unpacked(body[type]);
  if (typeof content !== "object" || content === null) throw parameterMissing(`The parameter ${type} is required.`);
  check(content as JsonObject, content);
  const context = checkContext(unpacked(body.context));
  const callbackData = body.biz_opaque_callback_data;
  if (callbackData !== undefined && (typeof callbackData !== "string" || callbackData.length > 512)) {
    throw parameterInvalid("biz_opaque_callback_data must be text of at most 512 characters.");
  }
  return {
    type,
    content: content as JsonObject | readonly unknown[],
    ...(typeof to === "string" ? { to } : { recipient: recipient as string }),
    ...(context === undefined ? {} : { replyTo: context }),
    ...(callbackData === undefined ? {} : { callbackData }),
  };
}

/** The Graph API takes objects and lists as JSON text too: forms cannot do otherwise, and some clients write them so in JSON. */
function unpacked(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value; // SyntaxError: refused below for what it is
  }
}

function checkContext(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const id = objectOf(value)?.message_id;
  if (typeof id !== "string" || id === "") throw parameterMissing("context.message_id is required.");
  return id;
}

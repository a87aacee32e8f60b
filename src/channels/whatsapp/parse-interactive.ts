/** What a customer chose in one of our interactive messages: button, list row, flow, address, payment, permission. */
import type { InteractivePayload, MessageContent } from "./inbound-content";
import { booleanOf, compact, idOf, type JsonObject, millisecondsOf, objectOf, storable, textOf } from "./json-value";

export function readInteractive(data: JsonObject): MessageContent {
  // An older example of Meta's has the answer inside `type`.
  const { type, ...rest } = data;
  const inner = objectOf(type);
  const payload = readPayload(inner ? { ...rest, ...inner } : data);
  return { type: "interactive", text: textOf(describe(payload)) ?? "", payload, attachments: [] };
}

const kinds = ["button_reply", "list_reply", "nfm_reply", "call_permission_reply", "payment_method", "product"] as const;

function readPayload(data: JsonObject): InteractivePayload {
  const name = textOf(data.type) ?? kinds.find((kind) => objectOf(data[kind]));
  const reply = objectOf(name === undefined ? undefined : data[name]) ?? {};
  switch (name) {
    case "button_reply":
      return compact({ kind: name, id: textOf(reply.id), title: textOf(reply.title) });
    case "list_reply":
      return compact({
        kind: name,
        id: textOf(reply.id),
        title: textOf(reply.title),
        description: textOf(reply.description),
      });
    case "nfm_reply":
      return readForm(reply);
    case "call_permission_reply":
      return compact({
        kind: name,
        response: textOf(reply.response),
        permanent: booleanOf(reply.is_permanent),
        expiresAt: millisecondsOf(reply.expiration_timestamp),
        source: textOf(reply.response_source),
      });
    case "payment_method":
      return compact({
        kind: name,
        method: textOf(reply.payment_method),
        paidAt: millisecondsOf(reply.payment_timestamp),
        referenceId: idOf(reply.reference_id),
        lastFourDigits: textOf(reply.last_four_digits),
        credentialId: idOf(reply.credential_id),
      });
    case "product":
      return { kind: "product", data: storable(reply) as JsonObject };
    default:
      return compact({ kind: "other" as const, name, data: storable(data) as JsonObject });
  }
}

/** A finished flow or address form: `response_json` is JSON inside a string, written by the flow's author. */
function readForm(reply: JsonObject): InteractivePayload {
  const given = objectOf(reply.response_json);
  const responseJson = given ? JSON.stringify(storable(given)) : textOf(reply.response_json);
  const response = objectOf(storable(given ?? parsed(responseJson))) ?? null;
  return compact({
    kind: "nfm_reply" as const,
    name: textOf(reply.name),
    body: textOf(reply.body),
    responseJson,
    response,
    flowToken: textOf(response?.flow_token),
  });
}

function parsed(json: string | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // SyntaxError: the flow's author put something else into the string; it is kept as text
  }
}

function describe(payload: InteractivePayload): string {
  switch (payload.kind) {
    case "button_reply":
    case "list_reply":
      return payload.title ?? payload.id ?? "";
    case "nfm_reply":
      return formText(payload.response) || payload.body || "";
    case "call_permission_reply":
      return payload.response ?? "";
    case "payment_method":
      return payload.method ?? "";
    case "product":
      return textOf(payload.data.product_retailer_id) ?? "";
    default:
      return "";
  }
}

/** The answers of a form, one line each; its token is no answer. */
function formText(response: JsonObject | null): string {
  if (!response) return "";
  const answers = objectOf(response.values) ?? response;
  return Object.entries(answers)
    .filter(([name]) => name !== "flow_token")
    .map(([name, answer]) => `${name}: ${typeof answer === "object" ? JSON.stringify(answer) : String(answer)}`)
    .join("\n");
}

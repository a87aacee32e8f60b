/** Interactive messages that ask for something: a flow, a location, an address, the phone number. */
import type { JsonObject } from "../json-value";
import { compact } from "../json-value";
import type { ComposeOptions } from "./envelope";
import { type Frame, interactive } from "./interactive";
import { refuse, required } from "./limit";

export interface FlowCall {
  /** One of both. */
  flowId?: string;
  flowName?: string;
  /** Text of the button. */
  title: string;
  /** Comes back with the answer. */
  flowToken?: string;
  /** `navigate` opens `screen` with `data`; `data_exchange` asks the flow's own endpoint. */
  action?: "navigate" | "data_exchange";
  screen?: string;
  data?: JsonObject;
  draft?: boolean;
}

export function composeFlow({ flow, header, body, footer, ...options }: ComposeOptions & Frame & { flow: FlowCall }): string {
  const { flowId, flowName, title, flowToken, action = "navigate", screen, data, draft } = flow;
  if ((flowId === undefined) === (flowName === undefined)) throw refuse("flow", "needs either flowId or flowName");
  if (action === "data_exchange" && screen !== undefined) throw refuse("flow.screen", "is only for the action navigate");
  if (data !== undefined && (screen === undefined || Object.keys(data).length === 0)) {
    throw refuse("flow.data", "needs a screen and at least one key");
  }
  const parameters = compact({
    flow_message_version: "3",
    flow_id: flowId,
    flow_name: flowName,
    flow_cta: required("flow.title", title, 20),
    flow_token: flowToken,
    flow_action: action,
    flow_action_payload: screen === undefined ? undefined : compact({ screen, data }),
    mode: draft ? "draft" : undefined,
  });
  return interactive("flow", { header, body, footer }, { name: "flow", parameters }, options);
}

/** Asks the customer to share a location. */
export const composeLocationRequest = ({ body, ...options }: ComposeOptions & { body: string }): string =>
  interactive("location_request_message", { body }, { name: "send_location" }, options);

/** Asks a customer without a visible number to share it; the answer is a contact card of origin `contact_request`. */
export const composeContactInfoRequest = ({ body, ...options }: ComposeOptions & { body: string }): string =>
  interactive("request_contact_info", { body }, { name: "request_contact_info" }, options);

/** Asks for the permission to call the customer; the answer is a `call_permission_reply`. */
export const composeCallPermissionRequest = ({ body, ...options }: ComposeOptions & { body: string }): string =>
  interactive("call_permission_request", { body }, { name: "call_permission_request" }, options);

const MAX_TTL_MINUTES = 43_200;

/** A button with which the customer calls the business. */
export function composeVoiceCall({
  body,
  title,
  ttlMinutes,
  payload,
  ...options
}: ComposeOptions & {
  body: string;
  title?: string;
  /** How long the button works: a week when left out, at most 30 days. */
  ttlMinutes?: number;
  /** Comes back with the call. */
  payload?: string;
}): string {
  if (ttlMinutes !== undefined && !(Number.isInteger(ttlMinutes) && ttlMinutes >= 1 && ttlMinutes <= MAX_TTL_MINUTES))
    throw refuse("ttlMinutes", `must be between 1 and ${MAX_TTL_MINUTES}`);
  if (payload !== undefined) required("payload", payload, 512);
  const parameters = compact({
    display_text: title === undefined ? undefined : required("title", title, 20),
    ttl_minutes: ttlMinutes,
    payload,
  });
  const action = { name: "voice_call", parameters: Object.keys(parameters).length > 0 ? parameters : undefined };
  return interactive("voice_call", { body }, compact(action), options);
}

export interface AddressForm {
  /** The only countries that have address messages. */
  country: "IN" | "SG";
  /** Fields that are filled in already. */
  values?: Record<string, string>;
  savedAddresses?: readonly { id: string; value: Record<string, string> }[];
  validationErrors?: Record<string, string>;
}

export function composeAddressRequest({
  form,
  header,
  body,
  footer,
  ...options
}: ComposeOptions & Frame & { form: AddressForm }): string {
  const { country, values, savedAddresses, validationErrors } = form;
  if (country !== "IN" && country !== "SG") throw refuse("form.country", "must be IN or SG");
  const parameters = compact({ country, values, saved_addresses: savedAddresses, validation_errors: validationErrors });
  return interactive("address_message", { header, body, footer }, { name: "address_message", parameters }, options);
}

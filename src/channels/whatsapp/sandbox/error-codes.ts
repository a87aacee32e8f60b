/** Meta's error codes as answers: HTTP status and title, for refusals chosen by a knob (facts §3.6). Independent of how our client reads them. */
import { GraphRefusal } from "./graph-refusal";

const UNAUTHORIZED = new Set([0, 190]);
const FORBIDDEN = new Set([10, 368, 130497, 131031, 131005]);
const NOT_FOUND = new Set([132001]);
const TOO_MANY = new Set([4]);
const INTERNAL = new Set([1, 3, 131000, 133000, 2494100]);
const UNAVAILABLE = new Set([2, 131016, 131057, 133004]);

const titles: Readonly<Record<number, string>> = {
  0: "AuthException",
  1: "API Unknown",
  2: "API Service",
  3: "API Method",
  4: "API Too Many Calls",
  10: "Permission Denied",
  33: "Parameter value is not valid",
  100: "Invalid parameter",
  190: "Access token has expired",
  368: "Temporarily blocked for policies violations",
  80007: "Rate limit issues",
  130403: "User is blocked",
  130429: "Rate limit hit",
  130472: "User's number is part of an experiment",
  130497: "Business account is restricted from messaging users in this country",
  131000: "Something went wrong",
  131005: "Access denied",
  131008: "Required parameter is missing",
  131009: "Parameter value is not valid",
  131016: "Service unavailable",
  131021: "Recipient cannot be sender",
  131026: "Message undeliverable",
  131030: "Recipient phone number not in allowed list",
  131031: "Account has been locked",
  131037: "Display name approval is needed before messages can be sent",
  131042: "Business eligibility payment issue",
  131045: "Incorrect certificate",
  131047: "Re-engagement message",
  131048: "Spam rate limit hit",
  131049: "Meta chose not to deliver this message",
  131050: "User has stopped marketing messages",
  131051: "Unsupported message type",
  131052: "Media download error",
  131053: "Media upload error",
  131056: "(Business Account, Consumer Account) pair rate limit hit",
  131057: "Account in maintenance mode",
  131062: "Recipient user id is not supported for this message",
  132000: "Template param count mismatch",
  132001: "Template does not exist",
  132005: "Template hydrated text too long",
  132007: "Template format character policy violated",
  132012: "Template parameter format mismatch",
  132015: "Template is paused",
  132016: "Template is disabled",
  132018: "Template parameters are invalid",
  132068: "Flow is in blocked state",
  132069: "Flow is in throttled state",
  133000: "Incomplete deregistration",
  133004: "Server temporarily unavailable",
  133010: "Phone number not registered",
  133016: "Account register deregister rate limit exceeded",
  135000: "Generic user error",
};

export function statusOf(code: number): number {
  if (UNAUTHORIZED.has(code)) return 401;
  if (FORBIDDEN.has(code) || (code >= 200 && code <= 299)) return 403;
  if (NOT_FOUND.has(code)) return 404;
  if (TOO_MANY.has(code)) return 429;
  if (INTERNAL.has(code)) return 500;
  return UNAVAILABLE.has(code) ? 503 : 400;
}

/** The refusal with this code, as a knob asks for it. */
export const chosenRefusal = (code: number): GraphRefusal =>
  new GraphRefusal(statusOf(code), code, titleOf(code), {
    details: `Refused with code ${code} because the sandbox was told to.`,
    ...(statusOf(code) >= 500 ? { isTransient: true } : {}),
    ...(code === 190 ? { subcode: 463 } : {}),
  });

export const titleOf = (code: number): string => titles[code] ?? `Error ${code}`;

/** The frame around every message: who gets it, what it quotes, and our own id that comes back with its statuses. */
import { fail } from "../../../core/errors";
import { formatNumber } from "../../../core/phone";
import { compact } from "../json-value";
import { atMost } from "./limit";

/** The customer: by number when it is known, else by user id (BSUID). */
export interface Address {
  /** Digits, as WhatsApp wrote them; turned into the form for sending here. */
  waId?: string;
  userId?: string;
}

export interface ComposeOptions {
  to: Address;
  /** wamid of the message that is quoted. */
  replyTo?: string;
  /** Comes back with every status as `callbackData`: our message id. At most 512 characters. */
  callbackData?: string;
}

/** The JSON of a message of this type. */
export function envelope(type: string, content: unknown, { to, replyTo, callbackData }: ComposeOptions): string {
  if (callbackData !== undefined) atMost("callbackData", callbackData, 512);
  return JSON.stringify(
    compact({
      messaging_product: "whatsapp",
      recipient_type: "individual",
      ...recipient(to),
      type,
      [type]: content,
      context: replyTo === undefined ? undefined : { message_id: replyTo },
      biz_opaque_callback_data: callbackData,
    }),
  );
}

/** Meta asks for `+` and country code: without the plus it puts the business number's own country code in front (facts §3.1). */
function recipient({ waId, userId }: Address): { to: string } | { recipient: string } {
  if (waId !== undefined && waId !== "") {
    const number = formatNumber(waId);
    if (number === "") throw fail("compose.limit", { message: "The customer's number has no digits." });
    return { to: `+${number}` };
  }
  if (userId !== undefined && userId !== "") return { recipient: userId };
  throw fail("compose.limit", { message: "The customer has neither a number nor a user id." });
}

/** The read receipt of a message; with `typing` the customer also sees "typing..." for up to 25 s. */
export const composeRead = (wamid: string, { typing }: { typing: boolean }): string =>
  JSON.stringify({
    messaging_product: "whatsapp",
    status: "read",
    message_id: wamid,
    ...(typing ? { typing_indicator: { type: "text" } } : {}),
  });

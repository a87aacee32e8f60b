/** What the tests of the builders share: whom they write to, and how a refusal reads. */
import type { ComposeOptions } from "../../../src/channels/whatsapp/compose";
import { AppError } from "../../../src/core/errors";

export const to: ComposeOptions = { to: { waId: "51911222333" } };
export const frame = { messaging_product: "whatsapp", recipient_type: "individual", to: "+51911222333" };
export const x = (length: number) => "x".repeat(length);
export const parsed = (json: string): unknown => JSON.parse(json);

/** The field a builder refuses, the code of another error, or "accepted". */
export function refusal(build: () => string): string {
  try {
    build();
  } catch (error) {
    if (error instanceof AppError)
      return error.code === "compose.limit" ? (error.details?.[0]?.path ?? error.message) : error.code;
    throw error;
  }
  return "accepted";
}

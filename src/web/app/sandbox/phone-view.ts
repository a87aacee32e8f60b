/** What the sandbox shows of its fake phones: the server's own types under the names this page uses. */
import type { NewPhone as ServerNewPhone, PhoneChange as ServerPhoneChange } from "@server/channels/whatsapp/sandbox/phone-book";
import type { SandboxPhone, ThreadMessage } from "@server/channels/whatsapp/sandbox/state-store";

export type Phone = SandboxPhone;
/** A message on a phone's screen; what its body holds beyond the text is not shown. */
export type PhoneMessage = Omit<ThreadMessage, "content"> & { content: { type: string; text: string; body: unknown } };
type WithPhoneMessage<C> = C extends { message: ThreadMessage } ? Omit<C, "message"> & { message: PhoneMessage } : C;
export type PhoneChange = WithPhoneMessage<ServerPhoneChange>;
export type NewPhone = Pick<ServerNewPhone, "name" | "username" | "withPhone">;
export type PhonePatch = Partial<Pick<Phone, "online" | "reads" | "blocked">>;

export interface SandboxView {
  business: { displayNumber: string; name: string };
  phones: Phone[];
}

/** The change inside a live event; null for anything that is not one. */
export function readPhoneChange(change: unknown): PhoneChange | null {
  return typeof change === "object" && change !== null && "kind" in change ? (change as PhoneChange) : null;
}

/** A message that is on its way to a phone without connection has not been seen by its owner. */
export const isOnScreen = ({ from, ticks }: PhoneMessage): boolean =>
  from === "customer" || ticks === "shown" || ticks === "read";

/** What can be done with one message. */
import type { MessageView } from "@server/events/view";

export type MessageDeed =
  | "star"
  | "unstar"
  | "translate"
  | "untranslate"
  | "correct"
  | "forward"
  | "resend"
  | "edit-note"
  | "delete-note"
  | "erase";

export interface AskedDeed {
  deed: "correct" | "forward" | "edit-note" | "delete-note" | "erase";
  message: MessageView;
}

/** How much can still be written, in words; null while there is room enough. */
import type { Words } from "../i18n/words";
import type { DraftKind } from "./draft-store";

/** The server takes no longer text. */
export const LONGEST = 5000;
/** WhatsApp takes this many in one message; longer ones leave in parts. */
const ONE_MESSAGE = 4096;
/** The counter appears when the end comes near. */
const COUNT_FROM = 3800;

export function countText(length: number, mode: DraftKind, t: Words["t"]): string | null {
  if (length < COUNT_FROM) return null;
  if (mode === "note" && length <= LONGEST) return null;
  if (length > LONGEST) return t("composer.tooMany", { count: length - LONGEST });
  return length > ONE_MESSAGE ? t("composer.inTwo") : t("composer.left", { count: ONE_MESSAGE - length });
}

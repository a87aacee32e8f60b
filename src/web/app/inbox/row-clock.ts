/** What runs out first in a row of the list: the promise that is due, or the window of 24 hours. Pure but for the words. */
import type { ConversationView } from "@server/events/view";
import type { Words } from "../i18n/words";
import { nearMoment, timeLeft } from "../ui/time-text";

export interface RowClock {
  icon: "alert" | "clock" | "lock";
  text: string;
  title: string;
  look: "" | "text-warning" | "text-danger";
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** A promise is amber from here, and red from there. */
const SOON_MS = 20 * MINUTE_MS;
const NEAR_MS = 5 * MINUTE_MS;

type Ticking = Pick<ConversationView, "sla" | "windowExpiresAt">;

export function rowClock({ sla, windowExpiresAt }: Ticking, now: number, t: Words["t"]): RowClock {
  const due = sla?.dueAt ? Date.parse(sla.dueAt) : null;
  const closes = windowExpiresAt ? Date.parse(windowExpiresAt) : 0;
  // A window that closes before the promise is due is the nearer end.
  if (sla && due !== null && (due <= now || closes <= now || due <= closes)) {
    const left = timeLeft(due, now);
    return {
      icon: due - now <= SOON_MS ? "alert" : "clock",
      text: left ? t("sla.left", { time: left }) : t("sla.late"),
      title: t(`sla.${sla.target}`, { time: nearMoment(due, now) }),
      look: due - now <= NEAR_MS ? "text-danger" : due - now <= SOON_MS ? "text-warning" : "",
    };
  }
  const left = timeLeft(closes, now);
  if (!left) return { icon: "lock", text: t("window.closed"), title: "", look: "" };
  return {
    icon: "clock",
    text: left,
    title: t("window.closesIn", { time: left }),
    look: closes - now < HOUR_MS ? "text-warning" : "",
  };
}

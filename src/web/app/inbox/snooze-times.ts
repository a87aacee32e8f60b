/** When a conversation may come back: the moments people ask for. Pure; local time. */
import type { WordKey, Words } from "../i18n/words";
import type { MenuItem } from "../ui/menu-button";
import { shortMoment } from "../ui/time-text";

export interface SnoozeChoice {
  id: string;
  word: WordKey;
  /** Null: with the customer's next message. */
  until: Date | null;
}

const HOUR_MS = 3_600_000;
const MORNING = 9;

export function snoozeChoices(now: number): SnoozeChoice[] {
  const day = (days: number): Date => {
    const at = new Date(now);
    at.setDate(at.getDate() + days);
    at.setHours(MORNING, 0, 0, 0);
    return at;
  };
  const monday = (8 - new Date(now).getDay()) % 7 || 7;
  return [
    { id: "reply", word: "snooze.untilReply", until: null },
    { id: "hour", word: "snooze.hour", until: new Date(now + HOUR_MS) },
    { id: "later", word: "snooze.later", until: new Date(now + 3 * HOUR_MS) },
    { id: "tomorrow", word: "snooze.tomorrow", until: day(1) },
    ...(monday === 1 ? [] : [{ id: "monday", word: "snooze.monday" as const, until: day(monday) }]),
    { id: "week", word: "snooze.week", until: day(7) },
  ];
}

/** In the menus: any other moment is asked for. */
export const OTHER_MOMENT = "other";

/** The same as a menu. */
export const snoozeItems = (now: number, t: Words["t"]): MenuItem[] => [
  ...snoozeChoices(now).map(({ id, word, until }) => ({
    id,
    text: t(word),
    ...(until ? { detail: shortMoment(until.getTime()) } : {}),
  })),
  { id: OTHER_MOMENT, text: t("snooze.other"), icon: "calendar" },
];

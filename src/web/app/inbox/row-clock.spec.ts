import type { ConversationView } from "@server/events/view";
import { rowClock } from "./row-clock";

const NOW = Date.parse("2026-11-20T12:00:00.000Z");
const t = (key: string, params: Record<string, string | number> = {}) => [key, params.time].filter(Boolean).join(" ");
const after = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();
const due = (minutes: number, state: "running" | "breached" = "running"): NonNullable<ConversationView["sla"]> => ({
  policy: "a".padEnd(24, "0"),
  target: "first-reply",
  dueAt: after(minutes),
  state,
});
const look = (sla: ConversationView["sla"], window: number | null) => {
  const {
    icon,
    text,
    look: colour,
  } = rowClock({ sla, windowExpiresAt: window === null ? null : after(window) }, NOW, t as never);
  return [icon, text, colour];
};

describe("what runs out first in a row", () => {
  it.each([
    ["the window alone", null, 23 * 60, ["clock", "23 h", ""]],
    ["a window that closes within the hour", null, 58, ["clock", "58 min", "text-warning"]],
    ["a closed window", null, -5, ["lock", "window.closed", ""]],
    ["no window at all", null, null, ["lock", "window.closed", ""]],
    ["a promise with time", due(90), 23 * 60, ["clock", "sla.left 1 h", ""]],
    ["a promise within twenty minutes", due(18), 23 * 60, ["alert", "sla.left 18 min", "text-warning"]],
    ["a promise within five", due(4), 23 * 60, ["alert", "sla.left 4 min", "text-danger"]],
    ["a promise that was not kept", due(-3, "breached"), 23 * 60, ["alert", "sla.late", "text-danger"]],
    ["a window that closes before", due(300), 58, ["clock", "58 min", "text-warning"]],
    ["a promise whose clock stands still", { ...due(1), dueAt: null }, 23 * 60, ["clock", "23 h", ""]],
  ] as const)("%s", (_, sla, window, expected) => expect(look(sla, window)).toEqual(expected));
});

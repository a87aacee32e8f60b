/** Who answers a batch. Pure: conversation, settings and time in, a decision out. */
import type { Conversation } from "../features/conversations/conversation.model";

export interface RouteSettings {
  /** Whether there is an assistant at all. */
  hasAssistant: boolean;
  /** Whether this number is one of ours, so that an answer can leave. */
  isChannelKnown: boolean;
  /** Failed tries after which a person is asked. */
  maxFailures: number;
  /** Outside opening hours, in which the assistant rests. */
  isResting?: boolean;
}

export type Route =
  | { to: "assistant" }
  | { to: "agents"; reason: "no-assistant" | "assistant-failed" | "unknown-number" | "budget" }
  | { to: "away"; reason: "out-of-hours" }
  | { to: "nobody"; reason: "assistant-off" | "closed" | "window-closed" | "nothing-to-answer" };

export function route(conversation: Conversation, settings: RouteSettings, now: number): Route {
  if (!conversation.isOpen) return { to: "nobody", reason: "closed" };
  if (!conversation.isAIEnabled) return { to: "nobody", reason: "assistant-off" };
  if (conversation.inboundSeq <= conversation.answeredSeq) return { to: "nobody", reason: "nothing-to-answer" };
  if (!settings.isChannelKnown) return { to: "agents", reason: "unknown-number" };
  if (settings.isResting) return { to: "away", reason: "out-of-hours" };
  if (!settings.hasAssistant) return { to: "agents", reason: "no-assistant" };
  if ((conversation.batch?.failures ?? 0) >= settings.maxFailures) return { to: "agents", reason: "assistant-failed" };
  if (!conversation.windowExpiresAt || conversation.windowExpiresAt.getTime() <= now)
    return { to: "nobody", reason: "window-closed" };
  return { to: "assistant" };
}

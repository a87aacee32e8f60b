/**
 * Decides before any model is asked: a customer who wants a person gets one at no cost, and two machines do not talk all night.
 * Pure: rules, not probabilities, so that it works with every model and also with none.
 */
import { detectBotLoop } from "./bot-loop";
import type { HistoryEntry } from "./context";
import { isAngry, timesAskedBefore, wantsPerson } from "./person-signs";
import type { IncomingMessage } from "./prompt";

export interface GuardRules {
  /** "Quiero hablar con una persona". */
  handOffOnRequest: boolean;
  handOffOnAnger: boolean;
  /** Answered this often already and asked again: a person takes over. 0: never. */
  handOffAfterRepeats: number;
  /** The other side is a machine: the assistant falls silent and a person is told. */
  stopBotLoops: boolean;
  /** A question that no passage answers goes to a person instead of being answered from the model's own memory. */
  groundedOnly: boolean;
}

export interface GateVerdict {
  reason: "customer-asked" | "angry" | "repeated-failure" | "bot-loop";
  summary: string;
  /** Nothing is said to the customer. */
  isQuiet: boolean;
}

const LONGEST_QUOTE = 300;

/** The hand-off these messages call for, or null when the assistant may answer. */
export function decideBeforeModel(
  history: readonly HistoryEntry[],
  incoming: readonly IncomingMessage[],
  now: number,
  rules: GuardRules,
): GateVerdict | null {
  const asked = incoming.map(({ text }) => text).join(" ");
  const quote = asked.replace(/\s+/g, " ").slice(0, LONGEST_QUOTE);
  if (rules.stopBotLoops) {
    const everything = [...history, ...incoming.map(({ text, at }) => ({ role: "user" as const, text, at }))];
    const loop = detectBotLoop(everything, now);
    if (loop)
      return { reason: "bot-loop", summary: `The other side seems to be a machine (${loop}). It wrote: ${quote}`, isQuiet: true };
  }
  const texts = incoming.filter(({ type }) => type === "text" || type === "button" || type === "interactive");
  if (rules.handOffOnRequest && texts.some(({ text }) => wantsPerson(text)))
    return { reason: "customer-asked", summary: `The customer asks for a person. They wrote: ${quote}`, isQuiet: false };
  if (rules.handOffOnAnger && isAngry(asked))
    return { reason: "angry", summary: `The customer is angry. They wrote: ${quote}`, isQuiet: false };
  const { handOffAfterRepeats: most } = rules;
  if (most > 0 && incoming.some(({ text }) => timesAskedBefore(text, history, now) >= most))
    return {
      reason: "repeated-failure",
      summary: `The customer asks again what has been answered ${most} times. They wrote: ${quote}`,
      isQuiet: false,
    };
  return null;
}

/** Whether the messages ask something that only knowledge can answer. */
export const asksSomething = (incoming: readonly IncomingMessage[]): boolean =>
  incoming.some(({ text }) => /[?¿]/.test(text) && text.replace(/[^\p{L}\p{N}]/gu, "").length >= 6);

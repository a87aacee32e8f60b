/** What one turn of the assistant is given: the conversation as it was read, and what people have set about the assistant. */
import type { TurnInput } from "../ai/assistant";
import type { Contact } from "../features/contacts/contact.model";
import type { Conversation } from "../features/conversations/conversation.model";
import type { Message } from "../features/messages/message.model";
import { wordsOf } from "./hear";
import { toHistory } from "./history";
import type { Turn } from "./turn.model";

/** The part of a turn that people set. */
export type TurnSettings = Pick<
  TurnInput,
  "business" | "variables" | "promptVersion" | "model" | "fallbackModel" | "rules" | "moderated" | "limits" | "cacheKey"
>;

/** Which conversation a turn is about. */
export interface TurnAbout {
  conversation: Conversation;
  contact: Contact;
}

export interface TurnParts {
  turn: Turn;
  conversation: Conversation;
  contact: Contact;
  fragments: readonly Message[];
  history: readonly Message[];
  safetyId: string;
  now: number;
}

export function turnInputOf(
  { turn, conversation, contact, fragments, history, safetyId, now }: TurnParts,
  settings: TurnSettings,
): TurnInput {
  return {
    ...settings,
    turnId: turn._id,
    contact: { name: contact.name, ...(contact.language ? { language: contact.language } : {}) },
    ...(conversation.summary ? { summary: conversation.summary } : {}),
    history: toHistory(history),
    incoming: fragments.map((one) => ({ text: wordsOf(one), at: one.sentAt.getTime(), type: one.type })),
    safetyId,
    now,
  };
}

/** A customer's message that is an answer to something of ours, such as a survey: it is stored, and nobody else answers it. */
import type { Change } from "../../events/log";
import type { Contact } from "../contacts/contact.model";
import type { Conversation } from "../conversations/conversation.model";

export interface Incoming {
  type: string;
  text: string;
  payload: Record<string, unknown>;
  contact: Contact;
  conversation: Conversation;
}

/**
 * What the message leads to, after it was stored and before its conversation is written: may change the conversation in memory.
 * `message` is the id of the stored message.
 */
export type Interception = (
  place: { conversation: Conversation; contact: Contact; message: string },
  change: Change,
) => Promise<void>;

/** Asked of every message that could be answered: nothing is read for it. */
export type Intercept = (incoming: Incoming) => Interception | null;

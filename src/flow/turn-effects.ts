/**
 * Carries out what the tools of a turn have noted, in the transaction that ends the turn: so each happens once, and only while nobody
 * came first. What can no longer be done is left out with a line for the agents, and the reply goes out all the same.
 */
import { type Actor, SYSTEM } from "../core/actor";
import { AppError } from "../core/errors";
import type { Change } from "../events/log";
import type { AiToolCallService } from "../features/ai-tools/ai-tool-call.service";
import type { Contact } from "../features/contacts/contact.model";
import type { ContactEditService } from "../features/contacts/contact-edit.service";
import type { ConversationAction, ConversationActionService } from "../features/conversation-actions/conversation-action.service";
import type { Conversation } from "../features/conversations/conversation.model";
import type { AiRun, Message } from "../features/messages/message.model";
import type { MessageService } from "../features/messages/message.service";
import type { ScheduledMessageService } from "../features/scheduled-messages/scheduled-message.service";
import type { Wishes } from "./turn-tools";

/** In whose name it acts: the product itself, told apart from rules and timers. */
export const ASSISTANT: Actor = { ...SYSTEM, id: "assistant", name: "The assistant" };

export interface EffectDeps {
  actions: Pick<ConversationActionService, "apply">;
  edits: Pick<ContactEditService, "patchWithin">;
  scheduled: Pick<ScheduledMessageService, "createWithin" | "wake">;
  messages: Pick<MessageService, "queueReply" | "addActivity">;
  calls: Pick<AiToolCallService, "propose">;
}

export interface EffectContext {
  turn: string;
  conversation: Conversation;
  contact: Contact;
  /** Told with the first message of the turn. */
  run: AiRun | null;
  correlationId: string | null;
  /** Where a hand-off leads. */
  team: string | null;
}

/** Everything the tools have noted. Gives the messages that leave; throws only what makes the whole turn fail. */
export async function carryOut(wishes: Wishes, about: EffectContext, change: Change, deps: EffectDeps): Promise<Message[]> {
  const { turn, conversation, contact, correlationId, team } = about;
  const { actions, edits, scheduled, messages, calls } = deps;
  const queued: Message[] = [];
  for (const [index, content] of wishes.outgoing.entries())
    queued.push(
      ...(await messages.queueReply(
        {
          conversation,
          contact,
          role: "assistant",
          text: content.text,
          content,
          sourceId: `${turn}:tool:${index}`,
          aiRun: index === 0 ? about.run : null,
          correlationId,
        },
        change,
      )),
    );

  for (const proposal of wishes.proposals)
    await calls.propose(proposal, { turn, conversation: conversation._id, contact: contact._id }, change);

  /** Our own rules say no before anything is written; a label or a team may have gone meanwhile. */
  async function attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      await messages.addActivity(conversation, `The assistant could not ${what}: ${error.message}`, `${turn}:${what}`, change);
    }
  }

  let now = conversation;
  const wanted: ConversationAction[] = [...wishes.actions, ...(team === null ? [] : [{ do: "transfer" as const, team }])];
  for (const [index, action] of wanted.entries())
    await attempt(`carry out ${action.do} ${index + 1}`, async () => {
      now = await actions.apply(now, [action], ASSISTANT, change);
    });
  if (Object.keys(wishes.contact).length > 0)
    await attempt("update the customer file", () => edits.patchWithin(contact._id, wishes.contact, ASSISTANT, change));
  for (const { dueAt, text, fallback } of wishes.followUps)
    await attempt("schedule the follow-up", () =>
      scheduled.createWithin(
        now,
        { dueAt, content: { text }, ...(fallback && { fallback }), cancelOnReply: true },
        ASSISTANT,
        change,
      ),
    );
  return queued;
}

/** What people do to messages that are there: notes and mentions, stars, labels, forwarding, erasure. Nothing that was sent is rewritten. */
import { type Actor, can } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Change, EventLog } from "../../events/log";
import { type ConversationService, reachable } from "../conversations/conversation.service";
import type { LabelService } from "../labels/label.service";
import type { Message, MessageModel } from "./message.model";
import type { MessagePatch, NewNote } from "./message.schema";
import { laneOf, type MessageService, originOf, UNCHANGED } from "./message.service";
import { toMessageView } from "./message.view";
import { forwardOf } from "./message-forward";
import type { MessageSendService } from "./message-send.service";

export interface MessageEditService {
  /** A note that only agents see. Those it mentions are told and follow the conversation. The same `clientKey` gives the first one again. */
  addNote(conversation: string, note: NewNote, actor: Actor, clientKey: string | null): Promise<Message>;
  /** Star, labels, or the text of one's own note. */
  patch(id: string, patch: MessagePatch, actor: Actor): Promise<Message>;
  /** A note goes; of anything else the content is erased, for which a permission is needed. Null when it is gone. */
  remove(id: string, actor: Actor): Promise<Message | null>;
  /** Sends the same content to other conversations; each as if it were written there. */
  forward(id: string, conversations: readonly string[], actor: Actor, clientKey: string | null): Promise<Message[]>;
}

export interface MessageEditDeps {
  model: MessageModel;
  messages: MessageService;
  conversations: ConversationService;
  sending: Pick<MessageSendService, "send">;
  labels: Pick<LabelService, "assertKnown">;
  findAgent: (id: string) => Promise<{ id: string } | null>;
  eventLog: EventLog;
  clock: Clock;
}

export function createMessageEditService(deps: MessageEditDeps): MessageEditService {
  const { model, messages, conversations, sending, labels, findAgent, eventLog, clock } = deps;
  const now = () => new Date(clock.now());

  /** The message, if it exists for them, and its conversation. */
  async function getForChange(id: string, actor: Actor, { session }: Change) {
    const message = (await model.findById(id, null, { session }).lean()) as Message | null;
    const conversation = message && (await conversations.findConversation(message.conversation, session));
    if (!message || !conversation) throw fail("message.not-found");
    return { message, conversation: reachable(conversation, actor) };
  }

  async function assertAgents(ids: readonly string[]): Promise<void> {
    for (const id of ids)
      if (!(await findAgent(id)))
        throw fail("agent.not-found", { details: [{ path: "body.mentions", message: `There is no agent ${id}.` }] });
  }

  async function tellMentioned(message: Message, agents: readonly string[], actor: Actor, change: Change): Promise<void> {
    const others = agents.filter((agent) => agent !== actor.id);
    if (others.length === 0) return;
    await conversations.addMentions(message.conversation, others, change);
    for (const agent of others)
      change.emit("mention:new", { conversation: message.conversation, message: message._id, agent, by: actor.id });
  }

  const assertAuthor = ({ type, author }: Message, actor: Actor) => {
    if (type !== "note") throw fail("message.not-a-note");
    if (author !== actor.id && !can(actor, "messages.erase")) throw fail("message.not-yours");
  };

  async function erase(message: Message, change: Change): Promise<Message> {
    const { state } = message.delivery ?? {};
    if (state === "sending" || state === "unknown") throw fail("message.in-flight");
    const isQueued = state === "queued";
    const after = (await model.collection.findOneAndUpdate(
      { _id: message._id as never, ...(state ? { "delivery.state": state } : {}) },
      {
        $set: {
          content: "",
          payload: {},
          attachments: [],
          previousContents: [],
          reactions: [],
          body: null,
          erasedAt: now(),
          ...(isQueued ? { "delivery.state": "cancelled" } : {}),
        },
        $unset: isQueued ? { "delivery.dueAt": "", "delivery.attention": "" } : { "delivery.attention": "" },
      } as never,
      { session: change.session, returnDocument: "after" },
    )) as unknown as Message | null;
    if (!after) throw fail("message.in-flight");
    change.emit("message:updated", { message: toMessageView(after) });
    return after;
  }

  return {
    async addNote(conversationId, { text, mentions = [] }, actor, clientKey) {
      await assertAgents(mentions);
      const content = text.trim();
      if (content === "") throw fail("message.empty");
      const originKey = originOf(clientKey === null ? newId(clock.now()) : `${actor.id}:${conversationId}:note:${clientKey}`, 0);
      return eventLog.change(async (change) => {
        const known = await model.findOne({ originKey }, null, { session: change.session }).lean();
        if (known) return known as Message;
        const conversation = reachable(await conversations.findConversation(conversationId, change.session), actor);
        const at = now();
        const note: Message = {
          _id: newId(clock.now()),
          conversation: conversation._id,
          contact: conversation.contact,
          channel: conversation.channel,
          lane: laneOf(conversation.contact, conversation.channel),
          role: "operator",
          direction: "outbound",
          platform: "whatsapp",
          type: "note",
          content,
          payload: {},
          attachments: [],
          context: null,
          ...UNCHANGED,
          wamid: null,
          inboundSeq: null,
          epoch: null,
          body: null,
          delivery: null,
          pricing: null,
          author: actor.id,
          private: true,
          aiRun: null,
          originKey,
          correlationId: null,
          sentAt: at,
          createdAt: at,
          mentions: [...new Set(mentions)],
        };
        await messages.storeNote(note, change);
        await tellMentioned(note, note.mentions ?? [], actor, change);
        return note;
      });
    },

    patch: (id, { starred, labels: names, text, mentions }, actor) =>
      eventLog.change(async (change) => {
        const { message } = await getForChange(id, actor, change);
        const fields: Partial<Message> = {};
        if (starred !== undefined) {
          const others = (message.starredBy ?? []).filter((agent) => agent !== actor.id);
          fields.starredBy = starred ? [...others, actor.id] : others;
        }
        if (names) {
          await labels.assertKnown(names, change.session);
          fields.labels = names;
        }
        if (text !== undefined || mentions) {
          assertAuthor(message, actor);
          await assertAgents(mentions ?? []);
          const content = text?.trim() ?? message.content;
          if (content === "") throw fail("message.empty");
          if (content !== message.content)
            Object.assign(fields, { content, editedAt: now(), previousContents: [...message.previousContents, message.content] });
          if (mentions) fields.mentions = mentions;
          const known = message.mentions ?? [];
          await tellMentioned(
            message,
            (mentions ?? []).filter((agent) => !known.includes(agent)),
            actor,
            change,
          );
        }
        if (Object.keys(fields).length > 0) await messages.revise(message, fields, change);
        return message;
      }),

    remove: (id, actor) =>
      eventLog.change(async (change) => {
        const { message, conversation } = await getForChange(id, actor, change);
        if (message.type === "note") {
          assertAuthor(message, actor);
          await messages.remove(message, change);
          return null;
        }
        if (!can(actor, "messages.erase")) throw fail("auth.forbidden");
        if (message.erasedAt) return message;
        const erased = await erase(message, change);
        const [newest] = await messages.listHistory(conversation._id, 1, null, change.session);
        if (newest?._id === id && conversation.lastMessage)
          await conversations.update(conversation._id, { lastMessage: { ...conversation.lastMessage, text: "" } }, change);
        return erased;
      }),

    async forward(id, targets, actor, clientKey) {
      const message = await messages.getMessage(id);
      await conversations.getReachable(message.conversation, actor);
      const content = forwardOf(message);
      // All or none: nobody is written to when one of them is out of reach.
      for (const target of targets) await conversations.getReachable(target, actor);
      const sent: Message[] = [];
      for (const target of new Set(targets))
        sent.push(await sending.send(target, content, actor, clientKey === null ? null : `forward:${id}:${clientKey}`));
      return sent;
    },
  };
}

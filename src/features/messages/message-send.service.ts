/**
 * What agents send: every kind WhatsApp takes. Rules are checked before anything is queued: the window, the template and its values,
 * the quoted message, the files, WhatsApp's limits. An answer takes the conversation over from the assistant; a reaction does not.
 */
import { type Actor, reaches, ruleOf } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { AppError, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { EventLog } from "../../events/log";
import type { ChannelService } from "../channels/channel.service";
import type { Contact } from "../contacts/contact.model";
import type { ContactService } from "../contacts/contact.service";
import type { Conversation } from "../conversations/conversation.model";
import { type ConversationService, previewOf } from "../conversations/conversation.service";
import type { MediaService } from "../media/media.service";
import type { MediaUploadService, SendableFile } from "../media/media-upload.service";
import type { TemplateService } from "../templates/template.service";
import type { Attachment, Message, MessageModel } from "./message.model";
import { type MessageService, type Outgoing, originOf } from "./message.service";
import { filesIn, ownFile, payloadOf, readableText, type SendableContent, withGraphIds } from "./message-content";
import { MAX_TEXT, type NewContent, type NewMessage } from "./message-content.schema";
import type { ReachService } from "./reach.service";

export { NewMessage } from "./message-content.schema";

export interface MessageSendService {
  /**
   * Queues what somebody sends in a conversation within their reach; it leaves at once. The same `clientKey` gives the first answer
   * again. What a rule sends takes the conversation over from nobody.
   */
  send(conversationId: string, message: NewMessage, author: Actor, clientKey: string | null): Promise<Message>;
  /** Makes content ready without sending it: files are at WhatsApp then. Throws what `send` would throw about the content. */
  prepare(
    content: Exclude<NewContent, { type: "reaction" }>,
    conversation: Conversation,
    contact: Contact,
    author: Actor,
  ): Promise<Outgoing>;
}

export interface MessageSendDeps {
  model: MessageModel;
  messages: MessageService;
  conversations: ConversationService;
  contacts: ContactService;
  channels: Pick<ChannelService, "find">;
  files: Pick<MediaService, "shownInMessage" | "getMedia">;
  reach: Pick<ReachService, "assertMedia">;
  uploads: Pick<MediaUploadService, "prepare">;
  templates: Pick<TemplateService, "getSendable" | "render">;
  /** Whether free-form text would still arrive in time. Given by the composition root, because features know no channel. */
  isWindowOpen: (expiresAt: number | null, now: number) => boolean;
  log: EventLog;
  clock: Clock;
}

export function createMessageSendService(deps: MessageSendDeps): MessageSendService {
  const { model, messages, conversations, contacts, channels, files, reach, uploads, templates, isWindowOpen, log, clock } = deps;

  /** The conversation, as long as this may be sent in it. */
  function assertOpen(conversation: Conversation, message: NewMessage): void {
    if (!conversation.isOpen) throw fail("conversation.closed");
    const isTemplate = "type" in message && message.type === "template";
    const expires = conversation.windowExpiresAt?.getTime() ?? null;
    if (!isTemplate && !isWindowOpen(expires, clock.now())) throw fail("conversation.window-closed");
  }

  /** WhatsApp's id of a message of this conversation. */
  async function wamidOf(id: string, conversationId: string, path: string): Promise<Message & { wamid: string }> {
    const target = (await model.findById(id).lean()) as Message | null;
    const refuse = (message: string) => fail("message.reply-target", { message, details: [{ path, message }] });
    if (target?.conversation !== conversationId) throw refuse("The message is not one of this conversation.");
    if (!target.wamid) throw refuse("WhatsApp does not know this message yet.");
    return target as Message & { wamid: string };
  }

  async function outgoing(
    content: NewContent,
    conversation: Conversation,
    contact: Contact,
    author: Actor,
  ): Promise<{ outgoing: Outgoing; reactsTo: Message | null }> {
    const channel = channels.find(conversation.channel);
    if (!channel) throw fail("channel.not-connected");
    if (content.type === "reaction") {
      const target = await wamidOf(content.reaction.messageId, conversation._id, "body.reaction.messageId");
      const reaction = { messageId: target.wamid, emoji: content.reaction.emoji };
      const sendable: SendableContent = { type: "reaction", reaction };
      return {
        outgoing: { type: "reaction", text: reaction.emoji, payload: reaction, attachments: [], content: sendable },
        reactsTo: target,
      };
    }
    const said = content.type === "template" ? await renderedOf(content, channel.channel.wabaId, contact) : null;
    const ready = new Map<string, SendableFile>();
    for (const { mediaId } of filesIn(content)) await reach.assertMedia(await files.getMedia(mediaId), author);
    for (const { mediaId, kind } of filesIn(content))
      if (!ready.has(mediaId)) ready.set(mediaId, await uploads.prepare(mediaId, kind, channel));
    assertVoice(content, ready);
    const graphIds = new Map([...ready].map(([id, { graphId }]) => [id, graphId]));
    return {
      outgoing: {
        type: content.type,
        text: said?.text ?? (content.type === "template" ? "" : readableText(content)),
        payload: said?.payload ?? (content.type === "template" ? {} : payloadOf(content)),
        attachments: attachmentsOf(content, ready),
        content: withGraphIds(content, graphIds) as SendableContent,
      },
      reactsTo: null,
    };
  }

  async function renderedOf(content: Extract<NewContent, { type: "template" }>, wabaId: string, contact: Contact) {
    const { name, language } = content.template;
    const template = await templates.getSendable(wabaId, name, language);
    // A template of another kind is about something the customer asked for; advertising is what they refused.
    if (template.category === "MARKETING" && contact.optedOutAt) throw fail("contact.opted-out");
    const rendered = templates.render(template, content.template);
    const payload = { name, language, category: template.category, ...rendered };
    return { text: rendered.body, payload };
  }

  function attachmentsOf(content: NewContent, ready: ReadonlyMap<string, SendableFile>): Attachment[] {
    const file = ownFile(content);
    if (!file) return [];
    const media = ready.get(file.mediaId ?? "")?.media;
    const base = { type: file.kind, mediaId: null, fileDescription: file.caption ?? null };
    if (!media) return [{ ...base, url: file.link ?? null, mimeType: null, filename: file.filename ?? null }];
    const { url = null, mimeType = null, ...shown } = files.shownInMessage(media);
    return [{ ...base, url, mimeType, filename: file.filename ?? media.filename, ...shown }];
  }

  /** What an answer of a person changes: the conversation is theirs, and the assistant falls silent. One of a rule takes nothing over. */
  function takenOver(before: Conversation, { kind, id }: Actor, text: string, type: string): Partial<Conversation> {
    const said = { lastMessageAt: new Date(clock.now()) };
    if (kind === "system") return { ...said, lastMessage: previewOf({ text, type, role: "system", direction: "outbound" }) };
    // Another system may answer, but a conversation is never assigned to it.
    const assignedAgent = before.assignedAgent ?? (kind === "agent" ? id : null);
    return {
      status: assignedAgent ? "assigned" : "open",
      waitingFor: null,
      assignedAgent,
      isAIEnabled: false,
      batch: null,
      answeredSeq: before.inboundSeq,
      unreadCount: 0,
      ...said,
      lastMessage: previewOf({ text, type, role: "operator", direction: "outbound" }),
    };
  }

  return {
    prepare: async (content, conversation, contact, author) => (await outgoing(content, conversation, contact, author)).outgoing,

    async send(conversationId, message, author, clientKey) {
      const sourceId = clientKey === null ? newId(clock.now()) : `${author.id}:${conversationId}:${clientKey}`;
      const originKey = originOf(sourceId, 0);
      const known = clientKey === null ? null : await model.findOne({ originKey }).lean();
      if (known) return known as Message;
      const text = "text" in message ? textOf(message.text) : null;
      const previewUrl = "text" in message ? message.previewUrl : undefined;
      const conversation = await conversations.getReachable(conversationId, author);
      assertOpen(conversation, message);
      const contact = await contacts.getContact(conversation.contact);
      if (contact.blockedAt) throw fail("contact.blocked");
      const { outgoing: ready, reactsTo } =
        "text" in message ? { outgoing: null, reactsTo: null } : await outgoing(message, conversation, contact, author);
      const quoted =
        "replyTo" in message && message.replyTo ? await wamidOf(message.replyTo, conversationId, "body.replyTo") : null;

      return log.change(async (change) => {
        const raced = await model.findOne({ originKey }, null, { session: change.session }).lean();
        if (raced) return raced as Message;
        const before = await conversations.findConversation(conversationId, change.session);
        if (!before || !reaches(author, before)) throw fail("conversation.not-found");
        assertOpen(before, message);
        const shown = text ?? ready?.text ?? "";
        const after = reactsTo
          ? before
          : await conversations.update(
              conversationId,
              takenOver(before, author, shown, ready?.type ?? "text"),
              change,
              author.kind === "system" ? undefined : { epoch: 1 },
            );
        const by =
          author.kind === "system"
            ? { role: "system" as const, rule: ruleOf(author) }
            : { role: "operator" as const, author: author.id };
        const reply = { conversation: after, contact, sourceId, ...by };
        try {
          const [first] = await messages.queueReply(
            { ...reply, text: shown, previewUrl, replyTo: quoted?.wamid ?? null, ...(ready ? { content: ready } : {}) },
            change,
          );
          if (reactsTo) await showReaction(reactsTo, ready?.text ?? "", change);
          return first as Message;
        } catch (error) {
          // compose.limit: a builder names the field inside the content.
          throw withBodyPath(error, message);
        }
      });
    },
  };

  /** A reaction of ours is shown on the message it belongs to. */
  async function showReaction({ _id }: Message, emoji: string, change: Parameters<MessageService["revise"]>[2]): Promise<void> {
    const target = await messages.getMessage(_id, change.session);
    const others = (target.reactions ?? []).filter(({ by }) => by !== "business");
    const own = emoji === "" ? [] : [{ by: "business" as const, emoji, at: new Date(clock.now()) }];
    await messages.revise(target, { reactions: [...others, ...own] }, change);
  }
}

/** WhatsApp shows only OGG with OPUS as a voice note; what a link leads to cannot be known here. */
function assertVoice(content: NewContent, ready: ReadonlyMap<string, SendableFile>): void {
  if (content.type !== "audio" || !content.audio.voice) return;
  const file = ready.get(content.audio.mediaId ?? "")?.media;
  if (!file || file.mimeType === "audio/ogg") return;
  const message = `a voice note must be OGG with OPUS; this file is ${file.mimeType ?? "something else"}`;
  throw fail("compose.limit", { message, details: [{ path: "body.audio.voice", message }] });
}

function textOf(given: string): string {
  const text = given.trim();
  if (text === "") throw fail("message.empty");
  if (text.length > MAX_TEXT) throw fail("message.too-long");
  return text;
}

/** Builders know their own fields; a client knows the fields of the body. */
function withBodyPath(error: unknown, message: NewMessage): unknown {
  if (!(error instanceof AppError) || error.code !== "compose.limit" || !("type" in message)) return error;
  const inside = message.type === "interactive" ? "body.interactive." : "body.";
  const details = (error.details ?? []).map(({ path, message }) => ({ path: `${inside}${path}`, message }));
  return fail("compose.limit", { message: `WhatsApp would refuse this message: ${error.message}.`, details, cause: error });
}

/**
 * What the product says by itself: greetings, "we are closed", questions after the end. It leaves by the same door as everything
 * else, in the caller's transaction, and only when it may: nothing to whoever is blocked or muted, nothing outside the 24 hours.
 */
import { type Static, Type as t } from "@sinclair/typebox";
import type { Clock } from "../../core/clock";
import { languageOf } from "../../core/language";
import { renderText, variablesOf } from "../../core/text-variables";
import type { Change } from "../../events/log";
import type { ChannelService } from "../channels/channel.service";
import type { Contact } from "../contacts/contact.model";
import type { Conversation } from "../conversations/conversation.model";
import { previewOf } from "../conversations/conversation.service";
import type { Message } from "./message.model";
import type { MessageService, Outgoing } from "./message.service";

/** A text for one number or all, in one language or any. */
export const LocalText = t.Object(
  {
    channel: t.Union([t.String({ minLength: 1, maxLength: 40 }), t.Null()], {
      description: "WhatsApp phone number id; null: every number",
    }),
    language: t.Union([t.String({ pattern: "^[a-z]{2}$" }), t.Null()], { description: "es, pt, en ...; null: any" }),
    text: t.String({ minLength: 1, maxLength: 1_000, description: "May hold {{contact.first_name|cliente}} and the like" }),
  },
  { additionalProperties: false },
);
export type LocalText = Static<typeof LocalText>;
export const localTexts = (description: string) => t.Array(LocalText, { maxItems: 60, description });

export interface Saying {
  conversation: Conversation;
  contact: Contact;
  text: string;
  /** Anything but plain text, made of the text once its variables are filled. */
  content?: (said: string) => Outgoing;
  /** The same source says it once. */
  sourceId: string;
}

export interface AutomaticMessageService {
  /** Queues it and moves the preview of the conversation, in memory too; null when nothing may be said. */
  say(saying: Saying, change: Change): Promise<Message | null>;
  /** Whether something may be said in this conversation now. */
  maySpeak(conversation: Conversation, contact: Contact): boolean;
}

export interface AutomaticMessageDeps {
  messages: Pick<MessageService, "queueReply">;
  channels: Pick<ChannelService, "find">;
  isWindowOpen: (expiresAt: number | null, now: number) => boolean;
  clock: Clock;
}

export function createAutomaticMessageService(deps: AutomaticMessageDeps): AutomaticMessageService {
  const { messages, channels, isWindowOpen, clock } = deps;

  const service: AutomaticMessageService = {
    maySpeak: ({ isOpen, isMuted = false, windowExpiresAt, channel }, { blockedAt }) =>
      isOpen &&
      !isMuted &&
      !blockedAt &&
      isWindowOpen(windowExpiresAt?.getTime() ?? null, clock.now()) &&
      channels.find(channel) !== null,

    async say({ conversation, contact, text, content, sourceId }, change) {
      if (!service.maySpeak(conversation, contact)) return null;
      const said = renderText(text, variablesOf({ contact, agent: { name: "" }, conversation })).text;
      const reply = { conversation, contact, role: "system" as const, text: said, sourceId };
      const made = content?.(said);
      const [first] = await messages.queueReply({ ...reply, ...(made ? { content: made } : {}) }, change);
      conversation.lastMessageAt = new Date(clock.now());
      const type = made?.type ?? "text";
      conversation.lastMessage = previewOf({ text: said, type, role: "system", direction: "outbound" });
      return first ?? null;
    },
  };
  return service;
}

/** The text that fits best: for this number before every number, in their language before any. Null when none fits. */
export function pickText(
  texts: readonly LocalText[],
  channel: string,
  contact: { language: string | null; phone: string | null },
): string | null {
  const own = contact.language?.slice(0, 2).toLowerCase() ?? null;
  const language = own ?? languageOf(contact);
  const ranked = texts
    .filter((one) => (one.channel === null || one.channel === channel) && (one.language === null || one.language === language))
    .map((one) => ({ text: one.text, rank: (one.channel === null ? 0 : 2) + (one.language === null ? 0 : 1) }))
    .sort((a, b) => b.rank - a.rank);
  // Nobody has written in their language: any is better than silence.
  return ranked[0]?.text ?? texts.find((one) => one.channel === null || one.channel === channel)?.text ?? null;
}

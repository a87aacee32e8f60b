/**
 * Greets whoever begins a conversation, and tells whoever waits for a person outside opening hours that nobody is there: once until
 * it opens again, in their language as far as we know it.
 */
import type { Clock } from "../../core/clock";
import type { DurableData } from "../../events/catalog";
import type { Change } from "../../events/log";
import type { FeedPart, FollowedEvent } from "../automation-feed/automation-feed.service";
import type { HoursPort } from "../business-hours/business-hours.service";
import type { Contact } from "../contacts/contact.model";
import type { ContactService } from "../contacts/contact.service";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { MessageService } from "../messages/message.service";
import { type AutomaticMessageService, pickText } from "../messages/message-automatic.service";
import type { SettingsService } from "../settings/setting.service";
import type { AwayNoticeModel } from "./away-notice.model";
import { awaySettings, welcomeSettings } from "./away-settings";

/** What the corridor asks before the assistant answers. */
export interface AwayPort {
  /** The assistant rests outside opening hours, and it is outside them. */
  isResting(conversation: Conversation): boolean;
  /** Tells the customer that nobody is there, unless they know. */
  tell(conversation: Conversation, contact: Contact, change: Change): Promise<void>;
  /** Whether `tell` would have something to say, were it the first time. */
  isAway(conversation: Conversation): boolean;
}

export interface AwayService extends AwayPort {
  readonly feed: FeedPart;
}

export interface AwayDeps {
  notices: AwayNoticeModel;
  settings: Pick<SettingsService, "get">;
  hours: HoursPort;
  conversations: Pick<ConversationService, "findConversation" | "update" | "findByContact">;
  contacts: Pick<ContactService, "getContact">;
  messages: Pick<MessageService, "getMessage">;
  automatic: AutomaticMessageService;
  clock: Clock;
}

const DAY_MS = 86_400_000;

export function createAwayService(deps: AwayDeps): AwayService {
  const { notices, settings, hours, conversations, contacts, messages, automatic, clock } = deps;
  const whoseOf = ({ channel, team }: Conversation) => ({ channel, team: team ?? null });

  /** True when it may be said, and notes that it was. */
  async function claim(
    kind: string,
    { contact, channel }: Conversation,
    until: Date | null,
    { session }: Change,
  ): Promise<boolean> {
    const key = `${kind}:${contact}:${channel}`;
    const now = new Date(clock.now());
    const known = (await notices.collection.findOne({ _id: key as never }, { session })) as unknown as {
      until: Date | null;
    } | null;
    if (known && (known.until === null || known.until > now)) return false;
    await notices.collection.updateOne({ _id: key as never }, { $set: { contact, at: now, until } }, { session, upsert: true });
    return true;
  }

  async function say(kind: string, conversation: Conversation, contact: Contact, text: string, change: Change): Promise<void> {
    const sourceId = `${kind}:${conversation._id}:${clock.now()}`;
    const said = await automatic.say({ conversation, contact, text, sourceId }, change);
    const { lastMessage, lastMessageAt } = conversation;
    if (said) await conversations.update(conversation._id, { lastMessage, lastMessageAt }, change);
  }

  async function greet(conversation: Conversation, contact: Contact, change: Change): Promise<void> {
    const { isEnabled, texts, everyDays } = settings.get(welcomeSettings);
    const text = pickText(texts, conversation.channel, contact);
    if (!isEnabled || !text || !automatic.maySpeak(conversation, contact)) return;
    const talks = await conversations.findByContact(contact._id, change.session);
    // Whoever wrote before greetings were switched on is no stranger.
    const recent = everyDays === null ? 0 : clock.now() - everyDays * DAY_MS;
    if (talks.some((one) => one._id !== conversation._id && one.lastMessageAt.getTime() > recent)) return;
    const until = everyDays === null ? null : new Date(clock.now() + everyDays * DAY_MS);
    if (await claim("welcome", conversation, until, change)) await say("welcome", conversation, contact, text, change);
  }

  const service: AwayService = {
    isAway: (conversation) => settings.get(awaySettings).isEnabled && !hours.isOpen(whoseOf(conversation), clock.now()),

    isResting: (conversation) => settings.get(awaySettings).assistant === "rests" && service.isAway(conversation),

    async tell(conversation, contact, change) {
      const text = pickText(settings.get(awaySettings).texts, conversation.channel, contact);
      if (!service.isAway(conversation) || !text || !automatic.maySpeak(conversation, contact)) return;
      const opens = hours.nextOpening(whoseOf(conversation), clock.now());
      const until = new Date(opens ?? clock.now() + DAY_MS);
      if (await claim("away", conversation, until, change)) await say("away", conversation, contact, text, change);
    },

    feed: {
      name: "away and welcome",
      events: ["message:new", "conversation:updated"],
      wants(event) {
        if (event.event === "conversation:updated") return settings.get(awaySettings).isEnabled && isPassedOn(event);
        const { message } = event.data as DurableData<"message:new">;
        if (message.role !== "user" || message.direction !== "inbound") return false;
        return settings.get(awaySettings).isEnabled || settings.get(welcomeSettings).isEnabled;
      },
      async take({ event, data }, change) {
        const isMessage = event === "message:new";
        const said = isMessage ? (data as DurableData<"message:new">).message : null;
        const id = said?.conversation ?? (data as DurableData<"conversation:updated">).conversation.id;
        const conversation = await conversations.findConversation(id, change.session);
        if (!conversation) return;
        const seq = said ? (await messages.getMessage(said.id, change.session)).inboundSeq : null;
        if (said && seq === null) return;
        const contact = await contacts.getContact(conversation.contact, change.session);
        if (seq === 1) await greet(conversation, contact, change);
        if (!conversation.isAIEnabled) await service.tell(conversation, contact, change);
      },
    },
  };
  return service;
}

/** The assistant has passed it to the people. */
function isPassedOn({ data }: FollowedEvent): boolean {
  const { conversation, was } = data as DurableData<"conversation:updated">;
  return was?.isAIEnabled === true && conversation.status === "open";
}

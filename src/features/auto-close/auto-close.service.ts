/** Ends conversations in which the customer has said nothing since our last message. The calendar holds one entry for each. */
import { type Actor, SYSTEM } from "../../core/actor";
import type { Clock, Timer } from "../../core/clock";
import { describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import type { EventBus } from "../../events/bus";
import type { DurableData } from "../../events/catalog";
import type { Change, EventLog } from "../../events/log";
import type { FeedPart } from "../automation-feed/automation-feed.service";
import type { ContactService } from "../contacts/contact.service";
import type { ConversationActionService } from "../conversation-actions/conversation-action.service";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { ConversationListService } from "../conversations/conversation-list.service";
import type { DueTask, DueTaskService } from "../due-tasks/due-task.service";
import { type AutomaticMessageService, type LocalText, pickText } from "../messages/message-automatic.service";
import type { SettingsService } from "../settings/setting.service";
import { autoCloseSettings } from "./auto-close-settings";

export interface AutoCloseService {
  readonly feed: FeedPart;
  start(): void;
  stop(): Promise<void>;
}

export interface AutoCloseDeps {
  settings: Pick<SettingsService, "get">;
  tasks: DueTaskService;
  conversations: Pick<ConversationService, "findConversation" | "update">;
  lists: Pick<ConversationListService, "ids">;
  contacts: Pick<ContactService, "getContact">;
  actions: Pick<ConversationActionService, "apply">;
  automatic: AutomaticMessageService;
  eventLog: EventLog;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

const KIND = "auto-close";
const SETTLE_MS = 100;
const HOUR_MS = 3_600_000;
const CLOSER: Actor = { ...SYSTEM, id: "auto-close", name: "Automatic end" };

export function createAutoCloseService(deps: AutoCloseDeps): AutoCloseService {
  const { settings, tasks, conversations, lists, contacts, actions, automatic, eventLog, bus, clock, log } = deps;
  const rules = () => settings.get(autoCloseSettings);
  let unsubscribe = () => {};
  let timer: Timer | null = null;
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();

  /** The next entry of a conversation whose silence has begun at `since`. */
  function entryOf({ _id, inboundSeq }: Conversation, since: number, isWarned: boolean) {
    const { hours, warnHours } = rules();
    const isWarning = warnHours !== null && !isWarned;
    const at = since + (hours - (isWarning ? warnHours : 0)) * HOUR_MS;
    return { kind: KIND, conversation: _id, at: new Date(at), data: { since, inboundSeq, isWarning } };
  }

  async function say(conversation: Conversation, texts: readonly LocalText[], part: string, change: Change): Promise<void> {
    const contact = await contacts.getContact(conversation.contact, change.session);
    const text = pickText(texts, conversation.channel, contact);
    // Whoever wants nothing they have not asked for is not reminded.
    if (!text || (contact.optedOutAt && contact.optOutScope === "all")) return;
    const sourceId = `${KIND}:${conversation._id}:${conversation.inboundSeq}:${part}`;
    if (!(await automatic.say({ conversation, contact, text, sourceId }, change))) return;
    const { lastMessage, lastMessageAt } = conversation;
    await conversations.update(conversation._id, { lastMessage, lastMessageAt }, change);
  }

  async function ring({ conversation: id, data }: DueTask, change: Change): Promise<undefined> {
    const { since, inboundSeq, isWarning } = data as { since: number; inboundSeq: number; isWarning: boolean };
    const { isEnabled, hours, warnTexts, closeTexts } = rules();
    const conversation = await conversations.findConversation(id, change.session);
    if (!isEnabled || !conversation || conversation.inboundSeq > inboundSeq || !isWaitedFor(conversation)) return;
    if (isWarning) {
      await say(conversation, warnTexts, "warn", change);
      await tasks.put(entryOf(conversation, since, true), change.session);
    } else if (since + hours * HOUR_MS > clock.now()) {
      // The settings give them longer now.
      await tasks.put(entryOf(conversation, since, true), change.session);
    } else {
      await say(conversation, closeTexts, "close", change);
      const current = (await conversations.findConversation(id, change.session)) as Conversation;
      await actions.apply(current, [{ do: "status", status: "resolved" }], CLOSER, change);
    }
    return undefined;
  }
  tasks.handle(KIND, ring);

  /** Switched on: those that are silent already are put into the calendar too. */
  async function putAll(): Promise<void> {
    for await (const ids of lists.ids({ tab: "all" }, SYSTEM)) {
      if (isStopped || !rules().isEnabled) return;
      await eventLog.change(async ({ session }) => {
        for (const id of ids) {
          const conversation = await conversations.findConversation(id, session);
          if (conversation?.lastMessage?.direction === "outbound" && isWaitedFor(conversation))
            await tasks.putOnce(entryOf(conversation, conversation.lastMessageAt.getTime(), false), session);
        }
      });
    }
    tasks.look();
  }

  return {
    feed: {
      name: "automatic end",
      events: ["message:new"],
      wants({ data }) {
        const { message } = data as DurableData<"message:new">;
        return rules().isEnabled && !message.private && (message.role !== "system" || message.direction === "inbound");
      },
      async take({ data }, change) {
        const { message } = data as DurableData<"message:new">;
        const conversation = await conversations.findConversation(message.conversation, change.session);
        if (!conversation) return;
        if (message.direction === "inbound") await tasks.remove({ kind: KIND, conversation: conversation._id }, change.session);
        else if (isWaitedFor(conversation))
          await tasks.put(entryOf(conversation, Date.parse(message.createdAt), false), change.session);
      },
      taken: () => tasks.look(),
    },
    start() {
      unsubscribe = bus.subscribe(({ event, data }) => {
        if (event !== "settings:updated" || data.group !== autoCloseSettings.name) return;
        // Not before the settings themselves have heard of it.
        timer = clock.timer(SETTLE_MS, () => {
          running = running
            .then(() => (rules().isEnabled ? putAll() : undefined))
            // The store is away: each conversation gets its entry with the next message.
            .catch((error: unknown) => log.warn("silent conversations could not be noted", { reason: describeError(error) }));
        });
      });
    },
    async stop() {
      isStopped = true;
      unsubscribe();
      timer?.cancel();
      await running;
    },
  };
}

const isWaitedFor = ({ status, waitingFor, isMuted = false }: Conversation): boolean =>
  !isMuted && status !== "resolved" && status !== "closed" && waitingFor !== "snooze";

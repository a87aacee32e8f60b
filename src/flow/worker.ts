/**
 * The corridor as one thing that starts and stops: wires the stages to each other, rebuilds every timer from what is stored, and
 * looks once a second for work that nobody was told about.
 */
import type { Assistant } from "../ai/assistant";
import { readWebhook } from "../channels/whatsapp/parse";
import type { Clock, Timer } from "../core/clock";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import type { EventBus, PublishedEvent } from "../events/bus";
import type { DurableData } from "../events/catalog";
import type { EventLog } from "../events/log";
import type { AiRunService } from "../features/ai-runs/ai-run.service";
import type { AwayPort } from "../features/away/away.service";
import type { Intercept } from "../features/consent-words/consent-word.service";
import type { ContactMergeService } from "../features/contact-merges/contact-merge.service";
import type { ContactService } from "../features/contacts/contact.service";
import type { ConversationService } from "../features/conversations/conversation.service";
import type { DeadLetterService } from "../features/dead-letters/dead-letter.service";
import { laneOf, type MessageService } from "../features/messages/message.service";
import type { DeliveryService } from "../features/messages/message-delivery.service";
import type { UnresolvedService } from "../features/messages/message-unresolved.service";
import { type Accept, createAccept } from "./accept";
import { createAnswer } from "./answer";
import type { AnswerCache } from "./answer-cache";
import { type BatchLimits, createBatchTimers } from "./batch";
import type { ChannelRuntime } from "./channel-runtime";
import { createCompact } from "./compact";
import { createDeadLetters } from "./dead-letters";
import { createDeliver } from "./deliver";
import type { Hear } from "./hear";
import type { InboundEventModel } from "./inbound-event.model";
import { createIngest } from "./ingest";
import { createIngestMessages } from "./ingest-messages";
import { createIngestNotices, type NoticeListener } from "./ingest-notices";
import { createShowEarly } from "./ingest-revisions";
import type { JournalModel } from "./journal.model";
import { createLeasedLanes, ownLanes } from "./lane";
import type { LaneModel } from "./lane.model";
import { createLearn } from "./learn";
import { createReceipts } from "./receipts";
import { createTrace } from "./trace";
import type { TurnModel } from "./turn.model";
import type { TurnBudget } from "./turn-budget";
import type { EffectDeps } from "./turn-effects";
import type { TurnAbout, TurnSettings } from "./turn-input";
import type { TurnKnowledge } from "./turn-knowledge";
import { createTurnStore } from "./turn-store";
import type { Toolkit } from "./turn-toolkit";

export interface FlowDeps {
  models: { inboundEvents: InboundEventModel; journal: JournalModel; turns: TurnModel; lanes: LaneModel };
  services: {
    contacts: ContactService;
    conversations: ConversationService;
    messages: MessageService;
    deliveries: DeliveryService;
    unresolved: UnresolvedService;
    aiRuns: AiRunService;
    contactMerges: Pick<ContactMergeService, "mergeIn">;
  };
  eventLog: EventLog;
  bus: EventBus;
  /** The assistant as it is connected now; null: every conversation goes to the agents. */
  assistant: () => Assistant | null;
  /** Rooms that want to hear of notices about templates, numbers and accounts. */
  noticeListeners: readonly NoticeListener[];
  /** What people have set about the assistant, as it is now. */
  turnSettings: (about: TurnAbout) => Promise<TurnSettings>;
  knowledge: TurnKnowledge;
  /** What the assistant may do besides answering, and how it is carried out. */
  toolkit: Toolkit;
  hear: Hear;
  cache: AnswerCache;
  effects: Omit<EffectDeps, "messages">;
  budget: TurnBudget;
  holdingMessage?: string | undefined;
  /** Answers to something of ours. */
  intercept: Intercept;
  /** What is said outside opening hours. */
  away: AwayPort;
  findChannel: (id: string) => ChannelRuntime | null;
  /** A refusal that is about the number and not about the message: an administrator has to know. */
  onNumberInTrouble: (channel: string, reason: string) => void;
  safetyId: (contact: string) => string;
  isStoreUnavailable: (error: unknown) => boolean;
  /** This process. */
  owner: string;
  /** True when no other process can be at work on this data: what a crash left behind is taken over at once. */
  isAlone: boolean;
  batch: BatchLimits;
  dedupTtlMs: number;
  settleMs: number;
  clock: Clock;
  log: Log;
}

export interface Flow {
  accept: Accept["accept"];
  /** After events had to be refused: tries whether the store can be written again, and rejects while it cannot. */
  probeStore(): Promise<void>;
  /** Accepted events that could not be processed. */
  deadLetters: DeadLetterService;
  start(): Promise<void>;
  /** Finishes what runs within `ms` milliseconds; everything else stays stored for the next start. */
  stop(ms: number): Promise<void>;
}

const SWEEP_MS = 1_000;
const SWEEP_LIMIT = 500;
/** Statuses that came before a send was answered are looked at again for so long after a crash. */
const ADOPT_MS = 60 * 60_000;
/** Meta waits for an answer about this long. */
const STALL_MS = 5_000;

export function createFlow(deps: FlowDeps): Flow {
  const { models, services, eventLog, bus, findChannel, isStoreUnavailable, owner, clock, log } = deps;
  const { contacts, conversations, messages, deliveries, contactMerges } = services;
  let reachableSince = clock.monotonic();
  /** The last events could not be made durable. */
  let isRefusing = false;
  const trace = createTrace({ bus, log, clock });
  const lanes = deps.isAlone ? ownLanes : createLeasedLanes({ lanes: models.lanes, owner, clock });
  const learn = createLearn({ contacts, conversations, clock });
  const turns = createTurnStore({ turns: models.turns, owner, isAlone: deps.isAlone, clock });

  const sourceOf = (id: string) => {
    const source = findChannel(id)?.channel.source;
    return source === undefined ? "unconfirmed" : source === "sandbox" ? "sandbox" : "whatsapp";
  };

  const showEarly = createShowEarly({ messages, eventLog });
  const timers = createBatchTimers({ conversations, clock, onDue: (id, at) => answer.start(id, at) });
  const ingest = createIngest({
    events: models.inboundEvents,
    journal: models.journal,
    read: readWebhook,
    eventLog,
    owner,
    isAlone: deps.isAlone,
    isStoreUnavailable,
    known: messages.whichAreKnown,
    acceptedPerSecond: () => accept.perSecond(),
    clock,
    log,
    trace,
    handlers: {
      messages: createIngestMessages({
        contacts,
        conversations,
        messages,
        contactMerges,
        batchLimits: deps.batch,
        sourceOf,
        onReceived: (channel, count) => deliver.received(channel, count),
        onBatched: timers.set,
        intercept: deps.intercept,
        clock,
        trace,
      }),
      notices: createIngestNotices({
        contacts,
        conversations,
        messages,
        contactMerges,
        listeners: deps.noticeListeners,
        sourceOf,
        clock,
      }),
      statuses: createReceipts({ deliveries, contacts, learn, trace }),
    },
  });
  const compact = createCompact({ ...deps, ...services });
  const answer = createAnswer({
    ...deps,
    ...services,
    effects: { ...deps.effects, messages },
    turns,
    retryAt: timers.set,
    onAnswered: (id, said) => compact.start(id, said),
    trace,
  });
  const deliver = createDeliver({
    deliveries,
    conversations,
    lanes,
    learn,
    findChannel,
    onNumberInTrouble: deps.onNumberInTrouble,
    settleMs: deps.settleMs,
    reachableSince: () => reachableSince,
    isBehind: ingest.isBehind,
    onSent: (channel, wamid) =>
      void Promise.all([ingest.adopt(channel, wamid), showEarly.on({ channel, wamid })]).catch((error) =>
        log.error("what came before the answer of a send could not be applied", { error }),
      ),
    clock,
    log,
    trace,
  });
  const accept = createAccept({
    journal: models.journal,
    owner,
    dedupTtlMs: deps.dedupTtlMs,
    clock,
    log,
    trace,
    isStoreUnavailable,
    onAccepted: (accepted) => {
      isRefusing = false;
      ingest.take(accepted);
    },
    onRefused: () => {
      isRefusing = true;
      reachableSince = clock.monotonic();
    },
  });

  /** New messages drive the rest: a queued one wakes its lane, a customer's or a person's one ends a turn in the making. */
  function listen({ event, data }: PublishedEvent): void {
    if (event === "channel:updated") {
      const { phoneNumberId, throughput, token } = (data as DurableData<"channel:updated">).channel;
      deliver.toldNumber(phoneNumberId, { throughput, isTokenValid: token.isValid });
    }
    if (event !== "message:new") return;
    const { message } = data as DurableData<"message:new">;
    if (message.role === "user" && message.type !== "reaction") answer.interrupt(message.conversation, "customer");
    if (message.role === "operator" && !message.private) answer.interrupt(message.conversation, "person");
    if (message.delivery?.state === "queued") deliver.wake(laneOf(message.contact, message.channel));
  }

  let sweeper: Timer | null = null;
  let unsubscribe = () => {};

  async function sweep(): Promise<void> {
    try {
      ingest.look();
      const now = clock.now();
      for (const { _id } of await conversations.listBatched(SWEEP_LIMIT, { upTo: new Date(now) }))
        if (!timers.isSet(_id)) answer.start(_id);
      await deliver.rebuild();
    } catch (error) {
      // The store fails for now: the next sweep looks again.
      log.error("the sweep could not read the store", { reason: describeError(error) });
    }
  }
  const again = () => {
    const due = clock.monotonic() + SWEEP_MS;
    sweeper = clock.timer(SWEEP_MS, () => {
      // Whoever posted while this process stood still has given up, and comes again later.
      if (clock.monotonic() - due > STALL_MS) reachableSince = clock.monotonic();
      void sweep().then(() => sweeper && again());
    });
  };

  return {
    accept: accept.accept,
    async probeStore() {
      if (!isRefusing) return;
      // A lane that nobody uses; it expires by itself.
      await models.lanes.collection.updateOne(
        { _id: "probe" as never },
        { $set: { owner, leaseUntil: new Date(clock.now()) }, $inc: { token: 1 } } as never,
        { upsert: true },
      );
      isRefusing = false;
    },
    deadLetters: createDeadLetters({ events: models.inboundEvents, clock, onRetried: ingest.look }),
    async start() {
      if (deps.isAlone) await turns.seizeAll();
      unsubscribe = bus.subscribe(listen);
      services.unresolved.onRequeued(deliver.wake);
      await timers.rebuild();
      while (await deliver.rebuild());
      await ingest.adoptSince(clock.now() - ADOPT_MS);
      await showEarly.onAll();
      again();
    },
    async stop(ms) {
      sweeper?.cancel();
      sweeper = null;
      accept.stop();
      timers.stop();
      await ingest.stop();
      await answer.stop(ms);
      await compact.stop();
      await deliver.stop();
      unsubscribe();
      await lanes.releaseAll();
    },
  };
}

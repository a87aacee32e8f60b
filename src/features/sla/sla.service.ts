/**
 * Runs the clocks of promised service. Every change of a clock is written with the position in the event log or with the calendar
 * entry that rang, so a warning or breach is told once; the time that is due first stands on the conversation.
 */
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import type { DurableData } from "../../events/catalog";
import type { Change, EventLog } from "../../events/log";
import type { FeedPart, FollowedEvent } from "../automation-feed/automation-feed.service";
import type { HoursPort } from "../business-hours/business-hours.service";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { DueTask, DueTaskService } from "../due-tasks/due-task.service";
import type { MessageService } from "../messages/message.service";
import type { SlaStateView } from "./sla.schema";
import { type Calendar, nextLook, type SlaSpan } from "./sla-clock";
import { course, mirrorOf, type SlaHappening, stateOf } from "./sla-course";
import type { SlaPolicy } from "./sla-policy.model";
import type { SlaPolicyService } from "./sla-policy.service";
import type { SlaState, SlaStateModel } from "./sla-state.model";

export interface SlaService {
  readonly feed: FeedPart;
  /** The clocks of a conversation; null: nothing is promised. */
  ofConversation(id: string, actor: Actor): Promise<SlaStateView | null>;
  start(): void;
  stop(): Promise<void>;
}

export interface SlaDeps {
  states: SlaStateModel;
  policies: Pick<SlaPolicyService, "policyOf" | "find" | "hasAny" | "onChange">;
  hours: HoursPort & { onChange(listener: () => void): void };
  conversations: Pick<ConversationService, "findConversation" | "getReachable" | "update">;
  messages: Pick<MessageService, "getMessage" | "addActivity">;
  tasks: DueTaskService;
  eventLog: EventLog;
  clock: Clock;
  log: Log;
}

const KIND = "sla";
const PAGE = 100;
const WORDS = { "first-reply": "First reply", "next-reply": "Next reply", resolution: "Resolution" } as const;

export function createSlaService(deps: SlaDeps): SlaService {
  const { states, policies, hours, conversations, messages, tasks, eventLog, clock, log } = deps;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;

  function calendarOf({ inBusinessHours }: SlaPolicy, { channel, team }: Conversation): Calendar {
    const whose = { channel, team: team ?? null };
    if (!inBusinessHours) return { between: (from, to) => to - from, add: (from, ms) => from + ms };
    return {
      between: (from, to) => hours.businessMillisBetween(whose, from, to),
      add: (from, ms) => hours.addBusinessMillis(whose, from, ms),
    };
  }

  const read = async (id: string, { session }: Pick<Change, "session">) =>
    (await states.collection.findOne({ _id: id as never }, { session })) as unknown as SlaState | null;

  function tell(
    verb: "warned" | "breached" | "met",
    span: SlaSpan,
    conversation: Conversation,
    policy: SlaPolicy,
    change: Change,
  ) {
    change.emit(`sla:${verb}`, {
      conversation: conversation._id,
      policy: policy._id,
      policyName: policy.name,
      target: span.target,
      startedAt: span.startedAt.toISOString(),
      dueAt: (span.dueAt ?? new Date(clock.now())).toISOString(),
      at: new Date(clock.now()).toISOString(),
      agent: conversation.assignedAgent,
      team: conversation.team ?? null,
    });
  }

  async function save(state: SlaState | null, conversation: Conversation, change: Change): Promise<void> {
    const { session } = change;
    const { _id: id } = conversation;
    if (state) {
      const { _id, ...fields } = state;
      await states.collection.replaceOne({ _id: _id as never }, fields as never, { session, upsert: true });
    } else await states.collection.deleteOne({ _id: id as never }, { session });
    const looks = [state?.reply, state?.resolution].flatMap((span) => (span && nextLook(span)) ?? []);
    const [next] = looks.sort((a, b) => a.getTime() - b.getTime());
    if (next) await tasks.put({ kind: KIND, conversation: id, at: next }, session);
    else await tasks.remove({ kind: KIND, conversation: id }, session);
    const sla = state ? mirrorOf(state) : null;
    if (JSON.stringify(sla ?? null) !== JSON.stringify(conversation.sla ?? null)) await conversations.update(id, { sla }, change);
  }

  /** Moves the clocks on, after something has happened. */
  async function move(conversation: Conversation, happening: SlaHappening, change: Change): Promise<void> {
    const before = await read(conversation._id, change);
    const policy = policies.policyOf(conversation);
    if (!policy) return before || conversation.sla ? save(null, conversation, change) : undefined;
    const { state, met } = course(before, conversation, policy, happening, calendarOf(policy, conversation));
    for (const span of met) tell("met", span, conversation, policy, change);
    await save(state, conversation, change);
  }

  /** One clock as it stands now: warned or broken, and told so. */
  async function judge(span: SlaSpan | undefined, conversation: Conversation, policy: SlaPolicy, change: Change) {
    if (!span?.dueAt || span.isBreached) return span;
    const now = clock.now();
    if (span.dueAt.getTime() <= now) {
      tell("breached", span, conversation, policy, change);
      const text = `${WORDS[span.target]} is overdue: "${policy.name}" promised it by ${span.dueAt.toISOString()}`;
      const source = `sla:${conversation._id}:${span.target}:${span.startedAt.getTime()}`;
      await messages.addActivity(conversation, text, source, change, {
        payload: { kind: "sla", target: span.target, policy: policy._id, dueAt: span.dueAt.toISOString() },
      });
      return { ...span, isWarned: true, isBreached: true };
    }
    if (span.isWarned || !span.warnAt || span.warnAt.getTime() > now) return span;
    tell("warned", span, conversation, policy, change);
    return { ...span, isWarned: true };
  }

  /** The hours or the policy may have changed since it was put in: the times are found anew before anything is told. */
  async function look(id: string, change: Change): Promise<undefined> {
    const before = await read(id, change);
    const conversation = before && (await conversations.findConversation(id, change.session));
    if (!before || !conversation) return;
    const policy = policies.policyOf(conversation);
    if (!policy) return void (await save(null, conversation, change));
    const happening = { at: clock.now(), what: "changed" as const };
    const { state, met } = course(before, conversation, policy, happening, calendarOf(policy, conversation));
    for (const span of met) tell("met", span, conversation, policy, change);
    const reply = await judge(state.reply, conversation, policy, change);
    const resolution = await judge(state.resolution, conversation, policy, change);
    await save({ ...state, ...(reply ? { reply } : {}), ...(resolution ? { resolution } : {}) }, conversation, change);
    return undefined;
  }
  tasks.handle(KIND, (task: DueTask, change) => look(task.conversation, change));

  /** Policies or hours are others now: every clock that runs is set anew. */
  async function lookAtAll(): Promise<void> {
    for (let last = ""; !isStopped; ) {
      const rows = await states
        .find({ _id: { $gt: last } }, { _id: 1 })
        .sort({ _id: 1 })
        .limit(PAGE)
        .lean();
      const ids = rows.map(({ _id }) => String(_id));
      for (const id of ids) await eventLog.change((change) => look(id, change));
      if (ids.length < PAGE) break;
      last = ids.at(-1) ?? "";
    }
    tasks.look();
  }

  function soon(): void {
    running = running.then(lookAtAll).catch((error: unknown) =>
      // The store is away: each clock finds its time anew when it rings.
      log.warn("clocks of promised service could not be set anew", { reason: describeError(error) }),
    );
  }

  const feed: FeedPart = {
    name: "promised service",
    events: ["message:new", "conversation:updated"],
    wants(event) {
      if (event.event === "conversation:updated") return wantsChange(event, policies.hasAny());
      const { message } = event.data as DurableData<"message:new">;
      return policies.hasAny() && !message.private && message.role !== "system";
    },
    async take(event, change) {
      const isMessage = event.event === "message:new";
      const id = isMessage
        ? (event.data as DurableData<"message:new">).message.conversation
        : (event.data as DurableData<"conversation:updated">).conversation.id;
      const conversation = await conversations.findConversation(id, change.session);
      if (!conversation) return;
      const what = isMessage ? await ofMessage(event, conversation, change) : ofChange(event);
      if (what) await move(conversation, { at: Math.min(event.at.getTime(), clock.now()), what }, change);
    },
    taken: () => tasks.look(),
  };

  async function ofMessage(
    { data }: FollowedEvent,
    conversation: Conversation,
    change: Change,
  ): Promise<SlaHappening["what"] | null> {
    const { id, role, direction } = (data as DurableData<"message:new">).message;
    if (direction === "outbound") {
      const counts = role === "operator" || (role === "assistant" && policies.policyOf(conversation)?.assistantCounts);
      return counts ? "answered" : null;
    }
    const { inboundSeq } = await messages.getMessage(id, change.session);
    return inboundSeq === null || conversation.isMuted ? null : "asked";
  }

  return {
    feed,
    async ofConversation(id, actor) {
      await conversations.getReachable(id, actor);
      const state = (await states.findById(id).lean()) as SlaState | null;
      if (!state) return null;
      const spans = [state.reply, state.resolution].filter((span) => span !== undefined);
      return {
        policy: state.policy,
        policyName: policies.find(state.policy)?.name ?? null,
        clocks: spans.map((span) => ({
          target: span.target,
          state: stateOf(span),
          startedAt: span.startedAt.toISOString(),
          dueAt: span.dueAt?.toISOString() ?? null,
        })),
      };
    },
    start() {
      policies.onChange(soon);
      hours.onChange(soon);
    },
    async stop() {
      isStopped = true;
      await running;
    },
  };
}

/** What decides about promises: created, resolved, reopened, snoozed, or somebody else's now. */
function wantsChange({ data }: FollowedEvent, hasPolicies: boolean): boolean {
  const { conversation, was } = data as DurableData<"conversation:updated">;
  return was !== undefined && (hasPolicies || conversation.sla != null);
}

function ofChange({ data }: FollowedEvent): SlaHappening["what"] {
  const { conversation, was } = data as DurableData<"conversation:updated">;
  return was?.isAIEnabled === true && conversation.waitingSince !== null ? "passed-on" : "changed";
}

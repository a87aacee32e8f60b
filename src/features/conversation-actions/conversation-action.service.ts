/**
 * Carries out actions on conversations: all of one request in one transaction, with a line of activity for each, under the
 * permissions and within the reach of whoever acts.
 */
import { type Actor, can } from "../../core/actor";
import { type Alarm, createAlarm } from "../../core/alarm";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import type { Permission } from "../../core/permissions";
import type { EventBus } from "../../events/bus";
import type { DurableData } from "../../events/catalog";
import type { Change, EventLog } from "../../events/log";
import type { Conversation } from "../conversations/conversation.model";
import { type ConversationService, reachable, toConversationView } from "../conversations/conversation.service";
import type { LabelService } from "../labels/label.service";
import type { MessageService } from "../messages/message.service";
import type { ReadPositionService } from "../read-positions/read-position.service";
import type { ConversationAction } from "./conversation-action.schema";
import { type Named, stepOf } from "./conversation-step";

export { Actions, ConversationAction } from "./conversation-action.schema";

export interface Person {
  id: string;
  name: string;
}

export interface ConversationActionService {
  /** Carries out the actions. Throws `request.stale` when the conversation is no longer at the expected version. */
  act(id: string, actions: readonly ConversationAction[], actor: Actor, expected?: number): Promise<Conversation>;
  /** The same within a transaction of the caller. */
  apply(conversation: Conversation, actions: readonly ConversationAction[], actor: Actor, change: Change): Promise<Conversation>;
  /** Moves the messages of `from` into `id` and closes it. Both must be of one contact. */
  merge(id: string, from: string, actor: Actor): Promise<Conversation>;
  /** Wakes snoozed conversations when their time has come. */
  start(): void;
  stop(): Promise<void>;
}

export interface ConversationActionDeps {
  conversations: ConversationService;
  messages: MessageService;
  labels: Pick<LabelService, "assertKnown">;
  positions: Pick<ReadPositionService, "toNewest" | "backBeforeLast" | "merging">;
  findAgent: (id: string) => Promise<Person | null>;
  findTeam: (id: string) => Promise<Person | null>;
  eventLog: EventLog;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

const MOST_WOKEN = 50;

export function createConversationActionService(deps: ConversationActionDeps): ConversationActionService {
  const { conversations, messages, labels, positions, findAgent, findTeam, eventLog, bus, clock, log } = deps;
  const now = () => new Date(clock.now());

  async function getForChange(id: string, actor: Actor, change: Change): Promise<Conversation> {
    return reachable(await conversations.findConversation(id, change.session), actor);
  }

  async function named(action: ConversationAction): Promise<Named> {
    const agentId = action.do === "assign" || action.do === "follow" || action.do === "unfollow" ? action.agent : null;
    const agent = agentId ? await findAgent(agentId) : null;
    // Somebody who has left can still be taken off.
    if (agentId && !agent && action.do !== "unfollow") throw fail("agent.not-found");
    const team = action.do === "transfer" && action.team ? await findTeam(action.team) : null;
    if (action.do === "transfer" && action.team && !team) throw fail("team.not-found");
    return { agent: agent ?? (agentId ? { id: agentId, name: "somebody who has left" } : null), team };
  }

  const service: ConversationActionService = {
    act(id, actions, actor, expected) {
      for (const action of actions) assertAllowed(action, actor);
      return eventLog.change(async (change) => {
        const before = await getForChange(id, actor, change);
        const version = before.version ?? 0;
        if (expected !== undefined && expected !== version)
          throw fail("request.stale", {
            details: [{ path: "version", message: `It is version ${version} now.` }],
            current: toConversationView(before),
          });
        return service.apply(before, actions, actor, change);
      });
    },

    async apply(before, actions, actor, change) {
      for (const action of actions) assertAllowed(action, actor);
      const fields: Partial<Conversation> = {};
      const lines: { text: string; payload: Record<string, unknown> }[] = [];
      let stops = false;
      let draft = before;
      for (const action of actions) {
        if (action.do === "label") await labels.assertKnown([...(action.add ?? []), ...(action.set ?? [])], change.session);
        const step = stepOf(draft, action, actor, await named(action), now());
        if (!step) continue;
        draft = { ...draft, ...step.fields };
        Object.assign(fields, step.fields);
        if (step.line) lines.push(step.line);
        stops ||= step.stopsAssistant ?? false;
      }
      const look = actions.findLast((one) => one.do === "read" || one.do === "unread");
      if (look?.do === "read") await positions.toNewest(before._id, actor, change);
      else if (look) await positions.backBeforeLast(before._id, actor, change);
      const seen = actions.some((one) => one.do === "read") && (before.unseenMentions ?? []).includes(actor.id);
      if (seen) fields.unseenMentions = (before.unseenMentions ?? []).filter((id) => id !== actor.id);
      if (Object.keys(fields).length === 0) return before;
      const after = await conversations.update(before._id, fields, change, stops ? { epoch: 1 } : undefined);
      for (const { text, payload } of lines)
        await messages.addActivity(after, text, newId(clock.now()), change, {
          payload,
          author: actor.kind === "agent" ? actor.id : null,
        });
      const { assignedAgent: agent, team } = after;
      const isGiven = (agent && agent !== before.assignedAgent) || (team && team !== (before.team ?? null));
      if (isGiven) change.emit("assignment:new", { conversation: after._id, agent, team: team ?? null, by: actor.id });
      return after;
    },

    merge(id, from, actor) {
      if (!can(actor, "conversations.close")) throw fail("auth.forbidden");
      return eventLog.change(async (change) => {
        const target = await getForChange(id, actor, change);
        const source = await getForChange(from, actor, change);
        const refuse = (message: string) => fail("conversation.merge-refused", { message });
        if (id === from) throw refuse("A conversation cannot be merged with itself.");
        if (source.contact !== target.contact) throw refuse("They are of two contacts. Merge the contacts first.");
        if (source.mergedInto) throw refuse("This conversation has been merged already.");
        if (target.mergedInto) throw refuse("The one that stays has been merged itself. Merge into the one that took it in.");
        if (source.isOpen && !target.isOpen)
          throw refuse("The one that stays is closed. Reopen it, or merge the other way round.");
        const keepPositions = await positions.merging(source._id, target._id, change);
        await messages.moveToConversation(source._id, target._id, change);
        await keepPositions();
        await conversations.update(
          source._id,
          {
            status: "closed",
            waitingFor: null,
            isOpen: false,
            batch: null,
            unreadCount: 0,
            answeredSeq: source.inboundSeq,
            resolvedAt: now(),
            resolvedBy: actor.id,
            mergedInto: target._id,
          },
          change,
          { epoch: 1 },
        );
        const isNewer = source.lastMessageAt > target.lastMessageAt;
        const window = [source.windowExpiresAt, target.windowExpiresAt].filter((at) => at !== null);
        const after = await conversations.update(
          target._id,
          {
            unreadCount: target.unreadCount + source.unreadCount,
            labels: [...new Set([...target.labels, ...source.labels])],
            participants: [...new Set([...target.participants, ...source.participants])],
            ...(source.channel === target.channel && window.length > 0
              ? { windowExpiresAt: new Date(Math.max(...window.map((at) => at.getTime()))) }
              : {}),
            ...(source.channel === target.channel && isNewer ? { lastInboundWamid: source.lastInboundWamid } : {}),
            ...(isNewer ? { lastMessageAt: source.lastMessageAt, lastMessage: source.lastMessage } : {}),
          },
          change,
        );
        await messages.addActivity(after, `${actor.name} merged another conversation into it`, newId(clock.now()), change, {
          payload: { kind: "merge", from: source._id, by: actor.id },
          author: actor.kind === "agent" ? actor.id : null,
        });
        return after;
      });
    },

    start() {
      unsubscribe = bus.subscribe(({ event, data }) => {
        if (event === "conversation:updated" && (data as DurableData<"conversation:updated">).conversation.snoozedUntil)
          alarm.look();
      });
      alarm.look();
    },
    async stop() {
      unsubscribe();
      await alarm.stop();
    },
  };

  const alarm: Alarm = createAlarm({
    name: "snoozed conversations",
    soonest: conversations.soonestSnooze,
    async ring(at) {
      for (const id of await conversations.listSnoozed(at, MOST_WOKEN))
        await eventLog.change(async (change) => {
          const snoozed = await conversations.findConversation(id, change.session);
          if (snoozed?.waitingFor !== "snooze" || !snoozed.snoozedUntil || snoozed.snoozedUntil > at) return;
          const after = await conversations.wake(snoozed, change);
          await messages.addActivity(after, "The snooze is over", newId(clock.now()), change, { payload: { kind: "woken" } });
        });
    },
    clock,
    log,
  });
  let unsubscribe = () => {};
  return service;
}

/** The permission an action needs. */
function permissionOf(action: ConversationAction): Permission {
  if (action.do === "assign" || action.do === "take" || action.do === "transfer") return "conversations.assign";
  if (action.do === "mute" || (action.do === "status" && action.status === "closed")) return "conversations.close";
  return "conversations.write";
}

/** Whether the actor may do this at all. */
export const mayDo = (action: ConversationAction, actor: Actor): boolean => can(actor, permissionOf(action));

/** Throws unless they may. */
export function assertAllowed(action: ConversationAction, actor: Actor): void {
  if (!mayDo(action, actor)) throw fail("auth.forbidden");
}

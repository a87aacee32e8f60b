/**
 * Takes conversations whose customer waits from agents who have been offline for too long, and gives them back to the queue. Since
 * when somebody is gone is in the store, so a restart neither forgets it nor begins it anew; each conversation is looked at once more
 * in the transaction that takes it, so it is taken once, however many processes do this.
 */
import type { ClientSession } from "mongoose";
import { SYSTEM } from "../../core/actor";
import type { Clock, Timer } from "../../core/clock";
import { describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import type { EventBus } from "../../events/bus";
import type { PassingData } from "../../events/catalog";
import type { EventLog } from "../../events/log";
import type { AgentService } from "../agents/agent.service";
import type { ConversationActionService } from "../conversation-actions/conversation-action.service";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import type { PresenceService } from "../presence/presence.service";
import { assignmentSettings } from "../settings/assignment-settings.service";
import type { SettingsService } from "../settings/setting.service";
import type { AgentAbsence, AgentAbsenceModel } from "./agent-absence.model";
import { ASSIGNMENT } from "./assignment-hand.service";
import type { AssignmentQueue } from "./assignment-queue.service";

export interface AssignmentRelease {
  /** Agents who have been gone for so long that they are given nothing. */
  listGone(): Promise<Set<string>>;
  start(): void;
  stop(): Promise<void>;
}

export interface ReleaseDeps {
  absences: AgentAbsenceModel;
  queue: Pick<AssignmentQueue, "listUnanswered">;
  agents: Pick<AgentService, "listActive">;
  presence: Pick<PresenceService, "stateOf">;
  conversations: Pick<ConversationService, "findConversation">;
  actions: Pick<ConversationActionService, "apply">;
  settings: Pick<SettingsService, "get">;
  eventLog: EventLog;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

const LOOK_EVERY_MS = 15_000;
/** After a start nobody is here yet: pages find the server again within that time. */
export const COME_BACK_MS = 60_000;
const PIECE = 100;
const MINUTE_MS = 60_000;

interface Gone {
  id: string;
  name: string;
}

export function createAssignmentRelease(deps: ReleaseDeps): AssignmentRelease {
  const { absences, queue, agents, presence, conversations, actions, settings, eventLog, bus, clock, log } = deps;
  let timer: Timer | null = null;
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;
  let isClean = false;
  let unsubscribe = () => {};

  const minutes = () => settings.get(assignmentSettings).releaseAfterOfflineMinutes;
  /** Whoever has been gone since then has been gone for long. */
  const cutoff = (after: number) => new Date(clock.now() - after * MINUTE_MS);

  const note = (agent: string) =>
    absences.collection.updateOne(
      { _id: agent as never },
      { $setOnInsert: { since: new Date(clock.now()) } as never },
      { upsert: true },
    );
  const isGone = async (agent: string, after: number, session: ClientSession) =>
    (await absences.collection.findOne({ _id: agent as never, since: { $lte: cutoff(after) } } as never, { session })) !== null;

  /** True while they are gone: the next one may be taken as well. */
  const release = (conversation: string, { id, name }: Gone, after: number): Promise<boolean> =>
    eventLog.change(async (change) => {
      if (presence.stateOf(id) !== "offline" || !(await isGone(id, after, change.session))) return false;
      const before = await conversations.findConversation(conversation, change.session);
      if (!before || !isLeft(before, id)) return true;
      const by = { ...SYSTEM, id: ASSIGNMENT, name: `The assignment (${name} was offline for ${after} min)` };
      await actions.apply(before, [{ do: "assign", agent: null }], by, change);
      return true;
    });

  async function releaseAllOf(agent: Gone, after: number): Promise<void> {
    for (;;) {
      const ids = await queue.listUnanswered(agent.id, PIECE);
      for (const id of ids) if (isStopped || !(await release(id, agent, after))) return;
      if (ids.length < PIECE) return;
    }
  }

  async function look(): Promise<void> {
    const after = minutes();
    if (after === null) {
      // When it is wanted again, nobody is gone since back then.
      if (!isClean) await absences.deleteMany({});
      isClean = true;
      return;
    }
    isClean = false;
    const known = new Map(((await absences.find({}).lean()) as AgentAbsence[]).map(({ _id, since }) => [_id, since]));
    const people = await agents.listActive();
    const back = new Set(known.keys());
    for (const { _id, name } of people) {
      if (isStopped) return;
      if (presence.stateOf(_id) !== "offline") continue;
      back.delete(_id);
      const since = known.get(_id);
      if (!since) await note(_id);
      else if (since <= cutoff(after)) await releaseAllOf({ id: _id, name }, after);
    }
    if (back.size > 0) await absences.deleteMany({ _id: { $in: [...back] } });
  }

  /** One after the other; what fails is done with the next look. */
  function then(work: () => Promise<unknown>): Promise<void> {
    running = running.then(work).then(
      () => {},
      (error: unknown) =>
        log.warn("conversations of absent agents are not given back at the moment", { reason: describeError(error) }),
    );
    return running;
  }

  function lookIn(ms: number): void {
    timer = clock.timer(ms, () => {
      void then(look).then(() => {
        if (!isStopped) lookIn(LOOK_EVERY_MS);
      });
    });
  }

  return {
    async listGone() {
      const after = minutes();
      if (after === null) return new Set();
      const rows = (await absences.find({ since: { $lte: cutoff(after) } }).lean()) as AgentAbsence[];
      return new Set(rows.map(({ _id }) => _id).filter((id) => presence.stateOf(id) === "offline"));
    },

    start() {
      unsubscribe = bus.subscribe(({ event, data }) => {
        if (event !== "presence:changed" || minutes() === null) return;
        const { agent, state } = (data as PassingData<"presence:changed">).presence;
        // Also somebody who is here for a moment only begins anew.
        void then(() => (state === "offline" ? note(agent) : absences.deleteOne({ _id: agent })));
      });
      lookIn(COME_BACK_MS);
    },

    async stop() {
      isStopped = true;
      unsubscribe();
      timer?.cancel();
      await running;
    },
  };
}

/** Somebody's, and its customer waits for an answer. */
const isLeft = ({ assignedAgent, status, waitingSince = null }: Conversation, agent: string): boolean =>
  assignedAgent === agent && status === "assigned" && waitingSince !== null;

/**
 * Gives conversations that need a person to somebody who is here and has room. What waits is read from the conversations themselves,
 * so nothing is forgotten by a crash and nothing is written for messages that need no assignment; events only say when to look.
 */
import type { Clock, Timer } from "../../core/clock";
import { describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import type { EventBus, PublishedEvent } from "../../events/bus";
import type { PassingData } from "../../events/catalog";
import type { AgentView, ConversationView } from "../../events/view";
import { type AssignmentValues, assignmentSettings } from "../settings/assignment-settings.service";
import type { SettingsService } from "../settings/setting.service";
import { isAutomatic, type Person } from "./assignment-choice";
import { ASSIGNMENT, createAssignmentHand, type HandDeps } from "./assignment-hand.service";
import { type AssignmentOverview, createAssignmentOverview, type OverviewDeps } from "./assignment-overview.service";
import { createPeopleList, type PeopleDeps } from "./assignment-people.service";
import { type AssignmentQueue, needsSomebody } from "./assignment-queue.service";
import { createAssignmentRelease, type ReleaseDeps } from "./assignment-release.service";

export interface AssignmentService extends AssignmentOverview {
  start(): void;
  stop(): Promise<void>;
}

export interface AssignmentDeps
  extends Omit<HandDeps, "queue">,
    Omit<PeopleDeps, "queue" | "listGone">,
    Omit<ReleaseDeps, "queue" | "conversations" | "actions">,
    Omit<OverviewDeps, "queue" | "listPeople" | "conversations"> {
  queue: AssignmentQueue;
  conversations: HandDeps["conversations"] & OverviewDeps["conversations"];
  settings: Pick<SettingsService, "get">;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

/** What comes at one moment is given together. */
const GATHER_MS = 50;
/** For whatever was not heard: hours that begin, other processes, what a crash has left. */
const LOOK_EVERY_MS = 15_000;
const AFTER_SETTINGS_MS = 250;
const AFTER_FAILURE_MS = 2_000;

export function createAssignmentService(deps: AssignmentDeps): AssignmentService {
  const { queue, settings, bus, clock, log } = deps;
  const release = createAssignmentRelease(deps);
  const listPeople = createPeopleList({ ...deps, listGone: release.listGone });
  const hand = createAssignmentHand(deps);
  let timer: Timer | null = null;
  let regular: Timer | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let hasFailed = false;
  let isStopped = false;
  let unsubscribe = () => {};

  const values = (): AssignmentValues => settings.get(assignmentSettings);

  /** Gives everything out that somebody has room for. */
  async function drain(): Promise<void> {
    const now = values();
    if (!isAutomatic(now)) return;
    let people = await listPeople();
    const hasRoom = (person: Person) => {
      const limit = person.ownCapacity ?? largest([now.capacity, ...now.teams.map(({ capacity }) => capacity ?? now.capacity)]);
      return !person.isGone && (person.isOnline || !now.needsPresence) && (limit === null || person.load < limit);
    };
    const routes = now.rules.some(({ isActive, toTeam }) => isActive && toTeam);
    if (!routes && !people.some(hasRoom)) return;
    for (const row of await queue.list()) {
      if (isStopped) return;
      if (!routes && !people.some(hasRoom)) return;
      const outcome = await hand.give(row, people, now);
      if (outcome === "settled") continue;
      hasFailed ||= outcome === "failed";
      // Somebody was faster, or has left: look at everybody anew.
      people = await listPeople();
    }
  }

  function nudge(ms = GATHER_MS): void {
    if (isStopped || timer) return;
    if (running) {
      again = true;
      return;
    }
    timer = clock.timer(ms, () => {
      timer = null;
      again = hasFailed = false;
      running = drain()
        .then(
          () => (hasFailed ? AFTER_FAILURE_MS : again ? GATHER_MS : null),
          (error: unknown) => {
            // The store is away for a moment: what waits still waits.
            log.warn("conversations cannot be given to people at the moment", { reason: describeError(error) });
            return AFTER_FAILURE_MS;
          },
        )
        .then((next) => {
          running = null;
          if (next !== null) nudge(next);
        });
    });
  }

  function hear({ event, data }: PublishedEvent): void {
    // New settings are in memory a moment after their event.
    if (event === "settings:updated" && data.group === assignmentSettings.name) nudge(AFTER_SETTINGS_MS);
    else if (isAutomatic(values()) && isReason(event, data)) nudge();
  }

  function lookRegularly(): void {
    regular = clock.timer(LOOK_EVERY_MS, () => {
      if (isAutomatic(values())) nudge();
      lookRegularly();
    });
  }

  return {
    ...createAssignmentOverview({ ...deps, listPeople }),

    start() {
      unsubscribe = bus.subscribe(hear);
      release.start();
      nudge();
      lookRegularly();
    },

    async stop() {
      isStopped = true;
      unsubscribe();
      timer?.cancel();
      regular?.cancel();
      await release.stop();
      await running;
    },
  };
}

/** Whether somebody may have something to do after this. Messages of conversations that somebody has are none. */
function isReason(event: PublishedEvent["event"], data: PublishedEvent["data"]): boolean {
  switch (event) {
    case "conversation:updated": {
      const conversation = data.conversation as ConversationView;
      if (needsSomebody(conversation)) return true;
      const { status, waitingFor, assignedAgent } = conversation;
      return assignedAgent !== null && (status === "resolved" || status === "closed" || waitingFor === "snooze");
    }
    case "assignment:new":
      return data.by !== ASSIGNMENT;
    case "agent:updated":
      return (data.agent as AgentView).status === "active";
    case "presence:changed":
      return (data as PassingData<"presence:changed">).presence.state === "online";
    default:
      return false;
  }
}

const largest = (limits: readonly (number | null)[]): number | null =>
  limits.includes(null) ? null : Math.max(...(limits as number[]));

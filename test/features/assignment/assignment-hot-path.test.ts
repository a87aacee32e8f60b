/** Messages of conversations that somebody has, or that the assistant has, cost the assignment nothing: not one command. */
import { expect, test } from "bun:test";
import { SYSTEM } from "../../../src/core/actor";
import { newId } from "../../../src/core/id";
import { silentLog } from "../../../src/core/log";
import { EventBus } from "../../../src/events/bus";
import type { ConversationView } from "../../../src/events/view";
import { type AssignmentDeps, createAssignmentService } from "../../../src/features/assignment/assignment.service";
import { type AssignmentValues, assignmentSettings } from "../../../src/features/settings/assignment-settings.service";
import { ManualClock } from "../../helpers/manual-clock";

async function commandsAfter(
  values: Partial<AssignmentValues>,
  conversation: Partial<ConversationView>,
  event: "conversation:updated" | "message:new" = "conversation:updated",
): Promise<number> {
  const clock = new ManualClock();
  const bus = new EventBus(silentLog);
  let commands = 0;
  const asked = async () => {
    commands++;
    return [] as never;
  };
  const assignment = createAssignmentService({
    turns: { find: () => ({ lean: asked }) },
    queue: { list: asked, loadOf: asked, lastAgentOf: asked },
    agents: { listActive: asked },
    settings: { get: () => ({ ...assignmentSettings.defaults, ...values }) },
    hours: { isOpen: () => true },
    presence: { stateOf: () => "online" },
    actorOf: () => SYSTEM,
    bus,
    clock,
    log: silentLog,
  } as unknown as AssignmentDeps);
  assignment.start();
  // What the start looks for.
  clock.advance(1_000);
  await Bun.sleep(2);
  commands = 0;
  const fields = { status: "waiting", waitingFor: "assistant", assignedAgent: null, isAIEnabled: true, ...conversation };
  for (let seq = 1; seq <= 50; seq++) {
    const value = { conversation: { id: newId(), ...fields }, message: {} };
    bus.publish([{ _id: seq, event, topics: [], data: "{}", value, correlationId: null, at: new Date(clock.now()) }]);
    clock.advance(100);
    await Bun.sleep(0);
  }
  await Bun.sleep(2);
  await assignment.stop();
  return commands;
}

const ON = { strategy: "round-robin" } as const;
const ASSIGNED = { status: "assigned", waitingFor: null, assignedAgent: newId(), isAIEnabled: false } as const;
const WAITS = { status: "open", waitingFor: null, isAIEnabled: false } as const;

test.each<[string, Partial<AssignmentValues>, Partial<ConversationView>]>([
  ["of the assistant", ON, {}],
  ["of a conversation that somebody has", ON, ASSIGNED],
  ["that waits for a person, where people take them by hand", {}, WAITS],
])("a message %s costs nothing", async (_, values, conversation) => {
  expect(await commandsAfter(values, conversation)).toBe(0);
  expect(await commandsAfter(values, conversation, "message:new")).toBe(0);
});

test("one that waits for a person is looked at", async () => {
  expect(await commandsAfter(ON, WAITS)).toBeGreaterThan(0);
});

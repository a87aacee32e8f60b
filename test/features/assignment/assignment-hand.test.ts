/** Giving one conversation, with what was known of people being old: the store has the last word. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../src/core/clock";
import { newId } from "../../../src/core/id";
import { createLog, silentLog } from "../../../src/core/log";
import { assignmentTurnModel } from "../../../src/features/assignment/assignment.model";
import type { Person } from "../../../src/features/assignment/assignment-choice";
import { createAssignmentHand, type Outcome } from "../../../src/features/assignment/assignment-hand.service";
import { createAssignmentQueue } from "../../../src/features/assignment/assignment-queue.service";
import { createConversationActionService } from "../../../src/features/conversation-actions/conversation-action.service";
import type { Conversation } from "../../../src/features/conversations/conversation.model";
import { createConversationService } from "../../../src/features/conversations/conversation.service";
import { assignmentSettings } from "../../../src/features/settings/assignment-settings.service";
import { syncIndexes } from "../../../src/store/indexes";
import { openRooms, type Rooms } from "../../helpers/rooms";

setDefaultTimeout(60_000);

const PEOPLE = { [newId()]: "Ana", [newId()]: "Beto" };
const [ANA, BETO] = Object.keys(PEOPLE) as [string, string];
const settings = { ...assignmentSettings.defaults, strategy: "round-robin" as const, capacity: 3 };
/** As somebody knew them a while ago. */
const known = (load = 0): Person[] =>
  Object.entries(PEOPLE).map(([id, name]) => ({
    id,
    name,
    role: "agent",
    teams: [],
    isOnline: true,
    ownCapacity: null,
    load,
    lastGiven: new Map(),
  }));

async function openHand(rooms: Rooms, gone: ReadonlySet<string> = new Set(), log = silentLog) {
  const model = rooms.models.conversations;
  const turns = assignmentTurnModel(rooms.store.connection);
  await syncIndexes(rooms.store.connection);
  const common = { clock: systemClock, log };
  const conversations = createConversationService({
    conversations: model,
    log: rooms.eventLog,
    clock: systemClock,
    assistantEnabled: () => false,
  });
  const actions = createConversationActionService({
    ...common,
    conversations,
    // The thread is of no interest here.
    messages: { addActivity: async () => {} } as never,
    labels: { assertKnown: async () => {} },
    positions: { toNewest: async () => {}, backBeforeLast: async () => {}, merging: async () => async () => {} },
    findAgent: async (id) => (PEOPLE[id] && !gone.has(id) ? { id, name: PEOPLE[id] } : null),
    findTeam: async () => null,
    eventLog: rooms.eventLog,
    bus: rooms.bus,
  });
  const queue = createAssignmentQueue(model);
  const hand = createAssignmentHand({
    ...common,
    turns,
    queue,
    teams: { find: async () => null },
    contacts: {} as never,
    conversations,
    actions,
    hours: { isOpen: () => true },
    eventLog: rooms.eventLog,
  });
  const add = async (count: number, fields: Partial<Conversation> = {}) => {
    const now = new Date();
    const rows = Array.from({ length: count }, (_, index) => ({
      _id: newId(),
      contact: newId(),
      contactName: `Customer ${index}`,
      channel: "44",
      source: "whatsapp",
      status: "open",
      priority: "normal",
      isOpen: true,
      isAIEnabled: false,
      assignedAgent: null,
      lastMessageAt: now,
      waitingSince: now,
      unreadCount: 1,
      inboundSeq: 1,
      answeredSeq: 0,
      epoch: 0,
      createdAt: now,
      updatedAt: now,
      ...fields,
    }));
    await model.insertMany(rows as never[]);
  };
  const loads = async () => [await queue.loadOf(ANA), await queue.loadOf(BETO)];
  return { hand, queue, add, loads, turns };
}

const assigned = (rooms: Rooms) =>
  rooms.published.flatMap(({ event, data }) => (event === "assignment:new" ? [String(data.conversation)] : []));

describe("old knowledge", () => {
  test("people who have become busy meanwhile get nothing more", async () => {
    await using rooms = await openRooms();
    const { hand, queue, add, loads } = await openHand(rooms);
    await add(3, { assignedAgent: ANA, status: "assigned", waitingSince: null });
    await add(3, { assignedAgent: BETO, status: "assigned", waitingSince: null });
    await add(1);
    const [row] = await queue.list();
    await hand.give(row as never, known(0), settings);
    expect(await loads()).toEqual([3, 3]);
    expect(assigned(rooms)).toEqual([]);
  });

  test("whoever has room in the store gets it, though they were thought to be busier than the other", async () => {
    await using rooms = await openRooms();
    const { hand, queue, add, loads } = await openHand(rooms);
    await add(3, { assignedAgent: ANA, status: "assigned", waitingSince: null });
    await add(1);
    const [row] = await queue.list();
    expect(await hand.give(row as never, known(0), settings)).toBe("settled");
    expect(await loads()).toEqual([3, 1]);
  });

  test("a conversation that somebody has taken meanwhile stays theirs", async () => {
    await using rooms = await openRooms();
    const { hand, queue, add } = await openHand(rooms);
    await add(1);
    const [row] = await queue.list();
    await rooms.models.conversations.updateOne({}, { assignedAgent: BETO, status: "assigned" });
    expect(await hand.give(row as never, known(), settings)).toBe("overtaken");
    expect(await rooms.models.conversations.findOne({}).lean()).toMatchObject({ assignedAgent: BETO });
    expect(assigned(rooms)).toEqual([]);
  });

  test("somebody who has just left: nothing is given, and it is decided anew", async () => {
    await using rooms = await openRooms();
    const { hand, queue, add, turns } = await openHand(rooms, new Set([ANA, BETO]));
    await add(1);
    const [row] = await queue.list();
    expect(await hand.give(row as never, known(), settings)).toBe("failed");
    expect([await queue.list(), await turns.countDocuments({})]).toMatchObject([[{ _id: row?._id }], 0]);
  });
});

test("a rule that names a team that has gone: it is said once, and the conversation waits for somebody as without it", async () => {
  await using rooms = await openRooms();
  const lines: string[] = [];
  const log = createLog({ level: "warn", write: (line) => void lines.push(line) });
  const { hand, queue, add } = await openHand(rooms, new Set(), log);
  await add(2);
  const rules = [{ name: "Mayoristas", isActive: true, toTeam: newId() }];
  for (const row of await queue.list()) expect(await hand.give(row, known(0), { ...settings, rules })).toBe("settled");
  expect(assigned(rooms)).toHaveLength(2);
  expect(lines.filter((line) => line.includes("Mayoristas"))).toHaveLength(1);
});

test("many at once, each with old knowledge: nobody beyond the limit, each conversation once", async () => {
  await using rooms = await openRooms();
  const { hand, queue, add, loads } = await openHand(rooms);
  await add(20);
  const rows = await queue.list();
  const outcomes = await Promise.all([...rows, ...rows].map((row): Promise<Outcome> => hand.give(row, known(0), settings)));
  expect(await loads()).toEqual([3, 3]);
  expect(assigned(rooms)).toHaveLength(6);
  expect(new Set(assigned(rooms)).size).toBe(6);
  expect(outcomes).not.toContain("failed");
});

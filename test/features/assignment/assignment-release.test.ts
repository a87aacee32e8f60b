/** Whoever has been offline for too long gives back what waits for them: only that, once, whatever restarts and however many look. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../src/core/clock";
import { newId } from "../../../src/core/id";
import { silentLog } from "../../../src/core/log";
import type { ConversationView } from "../../../src/events/view";
import { agentAbsenceModel } from "../../../src/features/assignment/agent-absence.model";
import { createAssignmentQueue } from "../../../src/features/assignment/assignment-queue.service";
import { COME_BACK_MS, createAssignmentRelease } from "../../../src/features/assignment/assignment-release.service";
import { createConversationActionService } from "../../../src/features/conversation-actions/conversation-action.service";
import { createConversationService } from "../../../src/features/conversations/conversation.service";
import { assignmentSettings } from "../../../src/features/settings/assignment-settings.service";
import { syncIndexes } from "../../../src/store/indexes";
import { breathe, ManualClock } from "../../helpers/manual-clock";
import { openRooms, type Rooms } from "../../helpers/rooms";
import { tempDir } from "../../helpers/temp-dir";
import { until } from "../../helpers/until";
import { type TypedLiveClient, typedLive } from "../../http/typed-live-client";
import { activityOf, type InboxWorld, openInboxWorld } from "../inbox/inbox-world";

setDefaultTimeout(90_000);

const MINUTE = 60_000;
const conversationOf = ({ admin }: InboxWorld, id: string) => admin.data<ConversationView>(`/conversations/${id}`);

async function set({ admin }: InboxWorld, values: object): Promise<void> {
  const { version } = await admin.data<{ version: number }>("/settings/assignment");
  expect((await admin.patch("/settings/assignment", { version, values })).status).toBe(200);
}

/** Lets minutes pass in which some stay here. */
async function pass(clock: ManualClock, minutes: number, here: readonly TypedLiveClient[]): Promise<void> {
  for (let passed = 0; passed < minutes * MINUTE; passed += 5_000) {
    clock.advance(5_000);
    await breathe(5_000);
    for (const client of here) await client.settle();
  }
}

/** What a server does by itself after a moment needs the clock to go on. */
async function during<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let isDone = false;
  const ended = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    clock.advance(20);
    await Bun.sleep(2);
  }
  return ended;
}

/** Four talks: three of Lucia, of which she has answered one, and one of Pedro. */
async function openTalks(world: InboxWorld, clock: ManualClock) {
  const customers = Array.from({ length: 4 }, () => world.customer());
  const ids: string[] = [];
  for (const customer of customers) ids.push((await during(clock, customer.opens())).id);
  const [waits, answered, snoozed, pedros] = ids as [string, string, string, string];
  const assign = (id: string, agent: string) => world.admin.post(`/conversations/${id}/assign`, { agent });
  for (const id of [waits, answered, snoozed]) await assign(id, world.lucia.id);
  await assign(pedros, world.pedro.id);
  await during(clock, world.lucia.post(`/conversations/${answered}/messages`, { text: "voy" }));
  await world.lucia.post(`/conversations/${snoozed}/snooze`, { until: null });
  return { customers, waits, answered, snoozed, pedros };
}

describe("an agent who does not come back", () => {
  test("what waits for them goes to the queue once, with a line and an event; what waits for the customer stays theirs", async () => {
    const clock = new ManualClock();
    await using world = await openInboxWorld({ clock });
    await set(world, { releaseAfterOfflineMinutes: 3 });
    using admin = await typedLive(world.app.url, world.admin.token);
    using pedro = await typedLive(world.app.url, world.pedro.token);
    const { customers, waits, answered, snoozed, pedros } = await openTalks(world, clock);
    {
      using _lucia = await typedLive(world.app.url, world.lucia.token);
      await pass(clock, 2, [admin, pedro]);
    }
    await pass(clock, 2, [admin, pedro]);
    expect((await conversationOf(world, waits)).assignedAgent).toBe(world.lucia.id);
    {
      // She looks in for a moment, and it begins anew.
      using again = await typedLive(world.app.url, world.lucia.token);
      await again.settle();
      await pass(clock, 0.1, [admin, pedro]);
    }
    await pass(clock, 2.5, [admin, pedro]);
    expect((await conversationOf(world, waits)).assignedAgent).toBe(world.lucia.id);
    await pass(clock, 1.5, [admin, pedro]);
    const moved = await admin.waitTold("conversation:updated", (data) => data.was?.assignedAgent === world.lucia.id);
    expect(moved.conversation).toMatchObject({ id: waits, assignedAgent: null, status: "open" });
    expect(moved.conversation.waitingSince).not.toBeNull();
    await pass(clock, 2, [admin, pedro]);
    const lines = activityOf((await customers[0]?.thread()) ?? []).filter((line) => line.includes("offline"));
    expect(lines).toEqual(["The assignment (Lucia was offline for 3 min) put it back into the queue"]);
    for (const [id, agent] of [
      [answered, world.lucia.id],
      [snoozed, world.lucia.id],
      [pedros, world.pedro.id],
    ])
      expect([id, (await conversationOf(world, id as string)).assignedAgent]).toEqual([id, agent as string]);
    // The customer of the one she has answered writes again: nobody is there for him.
    await during(clock, customers[1]?.writes("¿sigue ahí?") ?? Promise.resolve());
    await pass(clock, 0.5, [admin, pedro]);
    expect((await conversationOf(world, answered)).assignedAgent).toBeNull();
  });

  test("where the queue is given out, another one gets it, though presence does not matter there", async () => {
    const clock = new ManualClock();
    await using world = await openInboxWorld({ clock });
    using admin = await typedLive(world.app.url, world.admin.token);
    using pedro = await typedLive(world.app.url, world.pedro.token);
    const { waits, answered } = await openTalks(world, clock);
    await world.admin.post(`/conversations/${answered}/assign`, { agent: world.pedro.id });
    // Lucia has fewer: without her absence she would be the next.
    await set(world, { strategy: "least-busy", needsPresence: false, releaseAfterOfflineMinutes: 1 });
    await pass(clock, 4, [admin, pedro]);
    expect((await conversationOf(world, waits)).assignedAgent).toBe(world.pedro.id);
  });

  test("it is off unless somebody wants it, and time from before does not count", async () => {
    const clock = new ManualClock();
    await using world = await openInboxWorld({ clock });
    using admin = await typedLive(world.app.url, world.admin.token);
    const { waits } = await openTalks(world, clock);
    await pass(clock, 6, [admin]);
    expect((await conversationOf(world, waits)).assignedAgent).toBe(world.lucia.id);
    await set(world, { releaseAfterOfflineMinutes: 5 });
    await pass(clock, 4, [admin]);
    expect((await conversationOf(world, waits)).assignedAgent).toBe(world.lucia.id);
    await pass(clock, 2, [admin]);
    expect((await conversationOf(world, waits)).assignedAgent).toBeNull();
    for (const minutes of [0, 10_081, 1.5])
      expect(
        (await world.admin.patch("/settings/assignment", { version: 1, values: { releaseAfterOfflineMinutes: minutes } })).status,
      ).toBe(422);
  });
});

const [ANA, BETO] = ["0000000000000000000000a1", "0000000000000000000000a2"];

/** One of several processes: its own sight and clock, the same store. */
function openProcess(
  rooms: Rooms,
  clock: ManualClock,
  stateOf: () => "online" | "offline" = () => "offline",
  afterListing: () => Promise<unknown> = async () => {},
) {
  const queue = createAssignmentQueue(rooms.models.conversations);
  const absences = agentAbsenceModel(rooms.store.connection);
  const lines: string[] = [];
  const conversations = createConversationService({
    conversations: rooms.models.conversations,
    log: rooms.eventLog,
    clock: systemClock,
    assistantEnabled: () => false,
  });
  const actions = createConversationActionService({
    conversations,
    messages: { addActivity: async ({ _id }: { _id: string }) => void lines.push(_id) } as never,
    labels: { assertKnown: async () => {} },
    positions: { toNewest: async () => {}, backBeforeLast: async () => {}, merging: async () => async () => {} },
    findAgent: async () => null,
    findTeam: async () => null,
    eventLog: rooms.eventLog,
    bus: rooms.bus,
    clock: systemClock,
    log: silentLog,
  });
  const release = createAssignmentRelease({
    absences,
    queue: {
      async listUnanswered(...about) {
        const ids = await queue.listUnanswered(...about);
        await afterListing();
        return ids;
      },
    },
    agents: { listActive: async () => [{ _id: ANA, name: "Ana" }] as never },
    presence: { stateOf },
    conversations,
    actions,
    settings: { get: () => ({ ...assignmentSettings.defaults, releaseAfterOfflineMinutes: 30 }) } as never,
    eventLog: rooms.eventLog,
    bus: rooms.bus,
    clock,
    log: silentLog,
  });
  return { release, lines, absences };
}

async function addTalks(rooms: Rooms, count: number): Promise<void> {
  const now = new Date();
  const rows = Array.from({ length: count }, (_, index) => ({
    _id: newId(),
    contact: newId(),
    contactName: `Customer ${index}`,
    channel: "44",
    source: "whatsapp",
    status: "assigned",
    priority: "normal",
    isOpen: true,
    isAIEnabled: false,
    assignedAgent: ANA,
    lastMessageAt: now,
    waitingSince: now,
    unreadCount: 1,
    inboundSeq: 1,
    answeredSeq: 0,
    epoch: 0,
    createdAt: now,
    updatedAt: now,
  }));
  await rooms.models.conversations.insertMany(rows as never[]);
}

const left = (rooms: Rooms) => rooms.models.conversations.countDocuments({ assignedAgent: ANA });

describe("in the store", () => {
  test("two processes that look at the same moment take each conversation once, however many there are", async () => {
    await using rooms = await openRooms();
    const clock = new ManualClock();
    const both = [openProcess(rooms, clock), openProcess(rooms, clock)];
    await syncIndexes(rooms.store.connection);
    await addTalks(rooms, 230);
    await both[0]?.absences.create({ _id: ANA, since: new Date(clock.now() - 31 * MINUTE) });
    for (const { release } of both) release.start();
    clock.advance(COME_BACK_MS);
    await until(async () => (await left(rooms)) === 0, { what: "an empty desk" });
    for (const { release } of both) await release.stop();
    const lines = both.flatMap((one) => one.lines);
    expect([lines.length, new Set(lines).size]).toEqual([230, 230]);
  });

  test("what was answered or given to somebody else a moment before stays as it is", async () => {
    await using rooms = await openRooms();
    const clock = new ManualClock();
    await addTalks(rooms, 3);
    const talks = rooms.models.conversations;
    const [one, two] = (await talks.find({}).sort({ waitingSince: 1, _id: 1 }).lean()).map(({ _id }) => _id as string);
    const { release, absences, lines } = openProcess(
      rooms,
      clock,
      () => "offline",
      async () => {
        await talks.updateOne({ _id: one }, { assignedAgent: BETO });
        await talks.updateOne({ _id: two }, { waitingSince: null });
      },
    );
    await absences.create({ _id: ANA, since: new Date(clock.now() - 30 * MINUTE) });
    release.start();
    clock.advance(COME_BACK_MS);
    await until(() => lines.length > 0, { what: "the third one" });
    await release.stop();
    expect(lines).toHaveLength(1);
    const [first, second, third] = await talks.find({}).sort({ _id: 1 }).lean();
    expect([first, second, third].map((row) => row?.assignedAgent)).toEqual([BETO, ANA, null]);
  });

  test("who was here for a moment, seen by no look, begins anew", async () => {
    await using rooms = await openRooms();
    const clock = new ManualClock();
    await addTalks(rooms, 1);
    const { release, absences } = openProcess(rooms, clock);
    await absences.create({ _id: ANA, since: new Date(clock.now() - 30 * MINUTE) });
    release.start();
    for (const state of ["online", "offline"] as const)
      rooms.bus.pass("presence:changed", { presence: { agent: ANA, state, isAway: false, since: new Date().toISOString() } });
    clock.advance(COME_BACK_MS);
    await release.stop();
    expect(await left(rooms)).toBe(1);
    expect((await absences.findById(ANA).lean())?.since.getTime()).toBeGreaterThan(clock.now() - 2 * MINUTE);
  });

  test("after a restart the time goes on, nobody is taken anything before their page could come back", async () => {
    using dir = tempDir();
    const start = Date.now();
    {
      const clock = new ManualClock(start);
      await using rooms = await openRooms({ dataDir: dir.path });
      const { release, absences } = openProcess(rooms, clock);
      await addTalks(rooms, 1);
      release.start();
      clock.advance(COME_BACK_MS);
      await until(() => absences.exists({ _id: ANA }), { what: "her absence" });
      await release.stop();
    }
    const clock = new ManualClock(start + 45 * MINUTE);
    await using rooms = await openRooms({ dataDir: dir.path });
    let state: "online" | "offline" = "offline";
    const { release, absences } = openProcess(rooms, clock, () => state);
    release.start();
    clock.advance(COME_BACK_MS - 1);
    await Bun.sleep(50);
    expect(await left(rooms)).toBe(1);
    // She has come: another minute would have cost her the conversation.
    state = "online";
    clock.advance(1);
    await until(async () => !(await absences.exists({ _id: ANA })), { what: "nobody absent" });
    expect(await left(rooms)).toBe(1);
    await release.stop();

    const third = openProcess(rooms, clock);
    await absences.create({ _id: ANA, since: new Date(clock.now() - 30 * MINUTE) });
    third.release.start();
    clock.advance(COME_BACK_MS);
    await until(async () => (await left(rooms)) === 0, { what: "what was hers" });
    await third.release.stop();
  });
});

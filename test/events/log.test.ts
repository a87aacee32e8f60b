import { describe, expect, test } from "bun:test";
import { newId } from "../../src/core/id";
import { RESUME_LIMIT } from "../../src/events/log";
import { topicsOfDurable } from "../../src/events/topics";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import { openRooms, type Rooms } from "../helpers/rooms";

const view = (name: string) => ({ id: newId(), name, identities: [], labels: [] }) as unknown as ContactView;

const tell = ({ eventLog }: Rooms, ...names: string[]) =>
  eventLog.change(async (change) => {
    for (const name of names) change.emit("contact:updated", { contact: view(name) }, "req_1");
  });

const stored = async ({ models }: Rooms) => (await models.events.find({}).sort({ _id: 1 }).lean()).map(({ _id }) => _id);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test("a change is heard after its commit, with what was stored", async () => {
  await using rooms = await openRooms();
  let heardInside = -1;
  const result = await rooms.eventLog.change(async (change) => {
    change.emit("contact:updated", { contact: view("Rosa") }, "req_1");
    heardInside = rooms.published.length;
    return "done";
  });
  expect(result).toBe("done");
  expect(heardInside).toBe(0);
  expect(rooms.published.map(({ seq, event, topics }) => [seq, event, topics])).toEqual([
    [1, "contact:updated", ["inbox:contacts"]],
  ]);
  const [row] = await rooms.models.events.find({}).lean();
  expect(row).toMatchObject({ _id: 1, correlationId: "req_1", data: rooms.published[0]?.json ?? "" });
  expect(JSON.parse(row?.data ?? "").contact.name).toBe("Rosa");
});

test("a change that fails leaves no trace: no document, no event, no gap", async () => {
  await using rooms = await openRooms();
  await tell(rooms, "before");
  const agent = { _id: newId(), name: "A", email: "a@b.c", passwordHash: "x", role: "agent", isActive: true };
  const failing = rooms.eventLog.change(async (change) => {
    await rooms.models.agents.collection.insertOne({ ...agent, _id: agent._id as never }, { session: change.session });
    change.emit("contact:updated", { contact: view("never") });
    throw new Error("changed my mind");
  });
  expect(failing).rejects.toThrow("changed my mind");
  await failing.catch(() => {});
  expect(await rooms.models.agents.countDocuments({})).toBe(0);
  expect(await stored(rooms)).toEqual([1]);
  await tell(rooms, "after");
  expect(rooms.published.map(({ seq }) => seq)).toEqual([1, 2]);
});

test("a change without events takes no number", async () => {
  await using rooms = await openRooms();
  await rooms.eventLog.change(async () => {});
  await tell(rooms, "a");
  expect(await stored(rooms)).toEqual([1]);
});

test("200 changes at once, every fifth failing: numbers without a gap, heard once each, in order", async () => {
  await using rooms = await openRooms();
  const results = await Promise.allSettled(
    Array.from({ length: 200 }, (_, index) =>
      rooms.eventLog.change(async (change) => {
        for (let event = 0; event <= index % 3; event++) change.emit("contact:updated", { contact: view(`${index}`) });
        await Bun.sleep(0);
        if (index % 5 === 0) throw new Error("this one fails");
      }),
    ),
  );
  const failed = results.filter(({ status }) => status === "rejected").length;
  expect(failed).toBe(40);
  const expected = Array.from({ length: 200 }, (_, index) => (index % 5 === 0 ? 0 : (index % 3) + 1)).reduce((a, b) => a + b);
  expect(await stored(rooms)).toEqual(upTo(expected));
  expect(rooms.published.map(({ seq }) => seq)).toEqual(upTo(expected));
});

test("the numbering goes on after a restart", async () => {
  await using rooms = await openRooms();
  await tell(rooms, "a", "b");
  rooms.bus.startAfter(0);
  await rooms.eventLog.start();
  expect(rooms.bus.seq).toBe(2);
  await tell(rooms, "c");
  expect(rooms.published.at(-1)?.seq).toBe(3);
});

describe("resuming", () => {
  const since = async (rooms: Rooms, seq: number) => (await rooms.eventLog.since(seq))?.map(({ _id }) => _id) ?? null;

  test("gives everything after a number, oldest first, and nothing when nothing was missed", async () => {
    await using rooms = await openRooms();
    await tell(rooms, "a", "b", "c");
    expect(await since(rooms, 0)).toEqual([1, 2, 3]);
    expect(await since(rooms, 2)).toEqual([3]);
    expect(await since(rooms, 3)).toEqual([]);
  });

  test("says so when the events are no longer all there", async () => {
    await using rooms = await openRooms();
    await tell(rooms, "a", "b", "c");
    await rooms.models.events.deleteOne({ _id: 1 });
    expect(await since(rooms, 0)).toBeNull();
    expect(await since(rooms, 1)).toEqual([2, 3]);
    await rooms.models.events.deleteMany({});
    expect(await since(rooms, 1)).toBeNull();
    expect(await since(rooms, 3)).toEqual([]);
  });

  test("says so when they are too many", async () => {
    await using rooms = await openRooms();
    const row = (_id: number) => ({
      _id,
      event: "contact:updated",
      topics: ["inbox"],
      data: "{}",
      correlationId: null,
      at: new Date(),
    });
    await rooms.models.events.collection.insertMany(upTo(RESUME_LIMIT + 1).map(row) as never[]);
    await rooms.models.counters.collection.insertOne({ _id: "events" as never, value: RESUME_LIMIT + 1 });
    await rooms.eventLog.start();
    expect(await since(rooms, 0)).toBeNull();
    expect(await since(rooms, 1)).toHaveLength(RESUME_LIMIT);
  });

  test("never gives what has not been handed out yet: it would come a second time", async () => {
    await using rooms = await openRooms();
    await tell(rooms, "a", "b");
    const [, second] = await rooms.models.events.find({}).sort({ _id: 1 }).lean();
    // Committed by another change whose turn on the bus has not come.
    await rooms.models.events.collection.insertOne({ ...second, _id: 3 as never });
    expect(await since(rooms, 0)).toEqual([1, 2]);
    expect(await since(rooms, 2)).toEqual([]);
  });
});

test("an event is shown where it belongs", () => {
  const conversation = "019345f2c1a4000a5be1f00d";
  const data = { conversation, message: conversation, wamid: null, delivery: null };
  const rooms = (...places: Parameters<typeof topicsOfDurable>[2] & object) => topicsOfDurable("message:status", data, places);
  expect(rooms()).toEqual(["inbox:all", `conversation:${conversation}`]);
  expect(rooms({ assignedAgent: null })).toEqual(["inbox:all", "inbox:queue", `conversation:${conversation}`]);
  expect(rooms({ assignedAgent: "a1", team: "t1", participants: ["a1", "a2"] })).toEqual([
    "inbox:all",
    "inbox:agent:a1",
    "inbox:agent:a2",
    "inbox:team:t1",
    `conversation:${conversation}`,
  ]);
});

test("changes of the same moment share a transaction; each gets its own result, and one that fails takes nobody with it", async () => {
  await using rooms = await openRooms();
  await tell(rooms, "before");
  const commits = () => rooms.store.engine?.queue.commits ?? 0;
  const before = commits();
  const agent = (name: string) => ({
    _id: newId(),
    name,
    email: `${name}@b.c`,
    passwordHash: "x",
    role: "agent",
    isActive: true,
  });
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, index) =>
      rooms.eventLog.change(async ({ session, emit }) => {
        const one = agent(`a${index}`);
        await rooms.models.agents.collection.insertOne(one as never, { session });
        emit("contact:updated", { contact: view(one.name) });
        if (index === 7) throw new Error("not this one");
        return one.name;
      }),
    ),
  );
  expect(results.map((result) => (result.status === "fulfilled" ? result.value : null))).toEqual(
    Array.from({ length: 40 }, (_, index) => (index === 7 ? null : `a${index}`)),
  );
  expect(await rooms.models.agents.countDocuments({})).toBe(39);
  expect(await stored(rooms)).toEqual(upTo(40));
  expect(commits() - before).toBeLessThan(20);
});

test("an event goes where its conversation belongs at the end of its transaction, told there or looked up", async () => {
  await using rooms = await openRooms();
  const [conversation, other, agent, team] = [newId(), newId(), newId(), newId()];
  const place = { assignedAgent: null, team: null, participants: [] };
  for (const id of [conversation, other])
    await rooms.models.conversations.collection.insertOne({ _id: id as never, contact: newId(), isOpen: false, ...place });
  const message = (of: string) => ({ message: { conversation: of } as unknown as MessageView });
  const moved = (assignedAgent: string | null, of: string | null) =>
    ({ conversation: { ...place, id: conversation, assignedAgent, team: of } }) as unknown as { conversation: ConversationView };
  await rooms.eventLog.change(async ({ emit }) => {
    emit("message:new", message(conversation));
    emit("conversation:updated", moved(agent, null));
    emit("message:new", message(other));
    emit("conversation:updated", moved(null, team));
  });
  expect(rooms.published.map(({ topics }) => topics)).toEqual([
    ["inbox:all", `inbox:team:${team}`, `conversation:${conversation}`],
    ["inbox:all", `inbox:agent:${agent}`, `conversation:${conversation}`],
    ["inbox:all", "inbox:queue", `conversation:${other}`],
    ["inbox:all", `inbox:team:${team}`, `conversation:${conversation}`],
  ]);
});

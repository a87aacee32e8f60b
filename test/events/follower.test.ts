import { describe, expect, test } from "bun:test";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { createFollower, type FollowedEvent, type FollowerOptions } from "../../src/events/follower";
import { openRooms } from "../helpers/rooms";
import { until } from "../helpers/until";

const ID = "019345f2c1a4000a5be1f00d";
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

async function openWorld() {
  const rooms = await openRooms();
  const state = { seen: [] as number[], position: null as number | null, failures: 0, rebuilt: 0 };
  const follow = (over: Partial<FollowerOptions> = {}, isAlone = true) => {
    const follower = createFollower(
      { events: rooms.models.events, bus: rooms.bus, isAlone, clock: systemClock, log: silentLog },
      {
        name: "the test",
        position: async () => state.position,
        apply: async (events: readonly FollowedEvent[], position: number) => {
          if (state.failures-- > 0) throw new Error("not now");
          state.seen.push(...events.map(({ seq }) => seq));
          state.position = position;
        },
        lost: async (newest) => {
          state.rebuilt++;
          state.position = newest;
        },
        ...over,
      },
    );
    follower.start();
    return follower;
  };
  return {
    rooms,
    state,
    follow,
    tell: (count: number) =>
      rooms.eventLog.change(async ({ emit }) => {
        for (let index = 0; index < count; index++) emit("contact:merged", { contact: ID, source: ID });
      }),
    reached: (position: number) => until(() => state.position === position, { what: `position ${position}` }),
    [Symbol.asyncDispose]: () => rooms[Symbol.asyncDispose](),
  };
}

describe("a follower of the event log", () => {
  test("hears every event once and in order, also more than fit into memory", async () => {
    await using world = await openWorld();
    world.state.position = 0;
    const follower = world.follow();
    for (let round = 0; round < 6; round++) await world.tell(1_000);
    await world.reached(6_000);
    expect(world.state.seen).toEqual(upTo(6_000));
    await follower.stop();
  });

  test("goes on after what it knows, however far behind it is", async () => {
    await using world = await openWorld();
    await world.tell(1_200);
    world.state.position = 100;
    const follower = world.follow();
    await world.tell(3);
    await world.reached(1_203);
    expect(world.state.seen).toEqual(upTo(1_203, 101));
    expect(world.state.rebuilt).toBe(0);
    await follower.stop();
  });

  test("tells again what could not be taken, and leaves nothing out", async () => {
    await using world = await openWorld();
    world.state.position = 0;
    world.state.failures = 1;
    const follower = world.follow();
    await world.tell(5);
    await world.reached(5);
    expect(world.state.seen).toEqual(upTo(5));
    await follower.stop();
  });

  test("events that are not wanted only move the position", async () => {
    await using world = await openWorld();
    world.state.position = 0;
    const follower = world.follow({ events: ["message:new"] });
    await world.tell(5);
    await world.reached(5);
    expect(world.state.seen).toEqual([]);
    await follower.stop();
  });

  test.each([
    ["nothing is known yet", null],
    ["the log does not reach back so far", 2],
    ["the log ends before what is known: it is another log", 99],
  ])("makes good from the documents when %s", async (_, position) => {
    await using world = await openWorld();
    await world.tell(10);
    await world.rooms.models.events.deleteMany({ _id: { $lte: 5 } });
    world.state.position = position;
    const follower = world.follow();
    await world.reached(10);
    expect(world.state.rebuilt).toBe(1);
    await world.tell(2);
    await world.reached(12);
    expect(world.state.seen).toEqual([11, 12]);
    await follower.stop();
  });

  test("makes good when the whole log is gone", async () => {
    await using world = await openWorld();
    await world.tell(10);
    await world.rooms.models.events.deleteMany({});
    world.state.position = 4;
    const follower = world.follow();
    await world.reached(10);
    expect(world.state.rebuilt).toBe(1);
    await follower.stop();
  });

  test("finds what another process has written", async () => {
    await using world = await openWorld();
    world.state.position = 0;
    const follower = world.follow({}, false);
    const event = { event: "contact:merged", topics: [], data: "{}", correlationId: null, at: new Date() } as const;
    await world.rooms.models.events.insertMany([1, 2, 3].map((_id) => ({ _id, ...event })));
    await world.reached(3);
    expect(world.state.seen).toEqual([1, 2, 3]);
    await follower.stop();
  });

  test("takes nothing any more once it has stopped", async () => {
    await using world = await openWorld();
    world.state.position = 0;
    const follower = world.follow();
    await world.tell(1);
    await world.reached(1);
    await follower.stop();
    await world.tell(1);
    await Bun.sleep(250);
    expect(world.state.position).toBe(1);
  });
});

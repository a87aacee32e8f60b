/** Two processes and one lane: one sends at a time, and who has slept through the end of a lease sends nothing. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createLeasedLanes, type Lanes } from "../../src/flow/lane";
import { ManualClock } from "../helpers/manual-clock";
import { openRooms, type Rooms } from "../helpers/rooms";

let rooms: Rooms;
const clock = new ManualClock();
let mine: Lanes;
let theirs: Lanes;
beforeAll(async () => {
  rooms = await openRooms({ clock });
  mine = createLeasedLanes({ lanes: rooms.models.lanes, owner: "one", clock });
  theirs = createLeasedLanes({ lanes: rooms.models.lanes, owner: "two", clock });
});
afterAll(async () => {
  await rooms[Symbol.asyncDispose]();
});

const stillMine = (lanes: Lanes, lane: string) =>
  rooms.eventLog.change(async ({ session }) => (await lanes.fence(lane)?.(session)) ?? false);

describe("a lane", () => {
  test("is held by one process at a time, and given away when its lease runs out", async () => {
    expect(await mine.hold("a:1")).toBe(true);
    expect(await theirs.hold("a:1")).toBe(false);
    expect(await theirs.hold("b:1")).toBe(true);
    clock.advance(29_000);
    expect(await theirs.hold("a:1")).toBe(false);
    clock.advance(2_000);
    expect(await theirs.hold("a:1")).toBe(true);
    expect(await mine.hold("a:1")).toBe(false);
  });

  test("of ten that ask at once exactly one gets it", async () => {
    const all = Array.from({ length: 10 }, (_, index) =>
      createLeasedLanes({ lanes: rooms.models.lanes, owner: `p${index}`, clock }),
    );
    const got = await Promise.all(all.map((lanes) => lanes.hold("crowd:1")));
    expect(got.filter(Boolean)).toHaveLength(1);
  });

  test("lets nobody write an intent with a lease that another process has taken over", async () => {
    await mine.hold("c:1");
    expect(await stillMine(mine, "c:1")).toBe(true);
    const slept = mine.fence("c:1");
    clock.advance(61_000);
    expect(await theirs.hold("c:1")).toBe(true);
    expect(await rooms.eventLog.change(async ({ session }) => (await slept?.(session)) ?? true)).toBe(false);
    expect(await stillMine(theirs, "c:1")).toBe(true);
  });

  test("is not lost for hours when the clock is set back", async () => {
    await mine.hold("d:1");
    clock.setWall(clock.now() - 6 * 3_600_000);
    expect(await theirs.hold("d:1")).toBe(true);
    expect(await stillMine(mine, "d:1")).toBe(false);
  });

  test("is free at once when its process ends well", async () => {
    await mine.hold("e:1");
    await mine.releaseAll();
    expect(await theirs.hold("e:1")).toBe(true);
  });
});

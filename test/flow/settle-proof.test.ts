/** When a send counts as not sent: what proves it, what forbids it, and when a person is asked instead. */
import { expect, test } from "bun:test";
import { newId } from "../../src/core/id";
import { silentLog } from "../../src/core/log";
import { createLateness } from "../../src/features/messages/lateness";
import type { Message } from "../../src/features/messages/message.model";
import { createDeliveryService, type DeliveryService } from "../../src/features/messages/message-delivery.service";
import type { Line } from "../../src/flow/line";
import { createSettle } from "../../src/flow/settle";
import { ManualClock } from "../helpers/manual-clock";
import { openRooms } from "../helpers/rooms";

const SETTLE_MS = 60_000;

interface Case {
  /** Seconds for which the webhook was closed behind the intent, and for which it has been open since. */
  closed: number;
  open: number;
  isAlive?: boolean;
  hasAwaited?: boolean;
  lateSeconds?: number;
  isBehind?: boolean;
  isResend?: boolean;
  isLineCut?: boolean;
  /** Milliseconds until the cut line may be tried. */
  lineWaitMs?: number;
  hasFollower?: boolean;
}

async function outcomeOf(facts: Case): Promise<"resent" | "person" | "waits"> {
  const { closed, open, isAlive = true, hasAwaited = false, lateSeconds = 0, isBehind = false } = facts;
  const clock = new ManualClock();
  const intentAt = clock.now();
  clock.advance(closed * 1_000);
  const openSince = clock.monotonic();
  const unknownSince = clock.now();
  clock.advance(open * 1_000);
  let outcome: "resent" | "person" | "waits" = "waits";
  const become = (value: typeof outcome) => {
    outcome = value;
    return Promise.resolve();
  };
  const settle = createSettle({
    deliveries: {
      isWebhookAlive: () => isAlive,
      hasFollower: () => Promise.resolve(facts.hasFollower ?? false),
      latenessOf: () => lateSeconds * 1_000,
      hasAwaitedNeighbour: () => Promise.resolve(hasAwaited),
      resend: () => become("resent"),
      leaveToPerson: () => become("person"),
    } as unknown as DeliveryService,
    lineOf: () => ({ breaker: { isOpen: facts.isLineCut ?? false, waitMs: () => facts.lineWaitMs ?? 0 } }) as Line,
    settleMs: SETTLE_MS,
    reachableSince: () => openSince,
    isBehind: () => Promise.resolve(isBehind),
    clock,
    log: silentLog,
  });
  const delivery = {
    state: "unknown",
    attempts: 1,
    isResend: facts.isResend ?? false,
    needsDecision: false,
    error: null,
    intentAt: new Date(intentAt),
    dueAt: new Date(unknownSince + SETTLE_MS),
  };
  const next = await settle.end({ _id: "m", channel: "1", correlationId: null, delivery } as unknown as Message, clock.now());
  expect(next === null).toBe(outcome !== "waits");
  return outcome;
}

const cases: [string, Case, "resent" | "person" | "waits"][] = [
  ["the webhook never closed, and a later send was confirmed", { closed: 0, open: 61 }, "resent"],
  ["closed for a moment, open for a minute since", { closed: 2, open: 61 }, "resent"],
  ["closed for longer than it has been open since: a repetition may still come", { closed: 90, open: 61 }, "waits"],
  ["one of the same moments still waits for its status", { closed: 2, open: 61, hasAwaited: true }, "waits"],
  ["statuses come half a minute late: this one may be on its way", { closed: 2, open: 61, lateSeconds: 31 }, "waits"],
  ["a little late is no matter", { closed: 2, open: 70, lateSeconds: 5 }, "resent"],
  ["its status may be among what is not yet processed", { closed: 2, open: 61, isBehind: true }, "waits"],
  ["nothing was confirmed at all", { closed: 0, open: 61, isAlive: false }, "person"],
  ["nothing was confirmed, and the webhook is not open for long", { closed: 40, open: 20, isAlive: false }, "waits"],
  ["it was sent once more already", { closed: 0, open: 61, isResend: true }, "person"],
  ["no proof in five times its time", { closed: 2, open: 301, hasAwaited: true }, "person"],
  ["the line is cut, and may not be tried yet", { closed: 2, open: 400, isLineCut: true, lineWaitMs: 500 }, "waits"],
  ["the line is cut, and nothing waits behind this one that could try it", { closed: 2, open: 70, isLineCut: true }, "waits"],
  [
    "the line is cut, and what waits behind this one can try it",
    { closed: 2, open: 70, isLineCut: true, hasFollower: true },
    "person",
  ],
];
for (const [what, facts, expected] of cases)
  test(`${what}: ${expected}`, async () => {
    expect(await outcomeOf(facts)).toBe(expected);
  });

test("neighbours: sends of the same moments on the same number that WhatsApp has taken", async () => {
  const clock = new ManualClock();
  await using rooms = await openRooms({ clock });
  const deliveries = createDeliveryService({ messages: rooms.models.messages, log: rooms.eventLog, clock });
  const at = clock.now();
  let count = 0;
  const store = async (fields: object, delivery: object): Promise<string> => {
    const _id = (at + count++).toString(16).padStart(12, "0").padEnd(24, "0");
    await rooms.models.messages.collection.insertOne({ _id, channel: "1", direction: "outbound", ...fields, delivery } as never);
    return _id;
  };
  const soon = new Date(at + 1_000);
  await store({}, { state: "sent", intentAt: soon });
  await store({}, { state: "delivered", intentAt: soon, confirmedAt: new Date(at + 5_000) });
  const asked = await store({}, { state: "unknown", intentAt: new Date(at) });
  const alone = await store({}, { state: "unknown", intentAt: new Date(at + 60_000) });
  await store({}, { state: "queued" });
  await store({}, { state: "sent", intentAt: new Date(at + 70_000) });
  await store({ channel: "2" }, { state: "sent", intentAt: new Date(at + 60_500) });
  await store({ direction: "inbound" }, { state: "sent", intentAt: new Date(at + 60_500) });
  const isAwaitedBeside = async (id: string) =>
    deliveries.hasAwaitedNeighbour((await rooms.models.messages.findById(id).lean()) as Message);
  expect([await isAwaitedBeside(asked), await isAwaitedBeside(alone)]).toEqual([true, false]);
});

test("lateness is the worst of the last minute or two, by number", () => {
  const clock = new ManualClock();
  const lateness = createLateness(clock);
  expect(lateness.get("1")).toBe(0);
  lateness.note("1", 30_000);
  lateness.note("1", 200);
  expect([lateness.get("1"), lateness.get("2")]).toEqual([30_000, 0]);
  clock.advance(61_000);
  lateness.note("1", 400);
  expect(lateness.get("1")).toBe(30_000);
  clock.advance(61_000);
  expect(lateness.get("1")).toBe(400);
  clock.advance(600_000);
  expect(lateness.get("1")).toBe(0);
});

test("a status that says what the answer of the call has said is noted, and shown to nobody", async () => {
  const clock = new ManualClock();
  await using rooms = await openRooms({ clock });
  const deliveries = createDeliveryService({ messages: rooms.models.messages, log: rooms.eventLog, clock });
  const [_id, conversation] = [newId(clock.now()), newId(clock.now())];
  const sent = {
    state: "sent",
    attempts: 1,
    isResend: false,
    needsDecision: false,
    error: null,
    intentAt: new Date(clock.now()),
  };
  const told = { channel: "1", wamid: "wamid.known", messageId: _id };
  await rooms.models.messages.collection.insertOne({
    ...{ _id, conversation, channel: "1", direction: "outbound", wamid: "wamid.known", pricing: null, correlationId: null },
    delivery: sent,
  } as never);
  const report = (status: string) =>
    rooms.eventLog.change(async (change) => void (await deliveries.applyStatuses([{ ...told, status }], change)));
  const stateOf = async () => ((await rooms.models.messages.findById(_id).lean()) as Message).delivery;
  await report("sent");
  expect(await stateOf()).toMatchObject({ state: "sent", confirmedAt: new Date(clock.now()) });
  expect(rooms.published).toEqual([]);
  await report("delivered");
  await report("delivered");
  expect(rooms.published.map(({ event, data }) => [event, (data.delivery as Message["delivery"])?.state])).toEqual([
    ["message:status", "delivered"],
  ]);
});

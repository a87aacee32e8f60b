/** Two processes may come upon the same stored events: each event has its effect once. */
import { expect, test } from "bun:test";
import { parseWebhook } from "../../src/channels/whatsapp/parse";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { createAccept } from "../../src/flow/accept";
import { createIngest } from "../../src/flow/ingest";
import type { ReceivedEvent } from "../../src/flow/received-event";
import { isStoreUnavailable } from "../../src/store/connect";
import { webhookOf } from "../helpers/api-client";
import { openRooms } from "../helpers/rooms";

test("what was done by somebody else meanwhile is taken back and left out; the rest is done", async () => {
  await using rooms = await openRooms();
  const events = rooms.models.inboundEvents;
  let arrived: readonly ReceivedEvent[] = [];
  const { accept } = createAccept({
    events,
    dedupTtlMs: 60_000,
    clock: systemClock,
    log: silentLog,
    trace: () => {},
    isStoreUnavailable,
    onAccepted: (some) => {
      arrived = some;
    },
    onRefused: () => {},
  });
  const effects: string[] = [];
  const committed: string[] = [];
  const ingest = createIngest({
    events,
    eventLog: rooms.eventLog,
    isStoreUnavailable,
    isAlone: false,
    acceptedPerSecond: () => 0,
    clock: systemClock,
    log: silentLog,
    handlers: {
      messages: async (received, _, areNew) => {
        const seen = received.map(({ event }) => ("wamid" in event ? event.wamid : ""));
        effects.push(`${areNew ? "new" : "known"}: ${seen.join(" ")}`);
        return () => committed.push(...seen);
      },
      notices: async () => {},
      statuses: async () => ({ orphans: new Map(), afterCommit: () => {} }),
    },
  });
  // The first look finds an empty store: from here on what is accepted comes from memory.
  ingest.look();
  await ingest.drain();

  const messages = ["a", "b", "c"].map((id) => ({ from: "51987650700", id, text: id }));
  await accept(parseWebhook(webhookOf("440055660077001", messages), Date.now()), {
    requestId: "req_1234",
    receivedAt: Date.now(),
  });
  // Another process was quicker with one of them.
  await events.updateOne({ _id: arrived[1]?.rowId }, { $set: { state: "done" }, $unset: { order: "" } });
  ingest.take(arrived);
  await ingest.drain();

  expect(effects).toEqual(["new: a b c", "known: a c"]);
  expect(committed).toEqual(["a", "c"]);
  expect(await events.countDocuments({ state: "done" })).toBe(3);
  expect(await events.countDocuments({ order: { $exists: true } })).toBe(0);
  await ingest.stop();
});

/** A call that changes something is made once for the same messages, also by a turn that runs again after a crash. */
import { expect, test } from "bun:test";
import { systemClock } from "../../src/core/clock";
import type { AiTool } from "../../src/features/ai-tools/ai-tool.model";
import { aiToolCallModel } from "../../src/features/ai-tools/ai-tool.model";
import { createAiToolCalls } from "../../src/features/ai-tools/ai-tool-call.service";
import { openRooms } from "../helpers/rooms";

test("asked again it gives the first result; begun and never ended it is unknown, and not made again", async () => {
  await using rooms = await openRooms();
  const calls = aiToolCallModel(rooms.store.connection);
  let made = 0;
  const tool = {
    _id: "t1",
    name: "book",
    method: "POST",
    url: "https://shop.test/x",
    headers: {},
    changes: true,
    secretHeader: null,
    lockedSecret: null,
  } as unknown as AiTool;
  const service = createAiToolCalls({
    calls,
    tools: { find: () => tool, secretOf: () => null },
    guard: {
      async fetch() {
        made++;
        return { status: 200, headers: new Headers(), url: "", body: new TextEncoder().encode(`{"n":${made}}`) };
      },
    },
    conversations: { findConversation: async () => null },
    messages: { addActivity: async () => {} },
    log: rooms.eventLog,
    clock: systemClock,
  });
  const about = { conversation: "c1", contact: "p1", turn: "turn-1", answeredSeq: 4 };
  const call = (more: Partial<typeof about> = {}, day = "lunes") =>
    service.call(tool, { day }, { ...about, ...more }, new AbortController().signal);
  const first = await call();
  expect(first).toEqual({ ok: true, result: { status: 200, data: { n: 1 } } });
  // The same messages in another turn: after a crash, or because the customer wrote more.
  expect(await call({ turn: "turn-2" })).toEqual(first);
  expect(made).toBe(1);
  await call({}, "martes");
  await call({ answeredSeq: 5 });
  expect(made).toBe(3);
  await calls.updateMany({ args: '{"day":"martes"}' }, { $set: { state: "running" } });
  expect(await call({}, "martes")).toMatchObject({ ok: false, result: { error: { code: "outcome_unknown" } } });
  expect(made).toBe(3);
});

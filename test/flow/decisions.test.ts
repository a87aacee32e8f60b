/** The pure decisions of the corridor, as tables. */
import { describe, expect, test } from "bun:test";
import type { Batch, Conversation } from "../../src/features/conversations/conversation.model";
import { extendBatch } from "../../src/flow/batch";
import { holdingText } from "../../src/flow/holding-text";
import { type RouteSettings, route } from "../../src/flow/route";

const NOW = Date.UTC(2026, 10, 20, 12);
const LIMITS = { waitMs: 2_000, maxWaitMs: 8_000 };

describe("when a batch is due", () => {
  const batchAfter = (...times: number[]): Batch =>
    times.reduce<Batch | null>((batch, time) => extendBatch(batch, NOW + time, LIMITS), null) as Batch;
  const due = (...times: number[]) => batchAfter(...times).dueAt.getTime() - NOW;

  test.each([
    ["one fragment: after the silence", [0], 2_000],
    ["each fragment begins the silence anew", [0, 1_000, 2_500], 4_500],
    ["who keeps typing is answered after the longest wait", [0, 1_900, 3_800, 5_700, 7_600], 8_000],
    ["a fragment at the longest wait itself is answered at once", [0, 8_000], 8_000],
    ["a fragment after it (the server was away) too", [0, 60_000], 60_000],
  ])("%s", (_, times, expected) => {
    expect(due(...times)).toBe(expected);
  });

  test("twenty fragments are enough to answer at once, nineteen are not", () => {
    const times = Array.from({ length: 20 }, (_, index) => index);
    expect(due(...times.slice(0, 19))).toBe(18 + 2_000);
    expect(due(...times)).toBe(19);
  });

  test("counts the fragments, keeps its beginning and what has failed so far", () => {
    const batch = extendBatch({ ...batchAfter(0, 500), failures: 2 }, NOW + 900, LIMITS);
    expect(batch).toEqual({ ...batch, firstAt: new Date(NOW), count: 3, failures: 2 });
  });

  test("a clock that jumps back postpones the answer by the longest wait at most", () => {
    expect(due(0, -3_600_000)).toBeLessThanOrEqual(-3_600_000 + 8_000);
  });

  test("without waiting it is due at once", () => {
    expect(extendBatch(null, NOW, { waitMs: 0, maxWaitMs: 0 }).dueAt.getTime()).toBe(NOW);
  });
});

describe("who answers", () => {
  const talk = (fields: Partial<Conversation> = {}) =>
    ({
      isOpen: true,
      isAIEnabled: true,
      inboundSeq: 3,
      answeredSeq: 2,
      windowExpiresAt: new Date(NOW + 1),
      batch: { firstAt: new Date(NOW), dueAt: new Date(NOW), count: 1, failures: 0 },
      ...fields,
    }) as Conversation;
  const settings: RouteSettings = { hasAssistant: true, isChannelKnown: true, maxFailures: 3 };
  const failures = (count: number) =>
    talk({ batch: { firstAt: new Date(NOW), dueAt: new Date(NOW), count: 1, failures: count } });

  test.each([
    ["an open question", talk(), {}, "assistant"],
    ["without a batch", talk({ batch: null }), {}, "assistant"],
    ["after two failures", failures(2), {}, "assistant"],
    ["after three failures", failures(3), {}, "agents: assistant-failed"],
    ["no assistant", talk(), { hasAssistant: false }, "agents: no-assistant"],
    ["a number that is not ours", talk(), { isChannelKnown: false }, "agents: unknown-number"],
    ["closed", talk({ isOpen: false }), {}, "nobody: closed"],
    ["the assistant is switched off", talk({ isAIEnabled: false }), {}, "nobody: assistant-off"],
    ["switched off and without an assistant", talk({ isAIEnabled: false }), { hasAssistant: false }, "nobody: assistant-off"],
    ["everything is answered", talk({ answeredSeq: 3 }), {}, "nobody: nothing-to-answer"],
    ["the window closes this very moment", talk({ windowExpiresAt: new Date(NOW) }), {}, "nobody: window-closed"],
    ["there never was a window", talk({ windowExpiresAt: null }), {}, "nobody: window-closed"],
  ])("%s", (_, conversation, changed, expected) => {
    const decision = route(conversation, { ...settings, ...changed }, NOW);
    expect("reason" in decision ? `${decision.to}: ${decision.reason}` : decision.to).toBe(expected);
  });
});

describe("the holding text speaks the customer's language", () => {
  test.each([
    ["the language we know", { language: "pt-BR", phone: "+51987654321" }, "Obrigado"],
    ["a Peruvian number", { language: null, phone: "+51987654321" }, "Gracias"],
    ["a Brazilian number", { language: null, phone: "+5511976543210" }, "Obrigado"],
    ["any other number", { language: null, phone: "+14155550123" }, "Thank you"],
    ["a language we do not speak", { language: "qu", phone: "+51987654321" }, "Gracias"],
    ["neither", { language: null, phone: null }, "Thank you"],
  ])("%s", (_, contact, word) => {
    expect(holdingText(contact)).toStartWith(word);
  });
});

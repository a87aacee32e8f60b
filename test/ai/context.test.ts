/** Which messages a call carries and when old ones become a summary; and that this costs at least 70 % fewer input tokens. */
import { describe, expect, test } from "bun:test";
import { COMPACTION, type HistoryEntry, needsCompaction, planCompaction, selectHistory } from "../../src/ai/context";
import { estimateTokens } from "../../src/ai/token-estimate";
import { measureClinic } from "../../src/tools/bench/assistant";
import { CLINIC_TURNS } from "../../src/tools/bench/clinic-conversation";
import { NOW, never, openWorld } from "./sandbox-world";

const messages = (count: number, text = "hola"): HistoryEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    role: index % 2 ? "assistant" : "user",
    text: `${text} ${index}`,
    at: NOW - count + index,
  }));

describe("when to compact", () => {
  test("at sixteen messages, not at fifteen", () => {
    expect(needsCompaction(messages(15), NOW)).toBe(false);
    expect(needsCompaction(messages(16), NOW)).toBe(true);
  });

  test("earlier when the messages are long", () => {
    expect(needsCompaction(messages(8, "palabra ".repeat(400)), NOW)).toBe(true);
    expect(needsCompaction(messages(6, "palabra ".repeat(400)), NOW)).toBe(false);
  });

  test("after a day of silence, when there is something to fold", () => {
    const late = NOW + COMPACTION.idleMs + 1;
    expect(needsCompaction(messages(5), late)).toBe(true);
    expect(needsCompaction(messages(4), late)).toBe(false);
    expect(needsCompaction([], late)).toBe(false);
  });

  test("the last six messages stay word for word, four after a day", () => {
    const history = messages(16);
    expect(planCompaction(history, NOW)).toEqual({ fold: history.slice(0, 10), keep: history.slice(10) });
    expect(planCompaction(history, NOW + COMPACTION.idleMs + 1).keep).toEqual(history.slice(12));
    expect(planCompaction(history.slice(0, 3), NOW).fold).toEqual([]);
  });
});

describe("what a call carries while a compaction is late", () => {
  test("everything up to 26 messages, then a start that moves in steps of ten", () => {
    expect(selectHistory(messages(26))).toHaveLength(26);
    const starts = [27, 30, 36, 37, 46].map((count) => count - selectHistory(messages(count)).length);
    expect(starts).toEqual([10, 10, 10, 20, 20]);
  });

  test("never more than the token bound, and always the newest message", () => {
    const long = messages(12, "palabra ".repeat(1_500));
    const selected = selectHistory(long);
    expect(selected.length).toBeLessThan(12);
    expect(selected.at(-1)).toBe(long.at(-1)!);
    expect(selected.reduce((sum, { text }) => sum + estimateTokens(text), 0)).toBeLessThanOrEqual(8_000);
    expect(selectHistory([{ role: "user", text: "palabra ".repeat(20_000), at: 1 }])).toHaveLength(1);
  });
});

describe("the summary", () => {
  test("folds the older messages into the notes and tells how many", async () => {
    await using world = await openWorld();
    const history = messages(16, "quiero talla 38");
    const { summary, folded, run } = await world
      .assistantOn("responses")
      .summarise({ summary: "Facts:\n- Ana", history, now: NOW }, never());
    expect(folded).toBe(10);
    expect(summary).toContain("- Ana");
    expect(summary).toContain("quiero talla 38 8");
    expect(summary).not.toContain("quiero talla 38 10");
    expect(run).toMatchObject({ calls: 1, costMicros: 0 });
  });

  test("a provider that fails leaves no half summary", async () => {
    await using world = await openWorld();
    for (const kind of ["server-error", "refusal", "content-filter", "hang"] as const) {
      world.sandbox.faults = { kind };
      const failed: unknown = await world
        .assistantOn("responses", { turnMs: 50 })
        .summarise({ history: messages(16), now: NOW }, never())
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ name: "AiError", run: { calls: expect.any(Number) } });
    }
  });

  test("nothing to fold asks nobody", async () => {
    await using world = await openWorld();
    expect(
      await world.assistantOn("responses").summarise({ summary: "s", history: messages(4), now: NOW }, never()),
    ).toMatchObject({
      summary: "s",
      folded: 0,
      run: { calls: 0 },
    });
    expect(world.sandbox.requests).toEqual([]);
  });
});

test("40 turns cost at least 70 % fewer input tokens than the append-only history", async () => {
  expect(CLINIC_TURNS).toHaveLength(40);
  expect(CLINIC_TURNS.filter(({ looksUp }) => looksUp)).toHaveLength(23);
  const { appendOnly, compacted, calls, summaries, wrong } = await measureClinic();
  expect(wrong).toEqual([]);
  expect(calls).toBe(63 + summaries);
  expect(summaries).toBeGreaterThan(3);
  const saved = 1 - compacted / appendOnly;
  console.log(
    `input tokens of 40 turns (estimated): append-only history ${appendOnly}, compacted ${compacted}, saved ${(saved * 100).toFixed(1)} %`,
  );
  expect(saved).toBeGreaterThanOrEqual(0.7);
});

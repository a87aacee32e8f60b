import type { ReplayItemView } from "@server/features/ai-replays/ai-replay.schema";
import { costChange, reasonWord, verdictOf } from "./replay-words";

const side = (costMicros: number | null) => ({
  ...{ outcome: "reply", reason: null, answer: "Sí.", model: "m", provider: "p", costMicros, checks: [] },
});
const item = (more: Partial<ReplayItemView> = {}): ReplayItemView => ({
  ...{ number: 1, run: "r", conversation: "c", question: null, state: "done", before: side(10), after: side(7) },
  ...{ isSame: false, judged: null, diff: [], error: null },
  ...more,
});
const judged = (better: string) => ({ better, before: 3, after: 4, reason: "x", model: "m", provider: "p" });

describe("an answer that was given again", () => {
  it.each([
    [{ state: "failed" }, "studio.verdict.failed"],
    [{ state: "waiting" }, "studio.verdict.waiting"],
    [{ isSame: true }, "studio.verdict.same"],
    [{}, "studio.verdict.different"],
    [{ judged: judged("after") }, "studio.verdict.better"],
    [{ judged: judged("before") }, "studio.verdict.worse"],
    [{ judged: judged("equal") }, "studio.verdict.even"],
  ] as const)("%o is called %s", (more, word) => expect(verdictOf(item(more)).word).toBe(word));

  it("costs more or less where both prices are known", () => {
    expect(costChange(item())).toBe(-3);
    expect(costChange(item({ before: side(null) }))).toBeNull();
    expect(costChange(item({ after: null }))).toBeNull();
  });
});

describe("a pause", () => {
  it("has a reason in words, and none when it goes on", () => {
    const t = (key: string) => key;
    expect(reasonWord(t, { state: "paused", reason: "budget" })).toBe("studio.reason.budget");
    expect(reasonWord(t, { state: "paused", reason: "new" })).toBe("new");
    expect(reasonWord(t, { state: "running", reason: "budget" })).toBe("");
  });
});

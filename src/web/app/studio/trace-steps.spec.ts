import { stepsOf, tokenParts } from "./trace-steps";

const model = (at: number, ms: number, ok = true) => ({ model: "gpt", at, ms, ok, input: 100, cached: 60, output: 10 });
const tool = (at: number | undefined, ms: number) => ({
  callId: "c",
  name: "search_knowledge",
  args: { query: "manta" },
  result: "{}",
  at,
  ms,
  ok: true,
});

describe("the steps of a turn", () => {
  it("stand in the order in which they began, each at its place in the whole", () => {
    const steps = stepsOf([model(0, 400), model(500, 500)], [tool(420, 60)], 1_000);
    expect(steps.map(({ kind, number }) => `${kind} ${number}`)).toEqual(["model 1", "tool 1", "model 2"]);
    expect(steps[1]?.place).toEqual({ left: 42, width: 6 });
    expect(steps[1]?.args).toBe('{"query":"manta"}');
    expect(steps[2]?.place).toEqual({ left: 50, width: 50 });
  });

  it("never lie outside of the whole, and the shortest is still seen", () => {
    const [long, short] = stepsOf([model(0, 2_000), model(2_000, 0)], [], 1_500);
    expect(long?.place).toEqual({ left: 0, width: 100 });
    expect(short?.place?.width).toBe(0.5);
  });

  it("have no tokens where the model did not answer", () => {
    expect(stepsOf([model(0, 10, false)], null, 10)[0]?.tokens).toBeNull();
  });

  it("of older runs are its tools, without a place", () => {
    expect(stepsOf(null, [tool(undefined, 5)], 10).map(({ place }) => place)).toEqual([null]);
    expect(stepsOf(null, null, 0)).toEqual([]);
  });
});

describe("the tokens of a turn", () => {
  it("are split into cached, fresh and written", () => {
    expect(tokenParts({ input: 80, cached: 60, output: 20 })).toEqual({
      ...{ cached: 60, fresh: 20, output: 20 },
      ...{ cachedPart: 60, freshPart: 20, outputPart: 20 },
    });
    expect(tokenParts({ input: 0, cached: 0, output: 0 }).cachedPart).toBe(0);
  });
});

import { inputOf, sourcesOf } from "./run-input";

describe("what a turn was given", () => {
  it("is read from what was kept, whatever is missing in it", () => {
    expect(inputOf(null)).toBeNull();
    expect(inputOf({})).toEqual({ persona: null, summary: null, history: [], incoming: [], passages: [] });
    const given = inputOf({
      business: { persona: "Eres Inti." },
      incoming: [{ text: "hola", type: "text" }, null],
      history: "?",
    });
    expect(given).toMatchObject({ persona: "Eres Inti.", incoming: [{ text: "hola", type: "text" }], history: [] });
  });

  it("tells which passages the answer rests on", () => {
    const given = inputOf({
      passages: [
        { id: "a", title: "Envíos", text: "…" },
        { id: "b", title: "Cambios", text: "…" },
      ],
    });
    expect(sourcesOf(given, [{ chunks: ["b"] }])).toEqual([
      { title: "Envíos", isCited: false },
      { title: "Cambios", isCited: true },
    ]);
    expect(sourcesOf(null, null)).toEqual([]);
  });
});

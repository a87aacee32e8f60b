import { gapFor, suggestionFor } from "./gap-match";

describe("suggestions and open questions", () => {
  const suggestions = [{ question: null }, { question: "¿Tienen estacionamiento?" }];
  const gaps = [{ question: "¿venden zapatos de charol?" }, { question: "¿TIENEN   estacionamiento" }];

  it("belong together when they ask the same in other letters", () => {
    expect(suggestionFor("¿tienen ESTACIONAMIENTO", suggestions)).toBe(suggestions[1]);
    expect(gapFor("¿Tienen estacionamiento?", gaps)).toBe(gaps[1]);
  });

  it("do not when they only look alike, or ask nothing", () => {
    expect(suggestionFor("¿tienen estacionamiento gratis?", suggestions)).toBeNull();
    expect(gapFor(null, gaps)).toBeNull();
    expect(gapFor("¿?", [{ question: "!" }])).toBeNull();
  });
});

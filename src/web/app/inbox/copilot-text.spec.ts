import { languagesFor, textsOf } from "./copilot-text";

describe("what the copilot writes", () => {
  it("shows no mark of a source, whole or begun", () => {
    expect(textsOf("answer", "Cuesta 15 soles [k1]. Tarda tres días [k1, k2].")).toEqual(["Cuesta 15 soles. Tarda tres días."]);
    expect(textsOf("answer", "Cuesta 15 soles [k")).toEqual(["Cuesta 15 soles"]);
    expect(textsOf("answer", "Cuesta 15 soles [")).toEqual(["Cuesta 15 soles"]);
    expect(textsOf("rewrite", "la lista [kilos] queda")).toEqual(["la lista [kilos] queda"]);
  });

  it("parts suggestions at their line, also while it is being written", () => {
    expect(textsOf("suggest", "Una.\n---\nDos.")).toEqual(["Una.", "Dos."]);
    expect(textsOf("suggest", "Una.\n-")).toEqual(["Una."]);
    expect(textsOf("suggest", "Una.\n---\n")).toEqual(["Una."]);
    // A line of dashes in what somebody wrote stays.
    expect(textsOf("rewrite", "Una.\n---\nDos.")).toEqual(["Una.\n---\nDos."]);
  });

  it("names languages in the reader's words, theirs first", () => {
    expect(languagesFor("pt-BR").slice(0, 2)).toEqual([
      { id: "pt", text: "Português" },
      { id: "es", text: "Espanhol" },
    ]);
  });
});

import { questionBefore } from "./answered-question";

const said = (id: string, role: "user" | "assistant" | "operator" | "system", content: string) => ({ id, role, content });

describe("the question an answer belongs to", () => {
  const thread = [
    said("1", "user", "hola"),
    said("2", "assistant", "¡Hola!"),
    said("3", "user", "¿tienen"),
    said("4", "user", "estacionamiento?"),
    said("5", "system", "Ana lo abrió"),
    said("6", "assistant", "No."),
    said("7", "operator", "Sí hay."),
  ];

  it("is what the customer wrote last before it, in one sentence", () => {
    expect(questionBefore("6", thread)).toBe("¿tienen estacionamiento?");
    expect(questionBefore("7", thread)).toBe("¿tienen estacionamiento?");
    expect(questionBefore("2", thread)).toBe("hola");
  });

  it("is not guessed where nothing was asked, or the answer is not here", () => {
    expect(questionBefore("1", thread)).toBe("");
    expect(questionBefore("9", thread)).toBe("");
  });
});

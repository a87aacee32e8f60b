import { tappablesOf } from "./phone-act";

const sent = (body: unknown, from: "business" | "customer" = "business") => ({
  id: "wamid.1",
  from,
  content: { type: "interactive", text: "¿Cómo?", body },
});

describe("what can be tapped on the phone", () => {
  it("the buttons of a message, each answering with its own id", () => {
    const body = { type: "button", action: { buttons: [{ type: "reply", reply: { id: "1", title: "Tarjeta" } }] } };
    expect(tappablesOf(sent(body))).toEqual([
      { text: "Tarjeta", detail: "", act: { type: "button_reply", id: "1", title: "Tarjeta", replyTo: "wamid.1" } },
    ]);
  });

  it("the rows of a list over all sections", () => {
    const section = (title: string) => ({ rows: [{ id: title, title, description: "de lana" }] });
    const body = { type: "list", action: { button: "Ver", sections: [section("Rojo"), section("Azul")] } };
    expect(tappablesOf(sent(body)).map(({ text, act }) => [text, act.type])).toEqual([
      ["Rojo", "list_reply"],
      ["Azul", "list_reply"],
    ]);
  });

  it("the quick replies of a template, and nothing that opens a page", () => {
    const buttons = [
      { type: "QUICK_REPLY", text: "Sí" },
      { type: "URL", text: "Ver", url: "https://tienda.example" },
    ];
    expect(tappablesOf(sent({ rendered: { buttons } })).map(({ act }) => act)).toEqual([
      { type: "button", payload: "Sí", text: "Sí", replyTo: "wamid.1" },
    ]);
  });

  it("nothing of what customers send, nor of shapes that nobody knows", () => {
    expect(tappablesOf(sent({ action: { buttons: [{ reply: { id: "1", title: "x" } }] } }, "customer"))).toEqual([]);
    expect(tappablesOf(sent({ action: { buttons: "x", sections: [null] } }))).toEqual([]);
    expect(tappablesOf(sent(null))).toEqual([]);
  });
});

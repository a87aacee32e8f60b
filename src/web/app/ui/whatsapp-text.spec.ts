import { piecesOf } from "./whatsapp-text";

const shown = (text: string) =>
  piecesOf(text)
    .map(({ mark, text: inner }) => (mark === "plain" ? inner : `<${mark}>${inner}</${mark}>`))
    .join("");

describe("piecesOf", () => {
  it.each([
    ["plain words", "plain words"],
    ["la *Colca* sí", "la <bold>Colca</bold> sí"],
    ["_a_ ~b~ `c`", "<italic>a</italic> <strike>b</strike> <code>c</code>"],
    ["```two\nlines```", "<code>two\nlines</code>"],
    ["2*3*4 = 24", "2*3*4 = 24"],
    ["snake_case_name", "snake_case_name"],
    ["* not bold *", "* not bold *"],
    ["*uno* y *dos*", "<bold>uno</bold> y <bold>dos</bold>"],
    ["¡*ñandú*!", "¡<bold>ñandú</bold>!"],
    ["*open\nline*", "*open\nline*"],
    ["see https://ayni.example/a?b=1, thanks", "see <link>https://ayni.example/a?b=1</link>, thanks"],
    ["javascript:alert(1)", "javascript:alert(1)"],
    ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
    ["", ""],
  ])("%s", (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it("loses no character that is not a mark", () => {
    const text = "¡Hola, *Rosa*! 🧶\nمرحبا _x_ ok";
    expect(
      piecesOf(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text.replace(/[*_]/g, ""));
  });
});

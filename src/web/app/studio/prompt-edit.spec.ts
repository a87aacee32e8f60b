import { editOf, isSameEdit, numbered, pieces, putAt } from "./prompt-edit";

const by = { id: "a", name: "Ana" };
const draft = { text: "new", model: "gpt", note: "why", updatedAt: "2026-01-01T00:00:00Z", updatedBy: by };
const published = { number: 1, text: "old", model: null, at: "2026-01-01T00:00:00Z" };

describe("the fields of a prompt", () => {
  it("hold the draft, else what answers, else nothing", () => {
    expect(editOf({ draft, published })).toEqual({ text: "new", model: "gpt", note: "why" });
    expect(editOf({ draft: null, published })).toEqual({ text: "old", model: "", note: "" });
    expect(editOf(null)).toEqual({ text: "", model: "", note: "" });
  });

  it("are changed when one of them is", () => {
    const edit = editOf({ draft, published });
    expect(isSameEdit(edit, { ...edit })).toBe(true);
    for (const change of [{ text: "x" }, { model: "" }, { note: "" }])
      expect(isSameEdit(edit, { ...edit, ...change })).toBe(false);
  });

  it("take a name where the cursor is, instead of what is selected", () => {
    expect(putAt("Hola amigo.", 5, 10, "{{contact.name}}")).toEqual({ text: "Hola {{contact.name}}.", cursor: 21 });
  });
});

describe("a comparison", () => {
  it("numbers the lines of both sides", () => {
    const rows = numbered([
      { kind: "same", text: "a" },
      { kind: "removed", text: "b" },
      { kind: "added", text: "c" },
      { kind: "same", text: "d" },
    ]);
    expect(rows.map(({ before, after }) => [before, after])).toEqual([
      [1, 1],
      [2, null],
      [null, 2],
      [3, 3],
    ]);
  });

  it("sets off the names in a line", () => {
    expect(
      pieces("Soy {{company.name|Sol}}, {x}")
        .map(({ text, isName }) => (isName ? `<${text}>` : text))
        .join(""),
    ).toBe("Soy <{{company.name|Sol}}>, {x}");
    expect(pieces("")).toEqual([]);
  });
});

import { blocksOf } from "./article-blocks";

describe("the text of an article", () => {
  it("is cut into headings, paragraphs and lists", () => {
    const { blocks, hasMore } = blocksOf("# Envíos\nA todo el Perú.\nLima: 2 días.\n\n- Olva\n- Shalom\nSin costo.", 100);
    expect(hasMore).toBe(false);
    expect(blocks).toEqual([
      { kind: "heading", level: 2, text: "Envíos" },
      { kind: "paragraph", text: "A todo el Perú.\nLima: 2 días." },
      { kind: "list", lines: ["Olva", "Shalom"] },
      { kind: "paragraph", text: "Sin costo." },
    ]);
  });

  it("never skips a level of headings, whatever the author wrote", () => {
    const levels = blocksOf("### Hondo\n\n###### Más hondo\n\n# Arriba\n\n### Otra vez", 100).blocks;
    expect(levels.map((block) => (block.kind === "heading" ? block.level : null))).toEqual([2, 3, 2, 3]);
  });

  it("stops where it is too long to be drawn at once", () => {
    const { blocks, hasMore } = blocksOf(Array.from({ length: 30 }, (_, n) => `Párrafo ${n}`).join("\n\n"), 10);
    expect([blocks.length, hasMore]).toEqual([10, true]);
    expect(blocksOf("Uno\n\nDos", 2)).toMatchObject({ hasMore: false });
  });

  it("leaves numbers and hashes without a space as they are", () => {
    expect(blocksOf("#promo 2*3\n-5 grados", 9).blocks).toEqual([{ kind: "paragraph", text: "#promo 2*3\n-5 grados" }]);
  });
});

import { render } from "@testing-library/angular";
import { FormattedText } from "./formatted-text";

describe("FormattedText", () => {
  it("draws marks as elements and adds no character", async () => {
    const { container } = await render(FormattedText, { inputs: { text: "la *Colca* sí\n_dos_" } });
    expect(container.textContent).toBe("la Colca sí\ndos");
    expect(container.querySelector("b")?.textContent).toBe("Colca");
  });

  it("keeps markup as the text it is", async () => {
    const hostile = `<img src=x onerror="alert(1)"> <script>alert(1)</script> {{ 1 + 1 }}`;
    const { container } = await render(FormattedText, { inputs: { text: hostile } });
    expect(container.textContent).toBe(hostile);
    expect(container.querySelector("img, script")).toBeNull();
  });

  it("opens links apart from this page", async () => {
    const { container } = await render(FormattedText, { inputs: { text: "https://ayni.example/x" } });
    const link = container.querySelector("a");
    expect(link?.rel).toContain("noopener");
    expect(link?.target).toBe("_blank");
  });
});

import { render } from "@testing-library/angular";
import { Icon } from "./icon";
import { installIcons } from "./icon-sprite";

describe("the icon sprite", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    document.querySelector(".icon-sprite")?.remove();
  });

  it("is fetched once and then found inside the page", async () => {
    const sprite = `<svg xmlns="http://www.w3.org/2000/svg"><symbol id="i-alert" viewBox="0 0 20 20"><path d="M1 1"/></symbol></svg>`;
    vi.stubGlobal("fetch", async () => new Response(sprite));
    await installIcons();
    const { container } = await render(Icon, { inputs: { name: "alert" } });
    const href = container.querySelector("use")?.getAttribute("href") ?? "";
    expect(document.querySelector(href)?.tagName).toBe("symbol");
  });

  it("is left out without noise when no server answers", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    await installIcons();
    expect(document.querySelector(".icon-sprite")).toBeNull();
  });
});

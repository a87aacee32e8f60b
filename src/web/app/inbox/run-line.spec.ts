import { provideRouter } from "@angular/router";
import { render, screen } from "@testing-library/angular";
import { Permissions } from "../settings/permissions";
import { RunLine } from "./run-line";

const run = {
  id: "r1",
  provider: "sandbox",
  model: "chasqui-sandbox",
  ms: 412,
  fragments: 1,
  inputTokens: 1412,
  cachedTokens: 256,
  outputTokens: 38,
  costMicros: 1100,
  sources: 2,
};

type Run = typeof run | (Omit<typeof run, "id"> & { id: null });

async function show({ given = run as Run, may = true, needs = "knowledge.read" } = {}) {
  await render(RunLine, {
    providers: [provideRouter([]), { provide: Permissions, useValue: { may: (name: string) => may && name === needs } }],
    inputs: { run: given },
  });
}

describe("RunLine", () => {
  it("offers what an answer rests on", async () => {
    await show();
    expect(screen.getByRole("button", { name: "2 sources" }).getAttribute("aria-expanded")).toBe("false");
  });

  it("leads to how it came about, for those who manage the assistant", async () => {
    await show({ needs: "assistant.manage" });
    expect(screen.getByRole("link", { name: "How it came about" }).getAttribute("href")).toBe("/studio/runs/r1");
  });

  it("leads nowhere for anybody else", async () => {
    await show();
    expect(screen.queryByRole("link")).toBeNull();
  });

  it.each([
    ["may not read the knowledge", { may: false }],
    ["reads an answer from before runs were named", { given: { ...run, id: null } }],
    ["reads an answer that cites nothing", { given: { ...run, sources: 0 } }],
  ])("offers none to somebody who %s", async (_who, options) => {
    await show(options);
    expect(screen.queryByRole("button")).toBeNull();
    screen.getByText("$0.0011");
  });
});

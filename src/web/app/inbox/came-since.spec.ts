import { cameSince, writingStart } from "./came-since";

const said = (id: string, direction: "inbound" | "outbound" = "inbound") => ({ id, direction });

describe("what came since somebody began to write", () => {
  const before = [said("c"), said("d", "outbound")];
  const start = writingStart(before);

  it("counts what the customer said, wherever its time puts it, and nothing of ours", () => {
    expect(cameSince(start, before)).toBe(0);
    expect(cameSince(start, [said("c"), said("e"), said("d", "outbound"), said("f", "outbound"), said("g")])).toBe(2);
  });

  it("does not count older messages that were scrolled into sight", () => {
    expect(cameSince(start, [said("a"), said("b"), ...before, said("e")])).toBe(1);
  });

  it("counts from nothing when there was nothing", () => {
    expect(cameSince(writingStart([]), [said("a"), said("b", "outbound")])).toBe(1);
  });
});

import { cameSince, writingStart } from "./came-since";

const said = (id: string, direction: "inbound" | "outbound" = "inbound", minute = 0) => ({
  id,
  direction,
  createdAt: `2026-11-20T12:${String(minute).padStart(2, "0")}:00.000Z`,
});

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

  it("goes by the moment where it was begun before the page was loaded", () => {
    const since = { since: "2026-11-20T12:05:00.000Z" };
    expect(
      cameSince(since, [said("a", "inbound", 4), said("b", "outbound", 6), said("c", "inbound", 7), said("d", "inbound", 8)]),
    ).toBe(2);
  });
});

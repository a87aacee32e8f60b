import { cleanFilter, countConditions, dayEnd, dayOf, dayStart, isSameFilter } from "./filter-parts";

describe("conditions on contacts", () => {
  it("say nothing where they are empty, and attributes where no value is written yet", () => {
    const filter = {
      labels: [],
      company: "  ",
      isBlocked: false,
      attributes: [
        { key: "city", is: "equal" as const, value: "" },
        { key: "orders", is: "set" as const },
      ],
    };
    expect(cleanFilter(filter)).toEqual({ isBlocked: false, attributes: [{ key: "orders", is: "set" }] });
    expect(countConditions(filter)).toBe(2);
  });

  it("are the same in any order", () => {
    expect(isSameFilter({ email: "a@b.c", labels: ["vip"] }, { labels: ["vip"], email: " a@b.c", company: "" })).toBe(true);
    expect(isSameFilter({ labels: ["vip"] }, { labels: ["vip", "new"] })).toBe(false);
  });

  it("take whole days: until a day includes it", () => {
    const [from, to] = [dayStart("2026-11-30"), dayEnd("2026-11-30")];
    expect(new Date(to ?? "").getTime() - new Date(from ?? "").getTime()).toBe(24 * 3_600_000);
    expect([dayOf(from), dayOf(to, true), dayOf(undefined), dayStart("")]).toEqual(["2026-11-30", "2026-11-30", "", undefined]);
  });
});

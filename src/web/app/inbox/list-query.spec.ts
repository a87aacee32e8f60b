import { isListed, orderOf, placeOf, toQuery } from "./list-query";
import { conversationOf, nextId } from "./message.testing";

const ME = "a".repeat(24);
const NOW = Date.parse("2026-11-20T12:00:00.000Z");
const listed = (change: Parameters<typeof conversationOf>[0], filter: Parameters<typeof isListed>[1]) =>
  isListed(conversationOf(change), filter, ME, NOW);

describe("a filter", () => {
  it("is spelled as the API wants it", () => {
    expect(toQuery({ tab: "mine", label: ["vip", "pedido"], unread: true }, "oldest")).toEqual({
      tab: "mine",
      label: "vip,pedido",
      unread: "true",
      sort: "oldest",
    });
  });

  it("puts conversations into the tabs where the server puts them", () => {
    expect(listed({ assignedAgent: ME, status: "assigned" }, { tab: "mine" })).toBe(true);
    expect(listed({ assignedAgent: ME, status: "resolved" }, { tab: "mine" })).toBe(false);
    expect(listed({ status: "open" }, { tab: "unassigned" })).toBe(true);
    expect(listed({ status: "waiting", waitingFor: "assistant" }, { tab: "unassigned" })).toBe(false);
    expect(listed({ status: "waiting", waitingFor: "snooze" }, { tab: "all" })).toBe(false);
    expect(listed({ waitingSince: "2026-11-20T11:00:00.000Z" }, { tab: "waiting" })).toBe(true);
  });

  it("holds all of its parts together", () => {
    const change = { labels: ["vip"], unreadCount: 2, windowExpiresAt: "2026-11-20T13:00:00.000Z" };
    expect(listed(change, { label: ["vip", "other"], unread: true, windowOpen: true })).toBe(true);
    expect(listed(change, { label: ["vip"], unread: false })).toBe(false);
    expect(listed({ ...change, windowExpiresAt: "2026-11-20T11:00:00.000Z" }, { windowOpen: true })).toBe(false);
  });
});

describe("a place in the list", () => {
  const rows = [5, 3, 1].map((hour) => conversationOf({ id: nextId(), lastMessageAt: `2026-11-20T0${hour}:00:00.000Z` }));

  it("is where the newest message says, between equals by the id", () => {
    const order = orderOf(null, "all");
    expect(placeOf(rows, conversationOf({ id: nextId(), lastMessageAt: "2026-11-20T09:00:00.000Z" }), order)).toBe(0);
    expect(placeOf(rows, conversationOf({ id: nextId(), lastMessageAt: "2026-11-20T02:00:00.000Z" }), order)).toBe(2);
    expect(placeOf(rows, conversationOf({ id: nextId(), lastMessageAt: "2026-11-20T00:00:00.000Z" }), order)).toBe(3);
  });

  it("is by the longest wait in the tab of those who wait", () => {
    const [a, b] = ["11:30", "10:00"].map((time) => conversationOf({ id: nextId(), waitingSince: `2026-11-20T${time}:00.000Z` }));
    expect(a && b && orderOf(null, "waiting")(b, a)).toBeLessThan(0);
  });
});

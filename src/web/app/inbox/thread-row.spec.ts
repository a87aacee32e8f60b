import { deliveryOf, messageOf, replyOf } from "./message.testing";
import { rowsOf } from "./thread-row";

const NOW = Date.parse("2026-11-20T12:00:00");
const at = (time: string) => ({ createdAt: new Date(`2026-11-20T${time}`).toISOString() });
const looks = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((row) => {
    if (row.kind === "day") return row.label;
    if (row.kind === "message") return row.continues ? "continues" : "starts";
    return row.kind === "unread" ? `${row.count} unread` : row.kind;
  });

describe("rowsOf", () => {
  it("separates days", () => {
    const yesterday = messageOf({ createdAt: new Date("2026-11-19T20:00:00").toISOString() });
    expect(looks(rowsOf({ messages: [yesterday, messageOf(at("09:00:00"))] }, NOW))).toEqual([
      "Yesterday",
      "starts",
      "Today",
      "starts",
    ]);
  });

  it("groups a burst of one speaker and starts anew for another speaker or after a pause", () => {
    const messages = [
      messageOf(at("09:00:00")),
      messageOf(at("09:01:00")),
      replyOf(at("09:01:30")),
      messageOf(at("09:02:00")),
      messageOf(at("09:06:00")),
    ];
    const rows = rowsOf({ messages }, NOW);
    expect(looks(rows)).toEqual(["Today", "starts", "continues", "starts", "starts", "starts"]);
  });

  it("keeps two people apart who both wrote replies", () => {
    const rows = rowsOf(
      { messages: [replyOf({ ...at("09:00:00"), author: "a" }), replyOf({ ...at("09:00:10"), author: "b" })] },
      NOW,
    );
    expect(looks(rows)).toEqual(["Today", "starts", "starts"]);
  });

  it("draws a line above what was unread, and counts what came from the customer below it", () => {
    const messages = [messageOf(at("09:00:00")), messageOf(at("09:00:10")), replyOf(at("09:00:20")), messageOf(at("09:00:30"))];
    const rows = rowsOf({ messages, unreadFrom: messages[1]?.id ?? null, writer: "customer" }, NOW);
    expect(looks(rows)).toEqual(["Today", "starts", "2 unread", "starts", "starts", "starts", "typing"]);
  });

  it("leaves our own reactions to the messages they are about, unless they did not arrive", () => {
    const sent = replyOf({ ...at("09:00:10"), type: "reaction", delivery: deliveryOf("sent") });
    const failed = replyOf({ ...at("09:00:20"), type: "reaction", delivery: deliveryOf("failed") });
    expect(looks(rowsOf({ messages: [messageOf(at("09:00:00")), sent, failed] }, NOW))).toEqual(["Today", "starts", "starts"]);
  });
});

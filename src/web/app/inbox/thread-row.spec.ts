import { messageOf, replyOf } from "./message.testing";
import { rowsOf } from "./thread-row";

const NOW = Date.parse("2026-11-20T12:00:00");
const at = (time: string) => ({ createdAt: new Date(`2026-11-20T${time}`).toISOString() });
const looks = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((row) => (row.kind === "day" ? row.label : row.continues ? "continues" : "starts"));

describe("rowsOf", () => {
  it("separates days", () => {
    const yesterday = messageOf({ createdAt: new Date("2026-11-19T20:00:00").toISOString() });
    expect(looks(rowsOf([yesterday, messageOf(at("09:00:00"))], NOW))).toEqual(["Yesterday", "starts", "Today", "starts"]);
  });

  it("groups a burst of one speaker and starts anew for another speaker or after a pause", () => {
    const rows = rowsOf(
      [
        messageOf(at("09:00:00")),
        messageOf(at("09:01:00")),
        replyOf(at("09:01:30")),
        messageOf(at("09:02:00")),
        messageOf(at("09:06:00")),
      ],
      NOW,
    );
    expect(looks(rows)).toEqual(["Today", "starts", "continues", "starts", "starts", "starts"]);
  });

  it("keeps two people apart who both wrote replies", () => {
    const rows = rowsOf([replyOf({ ...at("09:00:00"), author: "a" }), replyOf({ ...at("09:00:10"), author: "b" })], NOW);
    expect(looks(rows)).toEqual(["Today", "starts", "starts"]);
  });
});

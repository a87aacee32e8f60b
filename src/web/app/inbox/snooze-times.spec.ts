import { snoozeChoices } from "./snooze-times";

const at = (text: string) => new Date(text).getTime();
const untilOf = (now: string, id: string) => snoozeChoices(at(now)).find((one) => one.id === id)?.until;

describe("snoozeChoices", () => {
  it("names moments of the coming days in local time", () => {
    expect(untilOf("2026-11-20T16:20:00", "tomorrow")).toEqual(new Date("2026-11-21T09:00:00"));
    expect(untilOf("2026-11-20T16:20:00", "monday")).toEqual(new Date("2026-11-23T09:00:00"));
    expect(untilOf("2026-11-23T08:00:00", "monday")).toEqual(new Date("2026-11-30T09:00:00"));
    expect(untilOf("2026-11-20T16:20:00", "reply")).toBeNull();
  });

  it("leaves Monday out when it is tomorrow", () => {
    expect(untilOf("2026-11-22T16:20:00", "monday")).toBeUndefined();
  });
});

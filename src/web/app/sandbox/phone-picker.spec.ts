import { usernameOf } from "./phone-picker";

describe("usernameOf", () => {
  it.each([
    ["Ana Flores", "ana.flores"],
    ["  José Núñez! ", "jose.nunez"],
    ["مريم", undefined],
    ["Al", undefined],
    ["x".repeat(60), "x".repeat(35)],
  ])("%s becomes %s", (name, expected) => {
    expect(usernameOf(name)).toBe(expected);
  });
});

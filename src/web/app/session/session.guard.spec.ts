import { returnAddress } from "./session.guard";

describe("returnAddress", () => {
  it.each([
    ["/sandbox?phone=1", "/sandbox?phone=1"],
    [null, "/"],
    ["", "/"],
    ["https://evil.example/", "/"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["javascript:alert(1)", "/"],
    ["/sign-in?to=/x", "/"],
  ])("%s leads to %s", (to, expected) => {
    expect(returnAddress(to)).toBe(expected);
  });
});

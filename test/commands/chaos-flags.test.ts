import { describe, expect, test } from "bun:test";
import { readChaos } from "../../src/commands/chaos-flags";

describe("serve --chaos", () => {
  test("reads numbers, switches and words", () => {
    expect(readChaos(["--chaos", "duplicates=0.2", "--chaos", "hideNumbers=true", "--chaos", "fault=503"])).toEqual({
      duplicates: 0.2,
      hideNumbers: true,
      fault: "503",
    });
    expect(readChaos([])).toEqual({});
  });

  test.each([["--chaos duplicates=2"], ["--chaos earthquake=1"], ["--chaos fault=sometimes"], ["--storm"]])(
    "refuses %s",
    (line) => {
      expect(() => readChaos(line.split(" "))).toThrow(/--chaos|--storm/);
    },
  );
});

import { isFolded, NO_PHONES, putAway, putBeside, roomFor, rowFrom, seen, taken } from "./phone-row";

const KNOWN = ["rosa", "luna", "thiago", "killa"];

describe("the row of phones", () => {
  it.each([
    ["nothing named: the first", {}, { open: ["rosa"], inHand: "rosa" }],
    ["one named", { phone: "luna" }, { open: ["luna"], inHand: "luna" }],
    ["a row", { phone: "luna", open: ["rosa", "luna"] }, { open: ["rosa", "luna"], inHand: "luna" }],
    ["a row and nothing in the hand", { open: ["thiago", "luna"] }, { open: ["thiago", "luna"], inHand: "thiago" }],
    [
      "one that is not in its row",
      { phone: "killa", open: ["rosa", "luna"] },
      { open: ["killa", "rosa", "luna"], inHand: "killa" },
    ],
    ["phones that are gone or doubled", { phone: "x", open: ["y", "luna", "luna"] }, { open: ["luna"], inHand: "luna" }],
    ["too many", { phone: "killa", open: KNOWN }, { open: ["rosa", "luna", "killa"], inHand: "killa" }],
  ])("%s", (_name, asked, expected) => expect(rowFrom(asked, KNOWN)).toEqual(expected));

  it("is empty where no phone exists", () => expect(rowFrom({ phone: "rosa" }, [])).toEqual(NO_PHONES));

  it("takes a phone in the place of the one in the hand, and one that lies there where it lies", () => {
    const row = { open: ["rosa", "luna"], inHand: "rosa" };
    expect(taken(row, "luna")).toEqual({ open: ["rosa", "luna"], inHand: "luna" });
    expect(taken(row, "killa")).toEqual({ open: ["killa", "luna"], inHand: "killa" });
    expect(taken(NO_PHONES, "killa")).toEqual({ open: ["killa"], inHand: "killa" });
  });

  it("puts phones beside each other, up to three, and away again down to one", () => {
    const three = putBeside(putBeside({ open: ["rosa"], inHand: "rosa" }, "luna"), "thiago");
    expect(three).toEqual({ open: ["rosa", "luna", "thiago"], inHand: "thiago" });
    expect(putBeside(three, "killa")).toEqual({ open: ["rosa", "luna", "killa"], inHand: "killa" });
    expect(putAway(three, "thiago")).toEqual({ open: ["rosa", "luna"], inHand: "luna" });
    expect(putAway(three, "rosa")).toEqual({ open: ["luna", "thiago"], inHand: "thiago" });
    expect(putAway({ open: ["rosa"], inHand: "rosa" }, "rosa")).toEqual({ open: ["rosa"], inHand: "rosa" });
  });

  it("always shows the one in the hand, however little room there is", () => {
    const open = ["rosa", "luna", "thiago"];
    expect(open.map((inHand) => seen({ open, inHand }, 1))).toEqual([["rosa"], ["luna"], ["thiago"]]);
    expect(seen({ open, inHand: "thiago" }, 2)).toEqual(["luna", "thiago"]);
    expect(seen({ open, inHand: "rosa" }, 2)).toEqual(["rosa", "luna"]);
    expect(seen({ open, inHand: "rosa" }, 3)).toEqual(open);
  });

  it.each([
    [390, 1, true],
    [1_000, 1, true],
    [1_200, 2, false],
    [1_440, 3, false],
  ])("at %d pixels there is room for %d", (width, phones, folded) => {
    expect([roomFor(width), isFolded(width, 1)]).toEqual([phones, folded]);
  });

  it("folds the panel away where phones take its room", () => {
    expect([isFolded(1_440, 2), isFolded(1_600, 2), isFolded(1_600, 3), isFolded(1_920, 3)]).toEqual([true, false, true, false]);
  });
});

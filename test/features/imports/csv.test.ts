import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { csvCell, csvLine, withoutGuard } from "../../../src/features/exports/csv-write";
import {
  CsvError,
  CsvReader,
  DELIMITERS,
  detectDelimiter,
  detectEncoding,
  readRows,
} from "../../../src/features/imports/csv-read";

const read = (text: string, delimiter: (typeof DELIMITERS)[number] = ",") => {
  const reader = new CsvReader(delimiter);
  return [...reader.push(text), ...reader.end()];
};

test.each([
  [
    "a,b\r\n1,2\r\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "a,b\n1,2",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "a,b\r1,2\r",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ['"a ""x"", y","line\nbreak"\n', [['a "x", y', "line\nbreak"]]],
  ['""\n', [[""]]],
  [
    ",\n\n\n,x",
    [
      ["", ""],
      ["", "x"],
    ],
  ],
  ['x"y,z', [['x"y', "z"]]],
  ["", []],
])("%j", (text, rows) => {
  expect(read(text)).toEqual(rows);
});

test("quotes that nobody closes are told", () => {
  expect(() => read('a,"b')).toThrow(CsvError);
  expect(() => read(`a,"${"b".repeat(200_000)}`)).toThrow(CsvError);
});

test("whatever is written is read again, in pieces of any size", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", ";", "é", "😀", " ") });
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 7 }),
      (rows, size) => {
        const text = rows.map(csvLine).join("");
        const reader = new CsvReader(",");
        const chars = [...text];
        const found: string[][] = [];
        for (let at = 0; at < chars.length; at += size) found.push(...reader.push(chars.slice(at, at + size).join("")));
        expect([...found, ...reader.end()].map((row) => row.map(withoutGuard))).toEqual(rows);
      },
    ),
  );
});

test.each(DELIMITERS)("the delimiter %j is recognised", (delimiter) => {
  expect(
    detectDelimiter(
      [
        ["name", "phone"],
        ["Vega, José", "51;1"],
        ["b", "2"],
      ]
        .map((row) => row.map((one) => `"${one}"`).join(delimiter))
        .join("\n"),
    ),
  ).toBe(delimiter);
});

test("encodings are recognised and read", async () => {
  const text = "nombre;teléfono\nÑandú;1\n";
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
  const files: [string, Uint8Array][] = [
    ["utf-8", Buffer.from(text)],
    ["utf-8", Buffer.from(`\ufeff${text}`)],
    ["utf-16le", utf16],
    ["windows-1252", Buffer.from(text, "latin1")],
  ];
  for (const [expected, bytes] of files) {
    const encoding = detectEncoding(bytes);
    expect<string>(encoding).toBe(expected);
    const rows: string[][] = [];
    const bytewise = (async function* () {
      for (const byte of bytes) yield Uint8Array.of(byte);
    })();
    for await (const piece of readRows(bytewise, { encoding, delimiter: ";" })) rows.push(...piece);
    expect(rows).toEqual([
      ["nombre", "teléfono"],
      ["Ñandú", "1"],
    ]);
  }
});

describe("formulas stay text", () => {
  test.each([
    ["=1+1", "'=1+1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
    ["-cmd", "'-cmd"],
    ["\tx", "'\tx"],
    ["+51 900", "+51 900"],
    ["-4.5", "-4.5"],
    ["plain", "plain"],
  ])("%j is written as %j", (text, written) => {
    expect(csvCell(text)).toBe(written);
  });
  test("and are read as they were", () => {
    for (const text of ["=1+1", "@x", "'quoted", "+51"]) expect(withoutGuard(read(csvLine([text, "x"]))[0]![0]!)).toBe(text);
  });
});

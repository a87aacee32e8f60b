/** Aggregation expressions, one row each: the expression and what MongoDB's manual says it gives. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import mongoose from "mongoose";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { openStore, type Store } from "../../src/store/connect";
import { tempDir } from "../helpers/temp-dir";

const { Decimal128, Long, ObjectId } = mongoose.mongo;
const dir = tempDir();
let store: Store;

const DOCUMENT = {
  _id: "one",
  name: "  Ñandú de Puno ",
  word: "chasqui",
  n: 7,
  half: 2.5,
  negative: -7,
  list: [3, 1, 2],
  words: ["b", "a"],
  people: [
    { name: "Rosa", age: 30 },
    { name: "Luz", age: 25 },
  ],
  nested: { a: 1, b: 2 },
  nothing: null,
  at: new Date("2026-11-20T18:30:45.123Z"),
};

beforeAll(async () => {
  store = await openStore({ dataDir: dir.path, log: silentLog, clock: systemClock });
  await store.connection.db!.collection<{ _id: string }>("rows").insertOne(DOCUMENT);
});
afterAll(async () => {
  await store.close();
  dir[Symbol.dispose]();
});

async function evaluate(expression: unknown): Promise<unknown> {
  const [row] = await store.connection
    .db!.collection("rows")
    .aggregate([{ $project: { _id: 0, value: expression } }], { promoteValues: true })
    .toArray();
  return row?.value;
}

const rows: Record<string, [expression: unknown, value: unknown][]> = {
  strings: [
    [{ $trim: { input: "$name" } }, "Ñandú de Puno"],
    [{ $ltrim: { input: "xxabxx", chars: "x" } }, "abxx"],
    [{ $rtrim: { input: "xxabxx", chars: "x" } }, "xxab"],
    [{ $toUpper: "$word" }, "CHASQUI"],
    [{ $toLower: "ABC" }, "abc"],
    [{ $concat: ["$word", "-", "1"] }, "chasqui-1"],
    [{ $concat: ["$word", "$nothing"] }, null],
    [{ $split: ["a,b,c", ","] }, ["a", "b", "c"]],
    [{ $substrCP: ["$word", 1, 3] }, "has"],
    [{ $substrBytes: ["$word", 0, 4] }, "chas"],
    [{ $substr: ["$word", 2, -1] }, "asqui"],
    [{ $strLenCP: "Ñu" }, 2],
    [{ $strLenBytes: "Ñu" }, 3],
    [{ $indexOfCP: ["$word", "q"] }, 4],
    [{ $indexOfCP: ["$word", "z"] }, -1],
    [{ $indexOfBytes: ["Ñu", "u"] }, 2],
    [{ $strcasecmp: ["Rosa", "rosa"] }, 0],
    [{ $strcasecmp: ["a", "b"] }, -1],
    [{ $replaceOne: { input: "aXbX", find: "X", replacement: "-" } }, "a-bX"],
    [{ $replaceAll: { input: "aXbX", find: "X", replacement: "-" } }, "a-b-"],
    [{ $regexMatch: { input: "$word", regex: "^CHA", options: "i" } }, true],
    [{ $regexFind: { input: "ab12", regex: "([a-z]+)(\\d)" } }, { match: "ab1", idx: 0, captures: ["ab", "1"] }],
    [
      { $regexFindAll: { input: "a1b2", regex: "\\d" } },
      [
        { match: "1", idx: 1, captures: [] },
        { match: "2", idx: 3, captures: [] },
      ],
    ],
  ],
  arrays: [
    [{ $size: "$list" }, 3],
    [{ $arrayElemAt: ["$list", -1] }, 2],
    [{ $first: "$list" }, 3],
    [{ $last: "$list" }, 2],
    [{ $slice: ["$list", 2] }, [3, 1]],
    [{ $slice: ["$list", 1, 2] }, [1, 2]],
    [{ $slice: ["$list", -2] }, [1, 2]],
    [{ $reverseArray: "$list" }, [2, 1, 3]],
    [{ $concatArrays: ["$list", [9]] }, [3, 1, 2, 9]],
    [{ $in: [1, "$list"] }, true],
    [{ $indexOfArray: ["$list", 2] }, 2],
    [{ $isArray: "$word" }, false],
    [{ $range: [0, 6, 2] }, [0, 2, 4]],
    [{ $map: { input: "$list", as: "x", in: { $multiply: ["$$x", 10] } } }, [30, 10, 20]],
    [{ $filter: { input: "$list", as: "x", cond: { $gte: ["$$x", 2] } } }, [3, 2]],
    [{ $filter: { input: "$list", as: "x", cond: { $gte: ["$$x", 1] }, limit: 1 } }, [3]],
    [{ $reduce: { input: "$list", initialValue: 0, in: { $add: ["$$value", "$$this"] } } }, 6],
    [{ $sortArray: { input: "$list", sortBy: 1 } }, [1, 2, 3]],
    [
      { $sortArray: { input: "$people", sortBy: { age: 1 } } },
      [
        { name: "Luz", age: 25 },
        { name: "Rosa", age: 30 },
      ],
    ],
    [
      { $zip: { inputs: ["$list", "$words"] } },
      [
        [3, "b"],
        [1, "a"],
      ],
    ],
    [
      { $zip: { inputs: ["$list", "$words"], useLongestLength: true, defaults: [0, "?"] } },
      [
        [3, "b"],
        [1, "a"],
        [2, "?"],
      ],
    ],
    [{ $firstN: { input: "$list", n: 2 } }, [3, 1]],
    [{ $lastN: { input: "$list", n: 2 } }, [1, 2]],
    [{ $maxN: { input: "$list", n: 2 } }, [3, 2]],
    [{ $minN: { input: "$list", n: 2 } }, [1, 2]],
    [
      {
        $arrayToObject: [
          [
            ["k", 1],
            ["j", 2],
          ],
        ],
      },
      { k: 1, j: 2 },
    ],
    [{ $arrayToObject: { $literal: [{ k: "x", v: 5 }] } }, { x: 5 }],
    [{ $max: "$list" }, 3],
    [{ $min: "$list" }, 1],
    [{ $sum: "$list" }, 6],
    [{ $avg: "$list" }, 2],
  ],
  objects: [
    [
      { $objectToArray: "$nested" },
      [
        { k: "a", v: 1 },
        { k: "b", v: 2 },
      ],
    ],
    [{ $mergeObjects: ["$nested", { b: 3 }] }, { a: 1, b: 3 }],
    [{ $getField: { field: "a", input: "$nested" } }, 1],
    [{ $setField: { field: "c", input: "$nested", value: 9 } }, { a: 1, b: 2, c: 9 }],
    [{ $unsetField: { field: "a", input: "$nested" } }, { b: 2 }],
  ],
  conversions: [
    [{ $toString: "$n" }, "7"],
    [{ $toString: "$at" }, "2026-11-20T18:30:45.123Z"],
    [{ $toString: true }, "true"],
    [{ $toInt: "42" }, 42],
    [{ $toInt: 2.9 }, 2],
    [{ $toDouble: "2.5" }, 2.5],
    [{ $toLong: "9007199254740991" }, 9007199254740991],
    [{ $toDecimal: "1.10" }, Decimal128.fromString("1.10")],
    [{ $toBool: 0 }, false],
    [{ $toBool: "" }, true],
    [{ $toDate: "2026-01-02T03:04:05.000Z" }, new Date("2026-01-02T03:04:05.000Z")],
    [{ $toDate: Long.fromNumber(0) }, new Date(0)],
    [{ $toObjectId: "656565656565656565656565" }, new ObjectId("656565656565656565656565")],
    [{ $convert: { input: "no", to: "int", onError: "wrong" } }, "wrong"],
    [{ $convert: { input: "$nothing", to: "int", onNull: 0 } }, 0],
    [{ $type: "$half" }, "double"],
    [{ $type: "$missing" }, "missing"],
    [{ $isNumber: "$n" }, true],
  ],
  arithmetic: [
    [{ $abs: "$negative" }, 7],
    [{ $ceil: "$half" }, 3],
    [{ $floor: "$half" }, 2],
    [{ $round: [2.567, 2] }, 2.57],
    [{ $round: "$half" }, 2],
    [{ $trunc: [-2.9] }, -2],
    [{ $mod: ["$n", 4] }, 3],
    [{ $divide: ["$n", 2] }, 3.5],
    [{ $subtract: ["$n", 2] }, 5],
    [{ $pow: [2, 10] }, 1024],
    [{ $sqrt: 81 }, 9],
    [{ $exp: 0 }, 1],
    [{ $ln: 1 }, 0],
    [{ $log: [8, 2] }, 3],
    [{ $bitAnd: [6, 3] }, 2],
    [{ $bitOr: [6, 3] }, 7],
    [{ $bitXor: [6, 3] }, 5],
    [{ $bitNot: 0 }, -1],
    [{ $degreesToRadians: 180 }, Math.PI],
    [{ $radiansToDegrees: Math.PI }, 180],
    [{ $sin: 0 }, 0],
    [{ $cos: 0 }, 1],
    [{ $tan: 0 }, 0],
    [{ $add: ["$n", "$nothing"] }, null],
  ],
  dates: [
    [{ $year: "$at" }, 2026],
    [{ $month: "$at" }, 11],
    [{ $dayOfMonth: "$at" }, 20],
    [{ $hour: { date: "$at", timezone: "America/Lima" } }, 13],
    [{ $minute: "$at" }, 30],
    [{ $second: "$at" }, 45],
    [{ $millisecond: "$at" }, 123],
    [{ $dayOfWeek: "$at" }, 6],
    [{ $isoDayOfWeek: "$at" }, 5],
    [{ $dayOfYear: "$at" }, 324],
    [{ $isoWeek: "$at" }, 47],
    [{ $isoWeekYear: "$at" }, 2026],
    [{ $week: "$at" }, 46],
    [{ $dateToString: { date: "$at", format: "%Y-%m-%d %H:%M" } }, "2026-11-20 18:30"],
    [{ $dateTrunc: { date: "$at", unit: "day" } }, new Date("2026-11-20T00:00:00Z")],
    [{ $dateAdd: { startDate: "$at", unit: "day", amount: 11 } }, new Date("2026-12-01T18:30:45.123Z")],
    [{ $dateSubtract: { startDate: "$at", unit: "hour", amount: 1 } }, new Date("2026-11-20T17:30:45.123Z")],
    [{ $dateDiff: { startDate: new Date("2026-11-01T00:00:00Z"), endDate: "$at", unit: "day" } }, 19],
    [{ $dateFromParts: { year: 2026, month: 2, day: 3 } }, new Date("2026-02-03T00:00:00Z")],
    [{ $dateFromString: { dateString: "2026-02-03T04:05:06Z" } }, new Date("2026-02-03T04:05:06Z")],
    [{ $dateToParts: { date: "$at" } }, { year: 2026, month: 11, day: 20, hour: 18, minute: 30, second: 45, millisecond: 123 }],
  ],
  logic: [
    [{ $cond: [{ $gt: ["$n", 5] }, "big", "small"] }, "big"],
    [{ $ifNull: ["$nothing", "$missing", "x"] }, "x"],
    // biome-ignore lint/suspicious/noThenProperty: the operator's own word for a branch
    [{ $switch: { branches: [{ case: { $eq: ["$n", 7] }, then: "seven" }], default: "other" } }, "seven"],
    [{ $and: [true, 1, "$word"] }, true],
    [{ $or: [false, 0, null] }, false],
    [{ $not: [false] }, true],
    [{ $cmp: ["$n", 8] }, -1],
    [{ $let: { vars: { x: 3 }, in: { $add: ["$$x", 1] } } }, 4],
    [
      {
        $setUnion: [
          [1, 2],
          [2, 3],
        ],
      },
      [1, 2, 3],
    ],
    [
      {
        $setIntersection: [
          [1, 2],
          [2, 3],
        ],
      },
      [2],
    ],
    [
      {
        $setDifference: [
          [1, 2],
          [2, 3],
        ],
      },
      [1],
    ],
    [
      {
        $setEquals: [
          [1, 2],
          [2, 1, 1],
        ],
      },
      true,
    ],
    [{ $setIsSubset: [[1], [2, 1]] }, true],
    [{ $anyElementTrue: [[0, 1]] }, true],
    [{ $allElementsTrue: [[0, 1]] }, false],
  ],
};

for (const [area, cases] of Object.entries(rows))
  describe(area, () => {
    test.each(cases.map(([expression, value]) => [JSON.stringify(expression), expression, value] as const))(
      "%s",
      async (_, expression, value) => {
        expect(await evaluate(expression)).toEqual(value as never);
      },
    );
  });

describe("what makes no sense is refused with MongoDB's words", () => {
  const refused: [expression: unknown, code: number][] = [
    [{ $toInt: "seven" }, 241],
    [{ $size: "$word" }, 17_124],
    [{ $concat: [1, "a"] }, 16_702],
  ];
  test.each(refused.map(([expression, code]) => [JSON.stringify(expression), expression, code] as const))(
    "%s",
    async (_, expression, code) => {
      const error = await evaluate(expression).then(
        () => null,
        (failure: unknown) => failure as { code?: number },
      );
      expect(error?.code).toBe(code);
    },
  );
});

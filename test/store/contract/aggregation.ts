/** Contract: aggregation. */
import { beforeEach, describe, expect, test } from "bun:test";
import { type ContractContext, failure } from "./context";

export function aggregationContract(context: ContractContext): void {
  describe("aggregation", () => {
    const run = (pipeline: object[]) => context.things.aggregate(pipeline).toArray();

    beforeEach(async () => {
      await context.things.insertMany([
        { _id: "a", team: "x", n: 1, at: new Date("2026-03-01T02:00:00Z"), tags: ["p", "q"], ref: "b" },
        { _id: "b", team: "x", n: 2, at: new Date("2026-03-01T12:00:00Z"), tags: ["q"], ref: "c" },
        { _id: "c", team: "y", n: 5, at: new Date("2026-03-02T01:00:00Z"), tags: [] },
      ]);
    });

    const cases: [string, object[], unknown[]][] = [
      [
        "match, sort, limit, project",
        [
          { $match: { n: { $gt: 1 } } },
          { $sort: { n: -1 } },
          { $limit: 1 },
          { $project: { n: 1, twice: { $multiply: ["$n", 2] } } },
        ],
        [{ _id: "c", n: 5, twice: 10 }],
      ],
      [
        "group",
        [
          {
            $group: {
              _id: "$team",
              sum: { $sum: "$n" },
              avg: { $avg: "$n" },
              max: { $max: "$n" },
              first: { $first: "$_id" },
              all: { $push: "$n" },
              c: { $count: {} },
            },
          },
          { $sort: { _id: 1 } },
        ],
        [
          { _id: "x", sum: 3, avg: 1.5, max: 2, first: "a", all: [1, 2], c: 2 },
          { _id: "y", sum: 5, avg: 5, max: 5, first: "c", all: [5], c: 1 },
        ],
      ],
      [
        "unwind and sortByCount",
        [{ $unwind: "$tags" }, { $sortByCount: "$tags" }],
        [
          { _id: "q", count: 2 },
          { _id: "p", count: 1 },
        ],
      ],
      [
        "unwind keeping empty",
        [
          { $unwind: { path: "$tags", preserveNullAndEmptyArrays: true, includeArrayIndex: "i" } },
          { $match: { _id: "c" } },
          { $project: { i: 1, tags: 1 } },
        ],
        [{ _id: "c", i: null }],
      ],
      [
        "lookup",
        [
          { $match: { _id: "a" } },
          { $lookup: { from: "things", localField: "ref", foreignField: "_id", as: "to" } },
          { $project: { "to.n": 1 } },
        ],
        [{ _id: "a", to: [{ n: 2 }] }],
      ],
      [
        "lookup with pipeline and let",
        [
          { $match: { _id: "b" } },
          {
            $lookup: {
              from: "things",
              let: { mine: "$n" },
              pipeline: [{ $match: { $expr: { $gt: ["$n", "$$mine"] } } }, { $project: { _id: 1 } }],
              as: "more",
            },
          },
          { $project: { more: 1 } },
        ],
        [{ _id: "b", more: [{ _id: "c" }] }],
      ],
      [
        "facet",
        [{ $facet: { n: [{ $count: "c" }], top: [{ $sort: { n: -1 } }, { $limit: 1 }, { $project: { _id: 1 } }] } }],
        [{ n: [{ c: 3 }], top: [{ _id: "c" }] }],
      ],
      [
        "bucket",
        [{ $bucket: { groupBy: "$n", boundaries: [0, 2, 4], default: "more" } }],
        [
          { _id: 0, count: 1 },
          { _id: 2, count: 1 },
          { _id: "more", count: 1 },
        ],
      ],
      ["count", [{ $match: { team: "x" } }, { $count: "c" }], [{ c: 2 }]],
      [
        "addFields, unset, replaceRoot",
        [{ $match: { _id: "a" } }, { $addFields: { "sub.n": "$n", k: "$$REMOVE" } }, { $replaceRoot: { newRoot: "$sub" } }],
        [{ n: 1 }],
      ],
      [
        "unionWith",
        [
          { $match: { _id: "a" } },
          { $unionWith: { coll: "things", pipeline: [{ $match: { _id: "c" } }] } },
          { $project: { n: 1 } },
        ],
        [
          { _id: "a", n: 1 },
          { _id: "c", n: 5 },
        ],
      ],
      [
        "days in a time zone",
        [
          { $group: { _id: { $dateToString: { date: "$at", format: "%Y-%m-%d", timezone: "America/Lima" } }, c: { $sum: 1 } } },
          { $sort: { _id: 1 } },
        ],
        [
          { _id: "2026-02-28", c: 1 },
          { _id: "2026-03-01", c: 2 },
        ],
      ],
      [
        "dateTrunc",
        [{ $group: { _id: { $dateTrunc: { date: "$at", unit: "day" } }, c: { $sum: 1 } } }, { $sort: { _id: 1 } }],
        [
          { _id: new Date("2026-03-01"), c: 2 },
          { _id: new Date("2026-03-02"), c: 1 },
        ],
      ],
      [
        "expressions",
        [
          { $match: { _id: "a" } },
          {
            $project: {
              _id: 0,
              cond: { $cond: [{ $gt: ["$n", 0] }, "yes", "no"] },
              none: { $ifNull: ["$missing", "none"] },
              text: { $concat: ["$team", "-", { $toString: "$n" }] },
              map: { $map: { input: "$tags", as: "t", in: { $toUpper: "$$t" } } },
              filter: { $filter: { input: "$tags", cond: { $eq: ["$$this", "q"] } } },
              reduce: { $reduce: { input: [1, 2, 3], initialValue: 0, in: { $add: ["$$value", "$$this"] } } },
              size: { $size: "$tags" },
              has: { $in: ["q", "$tags"] },
              year: { $year: "$at" },
              diff: { $dateDiff: { startDate: "$at", endDate: new Date("2026-03-05"), unit: "day" } },
            },
          },
        ],
        [
          {
            cond: "yes",
            none: "none",
            text: "x-1",
            map: ["P", "Q"],
            filter: ["q"],
            reduce: 6,
            size: 2,
            has: true,
            year: 2026,
            diff: 4,
          },
        ],
      ],
    ];
    for (const [what, pipeline, expected] of cases) {
      test(what, async () => {
        expect(await run(pipeline)).toEqual(expected as never);
      });
    }

    test("$sample gives different documents", async () => {
      expect(new Set((await run([{ $sample: { size: 2 } }])).map(({ _id }) => _id)).size).toBe(2);
    });

    test("unknown stages and operators fail", async () => {
      expect((await failure(run([{ $nope: 1 }]))).code).toBe(40324);
      expect((await failure(run([{ $project: { x: { $nope: 1 } } }]))).code).toBeGreaterThan(0);
    });
  });
}

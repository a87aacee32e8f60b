/** The planner's choices where a page or a count must not read more than it gives: merged branches, types, arrays, nulls. */
import { describe, expect, test } from "bun:test";
import type { mongo } from "mongoose";
import { openTestStore } from "./embedded-store";

interface Row extends mongo.Document {
  _id: number;
}

const KINDS = ["open", "waiting", "closed"];

/** 3,000 talks: everything has a kind and a time, some have a person, a team, labels or a mark. */
async function openTalks() {
  const test = await openTestStore({ failScansOver: 100 });
  const talks = test.db.collection<Row>("talks");
  await talks.createIndex({ kind: 1, snooze: 1, at: -1, _id: -1 });
  await talks.createIndex(
    { person: 1, kind: 1, snooze: 1, at: -1, _id: -1 },
    { partialFilterExpression: { person: { $type: "string" } } },
  );
  await talks.createIndex(
    { team: 1, kind: 1, snooze: 1, at: -1, _id: -1 },
    { partialFilterExpression: { team: { $type: "string" } } },
  );
  await talks.createIndex({ labels: 1, kind: 1 }, { partialFilterExpression: { "labels.0": { $exists: true } } });
  await talks.createIndex({ since: 1, _id: 1 }, { partialFilterExpression: { since: { $type: "date" } } });
  await talks.insertMany(
    Array.from({ length: 3_000 }, (_, i) => ({
      _id: i,
      kind: KINDS[i % 3],
      ...(i % 5 === 0 ? {} : { snooze: i % 7 === 0 ? "assistant" : null }),
      at: (i * 7_919) % 3_000,
      person: i % 4 === 0 ? `p${i % 40}` : null,
      team: i % 3 === 0 ? `t${i % 9}` : null,
      labels: i % 10 === 0 ? ["vip", `l${i % 3}`] : [],
      ...(i % 6 === 0 ? { since: new Date(i) } : {}),
    })),
  );
  const explained = async (filter: object, options: mongo.FindOptions = {}) =>
    (await talks.find(filter, options).explain("executionStats")) as unknown as {
      queryPlanner: { winningPlan: object };
      executionStats: { nReturned: number; totalDocsExamined: number };
    };
  /** Documents that a count looked at. */
  const countOf = async (query: object, limit = 0) => {
    const before = test.engine.examined;
    const { n } = await test.db.command({ count: "talks", query, limit });
    return { n, examined: test.engine.examined - before };
  };
  return { talks, explained, countOf, [Symbol.asyncDispose]: () => test[Symbol.asyncDispose]() };
}

const ACTIVE = { kind: { $in: ["open", "waiting"] }, snooze: { $in: [null, "assistant"] } };
const ids = (rows: Row[]) => rows.map(({ _id }) => _id);

describe("a page of an $or", () => {
  test("merges its branches in order and looks at about a page of each", async () => {
    await using world = await openTalks();
    const filter = { ...ACTIVE, $or: [{ person: "p8" }, { team: { $in: ["t0", "t6"] } }] };
    const sort = { at: -1, _id: -1 } as const;
    const { queryPlanner, executionStats } = await world.explained(filter, { sort, limit: 20 });
    expect(JSON.stringify(queryPlanner.winningPlan)).toMatch(/"SORT_MERGE".*person.*team/);
    expect(JSON.stringify(queryPlanner.winningPlan)).not.toContain('"SORT"');
    expect(executionStats.nReturned).toBe(20);
    expect(executionStats.totalDocsExamined).toBeLessThanOrEqual(40);
    const all = ids(
      await world.talks
        .find(filter, { hint: { kind: 1, snooze: 1, at: -1, _id: -1 } })
        .sort(sort)
        .toArray(),
    );
    expect(ids(await world.talks.find(filter).sort(sort).toArray())).toEqual(all);
    expect(all.length).toBeGreaterThan(200);
    const paged: number[] = [];
    for await (const { _id } of world.talks.find(filter, { batchSize: 7 }).sort(sort)) paged.push(_id);
    expect(paged).toEqual(all);
    expect(new Set(all).size).toBe(all.length);
  });

  test("is not merged where a single index is as narrow, and never by a field that holds arrays", async () => {
    await using world = await openTalks();
    const one = await world.explained(
      { ...ACTIVE, $or: [{ person: "p8" }, { other: 1 }] },
      { sort: { at: -1, _id: -1 }, limit: 5 },
    );
    expect(JSON.stringify(one.queryPlanner.winningPlan)).toContain("kind_1_snooze_1");
    const arrays = await world.explained({ $or: [{ labels: "vip" }, { labels: "l1" }] }, { sort: { labels: 1 } });
    expect(JSON.stringify(arrays.queryPlanner.winningPlan)).toContain('"SORT"');
  });

  test("of one field is a condition on that field", async () => {
    await using world = await openTalks();
    const { queryPlanner } = await world.explained({ kind: "open", $or: [{ snooze: null }, { snooze: { $gte: "a" } }] });
    expect(JSON.stringify(queryPlanner.winningPlan)).toMatch(/"ranges":2,"boundedFields":2,"exact":true/);
    const count = await world.countOf({ kind: "open", $or: [{ snooze: null }, { snooze: "assistant" }] });
    expect(count).toEqual({ n: 1_000, examined: 0 });
  });
});

describe("a count", () => {
  test("of values, nulls and missing fields looks at no document", async () => {
    await using world = await openTalks();
    const expected = ids(await world.talks.find({ $and: [ACTIVE, { _id: { $gte: 0 } }] }).toArray()).length;
    expect(await world.countOf(ACTIVE)).toEqual({ n: expected, examined: 0 });
    expect(await world.countOf({ kind: "open", snooze: null })).toEqual({ n: 886, examined: 0 });
    expect(await world.countOf({ person: "p8", ...ACTIVE }, 5)).toEqual({ n: 5, examined: 0 });
  });

  test("of labels counts each document once", async () => {
    await using world = await openTalks();
    expect(await world.countOf({ labels: { $in: ["vip", "l1"] }, "labels.0": { $exists: true } })).toEqual({
      n: 300,
      examined: 0,
    });
    expect(await world.countOf({ labels: "l1", kind: "waiting", "labels.0": { $exists: true } })).toEqual({
      n: 100,
      examined: 0,
    });
    expect(await world.countOf({ labels: { $in: ["vip", "l1"] }, "labels.0": { $exists: true } }, 12)).toEqual({
      n: 12,
      examined: 0,
    });
    // One element above and another below: the entries do not tell whether they belong together.
    expect((await world.countOf({ labels: { $gt: "l", $lt: "m" }, "labels.0": { $exists: true } })).n).toBe(300);
  });

  test("of a type is a range of the index", async () => {
    await using world = await openTalks();
    expect(await world.countOf({ since: { $type: "date" } })).toEqual({ n: 500, examined: 0 });
    expect(await world.countOf({ since: { $type: "date", $lt: new Date(60) } })).toEqual({ n: 10, examined: 0 });
    const { executionStats } = await world.explained({ since: { $type: "date" } }, { sort: { since: 1, _id: 1 }, limit: 3 });
    expect(executionStats).toMatchObject({ nReturned: 3, totalDocsExamined: 3 });
  });
});

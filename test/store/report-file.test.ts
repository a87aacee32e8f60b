/** The figures after any series of events equal those of a file built anew from what is stored, and a recount by hand. */
import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { classOf, percentileOf, secondsOfClass } from "../../src/core/duration-class";
import { factsOf } from "../../src/store/reports/report-facts";
import { ReportFile } from "../../src/store/reports/report-file";
import {
  DIMENSIONS,
  METRICS,
  type MessageKind,
  type ReportConversation,
  type ReportMessage,
  type ReportMoment,
  type ReportOperation,
  type ReportRequest,
} from "../../src/store/reports/report-message";
import { find } from "../../src/store/reports/report-query";
import { tempDir } from "../helpers/temp-dir";

const dir = tempDir();
afterAll(() => dir[Symbol.dispose]());
let files = 0;
const open = () => new ReportFile(`${dir.path}/${++files}.db`);

const START = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;
const id = (number: number) => number.toString(16).padStart(24, "0");
const always = { segments: [{ from: 0, to: 4e9, offset: 0 }], filter: {}, reach: null, metrics: METRICS } as const;
const request = (over: Partial<ReportRequest>): ReportRequest => ({ ...always, period: "total", group: "all", ...over });
const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();

/** Everything somebody could ask. */
function everything(file: ReportFile): string[][] {
  const periods = ["total", "hour", "day", "week", "hour-of-week"] as const;
  return [
    ...periods.flatMap((period) => DIMENSIONS.map((group) => sorted(find(file.db, request({ period, group }))))),
    sorted(find(file.db, request({ filter: { team: ["t1", ""], label: ["a", "b"] } }))),
    sorted(find(file.db, request({ group: "agent", filter: { label: ["a"] } }))),
    sorted(find(file.db, request({ group: "label", filter: { agent: ["p1"] } }))),
    sorted(find(file.db, request({ group: "team", reach: { agent: "p1", teams: ["t1"] } }))),
  ];
}

/** What is stored of a conversation, and what the reports were told. */
class World {
  time = START;
  readonly conversations = new Map<string, ReportConversation>();
  readonly messages = new Map<string, ReportMessage & { isUnsaid: boolean }>();
  readonly moments = new Map<string, ReportMoment>();
  /** No id is ever used again. */
  readonly erased = new Set<string>();
  readonly told: { operation: ReportOperation }[] = [];

  tell(operation: ReportOperation): void {
    this.told.push({ operation });
  }

  /** Changes a conversation as the product would. */
  change(talk: string, fields: Partial<ReportConversation>): void {
    const before = this.conversations.get(talk) ?? null;
    const blank: ReportConversation = {
      id: talk,
      contact: `c${talk}`,
      channel: "1",
      team: null,
      agent: null,
      labels: [],
      created: this.time,
      isOver: false,
      isAssisted: true,
      isPeoples: false,
      resolvedAt: null,
      mergedInto: null,
      version: 0,
    };
    const after = { ...(before ?? blank), ...fields, version: (before?.version ?? 0) + 1 };
    this.conversations.set(talk, after);
    this.tell({ conversation: after, at: this.time });
  }
}

const step = fc.record({
  deed: fc.constantFrom(
    "in",
    "in",
    "in",
    "person",
    "person",
    "assistant",
    "other",
    "fail",
    "drop",
    "team",
    "agent",
    "label",
    "people",
    "resolve",
    "close",
    "reopen",
    "merge",
    "erase",
    "csat",
  ),
  talk: fc.integer({ min: 1, max: 4 }),
  pick: fc.nat(1_000),
  wait: fc.integer({ min: 0, max: 200 }),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function carryOut(world: World, { deed, talk: number, pick, wait }: Step, index: number): unknown {
  world.time += wait * MINUTE + 1;
  const talk = id(number);
  const known = world.conversations.get(talk);
  if (known?.mergedInto || world.erased.has(talk)) return;
  if (!known) world.change(talk, { channel: String(pick % 2) });
  const now = world.conversations.get(talk)!;
  const own = [...world.messages.values()].filter(({ conversation }) => conversation === talk);
  const some = own[pick % Math.max(1, own.length)];
  switch (deed) {
    case "in":
    case "person":
    case "assistant":
    case "other": {
      const author = deed === "person" ? `p${pick % 3}` : null;
      const message = { id: id(10_000 + index), conversation: talk, at: world.time, kind: deed as MessageKind, author };
      world.messages.set(message.id, { ...message, isUnsaid: false });
      return world.tell({ message });
    }
    case "fail":
      if (some) world.messages.set(some.id, { ...some, isUnsaid: pick % 3 > 0 });
      return some && world.tell({ message: some.id, isUnsaid: pick % 3 > 0 });
    case "drop":
      if (some) world.messages.delete(some.id);
      return some && world.tell({ dropMessage: some.id });
    case "team":
      return world.change(talk, { team: pick % 3 === 0 ? null : `t${pick % 3}` });
    case "agent":
      return world.change(talk, { agent: pick % 3 === 0 ? null : `p${pick % 3}` });
    case "label":
      return world.change(talk, { labels: ["a", "b", "c"].filter((_, place) => (pick >> place) % 2 === 1) });
    case "people":
      return now.isOver ? undefined : world.change(talk, { isAssisted: false, isPeoples: true });
    case "resolve":
    case "close":
      // Closing what is resolved notes another time, and is no second resolution.
      return world.change(talk, { isOver: true, isAssisted: false, isPeoples: false, resolvedAt: world.time });
    case "reopen":
      return now.isOver ? world.change(talk, { isOver: false, isPeoples: true, resolvedAt: null }) : undefined;
    case "merge": {
      const target = [...world.conversations.values()].find((one) => one.id !== talk && !one.mergedInto);
      if (!target) return;
      for (const one of own) world.messages.set(one.id, { ...one, conversation: target.id });
      return world.change(talk, {
        mergedInto: target.id,
        isOver: true,
        isAssisted: false,
        isPeoples: false,
        resolvedAt: world.time,
      });
    }
    case "erase":
      if (pick % 4 > 0) return;
      for (const one of own) world.messages.delete(one.id);
      world.conversations.delete(talk);
      world.erased.add(talk);
      for (const [key, { conversation }] of world.moments) if (conversation === talk) world.moments.delete(key);
      return world.tell({ dropContact: `c${talk}` });
    case "csat": {
      const moment: ReportMoment = {
        id: `csat:${index}`,
        conversation: talk,
        kind: "csat",
        at: world.time,
        agent: "p1",
        value: 1 + (pick % 5),
      };
      world.moments.set(moment.id, moment);
      return world.tell({ moment });
    }
  }
}

/** Follows the events in pieces, some of them twice, and keeps the moments as the feed does. */
function follow(world: World, sizes: readonly number[]): ReportFile {
  const file = open();
  let stored: string[] = [];
  let position = 0;
  for (let index = 0; position < world.told.length; index++) {
    const piece = world.told.slice(position, position + (sizes[index % sizes.length] ?? 1)).map(({ operation }) => operation);
    position += piece.length;
    const fresh = file.apply(piece, position, stored);
    for (const moment of fresh) world.moments.set(moment.id, moment);
    stored = fresh.map(({ id: one }) => one);
  }
  return file;
}

/** Builds from what is stored, as the feed does. */
function build(world: World): ReportFile {
  const file = open();
  file.beginBuild(world.told.length);
  file.build([...world.moments.values()].map((moment) => ({ moment })));
  file.build([...world.conversations.values()].map((conversation) => ({ conversation, at: null })));
  file.build(
    [...world.messages.values()].flatMap(({ isUnsaid, ...message }): ReportOperation[] => [
      { message },
      ...(isUnsaid ? [{ message: message.id, isUnsaid }] : []),
    ]),
  );
  while (file.deriveBuild());
  file.finishBuild();
  return file;
}

/** Builds while it goes on: the position is noted first, moments and documents are read later, and then the events since are followed. */
function buildAmid(world: World, known: readonly ReportMoment[], from: number, readTo: ReadonlyMap<string, ReportConversation>) {
  const file = open();
  file.beginBuild(from);
  file.build(known.map((moment) => ({ moment })));
  file.build([...readTo.values()].map((conversation) => ({ conversation, at: null })));
  while (file.deriveBuild());
  file.finishBuild();
  file.apply(
    world.told.slice(from).map(({ operation }) => operation),
    world.told.length,
    [],
  );
  return file;
}

describe("after any series of events", () => {
  test("a file that was built in their midst says the same as one that has followed them all", () => {
    const deeds = ["team", "agent", "label", "resolve", "close", "reopen", "csat"] as const;
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            deed: fc.constantFrom(...deeds),
            talk: fc.integer({ min: 1, max: 2 }),
            pick: fc.nat(1_000),
            wait: fc.nat(9),
          }),
          {
            minLength: 3,
            maxLength: 40,
          },
        ),
        fc.tuple(fc.nat(1_000), fc.nat(1_000)),
        (steps, [one, other]) => {
          const [from, readAt] = [one % steps.length, other % steps.length].sort((a, b) => a - b) as [number, number];
          const world = new World();
          let position = 0;
          let known: ReportMoment[] = [];
          let read = new Map<string, ReportConversation>();
          for (const [index, step] of steps.entries()) {
            if (index === from) {
              position = world.told.length;
              follow(world, [3]).close();
              known = [...world.moments.values()];
            }
            if (index === readAt) read = new Map(world.conversations);
            carryOut(world, step, index);
          }
          const file = follow(world, [2]);
          const amid = buildAmid(world, known, position, read);
          expect(everything(amid)).toEqual(everything(file));
          file.close();
          amid.close();
        },
      ),
      { numRuns: 50 },
    );
  }, 120_000);

  test("the figures equal those built anew, and those of a recount", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60, size: "max" }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        (steps, sizes) => {
          const world = new World();
          for (const [index, one] of steps.entries()) carryOut(world, one, index);
          const file = follow(world, sizes);
          const rows = find(file.db, request({}));
          const count = (metric: string) => rows.filter((row) => row.metric === metric).reduce((sum, row) => sum + row.count, 0);
          const said = [...world.messages.values()].filter(({ isUnsaid }) => !isUnsaid);
          expect(count("messagesIn")).toBe(said.filter(({ kind }) => kind === "in").length);
          expect(count("messagesPeople")).toBe(said.filter(({ kind }) => kind === "person").length);
          expect(count("conversations")).toBe([...world.conversations.values()].filter((one) => !one.mergedInto).length);
          const p1 = find(file.db, request({ filter: { agent: ["p1"] }, metrics: ["messagesPeople"] }));
          expect(p1.reduce((sum, row) => sum + row.count, 0)).toBe(
            said.filter(({ kind, author }) => kind === "person" && author === "p1").length,
          );
          const again = build(world);
          expect(everything(file)).toEqual(everything(again));
          file.close();
          again.close();
        },
      ),
      { numRuns: 80 },
    );
  }, 120_000);

  test("what was merged into one that was merged is counted where it ended, in whatever order a build meets them", () => {
    const world = new World();
    const steps: [Step["deed"], number][] = [
      ["in", 3],
      ["people", 4],
      ["csat", 4],
      ["merge", 4],
      ["in", 1],
      ["merge", 3],
    ];
    for (const [index, [deed, talk]] of steps.entries()) carryOut(world, { deed, talk, pick: 0, wait: 1 }, index);
    expect([...world.conversations.values()].map(({ id: one, mergedInto }) => [one, mergedInto])).toEqual([
      [id(3), id(1)],
      [id(4), id(3)],
      [id(1), null],
    ]);
    const file = follow(world, [1]);
    const again = build(world);
    expect(everything(file)).toEqual(everything(again));
    expect(find(again.db, request({ filter: { channel: ["0"] }, metrics: ["csat"] })).map(({ count }) => count)).toEqual([1]);
    file.close();
    again.close();
  });

  test("what comes twice is counted once", () => {
    const world = new World();
    for (const [index, deed] of (["in", "people", "person", "resolve", "reopen", "csat"] as const).entries())
      carryOut(world, { deed, talk: 1, pick: 1, wait: 5 }, index);
    const once = follow(world, [3]);
    const all = world.told.map(({ operation }) => operation);
    const before = everything(once);
    once.apply(
      all.filter((operation) => "moment" in operation || ("message" in operation && !("isUnsaid" in operation))),
      99,
      [],
    );
    expect(everything(once)).toEqual(before);
    once.close();
  });

  test("the sums and the facts say the same", () => {
    const world = new World();
    const deeds = fc.sample(step, { numRuns: 300, seed: 7 });
    for (const [index, one] of deeds.entries()) if (one.deed !== "erase") carryOut(world, one, index);
    const file = follow(world, [5]);
    // Every channel there is: the same as no filter, but answered from the facts.
    const channels = { channel: ["0", "1"], team: ["", "t1", "t2"] };
    for (const group of DIMENSIONS)
      expect(sorted(find(file.db, request({ group, filter: channels })))).toEqual(sorted(find(file.db, request({ group }))));
    file.close();
  });
});

describe("a conversation", () => {
  const minutes = (number: number) => START + number * MINUTE;
  const talk = (said: [MessageKind, number][], moments: ["resolved" | "reopened" | "handed-off", number][] = []) =>
    factsOf({
      created: START,
      agent: "p1",
      isMerged: false,
      before: null,
      said: said.map(([kind, minute]) => ({ kind, at: minutes(minute), author: kind === "person" ? "p2" : null })),
      moments: moments.map(([kind, minute]) => ({ kind, at: minutes(minute), agent: "p1", value: null })),
    }).facts;
  const times = (facts: ReturnType<typeof talk>, metric: string) =>
    facts.filter((fact) => fact.metric === metric).map(({ sum, agent }) => [sum / 60, agent]);

  test("the first reply counts from the first question, the next from the next, each for whoever wrote it", () => {
    const facts = talk([
      ["in", 0],
      ["in", 2],
      ["person", 5],
      ["person", 6],
      ["in", 10],
      ["person", 13],
    ]);
    expect(times(facts, "firstReply")).toEqual([[5, "p2"]]);
    expect(times(facts, "nextReply")).toEqual([[3, "p2"]]);
  });

  test("what the assistant has answered waits for nobody; after a hand-off the wait begins then", () => {
    const facts = talk(
      [
        ["in", 0],
        ["assistant", 1],
        ["in", 20],
        ["person", 50],
      ],
      [["handed-off", 30]],
    );
    expect(times(facts, "assistantReply")).toEqual([[1, "p1"]]);
    expect(times(facts, "firstReply")).toEqual([[20, "p2"]]);
  });

  test("a resolution takes from the beginning or the reopening; without a person it is deflected", () => {
    const facts = talk(
      [
        ["in", 0],
        ["assistant", 1],
        ["in", 100],
        ["person", 110],
      ],
      [
        ["resolved", 30],
        ["reopened", 100],
        ["resolved", 130],
      ],
    );
    expect(times(facts, "resolution")).toEqual([
      [30, "p1"],
      [30, "p1"],
    ]);
    const count = (metric: string) => facts.filter((fact) => fact.metric === metric).reduce((sum, fact) => sum + fact.count, 0);
    expect([count("resolved"), count("reopened"), count("assisted"), count("deflected")]).toEqual([2, 1, 1, 1]);
  });
});

test("percentiles read from classes are right within seven per cent", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 10_000_000 }), { minLength: 1, maxLength: 300 }),
      fc.constantFrom(0.5, 0.9),
      (values, share) => {
        const classes = new Map<number, number>();
        for (const value of values) classes.set(classOf(value), (classes.get(classOf(value)) ?? 0) + 1);
        const exact = values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1]!;
        const read = percentileOf(classes, share)!;
        expect(Math.abs(read - exact)).toBeLessThanOrEqual(exact * 0.07 + 0.5);
      },
    ),
  );
  expect(percentileOf([], 0.5)).toBeNull();
  expect(secondsOfClass(classOf(0))).toBe(0);
});

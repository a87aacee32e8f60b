/** Whom a conversation is given to, as tables: rules, strategies, limits. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  capacityOf,
  choose,
  type Facts,
  isAutomatic,
  type Person,
  policyOf,
  queueOf,
  ruleFor,
} from "../../../src/features/assignment/assignment-choice";
import {
  type AssignmentRule,
  type AssignmentValues,
  assignmentSettings,
} from "../../../src/features/settings/assignment-settings.service";

const SALES = "0000000000000000000000a1";
const REPAIRS = "0000000000000000000000a2";
const settings = (values: Partial<AssignmentValues> = {}): AssignmentValues => ({
  ...assignmentSettings.defaults,
  strategy: "round-robin",
  ...values,
});
const person = (id: string, fields: Partial<Person> = {}): Person => ({
  id,
  name: id,
  role: "agent",
  teams: [SALES],
  isOnline: true,
  ownCapacity: null,
  load: 0,
  lastGiven: new Map(),
  ...fields,
});
const given = (at: number, team: string | null = SALES) => new Map([[queueOf(team), at]]);
const ask = (people: Person[], values: Partial<AssignmentValues> = {}, wanted: Partial<Parameters<typeof choose>[1]> = {}) => {
  const choice = choose(people, { team: SALES, named: null, last: null, ...wanted }, settings(values));
  return choice && [choice.person.id, choice.reason];
};

describe("strategies", () => {
  test.each<[string, Partial<AssignmentValues>, Person[], string | null]>([
    [
      "in turn: whoever waits longest for one",
      {},
      [person("a", { lastGiven: given(2) }), person("b", { lastGiven: given(1) })],
      "b",
    ],
    ["in turn: whoever has never got one", {}, [person("a", { lastGiven: given(1) }), person("b")], "b"],
    ["in turn: the load does not matter", {}, [person("a", { load: 5 }), person("b", { lastGiven: given(1) })], "a"],
    [
      "in turn: turns of another queue do not count",
      {},
      [person("a", { lastGiven: given(9, null) }), person("b", { lastGiven: given(1) })],
      "a",
    ],
    ["least busy", { strategy: "least-busy" }, [person("a", { load: 2 }), person("b", { load: 1, lastGiven: given(9) })], "b"],
    [
      "least busy, equally: in turn",
      { strategy: "least-busy" },
      [person("a", { lastGiven: given(2) }), person("b", { lastGiven: given(1) })],
      "b",
    ],
    ["manual: nobody", { strategy: "manual" }, [person("a")], null],
    ["a team's own way", { strategy: "manual", teams: [{ team: SALES, strategy: "least-busy" }] }, [person("a")], "a"],
    ["a team that does it by hand", { teams: [{ team: SALES, strategy: "manual" }] }, [person("a")], null],
    ["nobody who is away", {}, [person("a", { isOnline: false }), person("b", { lastGiven: given(1) })], "b"],
    ["also who is away, when presence does not matter", { needsPresence: false }, [person("a", { isOnline: false })], "a"],
    ["nobody beyond the limit", { capacity: 3 }, [person("a", { load: 3 }), person("b", { load: 2, lastGiven: given(1) })], "b"],
    ["one's own limit before the common one", { capacity: 3 }, [person("a", { load: 3, ownCapacity: 4 })], "a"],
    ["one's own limit of nothing", { capacity: null }, [person("a", { ownCapacity: 0 })], null],
    ["without any limit", { capacity: null }, [person("a", { load: 500 })], "a"],
    [
      "the team's limit before the common one",
      { capacity: 1, teams: [{ team: SALES, strategy: "round-robin", capacity: 2 }] },
      [person("a", { load: 1 })],
      "a",
    ],
    [
      "a team without limit",
      { capacity: 1, teams: [{ team: SALES, strategy: "round-robin", capacity: null }] },
      [person("a", { load: 9 })],
      "a",
    ],
    ["only members", {}, [person("a", { teams: [REPAIRS] }), person("b", { lastGiven: given(1) })], "b"],
    ["members whatever their role", {}, [person("a", { role: "admin" })], "a"],
    ["nobody at all", {}, [], null],
  ])("%s", (_, values, people, expected) => {
    expect(ask(people, values)?.[0] ?? null).toBe(expected);
  });

  test("what belongs to no team goes to people of the named roles, whatever their team", () => {
    const people = [person("a", { role: "admin", teams: [] }), person("b", { teams: [] })];
    expect(ask(people, {}, { team: null })).toEqual(["b", "round-robin"]);
    expect(ask(people, { roles: ["admin"] }, { team: null })).toEqual(["a", "round-robin"]);
    expect(ask(people, { roles: [] }, { team: null })).toBeNull();
  });

  test("the last agent comes first where customers come back to them, also where people take the rest by hand", () => {
    const people = [person("a"), person("b", { lastGiven: given(9) })];
    expect(ask(people, { isSticky: true }, { last: "b" })).toEqual(["b", "last-agent"]);
    expect(ask(people, { isSticky: false }, { last: "b" })).toEqual(["a", "round-robin"]);
    expect(ask(people, { isSticky: true, strategy: "manual" }, { last: "b" })).toEqual(["b", "last-agent"]);
    expect(ask(people, { isSticky: true, strategy: "manual" }, { last: "gone" })).toBeNull();
    expect(ask([person("a"), person("b", { isOnline: false })], { isSticky: true }, { last: "b" })).toEqual(["a", "round-robin"]);
    expect(ask([person("a"), person("b", { load: 10 })], { isSticky: true }, { last: "b" })).toEqual(["a", "round-robin"]);
    expect(ask([person("a"), person("b", { teams: [] })], { isSticky: true }, { last: "b" })).toEqual(["a", "round-robin"]);
  });

  test("whom a rule names comes before everybody, if they are here and have room", () => {
    const people = [person("a"), person("vip", { teams: [], role: "admin", lastGiven: given(9) })];
    expect(ask(people, { isSticky: true }, { named: "vip", last: "a" })).toEqual(["vip", "rule"]);
    expect(ask(people, {}, { named: "gone" })).toEqual(["a", "round-robin"]);
    expect(ask([person("a"), person("vip", { isOnline: false })], {}, { named: "vip" })).toEqual(["a", "round-robin"]);
    expect(ask([person("a"), person("vip", { load: 10 })], {}, { named: "vip" })).toEqual(["a", "round-robin"]);
  });
});

describe("rules", () => {
  const rule = (fields: Partial<AssignmentRule>): AssignmentRule => ({ name: "r", isActive: true, toTeam: REPAIRS, ...fields });
  const facts: Facts = { team: null, language: "es_MX", labels: ["vip", "envío"], channel: "44", isOpen: true };
  test.each<[string, Partial<AssignmentRule>, Partial<Facts>, boolean]>([
    ["without a condition fits", {}, {}, true],
    ["that is off does not", { isActive: false }, {}, false],
    ["for no team", { teams: ["none"] }, {}, true],
    ["for no team, in a team", { teams: ["none"] }, { team: SALES }, false],
    ["for a team", { teams: [SALES, REPAIRS] }, { team: SALES }, true],
    ["for a language", { languages: ["es"] }, {}, true],
    ["for a country's language", { languages: ["es-mx"] }, {}, true],
    ["for another country's language", { languages: ["es_AR"] }, {}, false],
    ["for a language, general customer", { languages: ["es_MX"] }, { language: "es" }, false],
    ["for a language that only begins alike", { languages: ["es"] }, { language: "est" }, false],
    ["for a language, unknown customer", { languages: ["es"] }, { language: null }, false],
    ["for a label", { labels: ["envío"] }, {}, true],
    ["for a missing label", { labels: ["mayorista"] }, {}, false],
    ["for a number", { channels: ["44"] }, {}, true],
    ["for another number", { channels: ["55"] }, {}, false],
    ["while open", { hours: "open" }, {}, true],
    ["while closed, when open", { hours: "closed" }, {}, false],
    ["while closed", { hours: "closed" }, { isOpen: false }, true],
    ["with all conditions", { teams: ["none"], languages: ["es"], labels: ["vip"], hours: "open" }, {}, true],
    ["with all conditions but one", { teams: ["none"], languages: ["pt"], labels: ["vip"], hours: "open" }, {}, false],
  ])("%s", (_, fields, more, expected) => {
    expect(ruleFor(settings({ rules: [rule(fields)] }), { ...facts, ...more }) !== null).toBe(expected);
  });

  test("the first that fits counts", () => {
    const rules = [rule({ name: "one", labels: ["no"] }), rule({ name: "two" }), rule({ name: "three" })];
    expect(ruleFor(settings({ rules }), facts)?.name).toBe("two");
  });
});

test("nothing is done by itself until somebody says so", () => {
  expect(isAutomatic(assignmentSettings.defaults)).toBe(false);
  expect(isAutomatic({ ...assignmentSettings.defaults, isSticky: true })).toBe(true);
  expect(isAutomatic({ ...assignmentSettings.defaults, teams: [{ team: SALES, strategy: "manual" }] })).toBe(false);
  expect(isAutomatic({ ...assignmentSettings.defaults, rules: [{ name: "r", isActive: false, toTeam: SALES }] })).toBe(false);
});

test("wrong settings are told with their place", () => {
  const wrong = assignmentSettings.check?.({
    ...assignmentSettings.defaults,
    teams: [
      { team: SALES, strategy: "manual" },
      { team: SALES, strategy: "manual" },
    ],
    rules: [
      { name: "A", isActive: true, toTeam: SALES },
      { name: " a ", isActive: true, toTeam: SALES },
      { name: "c", isActive: true },
    ],
  });
  expect(wrong?.map(({ path }) => path)).toEqual(["teams.1.team", "rules.1.name", "rules.2"]);
});

test("property: whoever is chosen has room and is here, whatever comes together; in turn differs by one at most", () => {
  const anybody = fc.record({
    id: fc.constantFrom("a", "b", "c", "d", "e"),
    isOnline: fc.boolean(),
    ownCapacity: fc.option(fc.nat(4), { nil: null }),
    load: fc.nat(5),
    teams: fc.subarray([SALES, REPAIRS]),
    role: fc.constantFrom("agent", "admin"),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(anybody, { selector: ({ id }) => id }),
      fc.constantFrom("manual" as const, "round-robin" as const, "least-busy" as const),
      fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
      fc.boolean(),
      fc.constantFrom(null, SALES),
      fc.option(fc.constantFrom("a", "b", "z"), { nil: null }),
      (fields, strategy, capacity, isSticky, team, named) => {
        const people = fields.map((one) => person(one.id, one));
        const values = settings({ strategy, capacity, isSticky });
        for (let count = 0; count < 30; count++) {
          const choice = choose(people, { team, named, last: "b" }, values);
          if (!choice) break;
          const limit = capacityOf(choice.person, policyOf(values, team));
          if (!choice.person.isOnline || (limit !== null && choice.person.load >= limit)) return false;
          choice.person.load++;
          (choice.person.lastGiven as Map<string, number>).set(queueOf(team), count + 1);
        }
        return true;
      },
    ),
  );
});

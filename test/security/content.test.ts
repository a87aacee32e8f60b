/**
 * What answers tell. A company is furnished with words that stand in one place each; every route is asked by everybody who may come,
 * about everything there is, and nobody reads a word that is not theirs: not in the body, not in a header, not in a refusal. What
 * has to be there is there. A route without a row fails: whoever adds one says what it tells.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { gets, problemsOf } from "./content/ask";
import type { Caller } from "./content/marker";
import { READS } from "./content/reads";
import type { Content } from "./content/row";
import { type ContentWorld, openContentWorld, type Target } from "./content/world";
import { WRITES } from "./content/writes";
import { ROUTES, type Rule } from "./route-table";

setDefaultTimeout(240_000);

let world: ContentWorld;
beforeAll(async () => {
  world = await openContentWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const longName = (route: string): string => route.replace(" /", " /api/v2/");
const ruleOf = (route: string): Rule => ROUTES[longName(route)] as Rule;
const targetsOf = ({ on }: Content): readonly (Target | null)[] => (on === null ? [null] : (world.targets[on] ?? []));
const asked = (rows: Readonly<Record<string, Content>>, isLast: boolean) =>
  Object.entries(rows).filter(([, content]) => content.skip === null && content.isLast === isLast);

async function problems(rows: [string, Content][], who: (caller: Caller, isIn: boolean) => boolean): Promise<string[]> {
  const wrong: string[] = [];
  for (const [route, content] of rows)
    for (const target of targetsOf(content))
      for (const caller of world.callers)
        if (who(caller, gets(caller, ruleOf(route), content, target)))
          wrong.push(...(await problemsOf(world, route, ruleOf(route), content, caller, target)));
  return wrong;
}

describe("the table", () => {
  const rows = { ...READS, ...WRITES };
  const open = (route: string) => route.startsWith("OPTIONS ") || route.startsWith("ALL ") || route.startsWith("WS ");

  test("has a row for every route, and no other", () => {
    const named = Object.keys(rows).map(longName).sort();
    const real = Object.keys(ROUTES).filter((route) => route.includes(" /api/v2/") && !open(route));
    expect(named).toEqual(real.sort());
  });

  test("asks each about something that is there, or says why not", () => {
    const empty = Object.entries(rows).filter(([, content]) => content.skip === null && targetsOf(content).length === 0);
    expect(empty.map(([route]) => route)).toEqual([]);
    expect(Object.values(rows).filter(({ skip }) => skip !== null && skip.length < 20)).toEqual([]);
  });
});

test("what is read: by everybody, about everything", async () => {
  const wrong = await problems(asked(READS, false), () => true);
  expect(wrong.slice(0, 20)).toEqual([]);
});

test("what is answered to a change: by everybody, about everything", async () => {
  const wrong = await problems(asked(WRITES, false), () => true);
  expect(wrong.slice(0, 20)).toEqual([]);
});

test("what ruins something: by those who must not, and then by the administrator", async () => {
  // What is gone by then, or ended, is no fault.
  const rows = asked(WRITES, true).map(([route, content]): [string, Content] => [route, { ...content, mayFail: ["*"] }]);
  const wrong = await problems(rows, (_, isIn) => !isIn);
  wrong.push(...(await problems(rows, ({ name }, isIn) => isIn && name === "admin")));
  expect(wrong.slice(0, 20)).toEqual([]);
});

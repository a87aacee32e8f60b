/**
 * What answers tell. A company is furnished with words that stand in one place each; every route is asked by everybody who may come,
 * about everything there is, and nobody reads a word that is not theirs: not in the body, not in a header, not in a refusal. What
 * has to be there is there. A route without a row fails: whoever adds one says what it tells.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { problemsOf } from "./content/ask";
import { mayKnow } from "./content/marker";
import { READS } from "./content/reads";
import type { Content } from "./content/row";
import { type ContentWorld, openContentWorld, type Target } from "./content/world";
import { ROUTES } from "./route-table";

setDefaultTimeout(180_000);

let world: ContentWorld;
beforeAll(async () => {
  world = await openContentWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const ruleOf = (route: string) => ROUTES[route.replace(" /", " /api/v2/")] ?? ROUTES[route] ?? "anybody";

const targetsOf = ({ on }: Content): readonly (Target | null)[] => (on === null ? [null] : (world.targets[on] ?? []));

describe("what is read", () => {
  const rows = Object.entries(READS).filter(([, { skip }]) => skip === null);
  test("by everybody, about everything", async () => {
    const wrong: string[] = [];
    for (const [route, content] of rows)
      for (const target of targetsOf(content))
        for (const caller of world.callers)
          wrong.push(...(await problemsOf(world, route, ruleOf(route), content, caller, target)));
    await Bun.write("/tmp/sec-wrong.txt", wrong.join("\n"));
    expect(wrong.slice(0, 40)).toEqual([]);
  });
});
void mayKnow;

/** The test runner's own arithmetic: what it counts, and that a run that proves nothing never passes. */
import { describe, expect, test } from "bun:test";
import { parseLcov, totalCoverage, unloaded } from "../../src/tools/suites/coverage";
import { addCounts, countTests, failedTests, nameOf, noTests } from "../../src/tools/suites/junit";
import { filesToSeeAgain, settleSecondLook } from "../../src/tools/suites/second-look";
import { settle } from "../../src/tools/suites/suite";

const REPORT = `<?xml version="1.0"?>
<testsuites name="bun test" tests="5" failures="1" skipped="1">
  <testsuite name="a.test.ts" tests="5">
    <testcase name="one" time="0.1" />
    <testcase name="says &lt;failure&gt; in its name" time="0.1"></testcase>
    <testcase name="two" time="0"><skipped /></testcase>
    <testcase name="three" time="0">
      <failure type="AssertionError" message="expected">text with <![CDATA[ <skipped/> ]]></failure>
    </testcase>
    <testcase name="four" time="0"><error message="thrown"/></testcase>
  </testsuite>
</testsuites>`;

describe("JUnit reports", () => {
  test("cases are counted by what they hold", () => {
    expect(countTests(REPORT)).toEqual({ passed: 2, failed: 2, skipped: 1 });
    expect(countTests("")).toEqual(noTests);
  });

  test("what failed is named as it was written", () => {
    expect(failedTests(REPORT).map(nameOf)).toEqual(["three", "four"]);
    const one = (attributes: string) => `<testcase ${attributes}><failure type="x" /></testcase>`;
    expect(
      failedTests(
        one(`name="says &quot;&lt;no&gt;&quot;" classname="doors" file="test/a.test.ts"`) + one(`name="b" classname="web"`),
      ).map(nameOf),
    ).toEqual(['test/a.test.ts: says "<no>"', "web: b"]);
    expect(failedTests("")).toEqual([]);
  });

  test("suites add up", () => {
    expect(addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })).toEqual({
      passed: 11,
      failed: 22,
      skipped: 33,
    });
  });

  test("a runner that died, or ran nothing, has failed", () => {
    const good = { passed: 3, failed: 0, skipped: 0 };
    expect(settle(good, true)).toEqual(good);
    expect(settle(good, false)).toEqual({ passed: 3, failed: 1, skipped: 0 });
    expect(settle({ ...good, failed: 2 }, false)).toEqual({ passed: 3, failed: 2, skipped: 0 });
    expect(settle(noTests, true)).toEqual({ ...noTests, failed: 1 });
    expect(settle({ ...noTests, skipped: 9 }, true)).toEqual({ passed: 0, failed: 1, skipped: 9 });
  });
});

describe("a second look", () => {
  const at = (file: string) => ({ file, name: "x" });

  test("is had alone, by few, and never where once is too often", () => {
    expect(filesToSeeAgain([at("test/e2e/pages.e2e.ts"), at("test/e2e/pages.e2e.ts")], 0)).toEqual(["./test/e2e/pages.e2e.ts"]);
    expect(filesToSeeAgain([at("test/e2e/pages.e2e.ts")], 2)).toEqual([]);
    expect(
      filesToSeeAgain(
        ["a", "b", "c"].map((name) => at(`test/e2e/${name}.ts`)),
        0,
      ),
    ).toEqual([]);
    for (const file of ["test/flow/deliver.test.ts", "test/store/crash.test.ts", "test/torture/torture.test.ts"])
      expect(filesToSeeAgain([at(file)], 0)).toEqual([]);
    expect(filesToSeeAgain([at("test/security/rights.test.ts"), at("test/api/a.test.ts")], 0)).toEqual([]);
    expect(filesToSeeAgain([at("")], 0)).toEqual([]);
    expect(filesToSeeAgain([], 0)).toEqual([]);
  });

  test("what passes alone is unstable, everything else has failed", () => {
    const counts = { passed: 3, failed: 1, skipped: 2 };
    const failed = [at("test/e2e/pages.e2e.ts")];
    expect(settleSecondLook(counts, failed, true)).toEqual({
      counts: { passed: 4, failed: 0, skipped: 2 },
      failed: [],
      unstable: failed,
    });
    expect(settleSecondLook(counts, failed, false)).toEqual({ counts, failed, unstable: [] });
  });
});

describe("coverage", () => {
  const record = (file: string, functions: [number, number], lines: [number, number]) =>
    `TN:\nSF:${file}\nFNF:${functions[0]}\nFNH:${functions[1]}\nDA:1,1\nLF:${lines[0]}\nLH:${lines[1]}\nend_of_record\n`;

  test("the total is over all files together, the worst files come first", () => {
    const files = parseLcov(
      record("src/a.ts", [10, 9], [100, 50]) + record("src/b.ts", [0, 0], [300, 300]) + record("src/c.ts", [10, 5], [10, 9]),
    );
    const { lines, functions, worst } = totalCoverage(files);
    expect(lines).toBeCloseTo((100 * 359) / 410, 10);
    expect(functions).toBe(70);
    expect(worst.map(({ file }) => file)).toEqual(["src/a.ts", "src/c.ts"]);
  });

  test("a file reported by two workers counts once", () => {
    expect(parseLcov(record("src/a.ts", [4, 1], [10, 3]) + record("src/a.ts", [4, 2], [10, 2]))).toEqual([
      { file: "src/a.ts", lines: 10, linesHit: 3, functions: 4, functionsHit: 2 },
    ]);
  });

  test("a file no test loads counts with all its lines, a file of types with none", () => {
    const source =
      'import { a } from "./a";\n\n// why\nexport function twice(x: number): number {\n  return a(x) * 2;\n}\nexport const once = (x: number) => x;\n';
    expect(unloaded("src/x.ts", source)).toEqual({ file: "src/x.ts", lines: 3, linesHit: 0, functions: 2, functionsHit: 0 });
    expect(unloaded("src/y.ts", "export interface Y {\n  a: string;\n}\nexport type Z = Y[];\n")).toBeNull();
    expect(unloaded("src/y.ts", 'export * from "./x";\nexport { z } from "./z";\n')).toBeNull();
  });

  test("no report is not 100 %", () => {
    expect(totalCoverage([])).toEqual({ lines: 0, functions: 0, worst: [] });
  });
});

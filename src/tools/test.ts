/**
 * `npm test`: check, server tests with the coverage gate, web tests, the binary, and the browser. Ends with `N passed, N failed`.
 * `--full` adds the long suites (`*.full.test.ts`). `PROPERTY_SEED=5 npm test` gives the property tests other cases.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildWeb, webIsFresh } from "./build/web";
import { ROOT, WEB_SOURCE } from "./checkout";
import { runTool } from "./run-tool";
import { showStep } from "./step";
import { startWatch } from "./stopwatch";
import { coveragePasses } from "./suites/gate";
import { addCounts, noTests } from "./suites/junit";
import { REPORTS, type Remarks, runSuite, type Suite } from "./suites/suite";

/** Where distributions put the browser that the end-to-end tests drive. */
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const COVERAGE = join(REPORTS, "coverage");
const FULL_MINUTES = 60;
const SERVER_MINUTES = 20;

/** A test that waits for a condition may wait this long on a slow machine; a hanging one still ends. */
const TEST_TIMEOUT_MS = 20_000;

const bunTest = (report: string, ...more: string[]) => [
  "test",
  "--only-failures",
  `--timeout=${TEST_TIMEOUT_MS}`,
  "--reporter=junit",
  `--reporter-outfile=${report}`,
  ...more,
];

const SERVER: Suite = {
  name: "server",
  // Some files at a time, each in a world of its own: they wait more than they work. The binary has a suite of its own because it
  // measures start times.
  command: (report) =>
    bunTest(
      report,
      "--parallel=3",
      "--path-ignore-patterns=**/*.full.test.ts",
      "--path-ignore-patterns=test/binary/**",
      "--coverage",
      "--coverage-reporter=lcov",
      `--coverage-dir=${COVERAGE}`,
    ),
  again: (report, files) => bunTest(report, ...files),
  minutes: SERVER_MINUTES,
};
const WEB: Suite = {
  name: "web",
  command: (report) => [
    "node_modules/@angular/cli/bin/ng.js",
    "test",
    "--watch=false",
    "--progress=false",
    "--reporters=default",
    "--reporters=junit",
    `--output-file=${report}`,
  ],
  cwd: WEB_SOURCE,
};
const BINARY: Suite = { name: "binary", command: (report) => bunTest(report, "./test/binary") };

/** The patterns in `paths` are expanded here: Bun runs files with another ending than `.test.ts` only when they are named. */
const files = (pattern: string) => [...new Bun.Glob(pattern).scanSync({ cwd: ROOT })].sort().map((path) => `./${path}`);

function browserSuite(): Suite | string {
  const paths = files("test/e2e/*.e2e.ts");
  if (paths.length === 0) return "there are no browser tests yet";
  if (!CHROMIUM.some(existsSync)) return "browser tests skipped: no Chromium (apt-get install chromium)";
  const command = (report: string, ...more: string[]) => bunTest(report, "--timeout=60000", ...more);
  return {
    name: "browser",
    // Two files at a time: a browser mostly waits.
    command: (report) => command(report, "--parallel=2", ...paths),
    again: (report, only) => command(report, ...only),
  };
}

function fullSuite(): Suite | string {
  const paths = files("test/**/*.full.test.ts");
  if (paths.length === 0) return "there is no long suite yet";
  return { name: "full", command: (report) => bunTest(report, ...paths), minutes: FULL_MINUTES };
}

runTool(async (args) => {
  const unknown = args.filter((arg) => arg !== "--full");
  if (unknown.length > 0) {
    console.error("Usage: npm test, or npm run test:full. One file: npx bun test test/path/to/file.test.ts");
    return 2;
  }
  const elapsed = startWatch();
  const failedSteps: string[] = [];
  const must = async (name: string, passes: boolean | Promise<boolean>) => {
    if (!(await passes)) failedSteps.push(name);
  };

  console.log("== check");
  await must(
    "check",
    showStep({ name: "check", command: ["src/tools/check.ts"] }).then(({ passed }) => passed),
  );

  const remarks: Remarks = { failed: [], unstable: [] };
  let total = await runSuite(SERVER, remarks);
  await must("coverage", coveragePasses(COVERAGE));
  total = addCounts(total, await runSuite(WEB, remarks));

  // The binary embeds the page and the browser opens it, so both need one that fits the sources.
  await must(
    "web build",
    webIsFresh().then((fresh) => fresh || buildWeb()),
  );
  for (const suite of [BINARY, browserSuite(), ...(args.includes("--full") ? [fullSuite()] : [])]) {
    if (typeof suite === "string") console.log(`\n== ${suite}`);
    else total = addCounts(total, await runSuite(suite, remarks));
  }

  for (const name of remarks.unstable) console.log(`UNSTABLE (failed, then passed alone): ${name}`);
  for (const name of [...remarks.failed, ...failedSteps]) console.log(`FAILED: ${name}`);
  const { passed, failed, skipped } = failedSteps.reduce((sum) => addCounts(sum, { ...noTests, failed: 1 }), total);
  console.log(`\n${skipped} skipped, ${elapsed()}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
});

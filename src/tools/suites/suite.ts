/** Runs one test suite and counts what it did from its JUnit report; a runner that dies without a failing test counts as one failure. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DIST } from "../checkout";
import { type Step, showStep } from "../step";
import { type Counts, countTests, failedTests } from "./junit";

export const REPORTS = join(DIST, "test");

export interface Suite extends Omit<Step, "command"> {
  /** The runner's command for a report at this path. */
  command: (report: string) => readonly string[];
}

/** Adds to `failures` what failed, so that the end of a long output can name it. */
export async function runSuite({ command, ...step }: Suite, failures: string[]): Promise<Counts> {
  const report = join(REPORTS, `${step.name.replaceAll(" ", "-")}.xml`);
  await rm(report, { force: true });
  console.log(`\n== ${step.name}`);
  const { passed, time } = await showStep({ ...step, command: command(report) });
  const xml = existsSync(report) ? await Bun.file(report).text() : "";
  const counts = countTests(xml);
  const honest = settle(counts, passed);
  failures.push(...failedTests(xml).map((name) => `${step.name}: ${name}`));
  if (honest.failed > counts.failed) failures.push(`${step.name}: ended without its report, or with none of its tests`);
  console.log(`== ${step.name}: ${honest.passed} passed, ${honest.failed} failed, ${honest.skipped} skipped (${time})`);
  return honest;
}

/** No test at all, or an exit code that says "failed" while every test says "passed", is a failure of its own. */
export function settle(counts: Counts, exitedWell: boolean): Counts {
  const ranNothing = counts.passed + counts.failed === 0;
  return !exitedWell && counts.failed === 0 ? { ...counts, failed: 1 } : ranNothing ? { ...counts, failed: 1 } : counts;
}

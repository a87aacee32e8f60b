/** Runs one test suite and counts what it did from its JUnit report; a runner that dies without a failing test counts as one failure. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DIST } from "../checkout";
import { type Step, showStep } from "../step";
import { type Counts, countTests, noTests } from "./junit";

export const REPORTS = join(DIST, "test");

export interface Suite extends Omit<Step, "command"> {
  /** The runner's command for a report at this path. */
  command: (report: string) => readonly string[];
}

export async function runSuite({ command, ...step }: Suite): Promise<Counts> {
  const report = join(REPORTS, `${step.name.replaceAll(" ", "-")}.xml`);
  await rm(report, { force: true });
  console.log(`\n== ${step.name}`);
  const { passed, time } = await showStep({ ...step, command: command(report) });
  const counts = existsSync(report) ? countTests(await Bun.file(report).text()) : noTests;
  const honest = settle(counts, passed);
  console.log(`== ${step.name}: ${honest.passed} passed, ${honest.failed} failed, ${honest.skipped} skipped (${time})`);
  return honest;
}

/** No test at all, or an exit code that says "failed" while every test says "passed", is a failure of its own. */
export function settle(counts: Counts, exitedWell: boolean): Counts {
  const ranNothing = counts.passed + counts.failed === 0;
  return !exitedWell && counts.failed === 0 ? { ...counts, failed: 1 } : ranNothing ? { ...counts, failed: 1 } : counts;
}

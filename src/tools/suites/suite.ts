/** Runs one test suite and counts what it did from its JUnit report; a runner that dies without a failing test counts as one failure. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DIST } from "../checkout";
import { type Step, showStep } from "../step";
import { type Counts, countTests, failedTests, nameOf } from "./junit";
import { filesToSeeAgain, settleSecondLook } from "./second-look";

export const REPORTS = join(DIST, "test");

export interface Suite extends Omit<Step, "command"> {
  /** The runner's command for a report at this path. */
  command: (report: string) => readonly string[];
  /** The command that runs these files alone once more. Without it what failed has failed. */
  again?: (report: string, files: readonly string[]) => readonly string[];
}

/** What the end of a long output names. */
export interface Remarks {
  failed: string[];
  /** Failed in the suite, passed when their file ran alone: counted as passed, but said. */
  unstable: string[];
}

export async function runSuite({ command, again, ...step }: Suite, remarks: Remarks): Promise<Counts> {
  const first = await runReported(step, step.name, command);
  const failed = failedTests(first.xml);
  const files = again ? filesToSeeAgain(failed, remarks.unstable.length) : [];
  let counts = settle(countTests(first.xml), first.passed);
  if (again && files.length > 0) {
    const second = await runReported(step, `${step.name}, again and alone: ${files.join(", ")}`, (report) =>
      again(report, files),
    );
    const look = settleSecondLook(counts, failed, settle(countTests(second.xml), second.passed).failed === 0);
    counts = look.counts;
    remarks.unstable.push(...look.unstable.map((test) => `${step.name}: ${nameOf(test)}`));
    remarks.failed.push(...look.failed.map((test) => `${step.name}: ${nameOf(test)}`));
  } else remarks.failed.push(...failed.map((test) => `${step.name}: ${nameOf(test)}`));
  if (counts.failed > failed.length) remarks.failed.push(`${step.name}: ended without its report, or with none of its tests`);
  console.log(`== ${step.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${first.time})`);
  return counts;
}

async function runReported(step: Omit<Step, "command">, title: string, command: Suite["command"]) {
  const report = join(REPORTS, `${step.name.replaceAll(" ", "-")}.xml`);
  await rm(report, { force: true });
  console.log(`\n== ${title}`);
  const { passed, time } = await showStep({ ...step, command: command(report) });
  return { passed, time, xml: existsSync(report) ? await Bun.file(report).text() : "" };
}

/** No test at all, or an exit code that says "failed" while every test says "passed", is a failure of its own. */
export function settle(counts: Counts, exitedWell: boolean): Counts {
  const ranNothing = counts.passed + counts.failed === 0;
  return !exitedWell && counts.failed === 0 ? { ...counts, failed: 1 } : ranNothing ? { ...counts, failed: 1 } : counts;
}

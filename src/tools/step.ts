/** One command of a tool: run by the same Bun, its output shown at once or kept until it fails. */
import { join } from "node:path";
import { ROOT } from "./checkout";
import { startWatch } from "./stopwatch";

export interface Step {
  name: string;
  /** A script inside the checkout and its arguments; `bun` itself when the first is `test`. */
  command: readonly string[];
  cwd?: string;
  /** Minutes after which a hanging step is ended and counts as failed. */
  minutes?: number;
}

export interface StepResult {
  name: string;
  passed: boolean;
  output: string;
  time: string;
}

/** Runs scripts with Bun even when their first line names node: no Node is needed beside it. */
const toArgv = ([first = "", ...rest]: readonly string[]): string[] =>
  first === "test" ? [process.execPath, first, ...rest] : [process.execPath, "--bun", join(ROOT, first), ...rest];

/** Runs a step silently and returns all it printed. */
export async function runStep({ name, command, cwd = ROOT, minutes = 8 }: Step): Promise<StepResult> {
  const elapsed = startWatch();
  const child = Bun.spawn(toArgv(command), { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe", timeout: minutes * 60_000 });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const ended = child.signalCode ? `\n${name} was ended (${child.signalCode}) after ${elapsed()}.` : "";
  return { name, passed: code === 0 && !child.signalCode, output: `${stdout}${stderr}${ended}`.trim(), time: elapsed() };
}

/** Runs a step whose output people want to see while it runs. */
export async function showStep({ name, command, cwd = ROOT, minutes = 8 }: Step): Promise<Omit<StepResult, "output">> {
  const elapsed = startWatch();
  const child = Bun.spawn(toArgv(command), {
    cwd,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    timeout: minutes * 60_000,
  });
  const code = await child.exited;
  if (child.signalCode) console.error(`${name} was ended (${child.signalCode}) after ${elapsed()}.`);
  return { name, passed: code === 0 && !child.signalCode, time: elapsed() };
}

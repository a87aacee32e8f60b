/** `torture`: proves on this machine that nothing is lost, doubled, misrouted or swapped, whatever kills the server. */
import { resolve } from "node:path";
import { systemClock } from "../core/clock";
import { silentLog } from "../core/log";
import type { Command } from "./command";
import { HELP, readOptions } from "./torture/options";
import { isGood, progressLine, report } from "./torture/report";
import { type Progress, runTorture } from "./torture/run";

/** Where nobody watches, a line is written only now and then. */
const LINES_WITHOUT_TERMINAL = 20;

export const torture: Command = {
  summary: "kill a server of its own again and again, and count what was lost",
  async run(args) {
    const options = readOptions(args);
    if (!options) {
      console.log(HELP);
      return 0;
    }
    let isStopped = false;
    const stop = () => {
      if (isStopped) process.exit(1);
      isStopped = true;
      console.error("\nNo further kills: what has been said so far is counted. Once more to leave at once.");
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
    const outcome = await runTorture({
      ...options,
      isStopped: () => isStopped,
      command: serverCommand(options.binary),
      clock: systemClock,
      log: silentLog,
      onProgress: progressTo(options.kills),
    });
    console.log(report(outcome, options));
    return isGood(outcome) ? 0 : 1;
  },
};

/** This very program, from source or compiled, unless another executable is named. */
function serverCommand(binary: string | null): string[] {
  if (binary !== null) return [resolve(binary), "serve"];
  return Bun.isStandaloneExecutable ? [process.execPath, "serve"] : [process.execPath, Bun.main, "serve"];
}

function progressTo(all: number): (progress: Progress) => void {
  const { stderr } = process;
  let lines = 0;
  return (progress) => {
    const line = progressLine(progress, all);
    if (stderr.isTTY) stderr.write(`\r\x1b[2K${line}`);
    else if (progress.phase === "load" && progress.kills * LINES_WITHOUT_TERMINAL >= lines * all && all > 0) {
      lines++;
      stderr.write(`${line}\n`);
    }
  };
}

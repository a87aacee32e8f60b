/** `npm run bench -- <suite> [flags]`: the suites by name. Without a name all of them run, one after the other. */
import { runTool } from "../run-tool";
import { assistant } from "./assistant";
import { auth } from "./auth";
import { live } from "./live";
import { memory } from "./memory";
import { pipeline } from "./pipeline";
import { reports } from "./reports";
import { rest } from "./rest";
import { startup } from "./startup";
import { store } from "./store-suite";
import { readOptions, type Suite } from "./suite";
import { sync } from "./sync";
import { webhook } from "./webhook";

export const SUITES: Readonly<Record<string, Suite>> = {
  webhook,
  pipeline,
  rest,
  reports,
  live,
  memory,
  startup,
  store,
  sync,
  auth,
  assistant,
};

const usage = (): string =>
  [
    "Usage: npm run bench -- [suite] [--quick] [--binary | --profile] [--out dist/bench] [flags of the suite]",
    "",
    ...Object.entries(SUITES).map(([name, { summary, flags }]) => {
      const all = Object.entries(flags).map(([flag, value]) => `--${flag} ${value}`);
      return `  ${name.padEnd(9)} ${summary}\n            ${all.join(" ")}`;
    }),
    "",
    "The flags show their defaults. --quick only shows that a suite works. Figures also go to <out>/<suite>.json.",
  ].join("\n");

/** Runs the suites that are asked for. 2: the command line makes no sense. */
export async function bench([name, ...args]: string[], tell: (line: string) => void): Promise<number> {
  const isNamed = name !== undefined && !name.startsWith("--");
  const chosen = isNamed ? Object.entries(SUITES).filter(([one]) => one === name) : Object.entries(SUITES);
  const flags = isNamed || name === undefined ? args : [name, ...args];
  const runs = chosen.map(([one, suite]) => ({ one, suite, options: readOptions(suite, flags) }));
  if (runs.length === 0 || runs.some(({ options }) => options === null)) {
    tell(usage());
    return 2;
  }
  for (const { one, suite, options } of runs) {
    if (runs.length > 1) tell(`\n== ${one}: ${suite.summary}\n`);
    if (options) await suite.run({ ...options, tell });
  }
  return 0;
}

if (import.meta.main) runTool((args) => bench(args, console.log));

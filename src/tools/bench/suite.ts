/** What a benchmark is to `npm run bench`, and how its flags are read. */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { DIST } from "../checkout";

export interface Suite {
  /** What it measures, for the usage text. */
  summary: string;
  /** Flags with a number, and their values. */
  flags: Readonly<Record<string, number>>;
  /** Values that make a run of a few seconds, to see that the benchmark works; its figures mean nothing. */
  quick: Readonly<Record<string, number>>;
  run(options: SuiteOptions): Promise<void>;
}

export interface SuiteOptions {
  flags: Readonly<Record<string, number>>;
  /** Measure dist/chasqui instead of the sources. */
  binary: boolean;
  /** Write a processor profile of the server. */
  profile: boolean;
  /** Directory for figures and profiles. */
  out: string;
  tell: (line: string) => void;
}

/** Reads the flags of a suite. Null when one is unknown or no whole number above 0. */
export function readOptions({ flags, quick }: Pick<Suite, "flags" | "quick">, args: string[]): Omit<SuiteOptions, "tell"> | null {
  const numbers = Object.fromEntries(Object.keys(flags).map((name) => [name, { type: "string" as const }]));
  const switches = {
    binary: { type: "boolean" },
    profile: { type: "boolean" },
    quick: { type: "boolean" },
    out: { type: "string" },
  } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    values = parseArgs({ args, options: { ...numbers, ...switches } }).values as typeof values;
  } catch {
    // An unknown flag, or one without its value: the usage text says more than the error.
    return null;
  }
  const given = Object.entries(values).filter(([name]) => name in flags);
  if (given.some(([, text]) => !/^[1-9]\d*$/.test(String(text)))) return null;
  if (values.binary && values.profile) return null;
  return {
    flags: { ...flags, ...(values.quick ? quick : {}), ...Object.fromEntries(given.map(([name, text]) => [name, Number(text)])) },
    binary: values.binary === true,
    profile: values.profile === true,
    out: resolve(String(values.out ?? join(DIST, "bench"))),
  };
}

/** What a run of the torture is asked to do. */
import { parseArgs } from "node:util";
import { fail } from "../../core/errors";

export interface TortureOptions {
  kills: number;
  /** Customers' messages a second, on average. */
  rate: number;
  seed: number;
  customers: number;
  /** The load goes on at least this long. */
  seconds: number;
  /** A compiled executable; null: whatever runs this command. */
  binary: string | null;
  /** Leaves the data directory behind, to look at. */
  keep: boolean;
}

export const HELP = `Plays customers against a server of its own, kills it again and again, and counts what was lost.

  torture --kills 20 --rate 200 --seed 7

  --kills N        how often the server is killed (20)
  --rate N         customers' messages a second (200)
  --seed N         the same seed plays the same schedule (7)
  --customers N    how many customers write (twice the rate)
  --seconds N      the load lasts at least so long (10)
  --binary PATH    torture this executable instead of the one that runs now
  --keep           leave the data directory behind, to look at
`;

/** Null when help was asked for. Throws `request.invalid` for a value that is no whole number. */
export function readOptions(args: string[]): TortureOptions | null {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: {
      kills: text,
      rate: text,
      seed: text,
      customers: text,
      seconds: text,
      binary: text,
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const number = (name: "kills" | "rate" | "seed" | "customers" | "seconds", otherwise: number, least: number): number => {
    const given = values[name];
    if (given === undefined) return otherwise;
    if (!/^\d{1,9}$/.test(given) || Number(given) < least)
      throw fail("request.invalid", { message: `--${name} ${given}: a whole number of at least ${least} is needed.` });
    return Number(given);
  };
  const rate = number("rate", 200, 1);
  return {
    kills: number("kills", 20, 0),
    rate,
    seed: number("seed", 7, 0),
    customers: number("customers", rate * 2, 1),
    seconds: number("seconds", 10, 0),
    binary: values.binary ?? null,
    keep: values.keep,
  };
}

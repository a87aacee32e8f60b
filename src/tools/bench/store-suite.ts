/** `npm run bench -- store [--rows 1000000] [--rounds 5]` */
import { parseArgs } from "node:util";
import { benchStore } from "./store";

const USAGE = "Usage: npm run bench -- store [--rows 1000000] [--rounds 5]";
const FEWEST_ROWS = 1_000;

export async function storeSuite(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { rows: { type: "string", default: "1000000" }, rounds: { type: "string", default: "5" } },
  });
  const [rows, rounds] = [Number(values.rows), Number(values.rounds)];
  if (!Number.isInteger(rows) || rows < FEWEST_ROWS || !Number.isInteger(rounds) || rounds < 1) {
    console.error(`${USAGE}\nAt least ${FEWEST_ROWS} rows and one round.`);
    return 2;
  }
  await benchStore({ rows, rounds });
  return 0;
}

/** `npm run bench -- store`: the embedded engine beside the SQLite it stands on. */
import { benchStore } from "./store";
import type { Suite } from "./suite";

export const store: Suite = {
  summary: "commands of the embedded store, through the driver and through Mongoose, beside bun:sqlite",
  flags: { rows: 1_000_000, rounds: 5 },
  quick: { rows: 2_000, rounds: 1 },
  run: ({ flags, out, tell }) => benchStore({ rows: flags.rows ?? 0, rounds: flags.rounds ?? 0, out, tell }),
};

/** The store benchmark as a table that says what the store costs beside bun:sqlite, and as JSON. */
import { median } from "./report";
import { HYDRATED, LEAN, LEAN_SOCKET, NATIVE, NATIVE_SOCKET, RAW } from "./store-operations";
import type { Residence } from "./store-resident";
import type { Timing } from "./store-timing";

const HEAD = ["operation", "side", "CPU us", "wall us", "per s", "CPU beside"];

const cpuOf = ({ samples }: Timing): number => median(samples.map((sample) => sample.cpuMicroseconds));
const wallOf = ({ samples }: Timing): number => median(samples.map((sample) => sample.wallMicroseconds));

/** The driver is compared with bun:sqlite, Mongoose with the driver. */
const BESIDE: Readonly<Record<string, string>> = {
  [NATIVE]: RAW,
  [LEAN]: NATIVE,
  [HYDRATED]: NATIVE,
  [LEAN_SOCKET]: NATIVE_SOCKET,
};

const find = (timings: readonly Timing[], name: string, side: string | undefined): Timing | undefined =>
  timings.find((timing) => timing.name === name && timing.side === side);

function beside(timing: Timing, timings: readonly Timing[]): string {
  const base = BESIDE[timing.side];
  const other = find(timings, timing.name, base);
  return other ? `${(cpuOf(timing) / cpuOf(other)).toFixed(2)} x ${base}` : "";
}

/** What Mongoose itself costs is the same wherever the database is; beside a database in this process it shows. */
function mongooseLine(timings: readonly Timing[]): string {
  const name = "findOne by unique key";
  const added = (lean: string, native: string): string => {
    const [with_, without] = [find(timings, name, lean), find(timings, name, native)];
    return with_ && without ? `${(cpuOf(with_) - cpuOf(without)).toFixed(1)} us (${beside(with_, timings)})` : "-";
  };
  return (
    `Mongoose adds to one lean ${name}: ${added(LEAN, NATIVE)} in this process; ` +
    `${added(LEAN_SOCKET, NATIVE_SOCKET)}, the stock driver on a database behind a socket.`
  );
}

export function storeTable(timings: readonly Timing[], residence: Residence, rows: number): string {
  const lines = timings.map((timing) => [
    timing.name,
    timing.side,
    cpuOf(timing).toFixed(1),
    wallOf(timing).toFixed(1),
    Math.round(1e6 / wallOf(timing)).toString(),
    beside(timing, timings),
  ]);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ");
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  return [
    line(HEAD),
    line(widths.map((width) => "-".repeat(width))),
    ...lines.map(line),
    "",
    `A fresh process on the file of ${rows} messages: open ${residence.openMilliseconds.toFixed(1)} ms, ` +
      `${megabytes(residence.openedBytes)} opened, ${megabytes(residence.readBytes)} after reading; ` +
      `$group over all ${(residence.groupMilliseconds / 1_000).toFixed(1)} s, at most ${megabytes(residence.peakBytes)}; ` +
      `${megabytes(residence.restBytes)} at rest.`,
    mongooseLine(timings),
    "bun:sqlite = prepared statements on the same bytes, keys and settings; reads end with the stock bson deserialize, " +
      '"select only" without it. CPU of all threads, medians.',
  ].join("\n");
}

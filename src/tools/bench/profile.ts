/** Where the server's main thread spends its time: a `.cpuprofile` summed up by part of the house, by file and by function. */
import { join } from "node:path";
import { ROOT } from "../checkout";
import { type Column, toTable } from "./report";

export const profileDirectory = (out: string): string => join(out, "profile");

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

export interface CpuProfile {
  nodes: ProfileNode[];
  samples: number[];
  /** Microseconds since the sample before. */
  timeDeltas: number[];
}

/** A longer pause between two samples is sleep, not work: the sampler stands still while nothing runs. */
const LONGEST_SAMPLE_MS = 50;

interface Share {
  name: string;
  ms: number;
  share: number;
}

export interface ProfileSummary {
  /** Milliseconds in which something ran; a wait for the disk inside a call counts. */
  busyMs: number;
  parts: Share[];
  files: Share[];
  functions: Share[];
}

/** Native code has no file: its time belongs to the function of ours, or of a package, that called it. */
export function summarise(profile: CpuProfile): ProfileSummary {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child): [number, number] => [child, id])),
  );
  const self = new Map<number, number>();
  let busyMs = 0;
  profile.samples.forEach((id, index) => {
    const ms = (profile.timeDeltas[index] ?? 0) / 1_000;
    if (ms <= 0 || ms > LONGEST_SAMPLE_MS) return;
    busyMs += ms;
    self.set(id, (self.get(id) ?? 0) + ms);
  });
  const [parts, files, functions] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
  const add = (sums: Map<string, number>, name: string, ms: number) => sums.set(name, (sums.get(name) ?? 0) + ms);
  for (const [id, ms] of self) {
    const node = nodes.get(id)!;
    let owner = node;
    while (!isPlace(owner.callFrame.url) && parents.has(owner.id)) owner = nodes.get(parents.get(owner.id)!)!;
    const file = isPlace(owner.callFrame.url) ? pathOf(owner.callFrame.url) : "runtime (no caller known)";
    const name = node === owner ? nameOf(node) : `${nameOf(node)} < ${nameOf(owner)}`;
    add(parts, partOf(file), ms);
    add(files, file, ms);
    add(functions, `${name}  ${file}:${owner.callFrame.lineNumber + 1}`, ms);
  }
  const shares = (sums: Map<string, number>, count: number): Share[] =>
    [...sums]
      .map(([name, ms]) => ({ name, ms, share: busyMs === 0 ? 0 : ms / busyMs }))
      .sort((a, b) => b.ms - a.ms)
      .slice(0, count);
  return { busyMs, parts: shares(parts, 40), files: shares(files, 40), functions: shares(functions, 60) };
}

/** Sums up the newest profile in the directory, writes the tables beside it, and returns their path. */
export async function writeProfileTables(directory: string): Promise<string> {
  const names = [...new Bun.Glob("*.cpuprofile").scanSync({ cwd: directory })].sort();
  const newest = names.at(-1);
  if (newest === undefined) throw new Error(`The server has left no profile in ${directory}.`);
  const path = join(directory, newest.replace(".cpuprofile", ".txt"));
  await Bun.write(path, `${profileTables(summarise((await Bun.file(join(directory, newest)).json()) as CpuProfile))}\n`);
  return path;
}

const isPlace = (url: string): boolean => url.startsWith("file:") || url.startsWith("/");
const nameOf = ({ callFrame }: ProfileNode): string => callFrame.functionName || "(anonymous)";

function pathOf(url: string): string {
  const path = decodeURI(url.replace(/^file:\/\//, ""));
  return path.startsWith(`${ROOT}/`) ? path.slice(ROOT.length + 1) : path;
}

/** A package, or a folder of ours. */
function partOf(file: string): string {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  if (name) return name;
  const folders = file.split("/").slice(0, -1);
  return folders.length > 0 ? folders.slice(0, folders[1] === "store" ? 4 : 3).join("/") : file;
}

const COLUMNS: readonly Column<Share>[] = [
  { title: "%", of: ({ share }) => share * 100, digits: 1 },
  { title: "ms", of: ({ ms }) => ms },
  { title: "where (self time; `a < b`: native a called by b)", of: ({ name }) => name },
];

export const profileTables = ({ busyMs, parts, files, functions }: ProfileSummary): string =>
  [
    `Busy for ${(busyMs / 1_000).toFixed(1)} s.`,
    ...[
      { title: "By part", rows: parts },
      { title: "By file", rows: files },
      { title: "By function", rows: functions },
    ].map(({ title, rows }) => `${title}\n\n${toTable(COLUMNS, rows)}`),
  ].join("\n\n");

/** What a process costs, read from the Linux process files: processor time of all its threads, and memory. */
import { readdirSync, readFileSync } from "node:fs";
import { pause } from "./server";

/** Linux counts processor time in hundredths of a second on every architecture Bun runs on (USER_HZ). */
const TICK_MICROSECONDS = 10_000;

/** User and system time so far, in microseconds. */
export const cpuMicroseconds = (pid: number): number => timesOf(`/proc/${pid}`).microseconds;

/** The same for each kind of thread, by the name the thread gives itself. */
export function cpuByThread(pid: number): Map<string, number> {
  const times = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const { name, microseconds } = timesOf(`/proc/${pid}/task/${thread}`);
      times.set(name, (times.get(name) ?? 0) + microseconds);
    } catch {
      // ENOENT, ESRCH: the thread has ended since its name was read.
    }
  }
  return times;
}

function timesOf(directory: string): { name: string; microseconds: number } {
  const stat = readFileSync(`${directory}/stat`, "utf8");
  // The name stands in brackets and may hold spaces; utime and stime are the 12th and 13th field after it.
  const end = stat.lastIndexOf(")");
  const fields = stat.slice(end + 2).split(" ");
  return {
    name: stat.slice(stat.indexOf("(") + 1, end),
    microseconds: (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS,
  };
}

/** Resident memory in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? 0) * 1_024;
}

/** The highest resident memory so far, in bytes. */
export function peakResidentBytes(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? 0) * 1_024;
}

export interface Memory {
  /** Seconds since the sampling began. */
  second: number;
  megabytes: number;
}

/** Notes the resident memory once in a while until it is told to stop. */
export function sampleMemory(pid: number, everyMs = 1_000): { samples: Memory[]; stop(): void } {
  const samples: Memory[] = [];
  let ticks = 0;
  const take = () => {
    try {
      samples.push({ second: (ticks++ * everyMs) / 1_000, megabytes: residentBytes(pid) / 1e6 });
    } catch {
      // ENOENT: the process has ended before the sampling.
      clearInterval(ticker);
    }
  };
  const ticker = setInterval(take, everyMs);
  take();
  return { samples, stop: () => clearInterval(ticker) };
}

const LOOK_MS = 500;
/** A process that waits still looks around: this share of a core is rest. */
const REST_SHARE = 0.06;

/** Waits until the process has nothing left to do, and returns its processor time until then. */
export async function restOf(pid: number, limitMs: number): Promise<number> {
  for (let waited = 0, before = cpuMicroseconds(pid); ; waited += LOOK_MS) {
    await pause(LOOK_MS);
    const now = cpuMicroseconds(pid);
    if (now - before <= REST_SHARE * LOOK_MS * 1_000) return now;
    if (waited > limitMs) throw new Error(`The server still works ${limitMs / 1_000} s after the load.`);
    before = now;
  }
}

/** The load generator's own process: takes a job as JSON on standard input, prints the result as JSON. */
import { systemClock } from "../../core/clock";
import { type LoadResult, runLoad } from "./load";
import { type TrafficOptions, webhookRequests } from "./webhook-traffic";

export interface Job {
  hostname: string;
  port: number;
  connections: number;
  rate?: number;
  traffic: TrafficOptions;
}

export interface JobResult extends LoadResult {
  /** Share of one core the generator itself used; near 1 the generator is the limit, not the server. */
  generatorLoad: number;
}

async function main(): Promise<void> {
  const job = (await Bun.stdin.json()) as Job;
  const requests = webhookRequests(job.traffic);
  const cpuBefore = process.cpuUsage();
  const startedAt = systemClock.monotonic();
  const result = await runLoad({ ...job, requests });
  const cpu = process.cpuUsage(cpuBefore);
  const generatorLoad = (cpu.user + cpu.system) / 1_000 / (systemClock.monotonic() - startedAt);
  console.log(JSON.stringify({ ...result, generatorLoad } satisfies JobResult));
  process.exit(0);
}

if (import.meta.main) void main();

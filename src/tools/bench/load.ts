/** The two ways to put load on a server: as fast as it answers (closed loop), or at a fixed rate whatever it does (open loop). */
import { systemClock } from "../../core/clock";
import { NO_ANSWER, Poster } from "./poster";
import { type Percentiles, percentiles } from "./report";

export interface LoadOptions {
  hostname: string;
  port: number;
  connections: number;
  /** Prepared requests; each is sent once. */
  requests: readonly Uint8Array[];
  /** Requests a second for an open loop; absent: closed loop. */
  rate?: number;
}

export interface LoadResult {
  requests: number;
  seconds: number;
  perSecond: number;
  /** Milliseconds; in an open loop from the moment the request was due, so a stall is not hidden. */
  latency: Percentiles;
  /** How often each status came. */
  statuses: Record<string, number>;
}

/** Sends all requests and returns what happened. Rejects when a connection breaks: a benchmark with lost answers means nothing. */
export async function runLoad({ hostname, port, connections, requests, rate }: LoadOptions): Promise<LoadResult> {
  const poster = new Poster(hostname, port, connections);
  const latencies = new Float64Array(requests.length);
  const statuses: Record<string, number> = {};
  const startedAt = systemClock.monotonic();
  let next = 0;

  const sendNext = async (since: number): Promise<void> => {
    const index = next++;
    const status = await poster.post(requests[index]!);
    if (status === NO_ANSWER) throw new Error("A connection was closed before its answer.");
    latencies[index] = systemClock.monotonic() - since;
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  if (rate) {
    const answers: Promise<void>[] = [];
    const dueAt = () => startedAt + (next * 1_000) / rate;
    for (; next < requests.length; await Bun.sleep(1))
      while (next < requests.length && dueAt() <= systemClock.monotonic()) answers.push(sendNext(dueAt()));
    await Promise.all(answers);
  } else {
    const sendAll = async () => {
      while (next < requests.length) await sendNext(systemClock.monotonic());
    };
    await Promise.all(Array.from({ length: connections }, sendAll));
  }

  const seconds = (systemClock.monotonic() - startedAt) / 1_000;
  poster.close();
  return {
    requests: requests.length,
    seconds,
    perSecond: requests.length / seconds,
    latency: percentiles(latencies),
    statuses,
  };
}

/** The two ways to put load on a server: as fast as it answers (closed loop), or at a fixed rate whatever it does (open loop). */
import { systemClock } from "../../core/clock";
import { LoadConnection } from "./http-client";

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
  latency: { p50: number; p99: number; max: number };
  /** How often each status came. */
  statuses: Record<string, number>;
}

/** Sends all requests and returns what happened. Rejects when a connection breaks: a benchmark with lost answers means nothing. */
export async function runLoad({ hostname, port, connections, requests, rate }: LoadOptions): Promise<LoadResult> {
  const idle = await Promise.all(Array.from({ length: connections }, () => LoadConnection.open(hostname, port)));
  const all = [...idle];
  const latencies = new Float64Array(requests.length);
  const statuses: Record<string, number> = {};
  const startedAt = systemClock.monotonic();
  const dueAt = (index: number) => startedAt + (index * 1_000) / rate!;

  await new Promise<void>((resolve, reject) => {
    let next = 0;
    let answered = 0;
    const sendNext = (connection: LoadConnection) => {
      const index = next++;
      const since = rate ? dueAt(index) : systemClock.monotonic();
      connection.send(requests[index]!, {
        broken: reject,
        done: (status) => {
          latencies[index] = systemClock.monotonic() - since;
          statuses[status] = (statuses[status] ?? 0) + 1;
          if (++answered === requests.length) resolve();
          else if (next < requests.length && (!rate || dueAt(next) <= systemClock.monotonic())) sendNext(connection);
          else idle.push(connection);
        },
      });
    };
    if (!rate) for (const connection of idle.splice(0, Math.min(idle.length, requests.length))) sendNext(connection);
    else {
      const ticker = setInterval(() => {
        while (next < requests.length && idle.length > 0 && dueAt(next) <= systemClock.monotonic()) sendNext(idle.pop()!);
        if (next >= requests.length) clearInterval(ticker);
      }, 1);
    }
  });

  const seconds = (systemClock.monotonic() - startedAt) / 1_000;
  for (const connection of all) connection.close();
  latencies.sort();
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    requests: requests.length,
    seconds,
    perSecond: requests.length / seconds,
    latency: { p50: at(0.5), p99: at(0.99), max: latencies.at(-1) ?? 0 },
    statuses,
  };
}

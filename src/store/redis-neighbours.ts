/** Neighbours by Redis: what passes between processes and is not worth storing. Without Redis for a while they hear each other later. */
import { RedisClient } from "bun";
import type { Clock, Timer } from "../core/clock";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import type { Neighbours } from "../core/neighbours";

export interface RedisNeighbours extends Neighbours {
  close(): void;
}

export interface RedisNeighboursOptions {
  url: string;
  /** What these processes share: several installations may use one Redis. */
  installation: string;
  /** This process. */
  owner: string;
  clock: Clock;
  log: Log;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;
const SOME_TIME_MS = 5_000;

interface Line {
  speaks: RedisClient;
  hears: RedisClient;
}

interface Told {
  from: string;
  subject: string;
  message: unknown;
}

/** Resolves once Redis has been reached, or after a moment without it: it is tried again in the background. */
export async function openRedisNeighbours(options: RedisNeighboursOptions): Promise<RedisNeighbours> {
  const { url, installation, owner, clock, log } = options;
  const channel = `chasqui:${installation}`;
  const listeners = new Map<string, Set<(message: never, from: string) => void>>();
  let line: Line | null = null;
  let retry: Timer | null = null;
  let failures = 0;
  let isClosed = false;

  function hear(text: string): void {
    let told: Told;
    try {
      told = JSON.parse(text) as Told;
    } catch (error) {
      // Somebody else writes into our channel.
      log.warn("a message of another process could not be read", { reason: describeError(error) });
      return;
    }
    if (told.from === owner) return;
    for (const listener of listeners.get(told.subject) ?? []) {
      try {
        listener(told.message as never, told.from);
      } catch (error) {
        // One listener's own bug must not keep the others from hearing.
        log.error("a listener to other processes failed", { subject: told.subject, reason: describeError(error) });
      }
    }
  }

  async function connect(): Promise<void> {
    retry = null;
    // Reconnecting is done here, so that the subscription is made anew with it.
    const own = { autoReconnect: false, enableOfflineQueue: false, connectionTimeout: SOME_TIME_MS };
    const next: Line = { speaks: new RedisClient(url, own), hears: new RedisClient(url, own) };
    const lost = (reason: unknown) => {
      if (line !== next && line !== null) return;
      next.speaks.onclose = next.hears.onclose = null;
      hangUp(next);
      line = null;
      again(reason);
    };
    try {
      await Promise.all([next.speaks.connect(), next.hears.connect()]);
      await next.hears.subscribe(channel, hear);
      if (isClosed) return hangUp(next);
      next.speaks.onclose = next.hears.onclose = lost;
      line = next;
      failures = 0;
    } catch (error) {
      // Redis is not there, or not yet.
      lost(error);
    }
  }

  function again(reason: unknown): void {
    if (isClosed || retry) return;
    if (failures++ === 0) log.warn("Redis cannot be reached; other processes hear later", { reason: describeError(reason) });
    retry = clock.timer(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10)), () => void connect());
  }

  await connect();
  return {
    tell(subject, message) {
      line?.speaks.publish(channel, JSON.stringify({ from: owner, subject, message })).catch((error: unknown) =>
        // The line has just been lost; it is made anew.
        log.debug("another process was not told", { subject, reason: describeError(error) }),
      );
    },
    listen(subject, listener) {
      const set = listeners.get(subject) ?? new Set();
      listeners.set(subject, set.add(listener));
      return () => set.delete(listener);
    },
    close() {
      isClosed = true;
      retry?.cancel();
      if (line) {
        line.speaks.onclose = line.hears.onclose = null;
        hangUp(line);
      }
      line = null;
    },
  };
}

function hangUp({ speaks, hears }: Line): void {
  speaks.close();
  hears.close();
}

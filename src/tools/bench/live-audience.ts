/** The sockets of all client processes as one audience: told what to expect, asked when it was there. */
import { systemClock } from "../../core/clock";
import { Child } from "./child";
import type { Collected, LiveOrder } from "./live-clients";

/** One process reads no more than this without becoming the limit itself. */
const MOST_IN_PROCESS = 2_500;
const LIMIT_MS = 60_000;

export interface Heard {
  /** Milliseconds from the call of `send`; of the slowest process. */
  p50: number;
  p99: number;
}

export class Audience {
  private constructor(
    private readonly children: readonly Child<LiveOrder>[],
    readonly sockets: number,
  ) {}

  static async open(url: string, token: string | null, sockets: number): Promise<Audience> {
    const processes = Math.ceil(sockets / MOST_IN_PROCESS);
    const children = Array.from({ length: processes }, () => new Child<LiveOrder>("live-clients.ts"));
    const audience = new Audience(children, sockets);
    const share = (index: number) => Math.floor(sockets / processes) + (index < sockets % processes ? 1 : 0);
    try {
      await Promise.all(children.map((child, index) => child.ask({ do: "connect", url, token, count: share(index) })));
    } catch (error) {
      // One connection was refused: the others may not stay open.
      await audience.close();
      throw error;
    }
    return audience;
  }

  /** Calls `send` and waits until every socket has got so many events. Throws when one got another number. */
  async hear(frames: number, containing: string, send: () => unknown): Promise<Heard> {
    await Promise.all(this.children.map((child) => child.ask({ do: "expect", frames, containing })));
    const sentAt = systemClock.now();
    const collecting = this.children.map((child) => child.ask<Collected>({ do: "collect", sentAt, limitMs: LIMIT_MS }));
    await send();
    const collected = await Promise.all(collecting);
    const isWrong = ({ counts, closed }: Collected) => closed > 0 || Object.keys(counts).join() !== String(frames);
    if (collected.some(isWrong)) {
      const told = collected.map(({ counts, closed }) => `${JSON.stringify(counts)}, ${closed} closed`).join("; ");
      throw new Error(`Not every socket got exactly ${frames} event(s). Events to sockets, in each client process: ${told}`);
    }
    const most = (of: (one: Collected) => number) => Math.max(...collected.map(of));
    return { p50: most(({ latency }) => latency.p50), p99: most(({ latency }) => latency.p99) };
  }

  async close(): Promise<void> {
    await Promise.all(this.children.map((child) => child.stop()));
  }
}

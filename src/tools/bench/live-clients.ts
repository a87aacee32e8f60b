/** Many live connections in one process, which count the events they get and note when. Obeys messages of its parent. */
import { systemClock } from "../../core/clock";
import { type Percentiles, percentiles } from "./report";

export type LiveOrder =
  | { do: "connect"; url: string; token: string | null; count: number }
  /** Each socket is to get so many events from now on. Text that stands in each event of that kind. */
  | { do: "expect"; frames: number; containing: string }
  /** Answers once they are all here. */
  | { do: "collect"; sentAt: number; limitMs: number };

export interface Collected {
  /** Milliseconds from `sentAt` until the last event of each socket. */
  latency: Percentiles;
  /** How many sockets got how many events. */
  counts: Record<number, number>;
  /** Connections that the server has closed. */
  closed: number;
}

const AT_ONCE = 100;

class Clients {
  readonly #got: number[] = [];
  readonly #lastAt: number[] = [];
  #frames = 0;
  #containing = "";
  #complete = 0;
  #closed = 0;
  #done: PromiseWithResolvers<void> = Promise.withResolvers();

  async connect(url: string, token: string | null, count: number): Promise<void> {
    for (let from = 0; from < count; from += AT_ONCE)
      await Promise.all(
        Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, offset) => this.#open(url, token, from + offset)),
      );
  }

  expect(frames: number, containing: string): void {
    this.#got.fill(0);
    this.#frames = frames;
    this.#containing = containing;
    this.#complete = 0;
    this.#done = Promise.withResolvers();
  }

  async collect(sentAt: number, limitMs: number): Promise<Collected> {
    await Promise.race([this.#done.promise, Bun.sleep(limitMs)]);
    const counts: Record<number, number> = {};
    for (const got of this.#got) counts[got] = (counts[got] ?? 0) + 1;
    return { latency: percentiles(this.#lastAt.map((at) => at - sentAt)), counts, closed: this.#closed };
  }

  /** Resolves once the server has said that the connection is signed in; a server without sign-in is ready at once. */
  #open(url: string, token: string | null, index: number): Promise<void> {
    this.#got[index] = 0;
    this.#lastAt[index] = 0;
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.onopen = () => (token === null ? resolve() : socket.send(JSON.stringify({ type: "auth", token })));
      socket.onerror = () => reject(new Error(`connection ${index} failed`));
      socket.onclose = ({ code }) => {
        reject(new Error(`connection ${index} was closed with ${code}`));
        this.#closed++;
      };
      socket.onmessage = ({ data }) => {
        const text = String(data);
        if (text.startsWith('{"type":"connected"')) resolve();
        else if (this.#frames > 0 && text.includes(this.#containing)) this.#count(index);
      };
    });
  }

  #count(index: number): void {
    this.#lastAt[index] = systemClock.now();
    if (++this.#got[index]! === this.#frames && ++this.#complete === this.#got.length) this.#done.resolve();
  }
}

function main(): void {
  const clients = new Clients();
  const obey = async (order: LiveOrder): Promise<unknown> => {
    switch (order.do) {
      case "connect":
        return clients.connect(order.url, order.token, order.count);
      case "expect":
        return clients.expect(order.frames, order.containing);
      case "collect":
        return clients.collect(order.sentAt, order.limitMs);
    }
  };
  process.on("message", (order: LiveOrder) => {
    obey(order).then(
      (result) => process.send!({ result: result ?? null }),
      (error: unknown) => process.send!({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
}

if (import.meta.main) main();

/** Many clients that sleep, drop and resume at random while customers write: whatever happens to them, each hears every event once. */
import type { TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { type LiveClient, signInLive } from "./live-client";

export interface SwarmOptions {
  app: TestApp;
  clients: number;
  /** Milliseconds during which customers write and clients come and go. */
  ms: number;
  seed: number;
}

export interface SwarmResult {
  /** The numbers that were given while the swarm was there. */
  first: number;
  last: number;
  written: number;
  drops: number;
  sleeps: number;
  resyncs: number;
  /** What each client has heard, in its order. */
  heard: { seqs: number[]; wamids: string[] }[];
}

/** Small, fast and the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

class SwarmClient {
  readonly seqs: number[] = [];
  readonly wamids: string[] = [];
  resyncs = 0;
  drops = 0;
  sleeps = 0;
  #line: LiveClient | null = null;
  #taken = 0;

  constructor(
    readonly app: TestApp,
    readonly random: () => number,
    public last: number,
  ) {}

  /** Whatever has come since it was looked at last. */
  take(): void {
    const frames = this.#line?.frames ?? [];
    for (; this.#taken < frames.length; this.#taken++) {
      const frame = frames[this.#taken];
      if (frame?.type === "resync") this.resyncs++;
      if (frame?.type !== "event" || typeof frame.seq !== "number") continue;
      this.seqs.push(frame.seq);
      this.last = frame.seq;
      const wamid = (frame.data as { message?: { wamid?: string } })?.message?.wamid;
      if (frame.event === "message:new" && wamid) this.wamids.push(wamid);
    }
  }

  async connect(): Promise<void> {
    this.#line = await signInLive(this.app.url, this.app.api.token, this.last);
    this.#taken = 0;
  }

  drop(): void {
    // What has arrived by now counts as heard, the rest was lost with the line.
    this.take();
    this.#line?.drop();
    this.#line = null;
  }

  /** Comes and goes until the end. */
  async live(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await Bun.sleep(20 + this.random() * 400);
      this.take();
      const dice = this.random();
      if (dice < 0.35) {
        this.drop();
        this.drops++;
        if (this.random() < 0.4) {
          this.sleeps++;
          await Bun.sleep(this.random() * 1_500);
        }
        await this.connect();
      } else if (dice < 0.5) {
        // Asks again for what it has: allowed at any time.
        this.#line?.send({ type: "ping" });
      }
    }
  }

  async reach(seq: number): Promise<void> {
    if (!this.#line) await this.connect();
    await until(
      () => {
        this.take();
        return this.last >= seq || this.#line?.closed();
      },
      { within: 60_000, what: `event ${seq} on every client` },
    );
    if (this.last >= seq) return;
    // Too slow for the others, and closed: it resumes.
    await this.connect();
    await this.reach(seq);
  }
}

const newest = async (app: TestApp): Promise<number> => {
  using client = await signInLive(app.url, app.api.token);
  return Number(client.frames[0]?.seq);
};

export async function runSwarm({ app, clients: count, ms, seed }: SwarmOptions): Promise<SwarmResult> {
  const random = randomOf(seed);
  const first = await newest(app);
  const clients = Array.from({ length: count }, (_, index) => new SwarmClient(app, randomOf(seed * 7_919 + index + 1), first));
  for (let at = 0; at < count; at += 20) await Promise.all(clients.slice(at, at + 20).map((client) => client.connect()));
  const endsAt = performance.now() + ms;
  const isOver = () => performance.now() > endsAt;
  let written = 0;
  const writing = (async () => {
    while (!isOver()) {
      const messages = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
        from: `5198660${String(Math.floor(random() * 40)).padStart(4, "0")}`,
        id: `wamid.swarm.${seed}.${written++}`,
        text: `mensaje ${written}`,
      }));
      await app.receive(...messages);
      await Bun.sleep(random() * 120);
    }
  })();
  await Promise.all([writing, ...clients.map((client) => client.live(isOver))]);
  // Until nothing new comes.
  let last = -1;
  await until(
    async () => {
      const now = await newest(app);
      const isQuiet = now === last;
      last = now;
      return isQuiet;
    },
    { within: 60_000, every: 300, what: "the end of the events" },
  );
  await Promise.all(clients.map((client) => client.reach(last)));
  for (const client of clients) client.drop();
  const sum = (of: (client: SwarmClient) => number) => clients.reduce((total, client) => total + of(client), 0);
  return {
    first,
    last,
    written,
    drops: sum(({ drops }) => drops),
    sleeps: sum(({ sleeps }) => sleeps),
    resyncs: sum(({ resyncs }) => resyncs),
    heard: clients.map(({ seqs, wamids }) => ({ seqs, wamids })),
  };
}

/** What is wrong, in words: nothing when everybody has heard everything once and in order. */
export function faultsOf({ first, last, written, heard }: SwarmResult): string[] {
  const faults: string[] = [];
  for (const [index, { seqs, wamids }] of heard.entries()) {
    const wrong = seqs.findIndex((seq, at) => seq !== first + 1 + at);
    if (wrong >= 0) faults.push(`client ${index}: ${seqs[wrong]} came where ${first + 1 + wrong} was due`);
    if (seqs.length !== last - first) faults.push(`client ${index} heard ${seqs.length} of ${last - first} events`);
    if (new Set(wamids).size !== wamids.length) faults.push(`client ${index} heard a message twice`);
    if (wamids.length !== written) faults.push(`client ${index} heard ${wamids.length} of ${written} messages`);
  }
  return faults;
}

/**
 * The world around the server in the pipeline benchmark, as a process of its own: customers who write at a fixed rate, WhatsApp's
 * Graph API, the assistant's provider, and WhatsApp again, telling three statuses of every reply. Obeys messages of its parent.
 */
import { marksIn } from "../../commands/torture/mark";
import { systemClock } from "../../core/clock";
import { judge, replyOverhead, type SaidInPhase, type Verdict } from "./pipeline-ledger";
import { customerOfNumber, numberOf, type PipelinePhase, planPhase, wamidOfMark } from "./pipeline-plan";
import { Poster } from "./poster";
import { type Percentiles, percentiles } from "./report";
import { pause } from "./server";
import { type SentMessage, startGraph, startModel } from "./upstream";
import { messageBody, signedRequest, statusBody } from "./webhook-request";

export type Order =
  | { do: "open"; modelMs: number }
  | { do: "connect"; port: number; path: string; connections: number }
  | { do: "play"; phase: PipelinePhase; batchWaitMs: number; modelMs: number; drainMs: number }
  | { do: "tell" };

export interface Played {
  verdict: Verdict;
  /** Milliseconds of the webhook's answer, from the moment the message was due. */
  answer: Percentiles;
  overhead: Percentiles;
  /** Messages a second, from the first one due to the last reply, without the waits that are wanted. */
  sustained: number;
  /** Seconds from the last message due until the last reply, and until the last status was taken. */
  drained: { replies: number; statuses: number };
  statuses: number;
  /** Answers other than 200; such a request is delivered again, as WhatsApp does. */
  refused: number;
  /** Seconds of processor time of this process. */
  cpuSeconds: number;
}

/** Everything that went in and out, for the comparison with the store. */
export interface Ledger {
  said: { mark: string; customer: number; wamid: string; text: string }[];
  heard: SentMessage[];
}

const STATUSES = [
  { status: "sent", afterMs: 20 },
  { status: "delivered", afterMs: 120 },
  { status: "read", afterMs: 700 },
] as const;
/** WhatsApp waits longer before it delivers again; here nobody has so much time. */
const REDELIVER_MS = 250;
const LOOK_MS = 50;

class World {
  readonly #said: (SaidInPhase & { text: string })[] = [];
  readonly #heard: SentMessage[] = [];
  readonly #answered = new Set<string>();
  #poster: Poster | null = null;
  #path = "";
  #refused = 0;
  #statusesTaken = 0;

  open(modelMs: number): { graphUrl: string; modelUrl: string } {
    const graph = startGraph((message) => {
      this.#heard.push(message);
      for (const mark of marksIn(message.text)) this.#answered.add(mark);
      void this.#tellStatuses(message);
    });
    return { graphUrl: graph.url, modelUrl: startModel(modelMs).url };
  }

  connect({ port, path, connections }: { port: number; path: string; connections: number }): void {
    this.#poster = new Poster("127.0.0.1", port, connections);
    this.#path = path;
  }

  async play(phase: PipelinePhase, wantedMs: number, drainMs: number): Promise<Played> {
    const before = { said: this.#said.length, heard: this.#heard.length, statuses: this.#statusesTaken, refused: this.#refused };
    const cpuBefore = process.cpuUsage();
    const numberOfCustomer = (customer: number) => phase.numbers[customer % phase.numbers.length]!;
    const planned = planPhase(phase);
    const startedAt = systemClock.monotonic();
    const answers: Promise<void>[] = [];
    for (let next = 0; next < planned.length; ) {
      const now = systemClock.monotonic() - startedAt;
      for (; next < planned.length && planned[next]!.at <= now; next++) {
        const { at, customer, mark, text } = planned[next]!;
        const one = { mark, customer, text, dueAt: startedAt + at, saidAt: systemClock.monotonic(), takenAt: null };
        this.#said.push(one);
        answers.push(this.#say(one, numberOfCustomer(customer)));
      }
      await pause(1);
    }
    const lastDue = startedAt + planned.at(-1)!.at;
    await Promise.all(answers);
    const said = this.#said.slice(before.said);
    const heard = () => this.#heard.slice(before.heard);
    // What does not come in time is counted as lost below, not thrown.
    await soon(drainMs, () => this.#answered.size === this.#said.length);
    await soon(drainMs, () => this.#statusesTaken === this.#heard.length * STATUSES.length);
    const allTakenAt = systemClock.monotonic();
    const replies = heard();
    const lastReplyAt = Math.max(...replies.map(({ at }) => at));
    const cpu = process.cpuUsage(cpuBefore);
    return {
      verdict: judge(said, replies, numberOfCustomer),
      answer: percentiles(said.map(({ dueAt, takenAt }) => (takenAt ?? Number.POSITIVE_INFINITY) - dueAt)),
      overhead: replyOverhead(said, replies, wantedMs),
      sustained: (said.length * 1_000) / Math.max(lastDue - startedAt, lastReplyAt - wantedMs - startedAt),
      drained: { replies: (lastReplyAt - lastDue) / 1_000, statuses: (allTakenAt - lastDue) / 1_000 },
      statuses: this.#statusesTaken - before.statuses,
      refused: this.#refused - before.refused,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    };
  }

  tell(): Ledger {
    return {
      said: this.#said.map(({ mark, customer, text }) => ({ mark, customer, text, wamid: wamidOfMark(mark) })),
      heard: this.#heard,
    };
  }

  async #say(one: SaidInPhase & { text: string }, phoneNumberId: string): Promise<void> {
    const body = messageBody({
      from: numberOf(one.customer),
      name: `Customer ${one.customer}`,
      wamid: wamidOfMark(one.mark),
      text: one.text,
      timestamp: seconds(),
      phoneNumberId,
    });
    await this.#deliver(body);
    one.takenAt = systemClock.monotonic();
  }

  async #tellStatuses({ wamid, to, callbackData, phoneNumberId, at }: SentMessage): Promise<void> {
    const recipient = numberOf(customerOfNumber(to));
    for (const { status, afterMs } of STATUSES) {
      await Bun.sleep(Math.max(0, at + afterMs - systemClock.monotonic()));
      await this.#deliver(statusBody({ wamid, status, recipient, timestamp: seconds(), callbackData, phoneNumberId }));
      this.#statusesTaken++;
    }
  }

  async #deliver(body: string): Promise<void> {
    const request = signedRequest(this.#path, body);
    while ((await this.#poster!.post(request)) !== 200) {
      this.#refused++;
      await Bun.sleep(REDELIVER_MS);
    }
  }
}

async function soon(limitMs: number, holds: () => boolean): Promise<void> {
  for (const limit = systemClock.monotonic() + limitMs; !holds() && systemClock.monotonic() < limit; ) await pause(LOOK_MS);
}

const seconds = (): number => Math.floor(systemClock.now() / 1_000);

function main(): void {
  const world = new World();
  const obey = async (order: Order): Promise<unknown> => {
    switch (order.do) {
      case "open":
        return world.open(order.modelMs);
      case "connect":
        return world.connect(order);
      case "play":
        return world.play(order.phase, order.batchWaitMs + order.modelMs, order.drainMs);
      case "tell":
        return world.tell();
    }
  };
  process.on("message", (order: Order) => {
    obey(order).then(
      (result) => process.send!({ result: result ?? null }),
      (error: unknown) => process.send!({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
}

if (import.meta.main) main();

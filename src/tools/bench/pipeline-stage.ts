/** Server and world of a pipeline run together: opened, played phase by phase, and at the end the store read message by message. */
import { Api } from "./api";
import { Child } from "./child";
import type { PipelinePhase } from "./pipeline-plan";
import { assertStore } from "./pipeline-store";
import type { Ledger, Order, Played } from "./pipeline-world";
import { cpuByThread, cpuMicroseconds, residentBytes, restOf } from "./process-cost";
import { API, type ServerOptions, startServer } from "./server";
import { IDENTITY } from "./target";

/** A number of WhatsApp carries 1,000 messages a second, both directions together, and the server learns that limit by itself. */
const MESSAGES_A_NUMBER = 350;
const CONNECTIONS = 64;
const DRAIN_MS = 240_000;
const REST_MS = 120_000;

export interface StageOptions extends Pick<ServerOptions, "binary" | "profile"> {
  batchWaitMs: number;
  /** How long the model thinks. */
  modelMs: number;
  /** The highest rate that will be played, in messages a second. */
  maxRate: number;
  /** Seconds between two talks of the same customer. */
  gap: number;
}

export interface PhaseResult extends Played {
  phase: string;
  rate: number;
  customers: number;
  /** Processor time a message, in microseconds, until everything behind it is done. */
  cpuMicroseconds: { server: number; world: number; threads: Record<string, number> };
  residentMegabytes: number;
}

export interface Stage {
  pid: number;
  numbers: readonly string[];
  play(name: string, rate: number, seconds: number): Promise<PhaseResult>;
  /** Stops the server and reads its store. Throws when anything in it is not as the world outside has seen it. */
  finish(): Promise<void>;
  /** Ends and removes what is left. */
  close(): Promise<void>;
}

export async function openStage({ batchWaitMs, modelMs, maxRate, gap, ...options }: StageOptions): Promise<Stage> {
  const world = new Child<Order>("pipeline-world.ts");
  try {
    const { graphUrl, modelUrl } = await world.ask<{ graphUrl: string; modelUrl: string }>({ do: "open", modelMs });
    const server = await startServer({
      ...options,
      environment: {
        ASSISTANT: "auto",
        WHATSAPP_GRAPH_URL: graphUrl,
        OPENAI_BASE_URL: modelUrl,
        OPENAI_API_KEY: "bench-key",
        BATCH_WAIT_MS: String(batchWaitMs),
        BATCH_MAX_WAIT_MS: String(batchWaitMs * 4),
      },
    });
    const { pid, port } = server;
    const close = async () => {
      await world.stop();
      await server.stop().finally(() => server.remove());
    };
    try {
      const numbers = await connectNumbers(new Api(server.base), Math.ceil(maxRate / MESSAGES_A_NUMBER));
      await world.ask({ do: "connect", port, path: `${API}/webhook`, connections: CONNECTIONS });
      let firstCustomer = 0;
      return {
        pid,
        numbers,
        async play(name, rate, seconds) {
          const customers = rate * gap;
          const phase: PipelinePhase = { name, rate, seconds, firstCustomer, customers, numbers };
          firstCustomer += customers;
          const before = { threads: cpuByThread(pid), all: cpuMicroseconds(pid) };
          const played = await world.ask<Played>({ do: "play", phase, batchWaitMs, modelMs, drainMs: DRAIN_MS });
          const cpu = (await restOf(pid, REST_MS)) - before.all;
          return { ...played, phase: name, rate, customers, ...costOf(pid, before.threads, cpu, played) };
        },
        async finish() {
          const ledger = await world.ask<Ledger>({ do: "tell" });
          await server.stop();
          await assertStore(server.dataDir, ledger);
        },
        close,
      };
    } catch (error) {
      // Whatever it was: no process may stay behind.
      await close();
      throw error;
    }
  } catch (error) {
    await world.stop();
    throw error;
  }
}

/** The number of the environment, and more of them added as an admin does. */
async function connectNumbers(api: Api, count: number): Promise<string[]> {
  const numbers: string[] = [IDENTITY.phoneNumberId];
  for (let number = 1; number < count; number++) {
    const phoneNumberId = String(BigInt(IDENTITY.phoneNumberId) + BigInt(number));
    await api.call("POST", "/channels", {
      phoneNumberId,
      wabaId: IDENTITY.businessAccountId,
      accessToken: "bench-token",
      appSecret: IDENTITY.appSecret,
      verifyToken: "bench-verify",
    });
    numbers.push(phoneNumberId);
  }
  return numbers;
}

function costOf(pid: number, before: ReadonlyMap<string, number>, cpu: number, { verdict, cpuSeconds }: Played) {
  const each = (microseconds: number) => microseconds / verdict.said;
  const threads = [...cpuByThread(pid)].map(([name, after]): [string, number] => [name, each(after - (before.get(name) ?? 0))]);
  return {
    cpuMicroseconds: {
      server: each(cpu),
      world: each(cpuSeconds * 1e6),
      threads: Object.fromEntries(threads.filter(([, microseconds]) => microseconds >= 1)),
    },
    residentMegabytes: residentBytes(pid) / 1e6,
  };
}

const MISTAKES = ["lost", "twice", "misrouted", "outOfOrder"] as const;

/** Throws when a message was lost, answered twice, to somebody else or out of order. */
export function assertVerdicts(results: readonly PhaseResult[]): void {
  const bad = results.filter(({ verdict }) => MISTAKES.some((mistake) => verdict[mistake] > 0));
  if (bad.length > 0) throw new Error(bad.map(({ phase, verdict }) => `${phase}: ${JSON.stringify(verdict)}`).join("\n"));
}

export const phaseLine = ({ phase, verdict, sustained, overhead, answer, cpuMicroseconds: cpu }: PhaseResult): string =>
  `${phase}: ${verdict.said} said, ${verdict.replies} replies, ${sustained.toFixed(0)}/s; answer p99 ${answer.p99.toFixed(0)} ms, ` +
  `overhead p99 ${overhead.p99.toFixed(0)} ms; CPU ${cpu.server.toFixed(0)} us a message; ` +
  MISTAKES.map((mistake) => `${mistake} ${verdict[mistake]}`).join(", ");

/** Runs every target in turn, several rounds, so that a disturbance of the machine hits all of them alike; keeps the medians. */
import type { Job, JobResult } from "./generator";
import { cpuMicroseconds, residentBytes } from "./process-cost";
import type { RunningTarget, Target } from "./target";
import { textOf, wamidOf } from "./webhook-traffic";

const GENERATOR = `${import.meta.dir}/generator.ts`;

export interface Phase {
  name: string;
  requests: number;
  connections: number;
  /** Requests a second; absent: as fast as the server answers. */
  rate?: number;
}

export interface RoundResult extends JobResult {
  /** Server time until the last answer, per request. */
  cpuMicroseconds: number;
  /** Server time until everything was processed behind the answers too, per request. */
  cpuMicrosecondsSettled: number;
  residentBytes: number;
}

export interface Measurement {
  target: string;
  phase: string;
  rounds: RoundResult[];
}

export interface RoundsOptions {
  targets: readonly Target[];
  phases: readonly Phase[];
  rounds: number;
  customers: number;
  /** Called with a line for people after each round. */
  tell: (line: string) => void;
}

export async function runRounds({ targets, phases, rounds, customers, tell }: RoundsOptions): Promise<Measurement[]> {
  const running: { name: string; server: RunningTarget; sent: Map<string, string>; measurements: Map<string, Measurement> }[] =
    [];
  try {
    for (const target of targets)
      running.push({
        name: target.name,
        server: await target.start(),
        sent: new Map(),
        measurements: new Map(phases.map((phase) => [phase.name, { target: target.name, phase: phase.name, rounds: [] }])),
      });
    // Round 0 warms up the compilers of all servers and is not counted.
    for (let round = 0; round <= rounds; round++)
      for (const phase of phases)
        for (const { name, server, sent, measurements } of running) {
          const result = await runRound(server, phase, customers, `${phase.name}-${round}`, sent);
          if (round > 0) measurements.get(phase.name)?.rounds.push(result);
          tell(
            `${name}, ${phase.name}, ${round === 0 ? "warm-up" : `round ${round}`}: ` +
              `${Math.round(result.perSecond)}/s, ${result.cpuMicroseconds.toFixed(1)} us CPU a request`,
          );
        }
  } finally {
    for (const { server, sent } of running) await server.finish(sent);
  }
  return running.flatMap(({ measurements }) => [...measurements.values()]);
}

async function runRound(
  server: RunningTarget,
  { requests, connections, rate }: Phase,
  customers: number,
  round: string,
  sent: Map<string, string>,
): Promise<RoundResult> {
  const before = cpuMicroseconds(server.pid);
  const result = await generate({
    hostname: "127.0.0.1",
    port: server.port,
    connections,
    ...(rate === undefined ? {} : { rate }),
    traffic: { count: requests, round, path: server.path, customers },
  });
  const after = cpuMicroseconds(server.pid);
  if (result.statuses["200"] !== requests)
    throw new Error(`Not every request was answered 200: ${JSON.stringify(result.statuses)}`);
  for (let index = 0; index < requests; index++) sent.set(wamidOf(round, index), textOf(round, index));
  const cpuUntilSettled = await server.settled();
  return {
    ...result,
    cpuMicroseconds: (after - before) / requests,
    cpuMicrosecondsSettled: (cpuUntilSettled - before) / requests,
    residentBytes: residentBytes(server.pid),
  };
}

async function generate(job: Job): Promise<JobResult> {
  const child = Bun.spawn([process.execPath, GENERATOR], {
    stdin: Buffer.from(JSON.stringify(job)),
    stdout: "pipe",
    stderr: "inherit",
  });
  const [output, code] = await Promise.all([child.stdout.text(), child.exited]);
  if (code !== 0) throw new Error(`The load generator ended with exit code ${code}.`);
  return JSON.parse(output) as JobResult;
}

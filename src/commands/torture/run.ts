/** One run of the torture from the first start to the findings. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, wait } from "../../core/clock";
import type { Log } from "../../core/log";
import type { MessageView } from "../../events/view";
import type { UnresolvedCounts } from "../../features/messages/message-unresolved.schema";
import { startCustomers } from "./customers";
import { createExecutioner, type KillCounts } from "./executioner";
import { marksIn } from "./mark";
import type { TortureOptions } from "./options";
import { type Findings, reconcile } from "./reconcile";
import { RestClient } from "./rest-client";
import { planKills } from "./schedule";
import { StageTracker } from "./stage-tracker";
import { startTroubles } from "./troubles";
import { Victim } from "./victim";
import { startWorld, type World } from "./world";

export interface RunOptions extends TortureOptions {
  /** What starts the server. */
  command: readonly string[];
  clock: Clock;
  log: Log;
  /** Told after every kill, and about once a second while the run comes to rest. */
  onProgress: (progress: Progress) => void;
  /** Whether somebody wants the result now: no further kills, but everything is counted all the same. */
  isStopped: () => boolean;
}

export interface Progress {
  phase: "load" | "rest" | "count";
  kills: number;
  said: number;
  answered: number;
}

export interface Outcome {
  findings: Findings;
  counts: KillCounts;
  /** Sends that wait for a person's decision, and events that could not be processed. */
  unresolvedSends: number;
  deadEvents: number;
  /** Customers' messages in the server's threads that are missing or there twice. */
  storedWrong: string[];
  /** Replies that never reached an end: still queued or in flight after everything came to rest. */
  unfinished: number;
  troubles: number;
  heldBackMs: number;
  /** How long the customers wrote, and the whole run. */
  loadSeconds: number;
  seconds: number;
  exitCode: number;
  defects: readonly string[];
  /** Where the data is, when it was kept. */
  directory: string | null;
}

const ADMIN = { email: "admin@torture.example", password: "torture-password-1" };
/** Long enough for a status to be delivered again after a kill, short enough for a run. */
const SETTLE_MS = 8_000;
/** The server does nothing and no phone rings for so long: whatever is missing will not come. */
const QUIET_MS = 5_000;
/** A server that is still at work then, over and over at the same, will not come to an end. */
const LEAST_PATIENCE_MS = 300_000;
const LOOK_MS = 250;

export async function runTorture(options: RunOptions): Promise<Outcome> {
  const { clock, seed, customers, rate, kills } = options;
  const startedAt = clock.monotonic();
  const directory = mkdtempSync(join(tmpdir(), "chasqui-torture-"));
  const port = freePort();
  const world = await startWorld({ ...options, port });
  const tracker = new StageTracker();
  let stages = 0;
  const victim = new Victim({
    command: options.command,
    directory,
    environment: {
      ...world.environment,
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: join(directory, "data"),
      SANDBOX: "off",
      LOG_LEVEL: "info",
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      RATE_LIMITS: "off",
      BATCH_WAIT_MS: "250",
      BATCH_MAX_WAIT_MS: "1200",
      SETTLE_MS: String(SETTLE_MS),
    },
    onStage: (line) => {
      stages++;
      tracker.follow(line);
      executioner.sawStage(line.stage);
    },
  });
  const tell = (phase: Progress["phase"]) =>
    options.onProgress({ phase, kills: executioner.counts.kills, said: people.said.length, answered: world.answered() });
  const executioner = createExecutioner({ victim, tracker, clock, onKill: () => tell("load") });
  victim.killWithParent();
  victim.start();
  await victim.ready();
  const people = startCustomers({ world, seed, customers, rate, tracker, clock });
  const troubles = startTroubles({ world, seed, clock });
  let exitCode = -1;
  try {
    for (const kill of planKills(seed, kills, rate)) {
      if (options.isStopped()) break;
      await executioner.carryOut(kill);
    }
    await victim.ready();
    while (clock.monotonic() - startedAt < options.seconds * 1_000 && !options.isStopped()) {
      await wait(clock, LOOK_MS);
      tell("load");
    }
    const loadSeconds = (clock.monotonic() - startedAt) / 1_000;
    await people.stop();
    const troubleCount = await troubles.stop();
    const rest = new RestClient(`http://127.0.0.1:${port}`, ADMIN);
    await rest.signIn();
    const patienceMs = Math.max(LEAST_PATIENCE_MS, loadSeconds * 1_000);
    const isBusy = async () => (await rest.get<UnresolvedCounts>("/deliveries/counts")).waiting > 0;
    await comeToRest({ moves: () => world.heard.length + stages, isBusy, clock, patienceMs, tell: () => tell("rest") });
    tell("count");
    const judged = await judge(world, people.said, customers, rest);
    exitCode = await victim.stop();
    return {
      ...judged,
      counts: executioner.counts,
      troubles: troubleCount,
      heldBackMs: people.heldBackMs,
      loadSeconds,
      seconds: (clock.monotonic() - startedAt) / 1_000,
      exitCode,
      defects: victim.defects,
      directory: options.keep ? directory : null,
    };
  } finally {
    await people.stop();
    await troubles.stop();
    if (exitCode === -1) await victim.kill();
    await world.stop();
    if (!options.keep) rmSync(directory, { recursive: true, force: true });
  }
}

interface Rest {
  /** Grows with everything that happens on the server and on the phones. */
  moves: () => number;
  /** The server has something left to send. */
  isBusy: () => Promise<boolean>;
  clock: Clock;
  patienceMs: number;
  tell: () => void;
}

/** Waits until nothing moves any more: what was accepted and not yet processed, and a second reply, would come before that. */
async function comeToRest({ moves, isBusy, clock, patienceMs, tell }: Rest): Promise<void> {
  const deadline = clock.monotonic() + patienceMs;
  let movedAt = clock.monotonic();
  let before = -1;
  for (let looks = 0; clock.monotonic() < deadline; looks++) {
    const now = moves();
    if (now !== before || (await isBusy())) movedAt = clock.monotonic();
    before = now;
    if (clock.monotonic() - movedAt > QUIET_MS) return;
    if (looks % 10 === 0) tell();
    await wait(clock, LOOK_MS);
  }
}

async function judge(
  world: World,
  said: Parameters<typeof reconcile>[0],
  customers: number,
  rest: RestClient,
): Promise<Pick<Outcome, "findings" | "unresolvedSends" | "deadEvents" | "storedWrong" | "unfinished">> {
  const unresolved = await rest.list<MessageView>("/deliveries?state=unknown");
  const dead = await rest.list<unknown>("/dead-letters");
  const findings = reconcile(said, world.heard, new Set(unresolved.flatMap(({ content }) => marksIn(content))));
  const stored = new Map<string, number>();
  let unfinished = 0;
  for (let customer = 0; customer < customers; customer++)
    for (const { direction, content, delivery } of await rest.thread(world.numberOf(customer))) {
      if (direction === "inbound") for (const mark of marksIn(content)) stored.set(mark, (stored.get(mark) ?? 0) + 1);
      if (delivery?.state === "queued" || delivery?.state === "sending") unfinished++;
    }
  return {
    findings,
    unresolvedSends: unresolved.length,
    deadEvents: dead.length,
    storedWrong: said.filter(({ mark }) => stored.get(mark) !== 1).map(({ mark }) => mark),
    unfinished,
  };
}

/** A port that nobody uses now; the server must come back on the same one after every kill. */
function freePort(): number {
  const probe = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const port = probe.port ?? 0;
  void probe.stop(true);
  return port;
}

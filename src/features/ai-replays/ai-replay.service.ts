/**
 * Replays: what would the assistant have said with another prompt, model or knowledge? Nothing is sent and nothing is changed. Each
 * past answer is a row of its own, so a replay goes on after a crash where it was, and never spends more than it was given.
 */
import type { Judge } from "../../ai/judge";
import { type Actor, assertSeesAll } from "../../core/actor";
import type { Clock, Timer } from "../../core/clock";
import { describeError, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { EventLog } from "../../events/log";
import type { AiPromptService } from "../ai-prompts/ai-prompt.service";
import type { AiRunService, RunForReplay } from "../ai-runs/ai-run.service";
import type { AuditPort } from "../audit/audit.service";
import type { AiReplay, AiReplayItem, AiReplayItemModel, AiReplayModel, ReplaySums, Reserved } from "./ai-replay.model";
import type { ItemQuery, NewReplay, ReplayItemView, ReplayQuery, ReplayView } from "./ai-replay.schema";
import { toItemView, toReplayView } from "./ai-replay.view";
import type { DryTask, DryTurn } from "./dry-turn";
import { judgedText, ReplayFailure, replayOne, taskOf } from "./replay-one";
import { createReplayTill, type Estimate, type ReplayTillDeps } from "./replay-till";

export interface AiReplayService {
  /** Begins to replay. Throws `assistant.no-connection`, and `assistant.nothing-to-replay` when there are no past answers. */
  start(replay: NewReplay, actor: Actor): Promise<ReplayView>;
  list(query: ReplayQuery): Promise<Page<ReplayView>>;
  get(id: string): Promise<ReplayView>;
  listItems(id: string, query: ItemQuery, actor: Actor): Promise<Page<ReplayItemView>>;
  pause(id: string, actor: Actor): Promise<ReplayView>;
  /** Goes on; a larger budget where it was used up. */
  resume(id: string, maxMicros: number | undefined, actor: Actor): Promise<ReplayView>;
  cancel(id: string, actor: Actor): Promise<ReplayView>;
  /** Goes on with what a stopped process has left. */
  begin(): Promise<void>;
  stop(): Promise<void>;
}

export interface AiReplayDeps {
  replays: AiReplayModel;
  items: AiReplayItemModel;
  runs: Pick<AiRunService, "latestReplies" | "forReplay" | "listQuestions">;
  prompts: Pick<AiPromptService, "textOf">;
  /** Null: there is no provider now. */
  dryTurn: () => DryTurn | null;
  judge: () => Judge | null;
  /** Micro-dollars at most in all likelihood; 0 when a price is unknown. */
  estimate: { turn: (task: DryTask) => number; judge: (material: string) => number };
  budget: ReplayTillDeps["budget"];
  spends: ReplayTillDeps["spends"];
  audit: AuditPort;
  eventLog: EventLog;
  owner: string;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

const AT_ONCE = 4;
const LEASE_MS = 180_000;
const LOOK_AGAIN_MS = 10_000;
/** A provider that fails so often in a row is down. */
const MOST_FAILURES = 8;
const NOTHING: Estimate = { turn: 0, judge: 0 };
const UNUSED = { turnRun: null, judgeRun: null };
const EMPTY: ReplaySums = {
  same: 0,
  failed: 0,
  handOffsBefore: 0,
  handOffsAfter: 0,
  costBefore: 0,
  costAfter: 0,
  judgeCost: 0,
  unpriced: 0,
  checksFailedBefore: 0,
  checksFailedAfter: 0,
  judged: 0,
  better: 0,
  worse: 0,
  scoreBefore: 0,
  scoreAfter: 0,
};

export function createAiReplays(deps: AiReplayDeps): AiReplayService {
  const { replays, items, runs, prompts, dryTurn, judge, estimate, audit, eventLog, owner, isAlone, clock, log } = deps;
  const till = createReplayTill(deps);
  let working: Promise<void> | null = null;
  let timer: Timer | null = null;
  let abort = new AbortController();

  async function find(id: string): Promise<AiReplay> {
    const found = (await replays.findById(id).lean()) as AiReplay | null;
    if (!found) throw fail("assistant.replay-not-found");
    return found;
  }

  const target = ({ _id, name }: AiReplay) => ({ kind: "assistant-replay", id: _id, name });
  const tell = ({ _id, state, done, total }: AiReplay) => ({ replay: _id, state, done, total });

  /** Changes one in these states, and tells it. Null when it is in another one. */
  async function change(
    id: string,
    from: readonly AiReplay["state"][],
    fields: Partial<AiReplay>,
    actor: Actor | null,
    verb = "",
  ): Promise<AiReplay | null> {
    return eventLog.change(async (inside) => {
      const after = (await replays.collection.findOneAndUpdate(
        { _id: id as never, state: { $in: [...from] } },
        { $set: fields as never },
        { session: inside.session, returnDocument: "after" },
      )) as unknown as AiReplay | null;
      if (!after) return null;
      if (actor) await audit.record(inside, { actor, action: `assistant-replay.${verb}`, target: target(after), after: fields });
      inside.emit("assistant-replay:updated", tell(after));
      return after;
    });
  }

  async function decide(id: string, from: readonly AiReplay["state"][], fields: Partial<AiReplay>, actor: Actor, verb: string) {
    const after = await change(id, from, fields, actor, verb);
    if (!after) {
      await find(id);
      throw fail("assistant.replay-over");
    }
    return toReplayView(after);
  }

  const pause = (id: string, reason: string) => change(id, ["running"], { state: "paused", reason, owner: null }, null);

  /** Until it is done, paused, out of money, or we stop. */
  async function work(id: string, signal: AbortSignal): Promise<void> {
    await till.recover(id);
    let failures = 0;
    for (;;) {
      const replay = await find(id);
      if (replay.state !== "running" || signal.aborted) return;
      const turn = dryTurn();
      if (!turn || failures >= MOST_FAILURES) return void (await pause(id, "provider"));
      const next = (await items
        .find({ replay: id, state: "waiting" })
        .sort({ number: 1 })
        .limit(AT_ONCE)
        .lean()) as AiReplayItem[];
      if (next.length === 0) return finish(id);
      const playing: Promise<boolean>[] = [];
      let full: string | null = null;
      for (const item of next) {
        const run = await runs.forReplay(item.run);
        const held = await till.claim(replay, item, run ? estimateOf(replay, item, run) : NOTHING);
        if (held === "taken") continue;
        if (typeof held !== "string") playing.push(playOne(replay, item, run, held, turn, signal));
        else full = held;
        if (full) break;
      }
      for (const isPlayed of await Promise.all(playing)) failures = isPlayed ? 0 : failures + 1;
      // What is not used of the reservations may still do for the next one.
      if (playing.length === 0 && full) return void (await pause(id, full));
    }
  }

  /** Everything is played, unless another process still plays something: then it is looked at again. */
  async function finish(id: string): Promise<void> {
    if (await items.exists({ replay: id, state: "running" })) {
      await replays.updateOne({ _id: id }, { $set: { leaseUntil: new Date(clock.now() + LOOK_AGAIN_MS) } });
      return;
    }
    await change(id, ["running"], { state: "done", reason: null, owner: null, endedAt: new Date(clock.now()) }, null);
  }

  function estimateOf(replay: AiReplay, item: AiReplayItem, run: RunForReplay): Estimate {
    const task = taskOf(replay, item, run);
    return { turn: estimate.turn(task), judge: replay.judge ? estimate.judge(judgedText(task.input, run)) : 0 };
  }

  /** False when the provider failed at it. */
  async function playOne(
    replay: AiReplay,
    item: AiReplayItem,
    run: RunForReplay | null,
    held: Reserved,
    turn: DryTurn,
    signal: AbortSignal,
  ): Promise<boolean> {
    // Its words have gone by age, or with the person.
    if (!run) {
      await till.keep(replay, item, held, { state: "failed", error: "The words of this run are gone." }, UNUSED);
      return true;
    }
    try {
      const { found, ...used } = await replayOne(replay, item, run, { turn, judge: judge() }, signal);
      await till.keep(replay, item, held, found, used);
      return true;
    } catch (error) {
      // The store fails: what is reserved is found by the next start.
      if (!(error instanceof ReplayFailure)) throw error;
      // Stopped by us, it waits for the next start.
      if (signal.aborted) await till.giveBack(item, held, error);
      else {
        log.warn("an answer could not be replayed", { replay: replay._id, run: item.run, reason: error.message });
        await till.keep(replay, item, held, { state: "failed", error: error.message.slice(0, 300) }, error);
      }
      return false;
    }
  }

  async function workAll(): Promise<void> {
    const { signal } = abort;
    for (;;) {
      const now = clock.now();
      const claimed = (await replays
        .findOneAndUpdate(
          { state: "running", leaseUntil: { $lt: new Date(now) } },
          { $set: { owner, leaseUntil: new Date(now + LEASE_MS) } },
          { returnDocument: "after" },
        )
        .lean()) as AiReplay | null;
      if (!claimed || signal.aborted) return;
      await work(claimed._id, signal);
    }
  }

  function wake(): void {
    if (abort.signal.aborted) return;
    working ??= workAll()
      // The store is away: it is tried again with the next look.
      .catch((error: unknown) => log.warn("a replay was interrupted", { reason: describeError(error) }))
      .finally(() => {
        working = null;
      });
  }

  function lookAgain(): void {
    timer = clock.timer(LOOK_AGAIN_MS, () => {
      wake();
      lookAgain();
    });
  }

  return {
    async start({ name, last, prompt = undefined, model = null, knowledge = false, judge: judged = false, maxMicros }, actor) {
      assertSeesAll(actor);
      if (!dryTurn()) throw fail("assistant.no-connection");
      const text = prompt ? (await prompts.textOf(prompt.id, prompt.side)).text : null;
      const chosen = await runs.latestReplies(last);
      if (chosen.length === 0) throw fail("assistant.nothing-to-replay");
      const now = new Date(clock.now());
      const replay: AiReplay = {
        _id: newId(clock.now()),
        name: name ?? `The last ${chosen.length}`,
        state: "running",
        reason: null,
        change: { prompt: prompt ?? null, model, knowledge },
        text,
        judge: judged,
        maxMicros,
        spentMicros: 0,
        heldMicros: 0,
        total: chosen.length,
        done: 0,
        sums: EMPTY,
        models: [],
        owner: null,
        leaseUntil: new Date(0),
        by: { id: actor.id, name: actor.name },
        createdAt: now,
        endedAt: null,
      };
      const rows = chosen.map(
        (run, index): AiReplayItem => ({
          _id: `${replay._id}:${index + 1}`,
          replay: replay._id,
          number: index + 1,
          run: run.id,
          conversation: run.conversation,
          contact: run.contact,
          state: "waiting",
          before: null,
          after: null,
          isSame: false,
          judged: null,
          error: null,
        }),
      );
      await eventLog.change(async (inside) => {
        await replays.collection.insertOne(replay as never, { session: inside.session });
        await items.collection.insertMany(rows as never[], { session: inside.session });
        await audit.record(inside, {
          actor,
          action: "assistant-replay.start",
          target: target(replay),
          after: { ...replay.change, last, maxMicros },
        });
        inside.emit("assistant-replay:updated", tell(replay));
      });
      wake();
      return toReplayView(replay);
    },

    async list({ limit, cursor }) {
      const before = cursor ? (decodeCursor(cursor, ["string"])[0] as string) : null;
      const rows = (await replays
        .find(before === null ? {} : { _id: { $lt: before } })
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean()) as AiReplay[];
      return toPage(rows, limit, toReplayView, ({ _id }) => [_id]);
    },

    get: async (id) => toReplayView(await find(id)),

    async listItems(id, { limit, cursor, only }, actor) {
      assertSeesAll(actor);
      await find(id);
      const after = cursor ? (decodeCursor(cursor, ["number"])[0] as number) : 0;
      const which =
        only === "different"
          ? { state: "done", isSame: false }
          : only === "worse"
            ? { "judged.better": "before" }
            : only === "failed"
              ? { state: "failed" }
              : {};
      const rows = (await items
        .find({ replay: id, number: { $gt: after }, ...which } as never)
        .sort({ number: 1 })
        .limit(limit + 1)
        .lean()) as AiReplayItem[];
      const questions = await runs.listQuestions(rows.map(({ run }) => run));
      return toPage(
        rows,
        limit,
        (item) => toItemView(item, questions.get(item.run) ?? null),
        ({ number }) => [number],
      );
    },

    pause: (id, actor) => decide(id, ["running"], { state: "paused", reason: "person", owner: null }, actor, "pause"),

    async resume(id, maxMicros, actor) {
      const { spentMicros, maxMicros: before, reason } = await find(id);
      const most = maxMicros ?? before;
      if (spentMicros >= most || (reason === "budget" && most <= before)) throw fail("assistant.replay-budget");
      const fields = { state: "running" as const, reason: null, leaseUntil: new Date(0), maxMicros: most };
      const view = await decide(id, ["paused"], fields, actor, "resume");
      wake();
      return view;
    },

    cancel: (id, actor) =>
      decide(id, ["running", "paused"], { state: "cancelled", owner: null, endedAt: new Date(clock.now()) }, actor, "cancel"),

    async begin() {
      if (isAlone) await till.seizeAll();
      if (isAlone) await replays.updateMany({ state: "running" }, { $set: { leaseUntil: new Date(0) } });
      wake();
      lookAgain();
    },

    async stop() {
      timer?.cancel();
      abort.abort();
      await working;
      abort = new AbortController();
      abort.abort();
    },
  };
}

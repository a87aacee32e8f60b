/**
 * Publishing a draft that has to pass its tests first. The work is stored, test by test: whoever asked may go, a restart goes on where it
 * was, and of many who press the button at once one publishes. What is published is the very draft that was tested.
 */
import { type Actor, can, type FindActor } from "../../core/actor";
import type { Clock, Timer } from "../../core/clock";
import { describeError, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import type { Change, EventLog } from "../../events/log";
import type { AiPrompt, PromptDraft } from "./ai-prompt.model";
import type { PublicationView } from "./ai-prompt.schema";
import type { AiPublication, AiPublicationModel, TestResult } from "./ai-publication.model";

/** What a draft has to pass. Given by the room of golden conversations. */
export interface DraftTests {
  /** The tests of a prompt. Throws `assistant.no-connection` when there are some and nobody could play them. */
  list(prompt: string): Promise<{ id: string; conversation: string | null }[]>;
  /** Plays one. A test that has gone is passed. Throws only when the signal is aborted or the store fails. */
  play(test: string, draft: PromptDraft, signal: AbortSignal): Promise<Omit<TestResult, "test">>;
  /** So many were being played when a process died: they may have been paid for. */
  lost(count: number, model: string | null, change: Change): Promise<void>;
}

export interface AiPublicationService {
  /**
   * Begins to test, or joins those who already do, and waits for the end of it for a while. Gives it as it is then. Throws
   * `assistant.tests-failed`, and `request.stale` when the draft is no longer the one that was tested.
   */
  publish(prompt: AiPrompt, tests: Awaited<ReturnType<DraftTests["list"]>>, actor: Actor): Promise<AiPublication>;
  /** The newest of a prompt; null when it never had to pass tests. */
  latest(prompt: string): Promise<PublicationView | null>;
  begin(): Promise<void>;
  stop(): Promise<void>;
}

export interface AiPublicationDeps {
  publications: AiPublicationModel;
  tests: () => DraftTests | null;
  /** The prompt as it is stored; null when it is gone. */
  find: (id: string) => Promise<AiPrompt | null>;
  /** Makes the draft the next version if the prompt is still at this version. Throws `request.stale`. */
  publishNow: (prompt: AiPrompt, actor: Actor, also: (change: Change) => Promise<void>) => Promise<unknown>;
  findActor: FindActor;
  eventLog: EventLog;
  owner: string;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

const AT_ONCE = 6;
/** Longer than the slowest test. */
const LEASE_MS = 120_000;
const LOOK_AGAIN_MS = 10_000;
/** Nobody waits for a page longer than this. */
const LONGEST_WAIT_MS = 8_000;
const LOOK_MS = 250;
const DUPLICATE_KEY = 11_000;

export function createAiPublications(deps: AiPublicationDeps): AiPublicationService {
  const { publications, tests, find, publishNow, findActor, eventLog, owner, isAlone, clock, log } = deps;
  const abort = new AbortController();
  let working: Promise<void> | null = null;
  let timer: Timer | null = null;

  const read = async (id: string) => (await publications.findById(id).lean()) as AiPublication | null;

  function tell({ _id, prompt, state, tests: all, results }: AiPublication, change: Change): void {
    change.emit("assistant-publication:updated", { publication: _id, prompt, state, done: results.length, total: all.length });
  }

  /** Changes one that is still tested. Null when it is not. */
  async function change(id: string, filter: object, how: object, within: Change): Promise<AiPublication | null> {
    const after = (await publications.collection.findOneAndUpdate({ _id: id as never, isOpen: true, ...filter }, how as never, {
      session: within.session,
      returnDocument: "after",
    })) as unknown as AiPublication | null;
    if (after) tell(after, within);
    return after;
  }

  const end = (state: AiPublication["state"]) => ({
    $set: { state, owner: null, endedAt: new Date(clock.now()) },
    $unset: { isOpen: "" },
  });
  const finish = (id: string, state: AiPublication["state"]) => eventLog.change((within) => change(id, {}, end(state), within));

  async function insert(prompt: AiPrompt, all: Awaited<ReturnType<DraftTests["list"]>>, actor: Actor): Promise<AiPublication> {
    const one: AiPublication = {
      _id: newId(clock.now()),
      prompt: prompt._id,
      base: prompt.version,
      state: "testing",
      isOpen: true,
      tests: all.map(({ id }) => id),
      results: [],
      conversations: all.flatMap(({ conversation }) => conversation ?? []),
      by: { kind: actor.kind, id: actor.id, name: actor.name },
      owner: null,
      leaseUntil: new Date(0),
      createdAt: new Date(clock.now()),
      endedAt: null,
    };
    for (;;) {
      try {
        await eventLog.change(async (within) => {
          await publications.collection.insertOne(one as never, { session: within.session });
          tell(one, within);
        });
        return one;
      } catch (error) {
        // Another one is being tested: the same draft is waited for together, an older one is of no interest any more.
        if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
        const other = (await publications.findOne({ prompt: prompt._id, isOpen: true }).lean()) as AiPublication | null;
        if (other?.base === prompt.version) return other;
        if (other) await finish(other._id, "stale");
      }
    }
  }

  /** Begins a try; what the last one has left is known by what it was playing. */
  async function take({ _id, prompt, playing = [] }: AiPublication): Promise<void> {
    if (playing.length === 0) return;
    const model = (await find(prompt))?.draft?.model ?? null;
    await eventLog.change(async (within) => {
      if (await change(_id, { playing }, { $set: { playing: [] } }, within)) await tests()?.lost(playing.length, model, within);
    });
  }

  /** One test, with its result stored. Stopped by us, it waits for the next start. */
  async function play(id: string, test: string, draft: PromptDraft): Promise<void> {
    try {
      const result = await (tests() as DraftTests).play(test, draft, abort.signal);
      const lease = { leaseUntil: new Date(clock.now() + LEASE_MS) };
      const how = { $push: { results: { test, ...result } }, $pull: { playing: test }, $set: lease };
      await eventLog.change((within) => change(id, { "results.test": { $ne: test } }, how, within));
    } catch (error) {
      // AiError of the stop, which has been paid for by now; or a store that fails.
      await publications.updateOne({ _id: id }, { $pull: { playing: test } });
      throw error;
    }
  }

  async function work(id: string): Promise<void> {
    const { signal } = abort;
    for (;;) {
      const now = await read(id);
      if (!now?.isOpen || signal.aborted) return;
      const prompt = await find(now.prompt);
      if (!prompt?.draft || prompt.version !== now.base) return void (await finish(id, "stale"));
      const { draft } = prompt;
      const done = new Set(now.results.map(({ test }) => test));
      const next = now.tests.filter((test) => !done.has(test)).slice(0, AT_ONCE);
      if (next.length === 0) return conclude(now, prompt);
      await publications.updateOne({ _id: id, isOpen: true }, { $set: { playing: next } });
      await Promise.all(next.map((test) => play(id, test, draft)));
    }
  }

  async function conclude(one: AiPublication, prompt: AiPrompt): Promise<void> {
    if (one.results.some(({ ok }) => !ok)) return void (await finish(one._id, "failed"));
    // Whoever pressed the button answers for it, also minutes later; nobody publishes after they have left.
    const actor = await findActor(one.by);
    if (!actor || !can(actor, "assistant.manage")) {
      const result = { test: "", name: one.by.name, ok: false, failures: ["may not publish any more"] };
      await eventLog.change((within) => change(one._id, {}, { ...end("failed"), $push: { results: result } }, within));
      return;
    }
    try {
      await publishNow(prompt, actor, async (within) => {
        // In one transaction with the version: published once, whoever else comes to the same conclusion.
        if (!(await change(one._id, {}, end("published"), within))) throw fail("request.conflict");
      });
    } catch (error) {
      // AppError: another draft, or another process has published it.
      const { code } = error as { code?: unknown };
      if (code === "request.stale") await finish(one._id, "stale");
      else if (code !== "request.conflict") throw error;
    }
  }

  async function workAll(): Promise<void> {
    for (;;) {
      const now = clock.now();
      const claimed = (await publications
        .findOneAndUpdate(
          { isOpen: true, leaseUntil: { $lt: new Date(now) } },
          { $set: { owner, leaseUntil: new Date(now + LEASE_MS) } },
          { returnDocument: "after" },
        )
        .lean()) as AiPublication | null;
      if (!claimed || abort.signal.aborted) return;
      await take(claimed);
      await work(claimed._id);
    }
  }

  function wake(): void {
    if (abort.signal.aborted) return;
    working ??= workAll()
      // The store is away, or we stop: what is stored is gone on with later.
      .catch((error: unknown) => log.warn("the tests of a prompt were interrupted", { reason: describeError(error) }))
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

  const pause = (ms: number) => new Promise<void>((resolve) => void clock.timer(ms, resolve));

  return {
    async publish(prompt, all, actor) {
      const { _id } = await insert(prompt, all, actor);
      wake();
      const until = clock.monotonic() + LONGEST_WAIT_MS;
      for (;;) {
        const now = await read(_id);
        if (!now || now.state === "stale") throw fail("request.stale");
        if (now.state === "failed") throw testsFailed(now);
        if (now.state === "published" || clock.monotonic() >= until || abort.signal.aborted) return now;
        // Another draft's tests may have kept us busy.
        wake();
        await pause(LOOK_MS);
      }
    },

    async latest(prompt) {
      const [found] = (await publications.find({ prompt }).sort({ _id: -1 }).limit(1).lean()) as AiPublication[];
      return found ? toPublicationView(found) : null;
    },

    async begin() {
      if (isAlone) await publications.updateMany({ isOpen: true }, { $set: { leaseUntil: new Date(0) } });
      wake();
      lookAgain();
    },

    async stop() {
      timer?.cancel();
      abort.abort();
      await working;
    },
  };
}

const failedIn = ({ results }: AiPublication) => results.filter(({ ok }) => !ok);

const testsFailed = (one: AiPublication) =>
  fail("assistant.tests-failed", {
    details: failedIn(one)
      .slice(0, 20)
      .map(({ name, failures }) => ({ path: name, message: failures.join("; ") })),
  });

export const toPublicationView = (one: AiPublication): PublicationView => ({
  id: one._id,
  state: one.state,
  done: one.results.length,
  total: one.tests.length,
  failed: failedIn(one).map(({ name, failures }) => ({ name, failures })),
  by: { id: one.by.id, name: one.by.name },
  createdAt: one.createdAt.toISOString(),
  endedAt: one.endedAt?.toISOString() ?? null,
});

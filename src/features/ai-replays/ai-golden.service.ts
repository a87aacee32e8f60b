/** Golden conversations: recorded from the inbox or written, kept as YAML, and played before a prompt is published. */
import { type Actor, assertSeesAll } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { describeError, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { EventLog } from "../../events/log";
import type { AiPromptService } from "../ai-prompts/ai-prompt.service";
import type { AiRunService } from "../ai-runs/ai-run.service";
import type { AiSpendService } from "../ai-runs/ai-spend.service";
import type { AuditPort } from "../audit/audit.service";
import type { AiGolden, AiGoldenModel } from "./ai-replay.model";
import type { GoldenPatch, GoldenResult, GoldenView, NewGolden, RecordBody, RunGoldensBody } from "./ai-replay.schema";
import { isEvidence } from "./ai-replay.view";
import type { DryTurn, KeptInput } from "./dry-turn";
import { caseOf, failuresOf, inputOf, readCase, writeCase } from "./golden-case";

export interface AiGoldenService {
  /** By name. */
  list(actor: Actor): Promise<GoldenView[]>;
  get(id: string, actor: Actor): Promise<GoldenView>;
  create(golden: NewGolden, actor: Actor): Promise<GoldenView>;
  /** From a run of the past, with personal secrets taken out. It expects the outcome of then; people add what matters to them. */
  record(body: RecordBody, actor: Actor): Promise<GoldenView>;
  patch(id: string, patch: GoldenPatch, actor: Actor): Promise<GoldenView>;
  remove(id: string, actor: Actor): Promise<void>;
  /** Plays those that are named, else all that are enabled, against a prompt as it is published, drafted or was. Sends nothing. */
  run(
    body: RunGoldensBody,
    actor: Actor,
    signal: AbortSignal,
  ): Promise<{ ok: boolean; results: GoldenResult[]; isEvidence: boolean }>;
}

export interface AiGoldenDeps {
  goldens: AiGoldenModel;
  runs: Pick<AiRunService, "getRun">;
  prompts: Pick<AiPromptService, "textOf" | "setTests">;
  dryTurn: () => DryTurn | null;
  /** What people have set about the assistant, for a conversation that does not exist. */
  settings: () => Promise<Omit<KeptInput, "turnId" | "contact" | "history" | "incoming" | "safetyId" | "now">>;
  redact: (text: string) => string;
  spends: Pick<AiSpendService, "book">;
  audit: AuditPort;
  eventLog: EventLog;
  clock: Clock;
}

/** Somebody waits while they are played. */
const MOST = 60;
const AT_ONCE = 6;

export function createAiGoldens({
  goldens,
  runs,
  prompts,
  dryTurn,
  settings,
  redact,
  spends,
  audit,
  eventLog,
  clock,
}: AiGoldenDeps): AiGoldenService {
  async function find(id: string): Promise<AiGolden> {
    const found = (await goldens.findById(id).lean()) as AiGolden | null;
    if (!found) throw fail("assistant.golden-not-found");
    return found;
  }
  const target = ({ _id, name }: AiGolden) => ({ kind: "assistant-golden", id: _id, name });
  const all = async () => (await goldens.find({}).sort({ name: 1 }).limit(MOST).lean()) as AiGolden[];

  async function insert(
    fields: Pick<AiGolden, "name" | "yaml" | "prompt" | "isEnabled" | "conversation">,
    actor: Actor,
  ): Promise<GoldenView> {
    const now = new Date(clock.now());
    const golden: AiGolden = { _id: newId(clock.now()), ...fields, version: 0, createdAt: now, updatedAt: now };
    await eventLog.change(async (change) => {
      const { session } = change;
      if ((await goldens.collection.countDocuments({}, { session, limit: MOST })) >= MOST) throw fail("automation.too-many");
      await goldens.collection.insertOne(golden as never, { session });
      await audit.record(change, { actor, action: "assistant-golden.create", target: target(golden) });
    });
    return toGoldenView(golden);
  }

  async function playOne(
    golden: AiGolden,
    turn: DryTurn,
    prompt: string | null,
    model: string | null,
    signal: AbortSignal,
  ): Promise<GoldenResult> {
    const result = { id: golden._id, name: golden.name };
    const lost = { outcome: null, answer: null, model: null, provider: null };
    try {
      const given = readCase(golden.yaml);
      const input = inputOf(given, await settings(), clock.now());
      const made = await turn({ input, conversation: null, prompt, model, searchKnowledge: false }, signal);
      const failures = failuresOf(given, made);
      const { outcome, answer, provider } = made;
      return { ...result, ok: failures.length === 0, failures, outcome, answer, model: made.model, provider };
    } catch (error) {
      // AiError: the provider failed, and nobody knows what the prompt would have made of it.
      if (signal.aborted) throw error;
      return { ...result, ok: false, failures: [describeError(error).slice(0, 300)], ...lost };
    }
  }

  async function play(
    chosen: readonly AiGolden[],
    prompt: string | null,
    model: string | null,
    signal: AbortSignal,
  ): Promise<GoldenResult[]> {
    const turn = dryTurn();
    if (chosen.length > 0 && !turn) throw fail("assistant.no-connection");
    const results: GoldenResult[] = [];
    for (let from = 0; from < chosen.length; from += AT_ONCE)
      results.push(
        ...(await Promise.all(
          chosen.slice(from, from + AT_ONCE).map((one) => playOne(one, turn as DryTurn, prompt, model, signal)),
        )),
      );
    return results;
  }

  prompts.setTests({
    async list(id) {
      const gating = (await all()).filter(({ isEnabled, prompt }) => isEnabled && (prompt === null || prompt === id));
      if (gating.length > 0 && !dryTurn()) throw fail("assistant.no-connection");
      return gating.map(({ _id, conversation }) => ({ id: _id, conversation }));
    },

    async play(id, { text, model }, signal) {
      const golden = (await goldens.findById(id).lean()) as AiGolden | null;
      // Removed or switched off meanwhile: nobody wants to know any more.
      if (!golden?.isEnabled) return { name: golden?.name ?? "", ok: true, failures: [] };
      const turn = dryTurn();
      if (!turn) return { name: golden.name, ok: false, failures: ["There is no provider."] };
      const { name, ok, failures } = await playOne(golden, turn, text, model, signal);
      return { name, ok, failures };
    },

    async lost(count, model, change) {
      for (let n = 0; n < count; n++)
        await spends.book({ kind: "golden", model: model ?? "unknown", calls: 1, nanos: null }, change);
    },
  });

  return {
    // What they hold was said in conversations of everybody.
    async list(actor) {
      assertSeesAll(actor);
      return (await all()).map(toGoldenView);
    },

    async get(id, actor) {
      assertSeesAll(actor);
      return toGoldenView(await find(id));
    },

    async create({ name, yaml, prompt = null, isEnabled = true }, actor) {
      assertSeesAll(actor);
      readCase(yaml);
      return insert({ name, yaml, prompt, isEnabled, conversation: null }, actor);
    },

    async record({ run: id, name, prompt = null }, actor) {
      assertSeesAll(actor);
      const { input, outcome, conversation } = await runs.getRun(id, actor);
      if (!input) throw fail("assistant.run-not-found", { message: "The words of this run are gone." });
      const yaml = writeCase(caseOf(input as KeptInput, outcome, redact));
      readCase(yaml);
      return insert({ name, yaml, prompt, isEnabled: true, conversation }, actor);
    },

    async patch(id, { version, ...fields }, actor) {
      assertSeesAll(actor);
      if (fields.yaml !== undefined) readCase(fields.yaml);
      const before = await find(id);
      return eventLog.change(async (change) => {
        const after = (await goldens.collection.findOneAndUpdate(
          { _id: id as never, version: version ?? before.version },
          { $set: { ...fields, updatedAt: new Date(clock.now()) } as never, $inc: { version: 1 } },
          { session: change.session, returnDocument: "after" },
        )) as unknown as AiGolden | null;
        if (!after) throw fail("request.stale", { current: toGoldenView(await find(id)) });
        const told = ({ isEnabled, prompt, name }: AiGolden) => ({ isEnabled, prompt, name });
        await audit.record(change, {
          actor,
          action: "assistant-golden.update",
          target: target(after),
          before: told(before),
          after: told(after),
        });
        return toGoldenView(after);
      });
    },

    async remove(id, actor) {
      assertSeesAll(actor);
      const golden = await find(id);
      await eventLog.change(async (change) => {
        await goldens.collection.deleteOne({ _id: id as never }, { session: change.session });
        await audit.record(change, { actor, action: "assistant-golden.remove", target: target(golden) });
      });
    },

    async run({ prompt, model = null, only }, actor, signal) {
      assertSeesAll(actor);
      const text = prompt ? (await prompts.textOf(prompt.id, prompt.side)).text : null;
      const gates = (one: AiGolden) => one.isEnabled && (one.prompt === null || !prompt || one.prompt === prompt.id);
      const chosen = (await all()).filter((one) => only?.includes(one._id) ?? gates(one));
      const results = await play(chosen, text, model, signal);
      const models = results.flatMap((one) => (one.model ? [`${one.provider}/${one.model}`] : []));
      return { ok: results.every(({ ok }) => ok), results, isEvidence: isEvidence(models) };
    },
  };
}

const toGoldenView = ({ _id, createdAt, updatedAt, ...golden }: AiGolden): GoldenView => ({
  id: _id,
  ...golden,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

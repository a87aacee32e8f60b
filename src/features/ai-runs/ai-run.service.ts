/** The book of the assistant's runs: every turn with what it was given, did, used and cost, and what all of that adds up to. */
import type { TurnInput, TurnRun } from "../../ai/assistant";
import type { Citation, Passage } from "../../ai/passages";
import { type Actor, assertSeesAll, can } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { Change } from "../../events/log";
import type { ReachService } from "../messages/reach.service";
import type { AiRunModel, StoredRun } from "./ai-run.model";
import type { FullRunView, RunQuery, RunView, UsageQuery, UsageRow } from "./ai-run.schema";
import type { Spend } from "./ai-spend.model";
import type { AiSpendService } from "./ai-spend.service";

export interface NewRun {
  /** Where something else names it already. */
  id?: string;
  turn: string | null;
  kind: StoredRun["kind"];
  conversation: { _id: string; contact: string; channel: string };
  outcome: string;
  reason?: string | null;
  run: TurnRun;
  /** Kept without its functions. */
  input: Partial<TurnInput>;
  answer?: string | null;
  citations?: readonly Citation[];
  isUngrounded?: boolean;
  /** What the same answer had cost when it was made, where it was kept since. */
  savedMicros?: number | null;
}

export interface AiRunService {
  /** Writes it down, in the transaction of what it led to where there is one. Gives its id. */
  record(run: NewRun, change: Change | null): Promise<string>;
  listRuns(query: RunQuery, actor: Actor): Promise<Page<RunView>>;
  /** Throws `assistant.run-not-found`. */
  getRun(id: string, actor: Actor): Promise<FullRunView>;
  /** What an answer said that rests on the knowledge, and the passages it was given along. Throws `assistant.run-not-found`. */
  getCitations(id: string, actor: Actor): Promise<{ citations: Citation[]; given: Passage[] }>;
  /** The newest answers of turns whose words are still there, the newest first. */
  latestReplies(limit: number): Promise<{ id: string; conversation: string; contact: string }[]>;
  /** All that a replay needs of a run; null once its words are gone. */
  forReplay(id: string): Promise<RunForReplay | null>;
  /** What customers had written in the turns of these runs, by run; those whose words are gone are left out. */
  listQuestions(ids: readonly string[]): Promise<Map<string, string>>;
  /** Micro-dollars of the runs about this whose cost is known; of days and months with everything else the provider has cost. */
  spent(about: { conversation?: string; contact?: string; day?: string; month?: string }): Promise<number>;
  usage(query: UsageQuery, actor: Actor): Promise<{ rows: UsageRow[]; total: UsageRow }>;
}

export interface RunForReplay {
  outcome: string;
  reason: string | null;
  answer: string | null;
  model: string;
  provider: string;
  costMicros: number | null;
  citations: number;
  toolResults: string[];
  input: unknown;
}

export interface AiRunDeps {
  runs: AiRunModel;
  spends: Pick<AiSpendService, "listDay">;
  reach: Pick<ReachService, "assertConversation">;
  clock: Clock;
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 92;
/** Of one kind of row, by cost; the rest is in the total. */
const MOST_ROWS = 500;
const PIECE = 2_000;
/** Turns that came to an end of their own. */
const ENDED: ReadonlySet<string> = new Set(["reply", "hand-off", "silent", "close"]);

export function createAiRunService({ runs, spends, reach, clock }: AiRunDeps): AiRunService {
  return {
    async record({ id, turn, kind, conversation, outcome, reason = null, run, input, answer = null, ...more }, change) {
      const at = new Date(clock.now());
      const stored: StoredRun = {
        _id: id ?? newId(at.getTime()),
        turn,
        kind,
        conversation: conversation._id,
        contact: conversation.contact,
        channel: conversation.channel,
        at,
        day: at.toISOString().slice(0, 10),
        outcome,
        reason,
        prompt: input.promptVersion ?? input.cacheKey ?? null,
        provider: run.provider,
        model: run.model,
        wire: run.wire,
        calls: run.calls,
        fragments: input.incoming?.length ?? 0,
        ms: Math.round(run.ms),
        usage: run.usage,
        costMicros: run.costMicros,
        savedMicros: more.savedMicros ?? null,
        isUngrounded: more.isUngrounded ?? false,
        input: JSON.stringify(keptInput(input)),
        toolCalls: JSON.stringify(run.toolCalls),
        modelCalls: JSON.stringify(run.modelCalls),
        citations: JSON.stringify(more.citations ?? []),
        answer,
      };
      await runs.collection.insertOne(stored as never, change ? { session: change.session } : {});
      return stored._id;
    },

    async listRuns({ conversation, day, kind, outcome, limit, cursor }, actor) {
      if (conversation === undefined) assertSeesAll(actor);
      else await reach.assertConversation(conversation, actor);
      const before = cursor ? (decodeCursor(cursor, ["string"])[0] as string) : null;
      const rows = (await runs
        .find(
          {
            ...(conversation !== undefined && { conversation }),
            ...(day !== undefined && { day }),
            ...(kind !== undefined && { kind }),
            ...(outcome !== undefined && { outcome }),
            ...(before !== null && { _id: { $lt: before } }),
          },
          { input: 0, toolCalls: 0, modelCalls: 0, citations: 0, answer: 0 },
        )
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean()) as unknown as StoredRun[];
      return toPage(rows, limit, toRunView, ({ _id }) => [_id]);
    },

    async getRun(id, actor) {
      const run = (await runs.findById(id).lean()) as StoredRun | null;
      if (!run) throw fail("assistant.run-not-found");
      // Not reached is not there.
      await reach.assertConversation(run.conversation, actor);
      const read = (json: string | null) => (json === null ? null : JSON.parse(json));
      return {
        ...toRunView(run),
        answer: run.answer,
        toolCalls: read(run.toolCalls),
        modelCalls: read(run.modelCalls ?? null),
        citations: read(run.citations),
        input: read(run.input),
      };
    },

    async getCitations(id, actor) {
      const run = (await runs.findById(id, { conversation: 1, citations: 1, input: 1 }).lean()) as StoredRun | null;
      // What was said is a message: it is there only for whoever may read those.
      if (!run || !can(actor, "conversations.read")) throw fail("assistant.run-not-found");
      await reach.assertConversation(run.conversation, actor);
      const { passages = [] } = JSON.parse(run.input ?? "{}") as { passages?: Passage[] };
      return { citations: JSON.parse(run.citations ?? "[]") as Citation[], given: passages };
    },

    async latestReplies(limit) {
      const found: { id: string; conversation: string; contact: string }[] = [];
      let last: string | null = null;
      while (found.length < limit) {
        const piece = (await runs
          .find(last === null ? {} : { _id: { $lt: last } }, {
            kind: 1,
            outcome: 1,
            conversation: 1,
            contact: 1,
            answer: 1,
            input: 1,
          })
          .sort({ _id: -1 })
          .limit(Math.min(PIECE, limit))
          .lean()) as unknown as StoredRun[];
        for (const { _id, kind, outcome, conversation, contact, input } of piece)
          if (kind === "reply" && input !== null && ENDED.has(outcome)) found.push({ id: _id, conversation, contact });
        if (piece.length < Math.min(PIECE, limit)) break;
        last = piece.at(-1)?._id ?? null;
      }
      return found.slice(0, limit);
    },

    async forReplay(id) {
      const run = (await runs.findById(id).lean()) as StoredRun | null;
      if (!run || run.input === null) return null;
      const { outcome, reason, answer, model, provider, costMicros } = run;
      const calls = JSON.parse(run.toolCalls ?? "[]") as { result: string }[];
      const citations = (JSON.parse(run.citations ?? "[]") as unknown[]).length;
      const toolResults = calls.map(({ result }) => result);
      return { outcome, reason, answer, model, provider, costMicros, citations, toolResults, input: JSON.parse(run.input) };
    },

    async listQuestions(ids) {
      const rows = (await runs.find({ _id: { $in: [...ids] } }, { input: 1 }).lean()) as Pick<StoredRun, "_id" | "input">[];
      return new Map(
        rows.flatMap(({ _id, input }): [string, string][] => {
          const { incoming = [] } = JSON.parse(input ?? "{}") as { incoming?: { text: string; type: string }[] };
          const text = incoming.map((one) => one.text || `[${one.type}]`).join("\n");
          return text ? [[_id, text]] : [];
        }),
      );
    },

    async spent({ month, ...about }) {
      const days = month === undefined ? [about.day] : monthDays(month);
      let micros = 0;
      for (const day of days) {
        let last: string | null = null;
        for (;;) {
          const filter = { ...about, ...(day !== undefined && { day }), ...(last !== null && { _id: { $lt: last } }) };
          const piece = (await runs.find(filter, { costMicros: 1 }).sort({ _id: -1 }).limit(PIECE).lean()) as StoredRun[];
          for (const { costMicros } of piece) micros += costMicros ?? 0;
          if (piece.length < PIECE) break;
          last = piece.at(-1)?._id ?? null;
        }
        const isAbout = about.conversation !== undefined || about.contact !== undefined;
        if (day !== undefined && !isAbout) for (const { nanos } of await spends.listDay(day)) micros += nanos / 1_000;
      }
      return micros;
    },

    async usage({ from, to, by = "day" }, actor) {
      assertSeesAll(actor);
      const days = daysFrom(from, to);
      const rows = new Map<string | null, UsageRow>();
      const total = emptyRow(null);
      const rowFor = (key: string | null): UsageRow => {
        const row = rows.get(key) ?? emptyRow(key);
        rows.set(key, row);
        return row;
      };
      // Day by day and in pieces: each step is a short read by its index.
      for (const day of days) {
        let last: string | null = null;
        for (;;) {
          const piece = (await runs
            .find(
              { day, ...(last !== null && { _id: { $lt: last } }) },
              {
                kind: 1,
                conversation: 1,
                contact: 1,
                model: 1,
                prompt: 1,
                day: 1,
                calls: 1,
                usage: 1,
                costMicros: 1,
                savedMicros: 1,
              },
            )
            .sort({ _id: -1 })
            .limit(PIECE)
            .lean()) as StoredRun[];
          for (const run of piece) {
            for (const sum of [rowFor(run[by]), total]) add(sum, run);
          }
          if (piece.length < PIECE) break;
          last = piece.at(-1)?._id ?? null;
        }
        for (const spend of await spends.listDay(day)) {
          // It belongs to no prompt, conversation or customer.
          const key = by === "day" || by === "model" || by === "kind" ? spend[by] : null;
          for (const sum of [rowFor(key), total]) addSpend(sum, spend);
        }
      }
      for (const row of [...rows.values(), total]) row.costMicros = Math.round(row.costMicros);
      const sorted = [...rows.values()].sort((a, b) =>
        by === "day" ? String(a.key).localeCompare(String(b.key)) : b.costMicros - a.costMicros || b.input - a.input,
      );
      return { rows: sorted.slice(0, MOST_ROWS), total };
    },
  };
}

/** What can be run again: values, no functions and nothing that only this process knows. */
function keptInput({ book, tools, redact, onCommitted, cached, ...input }: Partial<TurnInput>): object {
  return {
    ...input,
    ...(book && { passages: book.all.slice(0, input.passages ?? 0) }),
    ...(tools && { tools: tools.map(({ name }) => name) }),
  };
}

const emptyRow = (key: string | null): UsageRow => ({
  key,
  runs: 0,
  calls: 0,
  input: 0,
  cached: 0,
  output: 0,
  costMicros: 0,
  savedMicros: 0,
  unpriced: 0,
});

function add(row: UsageRow, { calls, usage, costMicros, savedMicros }: StoredRun): void {
  row.runs++;
  row.calls += calls;
  row.input += usage.input;
  row.cached += usage.cached;
  row.output += usage.output;
  if (costMicros === null) row.unpriced++;
  else row.costMicros += costMicros;
  row.savedMicros += savedMicros ?? 0;
}

/** Thousandths of a micro-dollar are added up before they are rounded. */
function addSpend(row: UsageRow, spend: Spend): void {
  for (const key of ["runs", "calls", "input", "cached", "output", "unpriced"] as const) row[key] += spend[key];
  row.costMicros += spend.nanos / 1_000;
}

function daysFrom(from: string, to: string): string[] {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const count = (last - first) / DAY_MS + 1;
  if (!(count >= 1 && count <= MOST_DAYS))
    throw fail("request.invalid", { details: [{ path: "query.to", message: `must be 0 to ${MOST_DAYS - 1} days after from` }] });
  return Array.from({ length: count }, (_, index) => new Date(first + index * DAY_MS).toISOString().slice(0, 10));
}

const monthDays = (month: string): string[] =>
  Array.from({ length: 31 }, (_, index) => `${month}-${String(index + 1).padStart(2, "0")}`);

const toRunView = ({ _id, at, input, toolCalls, modelCalls, citations, answer, day, ...run }: StoredRun): RunView => ({
  id: _id,
  ...run,
  savedMicros: run.savedMicros ?? null,
  at: at.toISOString(),
});

/**
 * The texts that tell the assistant who it is: drafted, compared, published as numbered versions, rolled back. Turns read them from
 * memory; a published version never changes.
 */
import type { Actor } from "../../core/actor";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import { unknownVariables } from "../../core/prompt-variables";
import { diffLines } from "../../core/text-diff";
import { isTimeZone } from "../../core/time-zone";
import {
  type AutomationRecords,
  createAutomationRecords,
  type RecordDeps,
} from "../automation-records/automation-record.service";
import type { AiPrompt, AiPromptModel, AiPromptVersion, AiPromptVersionModel } from "./ai-prompt.model";
import type { DiffQuery, DraftBody, FullVersion, NewPrompt, PromptPatch, PromptView, VersionRow } from "./ai-prompt.schema";
import { type ChosenPrompt, choosePrompt, type PromptPlace } from "./ai-prompt-choice";

export type { ChosenPrompt, PromptPlace } from "./ai-prompt-choice";

export interface AiPromptService {
  /** By name. */
  list(): PromptView[];
  get(id: string): PromptView;
  /** A new one is a draft: it answers nobody before it is published. */
  create(prompt: NewPrompt, actor: Actor): Promise<PromptView>;
  patch(id: string, patch: PromptPatch, actor: Actor): Promise<PromptView>;
  saveDraft(id: string, draft: DraftBody, actor: Actor): Promise<PromptView>;
  /** Throws `assistant.no-draft` when there is none. */
  dropDraft(id: string, actor: Actor): Promise<PromptView>;
  /** Makes the draft the next version. Throws `assistant.no-draft`, and `assistant.tests-failed` when a gate refuses it. */
  publish(id: string, version: number | undefined, actor: Actor): Promise<PromptView>;
  /** An older version answers again. The draft stays. */
  rollBack(id: string, number: number, version: number | undefined, actor: Actor): Promise<PromptView>;
  remove(id: string, actor: Actor): Promise<void>;
  /** The newest first. */
  listVersions(id: string): Promise<VersionRow[]>;
  getVersion(id: string, number: number): Promise<FullVersion>;
  diff(id: string, sides: DiffQuery): Promise<{ lines: ReturnType<typeof diffLines>; added: number; removed: number }>;
  /** The text of a version or of the draft. */
  textOf(id: string, side: string): Promise<{ text: string; model: string | null }>;
  /** Null: no published prompt fits, the text of the settings counts. */
  choose(place: PromptPlace): ChosenPrompt | null;
  /** Asked before a draft is published; throws to refuse. */
  addGate(gate: (prompt: PromptView, actor: Actor) => Promise<void>): void;
  load(): Promise<void>;
  stop(): void;
}

export type AiPromptDeps = Omit<RecordDeps<AiPrompt>, "kind" | "notFound" | "model" | "sort" | "view"> & {
  prompts: AiPromptModel;
  versions: AiPromptVersionModel;
  findTeam: (id: string) => Promise<unknown>;
};

const MOST_VERSIONS = 500;

export function createAiPromptService({ prompts, versions, findTeam, ...deps }: AiPromptDeps): AiPromptService {
  const { clock } = deps;
  const gates: ((prompt: PromptView, actor: Actor) => Promise<void>)[] = [];
  const records: AutomationRecords<AiPrompt> = createAutomationRecords({
    ...deps,
    kind: "assistant-prompt",
    notFound: "assistant.prompt-not-found",
    model: prompts as never,
    sort: (a, b) => a.name.localeCompare(b.name) || (a._id < b._id ? -1 : 1),
    view: toPromptView,
  });

  const refuse = (path: string, message: string) => fail("request.invalid", { details: [{ path: `body.${path}`, message }] });

  async function check({ teams = [], between }: Partial<Pick<NewPrompt, "teams" | "between">>): Promise<void> {
    if (between && !isTimeZone(between.zone)) throw refuse("between.zone", "is not an IANA time zone such as America/Lima");
    for (const [index, team] of teams.entries())
      if (!(await findTeam(team))) throw refuse(`teams.${index}`, `There is no team "${team}".`);
  }

  function checkText(text: string): void {
    const [unknown] = unknownVariables(text);
    if (unknown) throw refuse("text", `names {{${unknown}}}, which is not a variable of prompts`);
  }

  const draftOf = ({ text, model = null, note = "" }: Pick<DraftBody, "text" | "model" | "note">, actor: Actor) => ({
    text,
    model,
    note,
    updatedAt: new Date(clock.now()),
    updatedBy: { id: actor.id, name: actor.name },
  });

  async function versionOf(id: string, number: number): Promise<AiPromptVersion> {
    const found = (await versions.findOne({ prompt: id, number }).lean()) as AiPromptVersion | null;
    if (!found) throw fail("assistant.prompt-version-not-found");
    return found;
  }

  async function textOf(id: string, side: string): Promise<{ text: string; model: string | null }> {
    const prompt = records.get(id);
    if (side !== "draft") return versionOf(id, Number(side));
    if (!prompt.draft) throw fail("assistant.no-draft");
    return prompt.draft;
  }

  const publishedOf = ({ number, text, model }: Pick<AiPromptVersion, "number" | "text" | "model">) => ({
    number,
    text,
    model,
    at: new Date(clock.now()),
  });

  return {
    list: () => records.all().map(toPromptView),
    get: (id) => toPromptView(records.get(id)),

    async create({ name, channels = [], teams = [], when = "always", between = null, isPaused = false, ...draft }, actor) {
      await check({ teams, between });
      checkText(draft.text);
      const fields = { name, channels, teams, when, between, isPaused };
      return toPromptView(
        await records.create({ ...fields, draft: draftOf(draft, actor), published: null, lastNumber: 0 }, actor),
      );
    },

    async patch(id, { version, ...fields }, actor) {
      await check(fields);
      return toPromptView(await records.patch(id, fields, version, actor));
    },

    async saveDraft(id, { version, ...draft }, actor) {
      checkText(draft.text);
      return toPromptView(await records.patch(id, { draft: draftOf(draft, actor) }, version, actor, { verb: "draft" }));
    },

    async dropDraft(id, actor) {
      if (!records.get(id).draft) throw fail("assistant.no-draft");
      return toPromptView(await records.patch(id, { draft: null }, undefined, actor, { verb: "drop-draft" }));
    },

    async publish(id, version, actor) {
      const before = records.get(id);
      const { draft } = before;
      if (!draft) throw fail("assistant.no-draft");
      if (version !== undefined && version !== before.version) throw fail("request.stale", { current: toPromptView(before) });
      for (const gate of gates) await gate(toPromptView(before), actor);
      const number = before.lastNumber + 1;
      const next: AiPromptVersion = {
        _id: newId(clock.now()),
        prompt: id,
        number,
        text: draft.text,
        model: draft.model,
        note: draft.note,
        publishedAt: new Date(clock.now()),
        publishedBy: { id: actor.id, name: actor.name },
      };
      const fields = { published: publishedOf(next), draft: null, lastNumber: number };
      // What was tested is what is published: another draft meanwhile is a conflict.
      const after = await records.patch(id, fields, before.version, actor, {
        verb: "publish",
        also: async ({ session }) => void (await versions.collection.insertOne(next as never, { session })),
      });
      return toPromptView(after);
    },

    async rollBack(id, number, version, actor) {
      records.get(id);
      const older = await versionOf(id, number);
      return toPromptView(await records.patch(id, { published: publishedOf(older) }, version, actor, { verb: "roll-back" }));
    },

    remove: (id, actor) => records.remove(id, actor),

    async listVersions(id) {
      const { published } = records.get(id);
      const rows = (await versions
        .find({ prompt: id }, { text: 0 })
        .sort({ number: -1 })
        .limit(MOST_VERSIONS)
        .lean()) as unknown as AiPromptVersion[];
      return rows.map((row) => toVersionRow(row, published?.number));
    },

    async getVersion(id, number) {
      const { published } = records.get(id);
      const found = await versionOf(id, number);
      return { ...toVersionRow(found, published?.number), text: found.text };
    },

    async diff(id, { from, to }) {
      const [before, after] = [await textOf(id, from), await textOf(id, to)];
      const lines = diffLines(before.text, after.text);
      const count = (kind: string) => lines.filter((line) => line.kind === kind).length;
      return { lines, added: count("added"), removed: count("removed") };
    },

    textOf,
    choose: (place) => choosePrompt(records.all(), place),
    addGate: (gate) => void gates.push(gate),
    load: records.load,
    stop: records.stop,
  };
}

function toPromptView({ _id, draft, published, createdAt, updatedAt, ...prompt }: AiPrompt): PromptView {
  return {
    id: _id,
    ...prompt,
    draft: draft && { ...draft, updatedAt: draft.updatedAt.toISOString() },
    published: published && { ...published, at: published.at.toISOString() },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

const toVersionRow = (
  { number, note, model, publishedAt, publishedBy }: AiPromptVersion,
  published: number | undefined,
): VersionRow => ({
  number,
  note,
  model,
  publishedAt: publishedAt.toISOString(),
  publishedBy,
  isPublished: number === published,
});

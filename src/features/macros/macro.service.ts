/**
 * Macros: what somebody does often, done at once, in their name and with what they may do. One's own are anybody's to make; those of
 * teams and of everybody, and those that ask other servers, need the permission to manage automation.
 */
import { type Actor, can } from "../../core/actor";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import {
  type AutomationAction,
  type AutomationRunService,
  type RunView,
  referencesInActions,
} from "../automation-actions/automation-run.service";
import {
  type AutomationRecords,
  createAutomationRecords,
  type RecordDeps,
} from "../automation-records/automation-record.service";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationService } from "../conversations/conversation.service";
import { type ReferenceService, referencesIn } from "../references/reference.service";
import type { Macro, MacroModel } from "./macro.model";
import type { MacroPatch, MacroView, NewMacro } from "./macro.schema";

export interface MacroService {
  /** Those that exist for this actor, by name. */
  list(actor: Actor): MacroView[];
  get(id: string, actor: Actor): MacroView;
  create(macro: NewMacro, actor: Actor): Promise<MacroView>;
  patch(id: string, patch: MacroPatch, actor: Actor): Promise<MacroView>;
  remove(id: string, actor: Actor): Promise<void>;
  /** Runs it on each of these conversations, and gives what came of it. The same `clientKey` runs it once. */
  run(id: string, conversations: readonly string[], actor: Actor, clientKey: string | null): Promise<RunView[]>;
  load(): Promise<void>;
  stop(): void;
}

export type MacroDeps = Omit<RecordDeps<Macro>, "kind" | "notFound" | "model" | "sort" | "view"> & {
  macros: MacroModel;
  runs: Pick<AutomationRunService, "queue" | "finish">;
  conversations: Pick<ConversationService, "getReachable">;
  references: Pick<ReferenceService, "assertExist" | "watch">;
};

export function createMacroService({ macros, runs, conversations, references, ...deps }: MacroDeps): MacroService {
  const { eventLog, clock } = deps;
  const records: AutomationRecords<Macro> = createAutomationRecords({
    ...deps,
    kind: "macro",
    notFound: "macro.not-found",
    model: macros as never,
    sort: (a, b) => a.name.localeCompare(b.name) || (a._id < b._id ? -1 : 1),
    view: toMacroView,
  });

  const isSeenBy = ({ visibility, owner, teams }: Macro, actor: Actor): boolean => {
    if (visibility === "all" || owner === actor.id) return true;
    return visibility === "team" && (can(actor, "automation.manage") || teams.some((team) => actor.teams.includes(team)));
  };

  references.watch((actor) =>
    records
      .all()
      .filter((macro) => isSeenBy(macro, actor))
      .map((macro) => ({ kind: "macro", id: macro._id, name: macro.name, references: referencesInMacro(macro) })),
  );

  function getVisible(id: string, actor: Actor): Macro {
    const macro = records.get(id);
    if (!isSeenBy(macro, actor)) throw fail("macro.not-found");
    return macro;
  }

  function assertMayManage({ visibility, owner, actions }: Pick<Macro, "visibility" | "owner" | "actions">, actor: Actor): void {
    const isSimple = visibility === "personal" && owner === actor.id && !actions.some(asksOthers);
    if (!isSimple && !can(actor, "automation.manage")) throw fail("auth.forbidden");
  }

  const assertTeams = ({ visibility, teams }: Pick<Macro, "visibility" | "teams">) => {
    if (visibility === "team" && teams.length === 0)
      throw fail("request.invalid", { details: [{ path: "body.teams", message: "names no team" }] });
  };

  return {
    list: (actor) =>
      records
        .all()
        .filter((macro) => isSeenBy(macro, actor))
        .map(toMacroView),
    get: (id, actor) => toMacroView(getVisible(id, actor)),

    async create({ description = "", visibility = "personal", teams = [], ...given }, actor) {
      const fields = { ...given, description, visibility, teams, owner: actor.id };
      assertMayManage(fields, actor);
      assertTeams(fields);
      await references.assertExist(referencesInMacro(fields));
      return toMacroView(await records.create(fields, actor));
    },

    async patch(id, { version, ...fields }, actor) {
      const before = getVisible(id, actor);
      assertMayManage(before, actor);
      assertMayManage({ ...before, ...fields }, actor);
      assertTeams({ ...before, ...fields });
      await references.assertExist(referencesInMacro(fields));
      return toMacroView(await records.patch(id, fields, version, actor));
    },

    async remove(id, actor) {
      assertMayManage(getVisible(id, actor), actor);
      await records.remove(id, actor);
    },

    async run(id, ids, actor, clientKey) {
      const macro = getVisible(id, actor);
      const talks: Conversation[] = [];
      for (const one of ids) talks.push(await conversations.getReachable(one, actor));
      const request = clientKey ?? newId(clock.now());
      const { _id: source, name, actions } = macro;
      const queued = await eventLog.change(async ({ session }) => {
        const made: string[] = [];
        for (const conversation of talks) {
          const key = `macro:${actor.id}:${source}:${request}:${conversation._id}`;
          const run = { key, kind: "macro" as const, source, name, conversation, actor, chain: [], actions };
          made.push(await runs.queue(run, session));
        }
        return made;
      });
      return Promise.all(queued.map((run) => runs.finish(run)));
    },

    load: records.load,
    stop: records.stop,
  };
}

const referencesInMacro = ({ actions = [], teams }: Partial<Pick<Macro, "actions" | "teams">>) => [
  ...referencesInActions(actions),
  ...referencesIn("team", teams, "teams"),
];

const asksOthers = ({ do: name }: AutomationAction): boolean => name === "webhook" || name === "mail";

const toMacroView = ({ _id, createdAt, updatedAt, ...macro }: Macro): MacroView => ({
  id: _id,
  ...macro,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

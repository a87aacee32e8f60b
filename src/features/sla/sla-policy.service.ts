/** Promises of service: which there are, and which one holds for a conversation. */
import type { Actor } from "../../core/actor";
import {
  type AutomationRecords,
  createAutomationRecords,
  type RecordDeps,
} from "../automation-records/automation-record.service";
import type { Conversation } from "../conversations/conversation.model";
import { type ReferenceService, referencesIn } from "../references/reference.service";
import type { NewPolicy, PolicyPatch, PolicyView } from "./sla.schema";
import type { SlaPolicy, SlaPolicyModel } from "./sla-policy.model";

export interface SlaPolicyService {
  list(): PolicyView[];
  get(id: string): PolicyView;
  create(policy: NewPolicy, actor: Actor): Promise<PolicyView>;
  patch(id: string, patch: PolicyPatch, actor: Actor): Promise<PolicyView>;
  remove(id: string, actor: Actor): Promise<void>;
  /** The first enabled one that fits; null: nothing is promised. */
  policyOf(conversation: Pick<Conversation, "priority" | "team" | "labels" | "channel">): SlaPolicy | null;
  find(id: string): SlaPolicy | null;
  hasAny(): boolean;
  onChange(listener: () => void): void;
  load(): Promise<void>;
  stop(): void;
}

export type SlaPolicyDeps = Omit<RecordDeps<SlaPolicy>, "kind" | "notFound" | "model" | "sort" | "view"> & {
  policies: SlaPolicyModel;
  references: Pick<ReferenceService, "assertExist" | "watch">;
};

const ANY = { priorities: [], teams: [], labels: [], channels: [] };

export function createSlaPolicyService({ policies, references, ...deps }: SlaPolicyDeps): SlaPolicyService {
  const records: AutomationRecords<SlaPolicy> = createAutomationRecords({
    ...deps,
    kind: "sla-policy",
    notFound: "sla-policy.not-found",
    model: policies as never,
    sort: (a, b) => a.order - b.order || (a._id < b._id ? -1 : 1),
    view: toPolicyView,
  });

  references.watch(() =>
    records.all().map(({ _id, name, match }) => ({ kind: "sla-policy", id: _id, name, references: referencesInMatch(match) })),
  );

  async function check({ match = {} }: Partial<NewPolicy>): Promise<void> {
    await references.assertExist(referencesInMatch(match));
  }

  const fits = (
    { match }: SlaPolicy,
    { priority, team, labels, channel }: Parameters<SlaPolicyService["policyOf"]>[0],
  ): boolean =>
    (match.priorities.length === 0 || match.priorities.includes(priority)) &&
    (match.teams.length === 0 || match.teams.includes(team ?? "")) &&
    (match.channels.length === 0 || match.channels.includes(channel)) &&
    (match.labels.length === 0 || match.labels.some((label) => labels.includes(label)));

  return {
    list: () => records.all().map(toPolicyView),
    get: (id) => toPolicyView(records.get(id)),

    async create({ match = {}, ...given }, actor) {
      await check({ match });
      const usual = {
        isEnabled: true,
        order: (records.all().at(-1)?.order ?? 0) + 1,
        firstReply: null,
        nextReply: null,
        resolution: null,
        warnPercent: 80,
        inBusinessHours: true,
        pausesInSnooze: true,
        assistantCounts: true,
      };
      return toPolicyView(await records.create({ ...usual, ...given, match: { ...ANY, ...match } }, actor));
    },

    async patch(id, { version, match, ...given }, actor) {
      await check(match ? { match } : {});
      const merged = match ? { match: { ...records.get(id).match, ...match } } : {};
      return toPolicyView(await records.patch(id, { ...given, ...merged }, version, actor));
    },

    remove: (id, actor) => records.remove(id, actor),
    policyOf: (conversation) => records.all().find((one) => one.isEnabled && fits(one, conversation)) ?? null,
    find: records.find,
    hasAny: () => records.all().some(({ isEnabled }) => isEnabled),
    onChange: records.onChange,
    load: records.load,
    stop: records.stop,
  };
}

const referencesInMatch = ({ labels, teams }: Partial<SlaPolicy["match"]>) => [
  ...referencesIn("label", labels, "match.labels"),
  ...referencesIn("team", teams, "match.teams"),
];

const toPolicyView = ({ _id, createdAt, updatedAt, ...policy }: SlaPolicy): PolicyView => ({
  id: _id,
  ...policy,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

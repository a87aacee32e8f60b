/**
 * What rules, promises and settings name: teams, people, labels, roles, attributes, templates. Whoever names what does not exist is
 * told so, with its place; and what has gone since is listed, because nothing that acts by itself may fail without a word.
 */
import type { ClientSession } from "mongoose";
import type { Actor } from "../../core/actor";
import { type ErrorDetail, fail } from "../../core/errors";
import { ROLES } from "../../core/permissions";
import type { AgentModel } from "../agents/agent.model";
import type { AttributeModel } from "../attributes/attribute.model";
import type { LabelModel } from "../labels/label.model";
import type { RoleModel } from "../roles/role.model";
import type { TeamModel } from "../teams/team.model";
import type { TemplateModel } from "../templates/template.model";
import type { Problem } from "./reference.schema";

/** `label` by its name, `template` by `name/language`, `attribute` by its key, everything else by its id. */
export interface Reference {
  kind: Problem["missing"]["kind"];
  id: string;
  /** Where it is named. */
  path: string;
}

/** Something that names others, as it is stored. */
export interface Naming extends Pick<Problem, "kind" | "id" | "name"> {
  references: readonly Reference[];
}

export interface ReferenceService {
  /** Those that do not exist, each with a sentence. Agents who have left do not. */
  missing(references: readonly Reference[], session?: ClientSession): Promise<(ErrorDetail & { reference: Reference })[]>;
  /** Throws `request.invalid` with the path of each that does not exist. */
  assertExist(references: readonly Reference[]): Promise<void>;
  /** What names something that has gone. */
  listProblems(actor: Actor): Promise<Problem[]>;
  /** From now on what this gives is looked through as well. Call it while everything is being opened. */
  watch(list: (actor: Actor) => readonly Naming[]): void;
}

export interface ReferenceModels {
  teams: TeamModel;
  agents: AgentModel;
  labels: LabelModel;
  roles: RoleModel;
  attributes: AttributeModel;
  templates: TemplateModel;
}

const SENTENCES: Readonly<Record<Reference["kind"], (id: string) => string>> = {
  team: (id) => `There is no team "${id}".`,
  agent: (id) => `There is nobody "${id}" among those who work here.`,
  label: (id) => `There is no label "${id}".`,
  role: (id) => `There is no role "${id}".`,
  attribute: (id) => `Contacts have no attribute "${id}".`,
  template: (id) => `There is no template "${id}".`,
};

export function createReferenceService(models: ReferenceModels): ReferenceService {
  const sources: ((actor: Actor) => readonly Naming[])[] = [];

  /** Which of these exist. */
  async function known(kind: Reference["kind"], ids: string[], session: ClientSession | undefined): Promise<Set<string>> {
    const options = session ? { session } : {};
    const $in = ids;
    switch (kind) {
      case "team":
        return namesOf(await models.teams.find({ _id: { $in } }, { _id: 1 }, options).lean(), "_id");
      case "agent":
        return namesOf(await models.agents.find({ _id: { $in }, isActive: true }, { _id: 1 }, options).lean(), "_id");
      case "label":
        return namesOf(await models.labels.find({ name: { $in } }, { name: 1 }, options).lean(), "name");
      case "role":
        return new Set([...ROLES, ...namesOf(await models.roles.find({ _id: { $in } }, { _id: 1 }, options).lean(), "_id")]);
      case "attribute":
        return namesOf(await models.attributes.find({ key: { $in } }, { key: 1 }, options).lean(), "key");
      case "template": {
        const names = ids.map((id) => id.slice(0, id.indexOf("/")));
        const rows = await models.templates.find({ name: { $in: names } }, { name: 1, language: 1 }, options).lean();
        return new Set(rows.map(({ name, language }) => `${name}/${language}`));
      }
    }
  }

  const service: ReferenceService = {
    async missing(references, session) {
      const found = new Map<Reference["kind"], Set<string>>();
      for (const kind of new Set(references.map((one) => one.kind))) {
        const ids = references.filter((one) => one.kind === kind).map(({ id }) => id);
        found.set(kind, await known(kind, [...new Set(ids)], session));
      }
      return references
        .filter(({ kind, id }) => !found.get(kind)?.has(id))
        .map((reference) => ({ path: reference.path, message: SENTENCES[reference.kind](reference.id), reference }));
    },

    async assertExist(references) {
      const gone = await service.missing(references);
      const [first] = gone;
      if (first)
        throw fail("request.invalid", {
          message: first.message,
          details: gone.map(({ path, message }) => ({ path: `body.${path}`, message })),
        });
    },

    async listProblems(actor) {
      const problems: Problem[] = [];
      for (const list of sources)
        for (const { kind, id, name, references } of list(actor))
          for (const { path, message, reference } of await service.missing(references))
            problems.push({ kind, id, name, path, missing: { kind: reference.kind, id: reference.id }, message });
      return problems;
    },

    watch: (list) => void sources.push(list),
  };
  return service;
}

const namesOf = (rows: readonly object[], field: string): Set<string> =>
  new Set(rows.map((row) => String((row as Record<string, unknown>)[field])));

/** Each of a list, with its place in it. */
export const referencesIn = (kind: Reference["kind"], ids: readonly string[] | undefined, path: string): Reference[] =>
  (ids ?? []).map((id, index) => ({ kind, id, path: `${path}.${index}` }));

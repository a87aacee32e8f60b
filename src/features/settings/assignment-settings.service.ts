/** How conversations that need a person find one. */
import { type Static, Type as t } from "@sinclair/typebox";
import { Id, oneOf } from "../../events/view";
import type { Reference } from "../references/reference.service";
import { settingGroup } from "./setting-group";

export const STRATEGIES = ["manual", "round-robin", "least-busy"] as const;

const strategy = oneOf(STRATEGIES);
const isSticky = t.Boolean({ description: "Customers come back to whom they talked with last, if that one is free" });
const capacity = t.Union([t.Integer({ minimum: 1, maximum: 1_000 }), t.Null()], {
  description: "Conversations that people without a capacity of their own are given at once; null: without limit",
});
const some = <T extends Parameters<typeof t.Array>[0]>(item: T, description: string) =>
  t.Optional(t.Array(item, { minItems: 1, maxItems: 50, uniqueItems: true, description }));
const word = t.String({ minLength: 1, maxLength: 60 });

export const AssignmentRule = t.Object(
  {
    name: t.String({ minLength: 1, maxLength: 100, pattern: "\\S" }),
    isActive: t.Boolean(),
    teams: some(t.Union([Id, t.Literal("none")]), "It belongs to one of these teams; none: to no team"),
    languages: some(t.String({ pattern: "^[a-z]{2,3}([_-][A-Za-z]{2,4})?$" }), "The customer's language; es is also es_MX"),
    labels: some(word, "It carries one of these labels"),
    channels: some(word, "It came over one of these numbers"),
    hours: t.Optional(oneOf(["open", "closed"])),
    toTeam: t.Optional(Id),
    toAgent: t.Optional(t.String({ ...Id, description: "If they are here and free; otherwise the team's way counts" })),
  },
  { additionalProperties: false, title: "AssignmentRule" },
);
export type AssignmentRule = Static<typeof AssignmentRule>;

export const TeamAssignment = t.Object(
  { team: Id, strategy, isSticky: t.Optional(isSticky), capacity: t.Optional(capacity) },
  { additionalProperties: false, title: "TeamAssignment" },
);

export const assignmentSettings = settingGroup({
  name: "assignment",
  title: "Assignment",
  description: "Who is given the conversations that need a person.",
  read: "conversations.assign",
  manage: "automation.manage",
  schema: t.Object({
    strategy: t.Union([t.Literal("manual"), t.Literal("round-robin"), t.Literal("least-busy")], {
      description: "For conversations of no team, and of teams that are not named below; manual: people take them",
    }),
    isSticky,
    stickyDays: t.Integer({ minimum: 1, maximum: 365, description: "Days for which the last agent is remembered" }),
    capacity,
    roles: t.Array(t.String({ pattern: "^[\\w-]{1,64}$" }), {
      maxItems: 50,
      uniqueItems: true,
      description: "Roles whose people are given conversations of no team; those of a team go to its members",
    }),
    needsPresence: t.Boolean({ description: "Only people who are online are given conversations" }),
    releaseAfterOfflineMinutes: t.Union([t.Integer({ minimum: 1, maximum: 10_080 }), t.Null()], {
      description:
        "Whoever has been offline for so many minutes gives conversations whose customer waits back to the queue; null: they keep them",
    }),
    onlyWhenOpen: t.Boolean({ description: "Outside business hours the queue waits" }),
    teams: t.Array(TeamAssignment, { maxItems: 200, description: "Teams that do it in their own way" }),
    rules: t.Array(AssignmentRule, {
      maxItems: 100,
      description: "Looked at in their order when a conversation begins to need a person; the first that fits counts",
    }),
  }),
  defaults: {
    strategy: "manual",
    isSticky: false,
    stickyDays: 30,
    capacity: 10,
    roles: ["agent"],
    needsPresence: true,
    releaseAfterOfflineMinutes: null,
    onlyWhenOpen: false,
    teams: [],
    rules: [],
  },
  references: ({ teams, rules, roles }) => [
    ...roles.map((id, index) => ({ kind: "role" as const, id, path: `roles.${index}` })),
    ...teams.map(({ team }, index) => ({ kind: "team" as const, id: team, path: `teams.${index}.team` })),
    ...rules.flatMap((rule, index) => referencesInRule(rule, `rules.${index}`)),
  ],
  check({ teams, rules }) {
    const ids = teams.map(({ team }) => team);
    const names = rules.map(({ name }) => name.trim().toLowerCase());
    return [
      ...ids.flatMap((id, index) =>
        ids.indexOf(id) < index ? [{ path: `teams.${index}.team`, message: "is named before already" }] : [],
      ),
      ...names.flatMap((name, index) =>
        names.indexOf(name) < index ? [{ path: `rules.${index}.name`, message: "another rule has this name" }] : [],
      ),
      ...rules.flatMap(({ toTeam, toAgent }, index) =>
        toTeam || toAgent ? [] : [{ path: `rules.${index}`, message: "needs toTeam or toAgent" }],
      ),
    ];
  },
});
export type AssignmentValues = Static<typeof assignmentSettings.schema>;

function referencesInRule({ teams = [], labels = [], toTeam, toAgent }: AssignmentRule, path: string): Reference[] {
  return [
    ...teams.flatMap((id, index) => (id === "none" ? [] : [{ kind: "team" as const, id, path: `${path}.teams.${index}` }])),
    ...labels.map((id, index) => ({ kind: "label" as const, id, path: `${path}.labels.${index}` })),
    ...(toTeam ? [{ kind: "team" as const, id: toTeam, path: `${path}.toTeam` }] : []),
    ...(toAgent ? [{ kind: "agent" as const, id: toAgent, path: `${path}.toAgent` }] : []),
  ];
}

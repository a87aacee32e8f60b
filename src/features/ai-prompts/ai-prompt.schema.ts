/** What the routes of prompts accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, nullable, oneOf, Timestamp } from "../../events/view";

/** Every call carries it. */
const LONGEST_TEXT = 20_000;
const TIME = "^([01]\\d|2[0-3]):[0-5]\\d$";

const Text = t.String({
  minLength: 1,
  maxLength: LONGEST_TEXT,
  description: "About the business and the assistant. May hold {{company.hours}}, {{contact.first_name|amigo}} ...",
});
const Model = nullable(t.String({ minLength: 1, maxLength: 120, description: "Asked instead of the model of the settings" }));
const Note = t.String({ maxLength: 500, description: "What is different and why" });

const fields = {
  name: t.String({ minLength: 1, maxLength: 80, examples: ["Ventas"] }),
  channels: t.Array(t.String({ minLength: 1, maxLength: 40 }), {
    maxItems: 100,
    uniqueItems: true,
    description: "Phone number ids it answers on; all when empty",
  }),
  teams: t.Array(Id, { maxItems: 200, uniqueItems: true, description: "Teams it answers for; all when empty" }),
  when: oneOf(["always", "open", "closed"]),
  between: nullable(
    t.Object(
      {
        from: t.String({ pattern: TIME, examples: ["20:00"] }),
        to: t.String({ pattern: TIME, description: "Earlier than `from`: goes on into the next day", examples: ["08:00"] }),
        zone: t.String({ minLength: 1, maxLength: 60, description: "IANA time zone", examples: ["America/Lima"] }),
      },
      { additionalProperties: false },
    ),
  ),
  isPaused: t.Boolean({ description: "Chosen for no conversation" }),
};

const By = t.Object({ id: t.String(), name: t.String() });
const Draft = t.Object({ text: t.String(), model: Model, note: t.String(), updatedAt: Timestamp, updatedBy: By });
const Published = t.Object({ number: t.Integer(), text: t.String(), model: Model, at: Timestamp });

export const PromptView = t.Object(
  {
    id: Id,
    ...fields,
    draft: nullable(Draft),
    published: nullable(Published),
    lastNumber: t.Integer(),
    version: t.Integer({ minimum: 0 }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "AssistantPrompt" },
);
export type PromptView = Static<typeof PromptView>;

export const PublicationView = t.Object({
  id: Id,
  state: oneOf(["testing", "published", "failed", "stale"]),
  done: t.Integer({ description: "Golden conversations that were played" }),
  total: t.Integer(),
  failed: t.Array(t.Object({ name: t.String(), failures: t.Array(t.String()) })),
  by: By,
  createdAt: Timestamp,
  endedAt: nullable(Timestamp),
});
export type PublicationView = Static<typeof PublicationView>;

export const NewPrompt = t.Object({
  name: fields.name,
  text: Text,
  model: t.Optional(Model),
  note: t.Optional(Note),
  channels: t.Optional(fields.channels),
  teams: t.Optional(fields.teams),
  when: t.Optional(fields.when),
  between: t.Optional(fields.between),
  isPaused: t.Optional(fields.isPaused),
});
export type NewPrompt = Static<typeof NewPrompt>;

const BasedOn = t.Optional(t.Integer({ minimum: 0, description: "The version the change is based on; another one answers 409" }));
export const PromptPatch = t.Object({ version: BasedOn, ...t.Partial(t.Object(fields)).properties }, { minProperties: 1 });
export type PromptPatch = Static<typeof PromptPatch>;

export const DraftBody = t.Object({ version: BasedOn, text: Text, model: t.Optional(Model), note: t.Optional(Note) });
export type DraftBody = Static<typeof DraftBody>;
export const PublishBody = t.Object({ version: BasedOn });
export const RollBackBody = t.Object({ version: BasedOn, number: t.Integer({ minimum: 1, maximum: 100_000 }) });

const VersionRow = t.Object({
  number: t.Integer(),
  note: t.String(),
  model: Model,
  publishedAt: Timestamp,
  publishedBy: By,
  isPublished: t.Boolean({ description: "The one that answers now" }),
});
export type VersionRow = Static<typeof VersionRow>;
const FullVersion = t.Object({ ...VersionRow.properties, text: t.String() });
export type FullVersion = Static<typeof FullVersion>;

const Side = t.String({ pattern: "^(draft|[1-9]\\d{0,4})$", description: "Number of a version, or draft" });
export const DiffQuery = t.Object({ from: Side, to: Side });
export type DiffQuery = Static<typeof DiffQuery>;

export const PromptParams = t.Object({ id: Id });
export const VersionParams = t.Object({ id: Id, number: t.String({ pattern: "^[1-9]\\d{0,4}$" }) });
export const PromptAnswer = okSchema(PromptView);
const PublishedPrompt = t.Object({
  ...PromptView.properties,
  publication: nullable(t.Object({ ...PublicationView.properties }, { description: "Null: there were no tests to pass" })),
});
export type PublishedView = Static<typeof PublishedPrompt>;
export const PublishAnswer = okSchema(PublishedPrompt);
export const PublicationAnswer = okSchema(nullable(PublicationView));
export const PromptList = okSchema(t.Array(PromptView));
export const PromptRemoved = okSchema(t.Object({ id: Id }));
export const VersionList = okSchema(t.Array(VersionRow));
export const VersionAnswer = okSchema(FullVersion);
export const DiffAnswer = okSchema(
  t.Object({
    lines: t.Array(t.Object({ kind: oneOf(["same", "added", "removed"]), text: t.String() })),
    added: t.Integer(),
    removed: t.Integer(),
  }),
);
export const VariableList = okSchema(
  t.Array(
    t.Object({
      name: t.String(),
      description: t.String(),
      isShared: t.Boolean({ description: "Put into the text itself; the others travel as data beside it" }),
    }),
  ),
);

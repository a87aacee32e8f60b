/** What the routes of outgoing webhooks accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import type { DurableEvent } from "../../events/catalog";
import { Id, nullable, oneOf, Timestamp } from "../../events/view";
import { DELIVERY_KINDS } from "./webhook-delivery.model";
import { SENT_EVENTS } from "./webhook-event";

const EventName = oneOf(SENT_EVENTS as [DurableEvent, ...DurableEvent[]]);
const Sequence = t.Integer({ minimum: 1, description: "`sequence` of an event" });

const name = t.String({ minLength: 1, maxLength: 100, pattern: "\\S", examples: ["Web shop"] });
const url = t.String({
  minLength: 8,
  maxLength: 2_000,
  description: "Has to be reachable on the public internet, or be listed in ALLOW_PRIVATE_URLS",
  examples: ["https://example.com/hooks/chasqui"],
});
const events = t.Array(EventName, {
  minItems: 1,
  maxItems: SENT_EVENTS.length,
  uniqueItems: true,
  description: "What is sent; see GET /webhook-endpoints/events",
  examples: [["message:new", "conversation:updated"]],
});
const teams = t.Union([t.Array(Id, { minItems: 1, maxItems: 50, uniqueItems: true }), t.Null()], {
  description: "Only what happens in conversations of these teams; null: in all",
});

export const EndpointParams = t.Object({ id: Id });
export const NewEndpoint = t.Object({ name, url, events, teams: t.Optional(teams) }, { additionalProperties: false });
export type NewEndpoint = Static<typeof NewEndpoint>;

export const EndpointPatch = t.Partial(t.Object({ name, url, events, teams }), {
  minProperties: 1,
  additionalProperties: false,
});
export type EndpointPatch = Static<typeof EndpointPatch>;

export const ReplayBody = t.Object({ from: t.Integer({ ...Sequence, examples: [1042] }) }, { additionalProperties: false });
export const ResumeBody = t.Object(
  {
    from: t.Optional(
      t.Union([Sequence, t.Literal("newest")], {
        description: "Where to go on; where it stopped when left out. newest: what happened meanwhile is not sent",
      }),
    ),
  },
  { additionalProperties: false },
);
export type ResumeBody = Static<typeof ResumeBody>;
export const RotateBody = t.Object(
  {
    hours: t.Optional(
      t.Integer({ minimum: 0, maximum: 168, description: "How long the old secret still signs too; 24 when left out" }),
    ),
  },
  { additionalProperties: false },
);

export const SHOWN_STATES = ["active", "failing", "paused", "disabled"] as const;

export const EndpointView = t.Object(
  {
    id: Id,
    name: t.String(),
    url: t.String(),
    events: t.Array(t.String()),
    teams: nullable(t.Array(Id)),
    state: oneOf(SHOWN_STATES),
    reason: nullable(t.String({ description: "Why nothing is sent" })),
    position: t.Integer({ description: "`sequence` of the last event that is settled" }),
    behind: t.Integer({ minimum: 0, description: "How many events have happened since, wanted or not" }),
    failures: t.Integer({ minimum: 0, description: "Failed tries of the event it is at" }),
    failingSince: nullable(Timestamp),
    nextAttemptAt: nullable(Timestamp),
    lastError: nullable(t.String()),
    deliveredAt: nullable(Timestamp),
    missed: nullable(t.Object({ from: t.Integer(), to: t.Integer(), at: Timestamp })),
    secrets: t.Array(t.Object({ createdAt: Timestamp, endsAt: nullable(Timestamp) }), {
      description: "Which secrets sign; they themselves are never shown again",
    }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "WebhookEndpoint" },
);
export type EndpointView = Static<typeof EndpointView>;

export const DeliveryView = t.Object(
  {
    id: Id,
    kind: oneOf(DELIVERY_KINDS),
    delivery: t.String({ description: "The `webhook-id` it was sent under" }),
    event: t.String(),
    sequence: nullable(t.Integer()),
    attempt: t.Integer({ minimum: 1 }),
    isDelivered: t.Boolean(),
    status: nullable(t.Integer({ description: "Null: no answer came" })),
    ms: t.Number(),
    answer: t.String({ description: "The first kilobyte of the answer" }),
    error: nullable(t.String()),
    at: Timestamp,
  },
  { title: "WebhookDelivery" },
);
export type DeliveryView = Static<typeof DeliveryView>;

export const DeliveryQuery = t.Object({
  ...pageQuery,
  result: t.Optional(oneOf(["delivered", "failed"])),
});
export type DeliveryQuery = Static<typeof DeliveryQuery>;

export const EndpointAnswer = okSchema(EndpointView);
export const EndpointList = okSchema(t.Array(EndpointView));
export const EndpointRemoved = okSchema(t.Object({ id: Id }));
export const EndpointWithSecret = okSchema(
  t.Object({ endpoint: EndpointView, secret: t.String({ description: "Shown only now: whsec_ and 32 bytes as base64" }) }),
);
export const DeliveryAnswer = okSchema(DeliveryView);
export const DeliveryPage = pageSchema(DeliveryView);
export const EventList = okSchema(
  t.Array(
    t.Object({
      event: t.String(),
      permission: t.String({ description: "What somebody needs to have it sent" }),
      data: t.Unknown({ description: "JSON Schema of `data`" }),
    }),
  ),
);

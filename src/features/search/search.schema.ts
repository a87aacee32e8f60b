/** What the search routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { Id, oneOf, Timestamp } from "../../events/view";

export const SEARCH_KINDS = ["message", "note", "transcript", "contact"] as const;
const LONGEST_QUERY = 1_000;

export const SearchQuery = t.Object({
  ...pageQuery,
  q: t.String({
    minLength: 1,
    maxLength: LONGEST_QUERY,
    description:
      'Words, each of which may be only the beginning; accents and case do not matter. "Words in quotes" stand together. Digits find numbers that contain them.',
    examples: ["manta azul", "+52 55 1234"],
  }),
  kind: t.Optional(oneOf(SEARCH_KINDS)),
  conversation: t.Optional(Id),
  contact: t.Optional(t.String({ ...Id, description: "Everything said with this contact, and what was noted about them" })),
  channel: t.Optional(t.String({ maxLength: 100, description: "WhatsApp phone number id of the business" })),
  label: t.Optional(t.String({ maxLength: 100, description: "A label of the conversation or the contact" })),
  agent: t.Optional(t.String({ ...Id, description: "Who wrote it" })),
  direction: t.Optional(oneOf(["inbound", "outbound"])),
  from: t.Optional(t.String({ format: "date-time", description: "Not before, ISO 8601" })),
  to: t.Optional(t.String({ format: "date-time", description: "Before, ISO 8601" })),
});
export type SearchQuery = Static<typeof SearchQuery>;

const nullable = <T extends Parameters<typeof t.Union>[0][number]>(schema: T) => t.Union([schema, t.Null()]);

export const SearchHitView = t.Object(
  {
    kind: oneOf(SEARCH_KINDS),
    id: t.String({ description: "Id of the message or contact" }),
    conversation: nullable(Id),
    contact: t.Object({ id: Id, name: t.String() }),
    channel: nullable(t.String()),
    direction: nullable(oneOf(["inbound", "outbound"])),
    author: nullable(t.String({ description: "Agent id of a person's message" })),
    at: Timestamp,
    text: t.String({ description: "The part of the text in which it was found" }),
    highlights: t.Array(t.Object({ start: t.Integer(), end: t.Integer() }), {
      description: "What was found, as offsets into `text` in UTF-16 units",
    }),
  },
  {
    title: "SearchHit",
    examples: [
      {
        kind: "message",
        id: "019345f2c1a4000a5be1f00d",
        conversation: "019345f2c1a40001a0b1c2d3",
        contact: { id: "019345f2c1a40000a0b1c2d3", name: "Lucía Quispe" },
        channel: "100000000000001",
        direction: "inbound",
        author: null,
        at: "2026-11-20T18:30:00.000Z",
        text: "¿Tienen la manta azul?",
        highlights: [{ start: 11, end: 16 }],
      },
    ],
  },
);
export type SearchHitView = Static<typeof SearchHitView>;
export const SearchPage = pageSchema(SearchHitView);

export const SearchStatusView = t.Object(
  {
    entries: t.Integer({ description: "How many texts can be found" }),
    position: nullable(t.Integer({ description: "The event up to which everything can be found" })),
    newest: t.Integer({ description: "The newest event" }),
    rebuild: nullable(t.Object({ done: t.Integer(), total: t.Integer() }, { description: "While the index is built anew" })),
  },
  { title: "SearchStatus" },
);
export type SearchStatusView = Static<typeof SearchStatusView>;
export const SearchStatusAnswer = okSchema(SearchStatusView);

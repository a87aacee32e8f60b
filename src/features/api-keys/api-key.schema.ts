/** What the API key routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { PERMISSIONS, type Permission, REACHES } from "../../core/permissions";
import { Id, oneOf, Timestamp } from "../../events/view";

const names = Object.keys(PERMISSIONS) as [Permission, ...Permission[]];
const nullable = t.Union([t.String(), t.Null()]);

export const ApiKeyParams = t.Object({ id: Id });
export const ApiKeyQuery = t.Object(pageQuery);
export type ApiKeyQuery = Static<typeof ApiKeyQuery>;

export const NewApiKey = t.Object(
  {
    name: t.String({ minLength: 1, maxLength: 100, pattern: "\\S", examples: ["Web shop"] }),
    permissions: t.Array(oneOf(names), {
      minItems: 1,
      maxItems: names.length,
      uniqueItems: true,
      description: "What it may do; never more than you",
      examples: [["contacts.read", "messages.send"]],
    }),
    reach: t.Optional(oneOf(REACHES)),
    days: t.Optional(
      t.Union([t.Integer({ minimum: 1, maximum: 3_650 }), t.Null()], {
        description: "Days until it ends; 365 when left out; null: never",
      }),
    ),
  },
  { additionalProperties: false },
);
export type NewApiKey = Static<typeof NewApiKey>;

export const API_KEY_STATES = ["active", "expired", "revoked"] as const;

export const ApiKeyView = t.Object(
  {
    id: Id,
    name: t.String(),
    hint: t.String({ description: "How the key begins" }),
    owner: Id,
    permissions: t.Array(t.String()),
    reach: oneOf(REACHES),
    state: oneOf(API_KEY_STATES),
    createdAt: Timestamp,
    expiresAt: nullable,
    lastUsedAt: nullable,
  },
  { title: "ApiKey" },
);
export type ApiKeyView = Static<typeof ApiKeyView>;

export const ApiKeyPage = pageSchema(ApiKeyView);
export const ApiKeyAnswer = okSchema(ApiKeyView);
export const ApiKeyCreated = okSchema(
  t.Object({ key: ApiKeyView, secret: t.String({ description: "Shown only now; send it as Authorization: Bearer" }) }),
);

/** What rules and macros can do, in order: everything people can do to a conversation, and what only machines do. */
import { type Static, type TProperties, Type as t } from "@sinclair/typebox";
import { Id, oneOf, PRIORITIES } from "../../events/view";
import { NewMessage } from "../messages/message-send.service";

const strict = <T extends TProperties>(properties: T) => t.Object(properties, { additionalProperties: false });
const names = t.Optional(t.Array(t.String({ minLength: 1, maxLength: 60 }), { minItems: 1, maxItems: 20, uniqueItems: true }));
const orNull = (description: string) => t.Union([Id, t.Null()], { description });
const VARIABLES = "May hold {{contact.first_name|cliente}}, {{contact.attributes.city}}, {{agent.name}} ...";

export const AutomationAction = t.Union(
  [
    strict({ do: t.Literal("reply"), text: t.String({ minLength: 1, maxLength: 4_000, description: VARIABLES }) }),
    strict({ do: t.Literal("send"), message: NewMessage }),
    strict({
      do: t.Literal("note"),
      text: t.String({ minLength: 1, maxLength: 4_000, description: VARIABLES }),
      mentions: t.Optional(t.Array(Id, { maxItems: 10, uniqueItems: true })),
    }),
    strict({ do: t.Literal("label"), add: names, remove: names }),
    strict({ do: t.Literal("assign"), agent: orNull("Null: nobody") }),
    strict({ do: t.Literal("take") }),
    strict({ do: t.Literal("transfer"), team: orNull("Null: no team") }),
    strict({ do: t.Literal("priority"), priority: oneOf(PRIORITIES) }),
    strict({ do: t.Literal("status"), status: oneOf(["open", "resolved", "closed"]) }),
    strict({
      do: t.Literal("snooze"),
      minutes: t.Union([t.Integer({ minimum: 1, maximum: 525_600 }), t.Null()], {
        description: "For so long; null: until the customer's next message, which always ends it",
      }),
    }),
    strict({ do: t.Literal("assistant"), on: t.Boolean() }),
    strict({ do: t.Literal("mute"), on: t.Boolean() }),
    strict({ do: t.Literal("follow"), agent: Id }),
    strict({
      do: t.Literal("attribute"),
      key: t.String({ pattern: "^[a-z][a-z0-9_]{0,39}$", description: "A custom attribute of contacts" }),
      value: t.Union([t.String({ maxLength: 1_000 }), t.Number(), t.Boolean(), t.Null()], { description: "Null takes it away" }),
    }),
    strict({ do: t.Literal("contact-label"), add: names, remove: names }),
    strict({
      do: t.Literal("webhook"),
      url: t.String({ minLength: 10, maxLength: 2_000, examples: ["https://example.com/hook"] }),
      headers: t.Optional(
        t.Record(t.String({ pattern: "^[A-Za-z0-9-]{1,60}$" }), t.String({ pattern: "^[\\x20-\\x7e]{0,500}$" }), {
          maxProperties: 10,
        }),
      ),
    }),
    strict({
      do: t.Literal("mail"),
      to: t.String({ maxLength: 254, pattern: "^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$" }),
      subject: t.String({ minLength: 1, maxLength: 200, description: VARIABLES }),
      text: t.String({ minLength: 1, maxLength: 10_000, description: VARIABLES }),
    }),
  ],
  { title: "AutomationAction" },
);
export type AutomationAction = Static<typeof AutomationAction>;
export type ActionName = AutomationAction["do"];

export const AutomationActions = t.Array(AutomationAction, { minItems: 1, maxItems: 20 });

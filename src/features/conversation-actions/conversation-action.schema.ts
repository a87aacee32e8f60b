/** Everything that can be done to a conversation, in one vocabulary: people's clicks, bulk actions, macros and rules all speak it. */
import { type Static, type TProperties, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { fail } from "../../core/errors";
import { ConversationView, Id, oneOf, PRIORITIES, Timestamp } from "../../events/view";

const strict = <T extends TProperties>(properties: T) => t.Object(properties, { additionalProperties: false });
const names = (description: string) =>
  t.Optional(
    t.Array(t.String({ minLength: 1, maxLength: 60 }), { maxItems: 50, uniqueItems: true, description, examples: [["vip"]] }),
  );
const orNull = (description: string) => t.Union([Id, t.Null()], { description });
const until = t.Union([t.String({ ...Timestamp, maxLength: 40 }), t.Null()], {
  description: "When it comes back; null: with the customer's next message, which always brings it back",
});

export const ConversationAction = t.Union(
  [
    strict({ do: t.Literal("assign"), agent: orNull("Null: nobody") }),
    strict({ do: t.Literal("take") }),
    strict({ do: t.Literal("transfer"), team: orNull("Null: no team") }),
    strict({ do: t.Literal("priority"), priority: oneOf(PRIORITIES) }),
    strict({
      do: t.Literal("label"),
      add: names("Labels to put on"),
      remove: names("Labels to take off"),
      set: names("Exactly these"),
    }),
    strict({ do: t.Literal("status"), status: oneOf(["open", "resolved", "closed"]) }),
    strict({ do: t.Literal("snooze"), until }),
    strict({ do: t.Literal("assistant"), on: t.Boolean() }),
    strict({ do: t.Literal("mute"), on: t.Boolean() }),
    strict({ do: t.Literal("read") }),
    strict({ do: t.Literal("unread") }),
    strict({ do: t.Literal("follow"), agent: t.Optional(Id) }),
    strict({ do: t.Literal("unfollow"), agent: t.Optional(Id) }),
  ],
  { title: "ConversationAction" },
);
export type ConversationAction = Static<typeof ConversationAction>;

export const Actions = t.Array(ConversationAction, { minItems: 1, maxItems: 20 });

const version = t.Optional(
  t.Integer({ minimum: 0, description: "The version the decision is based on; another one answers 409" }),
);

export const ConversationPatch = t.Object(
  {
    version,
    isAIEnabled: t.Optional(t.Boolean({ description: "Whether the assistant answers" })),
    status: t.Optional(oneOf(["open", "resolved", "closed"])),
    priority: t.Optional(oneOf(PRIORITIES)),
    labels: names("Exactly these labels"),
    isMuted: t.Optional(t.Boolean()),
  },
  { minProperties: 1, examples: [{ status: "resolved", version: 7 }] },
);
export type ConversationPatch = Static<typeof ConversationPatch>;

export const ActionsBody = t.Object(
  { version, actions: Actions },
  { examples: [{ actions: [{ do: "label", add: ["vip"] }, { do: "take" }] }] },
);
export const AssignBody = t.Object(
  { version, agent: t.Optional(orNull("Null: nobody")), team: t.Optional(orNull("Null: no team")) },
  { minProperties: 1, examples: [{ agent: "019345f2c1a4000a5be1f00d" }] },
);
export const SnoozeBody = t.Object({ version, until }, { examples: [{ until: "2026-11-21T13:00:00.000Z" }] });
export const MergeBody = t.Object(
  { from: t.String({ ...Id, description: "The conversation whose messages come here; it is closed" }) },
  { examples: [{ from: "019345f2c1a4000a5be1f00d" }] },
);
export const ParticipantParams = t.Object({ id: Id, agent: Id });

export const VersionHeaders = t.Object(
  { "if-match": t.Optional(t.String({ maxLength: 40, description: "The version the decision is based on", examples: ['"7"'] })) },
  { additionalProperties: true },
);

/** The version a client decided upon: from the body, else from If-Match. */
export function expectedVersion(
  headers: Record<string, unknown>,
  body: { version?: number | undefined } = {},
): number | undefined {
  const given = headers["if-match"];
  const [, digits] = /^(?:W\/)?"?(\d{1,9})"?$/.exec(String(given)) ?? [];
  if (given !== undefined && given !== "*" && digits === undefined)
    throw fail("request.invalid", { details: [{ path: "headers.if-match", message: "a version in quotes is needed" }] });
  return body.version ?? (digits === undefined ? undefined : Number(digits));
}

export const ActionAnswer = okSchema(ConversationView);
export const ActionParams = t.Object({ id: Id });
export const VersionBody = t.Optional(t.Object({ version }));

/** A patch in the vocabulary of actions. */
export function toActions({ isAIEnabled, status, priority, labels, isMuted }: ConversationPatch): ConversationAction[] {
  return [
    ...(isAIEnabled === undefined ? [] : [{ do: "assistant" as const, on: isAIEnabled }]),
    ...(status === undefined ? [] : [{ do: "status" as const, status }]),
    ...(priority === undefined ? [] : [{ do: "priority" as const, priority }]),
    ...(labels === undefined ? [] : [{ do: "label" as const, set: labels }]),
    ...(isMuted === undefined ? [] : [{ do: "mute" as const, on: isMuted }]),
  ];
}

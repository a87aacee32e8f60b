/** How the assistant speaks, what it leaves to people, and what one answer of it may take. */
import { Type as t } from "@sinclair/typebox";
import { unknownInFollowUp } from "../../core/follow-up-text";
import { settingGroup } from "./setting-group";

/** Longest text about the business: every call carries it. */
const LONGEST_PERSONA = 20_000;

export const ASSISTANT_TOOLS = [
  "get_contact",
  "update_contact",
  "label_conversation",
  "set_priority",
  "send_buttons",
  "send_list",
  "send_media",
  "schedule_follow_up",
] as const;

export const assistantSettings = settingGroup({
  name: "assistant",
  title: "Assistant",
  description: "How the assistant speaks, what it leaves to people, and what one answer of it may take.",
  manage: "assistant.manage",
  schema: t.Object({
    businessName: t.String({ maxLength: 80, description: "Name it answers for; empty: the name of the number" }),
    persona: t.String({
      maxLength: LONGEST_PERSONA,
      description: "About the business and the assistant: who it is, what it knows, what it may promise",
    }),
    language: t.String({
      pattern: "^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$",
      maxLength: 35,
      description: "Language for messages too short to show one, such as es; empty: that of the customer's file",
    }),
    timeZone: t.String({ maxLength: 64, description: "Zone of the dates it is told, such as America/Lima; empty: UTC" }),
    models: t.Array(t.String({ minLength: 1, maxLength: 120 }), {
      maxItems: 2,
      uniqueItems: true,
      description: "The model that is asked, and the one that is asked when it fails; empty: the one of the connection",
    }),
    handOffOnRequest: t.Boolean({ description: "A customer who asks for a person gets one without a model being asked" }),
    handOffOnAnger: t.Boolean({ description: "An angry customer gets a person" }),
    handOffAfterRepeats: t.Integer({
      minimum: 0,
      maximum: 10,
      description: "Asked again after so many answers within an hour: a person takes over; 0: never",
    }),
    stopBotLoops: t.Boolean({ description: "When the other side is a machine the assistant falls silent and a person is told" }),
    groundedOnly: t.Boolean({ description: "A question that no knowledge answers goes to a person" }),
    moderation: t.Boolean({
      description: "Asks the provider's check for harmful content before each answer, where there is one",
    }),
    redaction: t.Boolean({
      description: "Takes card numbers, bank accounts, tax numbers and passwords out of what goes to the provider",
    }),
    tools: t.Array(t.Union(ASSISTANT_TOOLS.map((name) => t.Literal(name))), {
      maxItems: ASSISTANT_TOOLS.length,
      uniqueItems: true,
      description: "What it may do besides answering, searching the knowledge and handing over",
    }),
    contactFields: t.Array(t.String({ minLength: 1, maxLength: 60 }), {
      maxItems: 60,
      uniqueItems: true,
      description: "Fields of the customer file it may read and change: name, email, company, language, or keys of attributes",
    }),
    followUpTemplate: t.Union(
      [
        t.Object(
          {
            name: t.String({ minLength: 1, maxLength: 512 }),
            language: t.String({ minLength: 2, maxLength: 15 }),
            values: t.Array(t.String({ minLength: 1, maxLength: 500 }), {
              maxItems: 10,
              description:
                "Values of its body in order; may name {{follow_up}}, {{contact.name}} and {{contact.first_name}}, each with a word to fall back on, such as {{contact.first_name|amigo}}",
            }),
          },
          { additionalProperties: false },
        ),
        t.Null(),
      ],
      {
        description:
          "Approved template that is sent where a follow-up falls outside the 24-hour window; null: such follow-ups are not promised, and one that comes too late goes to a person",
      },
    ),
    answerCacheMinutes: t.Integer({
      minimum: 0,
      maximum: 1_440,
      description:
        "So long an answer from the knowledge is given again to the same question of anybody, without a model; 0: never",
    }),
    modelCalls: t.Integer({ minimum: 1, maximum: 12, description: "Calls to the model for one answer" }),
    toolCalls: t.Integer({ minimum: 0, maximum: 40, description: "Tool calls for one answer" }),
    turnSeconds: t.Integer({ minimum: 5, maximum: 50, description: "Longest time one answer may take" }),
    maxOutputTokens: t.Integer({ minimum: 100, maximum: 8_000, description: "Tokens of one call, thinking included" }),
  }),
  defaults: {
    businessName: "",
    persona: "",
    language: "",
    timeZone: "",
    models: [],
    handOffOnRequest: true,
    handOffOnAnger: true,
    handOffAfterRepeats: 3,
    stopBotLoops: true,
    groundedOnly: false,
    moderation: false,
    redaction: true,
    tools: [...ASSISTANT_TOOLS],
    contactFields: ["name", "email"],
    followUpTemplate: null,
    answerCacheMinutes: 60,
    modelCalls: 6,
    toolCalls: 12,
    turnSeconds: 45,
    maxOutputTokens: 800,
  },
  check: ({ timeZone, followUpTemplate }) => [
    ...(isTimeZone(timeZone) ? [] : [{ path: "timeZone", message: "is no time zone; a name such as America/Lima is needed" }]),
    ...(followUpTemplate?.values ?? []).flatMap((value, index) => {
      const [unknown] = unknownInFollowUp(value);
      return unknown
        ? [{ path: `followUpTemplate.values.${index}`, message: `names {{${unknown}}}, which is not known here` }]
        : [];
    }),
  ],
});

function isTimeZone(name: string): boolean {
  if (name === "") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    // Awaited: RangeError, a zone nobody knows.
    return false;
  }
}

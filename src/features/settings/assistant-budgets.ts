/** What the assistant may spend. */
import { Type as t } from "@sinclair/typebox";
import { settingGroup } from "./setting-group";

const micros = (description: string) =>
  t.Union([t.Integer({ minimum: 0, maximum: 1_000_000_000_000 }), t.Null()], {
    description: `${description}, in millionths of a US dollar; null: no limit`,
  });

export const assistantBudgets = settingGroup({
  name: "assistant-budgets",
  title: "Budgets of the assistant",
  description:
    "What answers may cost. Reserved before the provider is asked; near a limit the second model answers, beyond it a person. Models without a known price are not held back.",
  manage: "assistant.manage",
  schema: t.Object({
    conversationMicros: micros("One conversation"),
    contactDayMicros: micros("One customer on one day"),
    dayMicros: micros("One day (UTC)"),
    monthMicros: micros("One month (UTC)"),
    stepDownPercent: t.Integer({
      minimum: 1,
      maximum: 100,
      description: "From this share of a limit on the second model is asked, where there is one, and an alert is given",
    }),
    cannedReply: t.String({
      maxLength: 1_000,
      description: "What customers read when a budget is used up and a person takes over; empty: the usual holding message",
    }),
  }),
  defaults: {
    conversationMicros: null,
    contactDayMicros: null,
    dayMicros: null,
    monthMicros: null,
    stepDownPercent: 80,
    cannedReply: "",
  },
});

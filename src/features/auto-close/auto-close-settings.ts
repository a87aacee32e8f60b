/** When conversations end by themselves. */
import { Type as t } from "@sinclair/typebox";
import { localTexts } from "../messages/message-automatic.service";
import type { SettingGroup } from "../settings/setting-group";

const schema = t.Object({
  isEnabled: t.Boolean({ description: "Whether a conversation is resolved when the customer says nothing more" }),
  hours: t.Integer({ minimum: 1, maximum: 2_160, description: "Hours after our last message" }),
  warnHours: t.Union([t.Integer({ minimum: 1, maximum: 2_160 }), t.Null()], {
    description: "How many hours before the end the customer is warned, inside the 24 hours only; null: never",
  }),
  warnTexts: localTexts("The warning"),
  closeTexts: localTexts("What is said at the end; none: nothing"),
});

export const autoCloseSettings: SettingGroup<typeof schema> = {
  name: "auto-close",
  title: "Automatic end",
  description: "Conversations in which the customer has the last word to say and does not say it.",
  schema,
  defaults: {
    isEnabled: false,
    hours: 24,
    warnHours: null,
    warnTexts: [
      { channel: null, language: "es", text: "¿Sigue ahí? Si no necesita nada más, cerraremos esta conversación." },
      { channel: null, language: "pt", text: "Ainda está aí? Se não precisar de mais nada, encerraremos esta conversa." },
      { channel: null, language: "en", text: "Are you still there? If you need nothing else we will close this conversation." },
    ],
    closeTexts: [],
  },
  check: ({ hours, warnHours }) =>
    warnHours !== null && warnHours >= hours ? [{ path: "warnHours", message: "must be less than the hours until the end" }] : [],
  manage: "automation.manage",
};

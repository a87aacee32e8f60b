/** How long what is kept is kept. */
import { Type as t } from "@sinclair/typebox";
import { settingGroup } from "./setting-group";

const days = (description: string) =>
  t.Union([t.Integer({ minimum: 1, maximum: 36_500 }), t.Null()], { description: `${description}; null: for ever` });

export const retentionSettings = settingGroup({
  name: "retention",
  title: "Retention",
  description: "Days after which data are removed by themselves.",
  schema: t.Object({
    messages: days("Messages and notes"),
    media: days("Files of messages; the message stays"),
    inboundBodies: days("What WhatsApp delivered, word for word; the hashed key that recognizes repetitions stays for ever"),
    turns: days("What the assistant was asked and answered"),
    audit: days("The audit log"),
    loginAttempts: days("Failed sign-ins"),
  }),
  defaults: { messages: null, media: null, inboundBodies: 30, turns: 90, audit: 730, loginAttempts: 90 },
});

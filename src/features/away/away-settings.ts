/** What customers read when nobody is there, and when they write for the first time. */
import { Type as t } from "@sinclair/typebox";
import { localTexts } from "../messages/message-automatic.service";
import type { SettingGroup } from "../settings/setting-group";

const said = (es: string, pt: string, en: string) =>
  Object.entries({ es, pt, en }).map(([language, text]) => ({ channel: null, language, text }));

const awaySchema = t.Object({
  isEnabled: t.Boolean({ description: "Whether whoever writes outside opening hours, and waits for a person, is told so" }),
  texts: localTexts("What they are told, once until it opens again"),
  assistant: t.Union([t.Literal("answers"), t.Literal("rests")], {
    description: "Outside opening hours: whether the assistant goes on answering, or the away message is the answer",
  }),
});

export const awaySettings: SettingGroup<typeof awaySchema> = {
  name: "away",
  title: "Away message",
  description: "What customers are told outside opening hours.",
  schema: awaySchema,
  defaults: {
    isEnabled: false,
    texts: said(
      "Gracias por escribirnos. En este momento estamos fuera de nuestro horario de atención; le respondemos en cuanto volvamos.",
      "Obrigado por escrever. No momento estamos fora do nosso horário de atendimento; responderemos assim que voltarmos.",
      "Thank you for writing. We are out of office at the moment and will answer as soon as we are back.",
    ),
    assistant: "answers",
  },
  manage: "automation.manage",
};

const welcomeSchema = t.Object({
  isEnabled: t.Boolean({ description: "Whether whoever begins a conversation is greeted" }),
  texts: localTexts("What they are greeted with"),
  everyDays: t.Union([t.Integer({ minimum: 1, maximum: 3_650 }), t.Null()], {
    description: "After how many days somebody is greeted again; null: only the first time they ever write",
  }),
});

export const welcomeSettings: SettingGroup<typeof welcomeSchema> = {
  name: "welcome",
  title: "Welcome message",
  description: "How customers are greeted who begin a conversation.",
  schema: welcomeSchema,
  defaults: {
    isEnabled: false,
    texts: said(
      "¡Hola {{contact.first_name}}! Gracias por escribirnos. ¿En qué le podemos ayudar?",
      "Olá {{contact.first_name}}! Obrigado por escrever. Como podemos ajudar?",
      "Hello {{contact.first_name}}! Thank you for writing. How can we help you?",
    ),
    everyDays: null,
  },
  manage: "automation.manage",
};

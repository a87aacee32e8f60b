/** The words by which customers leave and come back. */
import { Type as t } from "@sinclair/typebox";
import { localTexts } from "../messages/message-automatic.service";
import type { SettingGroup } from "../settings/setting-group";

const words = (description: string) =>
  t.Array(t.String({ minLength: 2, maxLength: 40 }), { maxItems: 50, uniqueItems: true, description });

const schema = t.Object({
  isEnabled: t.Boolean(),
  stopWords: words("A message of nothing but one of these takes the customer off; case, accents and punctuation do not matter"),
  startWords: words("The same, to come back; heard only from those who have left"),
  scope: t.Union([t.Literal("marketing"), t.Literal("all")], {
    description: "What they no longer get: marketing messages, or everything that they have not asked for",
  }),
  isConfirmed: t.Boolean({ description: "Whether they are told that it was heard" }),
  stopTexts: localTexts("What they are told when they leave"),
  startTexts: localTexts("What they are told when they come back"),
});

const said = (es: string, pt: string, en: string) =>
  Object.entries({ es, pt, en }).map(([language, text]) => ({ channel: null, language, text }));

export const consentSettings: SettingGroup<typeof schema> = {
  name: "consent",
  title: "Opt-out words",
  description: "How customers refuse advertising by a word, and ask for it again.",
  schema,
  defaults: {
    isEnabled: true,
    stopWords: ["stop", "baja", "sair", "unsubscribe"],
    startWords: ["start", "alta", "voltar", "subscribe"],
    scope: "marketing",
    isConfirmed: true,
    stopTexts: said(
      "Listo: no le enviaremos más publicidad. Si cambia de opinión, escriba ALTA.",
      "Pronto: não enviaremos mais publicidade. Se mudar de ideia, escreva VOLTAR.",
      "Done: you will get no more advertising from us. If you change your mind, write START.",
    ),
    startTexts: said(
      "Listo: volverá a recibir nuestras novedades. Para dejar de recibirlas, escriba BAJA.",
      "Pronto: você voltará a receber nossas novidades. Para parar, escreva SAIR.",
      "Done: you will get our news again. To stop them, write STOP.",
    ),
  },
  manage: "automation.manage",
};

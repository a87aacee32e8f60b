/** What customers are asked at the end. */
import { Type as t } from "@sinclair/typebox";
import { localTexts } from "../messages/message-automatic.service";
import type { SettingGroup } from "../settings/setting-group";

const schema = t.Object({
  isEnabled: t.Boolean({ description: "Whether customers are asked when a conversation is resolved" }),
  scale: t.Union([t.Literal(3), t.Literal(5)], { description: "3: buttons bad, fair, good. 5: a list of one to five stars" }),
  questions: localTexts("The question"),
  commentQuestions: localTexts("What is asked after the score"),
  thanks: localTexts("What is said at the end"),
  commentMinutes: t.Integer({
    minimum: 0,
    maximum: 1_440,
    description: "For how long the next message is the comment; 0: none is asked for",
  }),
  answerHours: t.Integer({ minimum: 1, maximum: 168, description: "For how long an answer counts" }),
  everyDays: t.Integer({ minimum: 0, maximum: 365, description: "Nobody is asked again within so many days" }),
});

const said = (es: string, pt: string, en: string) =>
  Object.entries({ es, pt, en }).map(([language, text]) => ({ channel: null, language, text }));

export const csatSettings: SettingGroup<typeof schema> = {
  name: "csat",
  title: "Customer satisfaction",
  description: "A question by buttons when a conversation is resolved.",
  schema,
  defaults: {
    isEnabled: false,
    scale: 3,
    questions: said("¿Cómo fue nuestra atención?", "Como foi o nosso atendimento?", "How was our service?"),
    commentQuestions: said(
      "¡Gracias! Si quiere, cuéntenos el motivo en un mensaje.",
      "Obrigado! Se quiser, conte o motivo em uma mensagem.",
      "Thank you! If you like, tell us why in one message.",
    ),
    thanks: said("Gracias por su comentario.", "Obrigado pelo seu comentário.", "Thank you for your comment."),
    commentMinutes: 60,
    answerHours: 24,
    everyDays: 7,
  },
  manage: "automation.manage",
};

/** What is on the buttons, the worst first. */
export const SCORES: Readonly<Record<"es" | "pt" | "en", { list: string; 3: readonly string[]; 5: readonly string[] }>> = {
  es: {
    list: "Calificar",
    3: ["😞 Mala", "😐 Regular", "😀 Buena"],
    5: ["★ Muy mala", "★★ Mala", "★★★ Regular", "★★★★ Buena", "★★★★★ Muy buena"],
  },
  pt: {
    list: "Avaliar",
    3: ["😞 Ruim", "😐 Regular", "😀 Bom"],
    5: ["★ Muito ruim", "★★ Ruim", "★★★ Regular", "★★★★ Bom", "★★★★★ Muito bom"],
  },
  en: {
    list: "Rate us",
    3: ["😞 Bad", "😐 Fair", "😀 Good"],
    5: ["★ Very bad", "★★ Bad", "★★★ Fair", "★★★★ Good", "★★★★★ Very good"],
  },
};

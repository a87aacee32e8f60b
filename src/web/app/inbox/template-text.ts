/** A template with its values: which it needs, how it reads, and the message it becomes. Pure. */
import type { TemplateView } from "@server/events/view";
import type { NewMessage } from "@server/features/messages/message-content.schema";

type TemplateMessage = Extract<NewMessage, { type: "template" }>;
type Variable = TemplateView["variables"][number];

/** The key of a variable among the values: its part, its button, its name. */
export const variableKey = ({ part, index, name }: Variable): string => `${part}.${index ?? ""}.${name}`;

export interface TextPiece {
  text: string;
  /** Whether it came from a value, or waits for one. */
  state: "fixed" | "filled" | "missing";
}

/** A text of the template with what is filled in told apart. */
export function piecesOf(text: string, part: Variable["part"], values: ReadonlyMap<string, string>): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(/\{\{\s*([\w]+)\s*\}\}/g)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), state: "fixed" });
    const value = values.get(`${part}..${match[1]}`)?.trim();
    pieces.push(value ? { text: value, state: "filled" } : { text: match[0], state: "missing" });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), state: "fixed" });
  return pieces;
}

/** Why this template cannot be sent from here; null when it can. */
export function whyNot({ headerFormat, cards, limitedTimeOffer }: TemplateView): "media" | "special" | null {
  if (cards?.length || limitedTimeOffer) return "special";
  return headerFormat !== null && headerFormat !== "TEXT" ? "media" : null;
}

export const missingIn = (template: TemplateView, values: ReadonlyMap<string, string>): Variable[] =>
  template.variables.filter((variable) => !values.get(variableKey(variable))?.trim());

export function messageOf(template: TemplateView, values: ReadonlyMap<string, string>): TemplateMessage {
  const textFor = (variable: Variable): string => values.get(variableKey(variable))?.trim() ?? "";
  const of = (part: Variable["part"]) => template.variables.filter((variable) => variable.part === part);
  const isNamed = template.parameterFormat === "NAMED";
  const [header] = of("header");
  const body = of("body");
  const buttons = of("button").map((variable) => {
    const index = variable.index ?? 0;
    const isCode = template.buttons[index]?.type === "COPY_CODE";
    return isCode
      ? { type: "copy_code" as const, index, code: textFor(variable) }
      : { type: "url" as const, index, suffix: textFor(variable) };
  });
  return {
    type: "template",
    template: {
      name: template.name,
      language: template.language,
      ...(header ? { header: { type: "text" as const, value: textFor(header), ...(isNamed ? { name: header.name } : {}) } } : {}),
      ...(body.length > 0
        ? { body: isNamed ? Object.fromEntries(body.map((one) => [one.name, textFor(one)])) : body.map(textFor) }
        : {}),
      ...(buttons.length > 0 ? { buttons } : {}),
    },
  };
}

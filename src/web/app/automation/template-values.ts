/** What is filled into a template, read back from the message that it has become. Pure. */
import type { TemplateView } from "@server/events/view";
import type { NewMessage } from "@server/features/messages/message-content.schema";
import { variableKey } from "../inbox/template-text";

type Filled = Extract<NewMessage, { type: "template" }>["template"];

/** By the key of each variable; what is no plain text is left out. */
export function valuesOf(template: TemplateView, { header, body = [], buttons = [] }: Filled): ReadonlyMap<string, string> {
  const texts = (part: TemplateView["variables"][number]["part"]) => template.variables.filter((one) => one.part === part);
  const found: [string, unknown][] = [
    ...texts("header").map((one) => [variableKey(one), header?.type === "text" ? header.value : null] as [string, unknown]),
    ...texts("body").map((one, at) => [variableKey(one), Array.isArray(body) ? body[at] : body[one.name]] as [string, unknown]),
    ...texts("button").map((one) => {
      const button = buttons.find(({ index }) => index === (one.index ?? 0));
      const text = button?.type === "url" ? button.suffix : button?.type === "copy_code" ? button.code : null;
      return [variableKey(one), text] as [string, unknown];
    }),
  ];
  return new Map(found.flatMap(([key, value]) => (typeof value === "string" ? [[key, value] as const] : [])));
}

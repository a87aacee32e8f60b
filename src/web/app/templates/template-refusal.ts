/** Where in the form a refusal belongs: the server names paths, Meta only words. Pure. */
import type { TemplateComponent } from "@server/features/templates/template.schema";
import type { ApiFailure } from "../api/api-failure";
import { fieldOfPath } from "./template-draft";

/** What Meta's sentences are about, the surest first. */
const META_WORDS: readonly (readonly [RegExp, string])[] = [
  [/language already exists|\bname\b/i, "name"],
  [/categor/i, "category"],
  [/^body|variables? can'?t be at the (start|end)|start or end/i, "body"],
  [/^header/i, "header"],
  [/^footer/i, "footer"],
  [/example/i, "examples"],
  [/button/i, "buttons"],
  [/language/i, "language"],
];

/** The words of a refusal by the field they are about. What is about none is left to the note. */
export function fieldsOfFailure(failure: ApiFailure, components: readonly TemplateComponent[]): ReadonlyMap<string, string> {
  if (failure.code === "graph.refused") {
    const said = failure.message.replace(/^WhatsApp refused:\s*/, "");
    const field = META_WORDS.find(([pattern]) => pattern.test(said))?.[1];
    return new Map(field ? [[field, said]] : []);
  }
  const found = new Map<string, string>();
  for (const { path, message } of failure.details) {
    const field = fieldOfPath(path, components);
    if (field) found.set(field, found.has(field) ? `${found.get(field)} · ${message}` : message);
  }
  return found;
}

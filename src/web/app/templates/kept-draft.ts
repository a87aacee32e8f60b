/** A template that is being written stays in the browser until it is sent or thrown away. */
import { recall, remember } from "../browser-memory";
import type { TemplateDraft } from "./template-draft";

const keyOf = (id: string): string => `chasqui.template.${id}`;

/** What was kept for a template, or for the new one; null when there is nothing that can be used. */
export function keptDraft(id: string, empty: TemplateDraft): TemplateDraft | null {
  try {
    const kept: unknown = JSON.parse(recall(keyOf(id)) ?? "null");
    if (typeof kept !== "object" || kept === null) return null;
    const known = kept as Record<string, unknown>;
    // One of an older version of the app: what has another form is not taken over.
    const isSame = Object.entries(empty).every(
      ([field, value]) => field === "headerFile" || typeof known[field] === typeof value,
    );
    return isSame ? { ...empty, ...(kept as TemplateDraft) } : null;
  } catch {
    // Awaited: SyntaxError of something else under this name.
    return null;
  }
}

export const keepDraft = (id: string, draft: TemplateDraft | null): void =>
  remember(keyOf(id), draft === null ? null : JSON.stringify(draft));

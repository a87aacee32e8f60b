/** What a turn was given, as it was kept: read with care, because older runs kept less. Pure. */

export interface GivenInput {
  persona: string | null;
  summary: string | null;
  history: readonly { role: string; text: string }[];
  incoming: readonly { text: string; type: string }[];
  passages: readonly { id: string; title: string; text: string }[];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const textIn = (value: unknown): string => (typeof value === "string" ? value : "");
const rowsIn = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);

/** Null once the words are gone. */
export function inputOf(value: unknown): GivenInput | null {
  if (!isRecord(value)) return null;
  return {
    persona: (isRecord(value.business) && textIn(value.business.persona)) || null,
    summary: textIn(value.summary) || null,
    history: rowsIn(value.history).map(({ role, text }) => ({ role: textIn(role), text: textIn(text) })),
    incoming: rowsIn(value.incoming).map(({ text, type }) => ({ text: textIn(text), type: textIn(type) })),
    passages: rowsIn(value.passages).map(({ id, title, text }) => ({ id: textIn(id), title: textIn(title), text: textIn(text) })),
  };
}

/** The passages that were given, and whether the answer rests on them. */
export function sourcesOf(given: GivenInput | null, citations: readonly { chunks: readonly string[] }[] | null) {
  const cited = new Set((citations ?? []).flatMap(({ chunks }) => chunks));
  return (given?.passages ?? []).map(({ id, title }) => ({ title, isCited: cited.has(id) }));
}

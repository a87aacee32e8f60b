/** Words in double braces that stand for something of the conversation: `{{contact.name}}`, or with a word to fall back on, `{{contact.name|cliente}}`. Pure. */

export interface Rendered {
  text: string;
  /** Variables without a value and without a fall-back; they are left out of the text. */
  missing: string[];
}

export type Variables = Readonly<Record<string, string | null | undefined>>;

const VARIABLE = /\{\{\s*([a-z][\w.-]{0,80})\s*(?:\|\s*([^{}]{0,200}?)\s*)?\}\}/gi;

export function renderText(text: string, values: Variables): Rendered {
  const missing = new Set<string>();
  const rendered = text.replace(VARIABLE, (_, name: string, fallback: string | undefined) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined && value !== null && value !== "") return value;
    if (fallback === undefined) missing.add(name);
    return fallback ?? "";
  });
  return { text: rendered, missing: [...missing] };
}

const firstWord = (name: string): string => name.trim().split(/\s+/)[0] ?? "";

export interface VariableSources {
  contact: { name: string; phone: string | null; username: string | null; language: string | null };
  agent: { name: string };
  conversation: { _id: string };
}

/** Everything a text can speak of. */
export const variablesOf = ({ contact, agent, conversation }: VariableSources): Variables => ({
  "contact.name": contact.name,
  "contact.first_name": firstWord(contact.name),
  "contact.phone": contact.phone,
  "contact.username": contact.username,
  "contact.language": contact.language,
  "agent.name": agent.name,
  "agent.first_name": firstWord(agent.name),
  "conversation.id": conversation._id,
});

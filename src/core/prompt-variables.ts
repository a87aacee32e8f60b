/**
 * Words in double braces in a prompt: `{{company.name}}`, or with a word to fall back on, `{{contact.first_name|amigo}}`. What is the
 * same for all customers of a version is put into the text, so that the provider can cache it. What differs from customer to customer
 * stays a name in the text and travels as data: a customer's own words never become instructions. Pure.
 */

export interface PromptVariable {
  description: string;
  /** The same for every customer whom this version answers. */
  isShared: boolean;
}

export const PROMPT_VARIABLES: Readonly<Record<string, PromptVariable>> = {
  "company.name": { description: "Name of the business", isShared: true },
  "company.hours": { description: "Opening hours that count for the conversation, as a line of text", isShared: true },
  "company.time_zone": { description: "Time zone of the dates", isShared: true },
  "channel.name": { description: "Name of the WhatsApp number", isShared: true },
  "team.name": { description: "Team of the conversation", isShared: true },
  "contact.name": { description: "Name of the customer", isShared: false },
  "contact.first_name": { description: "First word of their name", isShared: false },
  "contact.language": { description: "Language of the customer, such as es", isShared: false },
  "agent.name": { description: "Name of the person the conversation is assigned to", isShared: false },
  "agent.first_name": { description: "First word of that name", isShared: false },
  "hours.now": { description: "open or closed, at this moment", isShared: false },
  "hours.next_opening": { description: "When it opens next", isShared: false },
};

export type PromptValues = Readonly<Record<string, string | null | undefined>>;

const VARIABLE = /\{\{\s*([a-z][\w.-]{0,80})\s*(?:\|\s*([^{}]{0,200}?)\s*)?\}\}/gi;

/** Names in a text that mean nothing. */
export const unknownVariables = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(VARIABLE)].map(([, name]) => name as string).filter((name) => !Object.hasOwn(PROMPT_VARIABLES, name)),
  ),
];

export interface FilledPrompt {
  /** Shared values filled in; the others stand as `{{name}}`. */
  text: string;
  /** Values of the others, as far as the text names them. */
  variables: Record<string, string>;
}

export function fillPrompt(text: string, values: PromptValues): FilledPrompt {
  const variables: Record<string, string> = {};
  const filled = text.replace(VARIABLE, (whole, name: string, fallback = "") => {
    const known = PROMPT_VARIABLES[name];
    if (!known) return whole;
    const value = values[name] || fallback;
    if (known.isShared) return value;
    variables[name] = value;
    return `{{${name}}}`;
  });
  return { text: filled, variables };
}

/** Puts values where an answer repeats a name instead of its value. A name without a value goes. */
export const putValues = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.includes("{{")
    ? text.replace(VARIABLE, (whole, name: string, fallback = "") =>
        Object.hasOwn(PROMPT_VARIABLES, name) ? variables[name] || fallback : whole,
      )
    : text;

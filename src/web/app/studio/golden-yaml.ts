/** A golden conversation as text: what people read, and what the server reads. Pure. */

export interface Said {
  role: "customer" | "assistant";
  text: string;
}

export interface GoldenSeed {
  /** What was said before, oldest first. */
  history: readonly Said[];
  message: string;
  outcome: string;
}

const OUTCOMES: readonly string[] = ["reply", "hand-off", "silent", "close"];

/** A new one from something that was tried out. Texts stand in quotes: whatever they hold, they stay texts. */
export function goldenYaml({ history, message, outcome }: GoldenSeed): string {
  const before = history.map(({ role, text }) => `  - ${role}: ${JSON.stringify(text)}`);
  return [
    ...(before.length > 0 ? ["conversation:", ...before] : []),
    "messages:",
    `  - ${JSON.stringify(message)}`,
    "expect:",
    OUTCOMES.includes(outcome) ? `  outcome: ${outcome}` : "  includes: []",
    "",
  ].join("\n");
}

/** What an empty form begins with. */
export const GOLDEN_EXAMPLE = `messages:
  - "¿Cuánto cuesta la manta?"
knowledge:
  - title: "Mantas"
    text: "La manta cuesta 80 soles."
expect:
  outcome: reply
  includes: ["80 soles"]
  excludes: ["descuento"]
`;

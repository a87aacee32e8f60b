/** A golden conversation as people read and edit it: YAML in, a turn's input and expectations out. Pure. */
import { type Static, Type as t } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { fail } from "../../core/errors";
import { folded } from "./answer-checks";
import type { DryAnswer, KeptInput } from "./dry-turn";

const strict = <T extends Parameters<typeof t.Object>[0]>(properties: T) => t.Object(properties, { additionalProperties: false });
const Words = t.Array(t.String({ minLength: 1, maxLength: 1_000 }), { maxItems: 30 });
const Line = t.String({ maxLength: 6_000 });

const Case = strict({
  /** What was said before, oldest first. */
  conversation: t.Optional(
    t.Array(t.Union([strict({ customer: Line }), strict({ assistant: Line }), strict({ colleague: Line })]), { maxItems: 60 }),
  ),
  notes: t.Optional(t.String({ maxLength: 4_000 })),
  messages: t.Array(t.String({ minLength: 1, maxLength: 6_000 }), { minItems: 1, maxItems: 20 }),
  language: t.Optional(t.String({ maxLength: 20 })),
  knowledge: t.Optional(
    t.Array(strict({ title: t.String({ maxLength: 300 }), text: t.String({ maxLength: 6_000 }) }), { maxItems: 10 }),
  ),
  expect: strict({
    outcome: t.Optional(t.Union((["reply", "hand-off", "silent", "close"] as const).map((one) => t.Literal(one)))),
    includes: t.Optional(Words),
    excludes: t.Optional(Words),
    tools: t.Optional(Words),
  }),
});
export type GoldenCase = Static<typeof Case>;

/** Throws `request.invalid` with the place in the text. */
export function readCase(yaml: string): GoldenCase {
  const refuse = (message: string) => fail("request.invalid", { details: [{ path: "body.yaml", message }] });
  let value: unknown;
  try {
    value = Bun.YAML.parse(yaml);
  } catch (error) {
    // Awaited: SyntaxError with the place.
    throw refuse(`is no YAML: ${error instanceof Error ? error.message.slice(0, 200) : "unreadable"}`);
  }
  const first = Value.Errors(Case, value).First();
  if (first) throw refuse(`${first.path || "/"}: ${first.message}`);
  return value as GoldenCase;
}

export const writeCase = (value: GoldenCase): string => `${Bun.YAML.stringify(value, null, 2)}\n`;

const SPEAKERS = { user: "customer", assistant: "assistant", operator: "colleague" } as const;

/** From a turn that went well: its words, its sources and how it ended. People add what matters to them. */
export function caseOf(
  { history, incoming, summary, passages = [], contact }: KeptInput,
  outcome: string,
  clean: (text: string) => string,
): GoldenCase {
  const isKnown = (["reply", "hand-off", "silent", "close"] as const).find((one) => one === outcome);
  return {
    ...(history.length > 0 && {
      conversation: history.map(({ role, text }) => ({ [SPEAKERS[role]]: clean(text) })) as NonNullable<
        GoldenCase["conversation"]
      >,
    }),
    ...(summary && { notes: clean(summary) }),
    messages: incoming.map(({ text, type }) => clean(text) || `[${type}]`),
    ...(contact.language && { language: contact.language }),
    ...(passages.length > 0 && { knowledge: passages.map(({ title, text }) => ({ title, text })) }),
    expect: isKnown ? { outcome: isKnown } : {},
  };
}

const MINUTE_MS = 60_000;

/** The input of a turn that plays the case. */
export function inputOf(
  given: GoldenCase,
  settings: Omit<KeptInput, "turnId" | "contact" | "history" | "incoming" | "safetyId" | "now">,
  now: number,
): KeptInput {
  const { conversation = [], messages, notes, language, knowledge = [] } = given;
  const before = now - (conversation.length + messages.length) * MINUTE_MS;
  const history = conversation.map((line, index) => {
    const at = before + index * MINUTE_MS;
    if ("customer" in line) return { role: "user" as const, text: line.customer, at };
    return "assistant" in line
      ? { role: "assistant" as const, text: line.assistant, at }
      : { role: "operator" as const, text: line.colleague, at };
  });
  return {
    ...settings,
    turnId: "golden",
    contact: language ? { language } : {},
    ...(notes && { summary: notes }),
    history,
    incoming: messages.map((text, index) => ({ text, type: "text", at: now - (messages.length - index) * 1_000 })),
    passages: knowledge.map(({ title, text }, index) => ({ id: `golden-${index + 1}`, title, text })),
    ...(knowledge.length > 0 && { hasKnowledge: true }),
    safetyId: "golden",
    now,
  };
}

/** What is not as expected, in words; empty when all is well. */
export function failuresOf(
  { expect: wanted }: GoldenCase,
  { outcome, answer, tools }: Pick<DryAnswer, "outcome" | "answer" | "tools">,
): string[] {
  const text = ` ${folded(answer ?? "")} `;
  const has = (words: string) => text.includes(` ${folded(words)} `) || folded(words) === "";
  return [
    ...(wanted.outcome !== undefined && wanted.outcome !== outcome ? [`ended as ${outcome} instead of ${wanted.outcome}`] : []),
    ...(wanted.includes ?? []).filter((words) => !has(words)).map((words) => `does not say "${words}"`),
    ...(wanted.excludes ?? []).filter(has).map((words) => `says "${words}"`),
    ...(wanted.tools ?? []).filter((name) => !tools.some((one) => one.name === name)).map((name) => `did not use ${name}`),
  ];
}

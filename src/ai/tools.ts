/**
 * Tools: what the model may do besides answering. The caller brings its own; the three that end a turn are built in.
 * Ids of contacts and conversations are never arguments: a tool is made for one conversation and knows its own.
 */
import { type Static, type TObject, Type } from "@sinclair/typebox";
import type { ToolSpec } from "./ai-port";
import { strictSchema } from "./tool-schema";

export interface Tool {
  name: string;
  /** For the model: when to use it and what comes back. */
  description: string;
  parameters: TObject;
  /**
   * `read` may run any time and in parallel; `stage` notes something that happens with the reply or not at all; `write` leaves
   * something outside at once, so that the turn has to be finished; `terminal` ends the turn.
   */
  effect: "read" | "stage" | "write" | "terminal";
  /** Milliseconds it may take; the usual limit of tools when left out. */
  timeoutMs?: number;
  /**
   * Called with arguments that fit `parameters`. What it returns goes to the model as JSON; a ToolRefusal goes to it with its hint,
   * anything else that is thrown as a failure without details.
   */
  execute(args: unknown, signal: AbortSignal, callId: string): Promise<unknown>;
}

export interface ToolDefinition<S extends TObject> extends Omit<Tool, "parameters" | "execute"> {
  parameters: S;
  execute(args: Static<S>, signal: AbortSignal, callId: string): Promise<unknown>;
}

/** A tool says no in words that the model may read. */
export class ToolRefusal extends Error {
  readonly code: string;

  constructor(code: string, hint: string) {
    super(hint);
    this.name = "ToolRefusal";
    this.code = code;
  }
}

/** A tool whose `execute` gets its arguments typed by the schema, which the turn loop has checked before. */
export function defineTool<S extends TObject>({ execute, ...definition }: ToolDefinition<S>): Tool {
  return { ...definition, execute: (args, signal, callId) => execute(args as Static<S>, signal, callId) };
}

const specs = new WeakMap<Tool, ToolSpec>();

/** The tool as the port wants it; the schema is converted once. */
export function toolSpec(tool: Tool): ToolSpec {
  let spec = specs.get(tool);
  if (!spec) {
    spec = { name: tool.name, description: tool.description, schema: strictSchema(tool.parameters) };
    specs.set(tool, spec);
  }
  return spec;
}

export const HAND_OFF_REASONS = ["customer-asked", "cannot-answer", "complaint", "sensitive", "policy", "other"] as const;

const handOffFields = {
  reason: Type.Union(HAND_OFF_REASONS.map((reason) => Type.Literal(reason))),
  summary: Type.String({
    minLength: 1,
    maxLength: 1_000,
    description:
      "For the colleague who takes over: what the customer wants, what is known, what is open. Two or three sentences.",
  }),
};
const HandOff = Type.Object(handOffFields, { additionalProperties: false });
const NoReply = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 200 }) }, { additionalProperties: false });
const CloseConversation = Type.Object(
  { resolution: Type.String({ minLength: 1, maxLength: 500, description: "How the matter ended, in one sentence." }) },
  { additionalProperties: false },
);

/** The turn ends with the call itself; there is nothing to carry out. */
const nothing = async () => null;

export const handOffTool = defineTool({
  name: "hand_off",
  description:
    "Give the conversation to a person of the team. Use it when the customer asks for a person, complains, the matter is sensitive, " +
    "or you cannot help with what you know. You may write a short text to the customer in the same answer.",
  parameters: HandOff,
  effect: "terminal",
  execute: nothing,
});

/** The same where there are teams to choose from, by their names. */
export function handOffToolFor(teams: readonly string[]): Tool {
  if (teams.length === 0) return handOffTool;
  const team = Type.Optional(
    Type.Union(
      teams.map((name) => Type.Literal(name)),
      { description: "The team it belongs to, when that is clear." },
    ),
  );
  return { ...handOffTool, parameters: Type.Object({ ...handOffFields, team }, { additionalProperties: false }) };
}

export const noReplyTool = defineTool({
  name: "no_reply",
  description: "End the turn without an answer, when the message needs none (for example an emoji after everything is settled).",
  parameters: NoReply,
  effect: "terminal",
  execute: nothing,
});

export const closeConversationTool = defineTool({
  name: "close_conversation",
  description: "Close the conversation when the customer's matter is clearly finished. You may say goodbye in the same answer.",
  parameters: CloseConversation,
  effect: "terminal",
  execute: nothing,
});

export const BUILT_IN_TOOLS: readonly Tool[] = [handOffTool, noReplyTool, closeConversationTool];

/** How a built-in tool ends the turn; null for any other tool. */
export type TurnEnd =
  | { kind: "hand-off"; reason: string; summary: string; team?: string }
  | { kind: "silent"; reason: string }
  | { kind: "close"; resolution: string };

/** Reads the checked arguments of a tool that ends the turn. A tool of the caller that does so has spoken for itself. */
export function turnEndOf(tool: Tool, args: unknown): TurnEnd {
  if (tool.name === handOffTool.name) {
    const { reason, summary, team } = args as Static<typeof HandOff> & { team?: string };
    return { kind: "hand-off", reason, summary, ...(team !== undefined && { team }) };
  }
  if (tool === noReplyTool) return { kind: "silent", reason: (args as Static<typeof NoReply>).reason };
  if (tool === closeConversationTool) {
    return { kind: "close", resolution: (args as Static<typeof CloseConversation>).resolution };
  }
  return { kind: "silent", reason: `tool:${tool.name}` };
}

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
  /** `read` may run any time and in parallel; `write` leaves something behind; `terminal` ends the turn. */
  effect: "read" | "write" | "terminal";
  /**
   * Called with arguments that fit `parameters`. What it returns goes to the model as JSON; what it throws
   * goes to the model as a failure without details.
   */
  execute(args: unknown, signal: AbortSignal): Promise<unknown>;
}

export interface ToolDefinition<S extends TObject> extends Omit<Tool, "parameters" | "execute"> {
  parameters: S;
  execute(args: Static<S>, signal: AbortSignal): Promise<unknown>;
}

/** A tool whose `execute` gets its arguments typed by the schema, which the turn loop has checked before. */
export function defineTool<S extends TObject>({ execute, ...definition }: ToolDefinition<S>): Tool {
  return { ...definition, execute: (args, signal) => execute(args as Static<S>, signal) };
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

const HandOff = Type.Object(
  {
    reason: Type.Union(HAND_OFF_REASONS.map((reason) => Type.Literal(reason))),
    summary: Type.String({
      minLength: 1,
      maxLength: 1_000,
      description:
        "For the colleague who takes over: what the customer wants, what is known, what is open. Two or three sentences.",
    }),
  },
  { additionalProperties: false },
);
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
  | { kind: "hand-off"; reason: string; summary: string }
  | { kind: "silent"; reason: string }
  | { kind: "close"; resolution: string };

/** Reads the checked arguments of a tool that ends the turn. A tool of the caller that does so has spoken for itself. */
export function turnEndOf(tool: Tool, args: unknown): TurnEnd {
  if (tool === handOffTool) {
    const { reason, summary } = args as Static<typeof HandOff>;
    return { kind: "hand-off", reason, summary };
  }
  if (tool === noReplyTool) return { kind: "silent", reason: (args as Static<typeof NoReply>).reason };
  if (tool === closeConversationTool) {
    return { kind: "close", resolution: (args as Static<typeof CloseConversation>).resolution };
  }
  return { kind: "silent", reason: `tool:${tool.name}` };
}

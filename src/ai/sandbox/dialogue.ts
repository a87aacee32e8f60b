/** A request of either wire in one form: what the sandbox's answers and its token counts are made from. */

export type DialogueItem =
  | { kind: "text"; role: "system" | "user" | "assistant"; text: string; breakpoint: boolean }
  | { kind: "call"; name: string; arguments: string; callId: string }
  | { kind: "result"; callId: string; output: string };

export interface DialogueTool {
  name: string;
  schema: Record<string, unknown>;
  /** As sent, for counting. */
  source: string;
}

export interface Dialogue {
  /** The model the client asked for; the sandbox answers under its own name. */
  model: string;
  items: DialogueItem[];
  tools: DialogueTool[];
  toolChoice: "auto" | "none" | "required" | { name: string };
  /** The schema of a structured answer. */
  format: Record<string, unknown> | null;
  maxOutputTokens: number | null;
  cacheKey: string;
  cacheMode: "implicit" | "explicit";
  cacheTtl: "30m" | "12h";
}

/** What the sandbox says, before it is put on a wire. */
export interface SandboxAnswer {
  text?: string;
  refusal?: string;
  calls?: readonly { name: string; arguments: string }[];
  finish?: "length" | "content-filter";
}

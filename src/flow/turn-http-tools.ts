/** The tools an admin has defined, as the model sees them in one turn. */
import { type TObject, type TSchema, Type as t } from "@sinclair/typebox";
import { defineTool, type Tool, ToolRefusal } from "../ai/tools";
import type { AiTool, ToolParameter } from "../features/ai-tools/ai-tool.model";
import {
  type AiToolCallService,
  type CallAbout,
  confirmButtons,
  newConfirmToken,
  questionOf,
} from "../features/ai-tools/ai-tool-call.service";
import type { Wishes } from "./turn-tools";

type Args = Record<string, string | number | boolean>;

export interface HttpToolDeps {
  calls: Pick<AiToolCallService, "call">;
  about: CallAbout;
  wishes: Wishes;
  /** Puts a question with buttons into the reply. */
  choice: (text: string, buttons: { id: string; title: string }[]) => Promise<unknown>;
  language: string | null;
}

const WORDS: Readonly<Record<string, { yes: string; no: string }>> = {
  es: { yes: "Sí, confirmo", no: "No" },
  pt: { yes: "Sim, confirmo", no: "Não" },
  en: { yes: "Yes, confirm", no: "No" },
};

export function httpTools(tools: readonly AiTool[], deps: HttpToolDeps): Tool[] {
  const { calls, about, wishes, choice, language } = deps;
  return tools.map((tool) => {
    const parameters = t.Object(
      Object.fromEntries(tool.parameters.map((one) => [one.name, one.isRequired ? schemaOf(one) : t.Optional(schemaOf(one))])),
      { additionalProperties: false },
    ) as TObject;
    const common = { name: tool.name, parameters, timeoutMs: tool.timeoutMs + 500 };
    if (tool.confirms)
      return defineTool({
        ...common,
        description: `${tool.description} The customer is asked to confirm with a button first; that question is your whole reply.`,
        effect: "terminal",
        async execute(args) {
          const token = newConfirmToken();
          await choice(questionOf(tool, args as Args), confirmButtons(token, WORDS[(language ?? "es").slice(0, 2)] ?? WORDS.en!));
          wishes.proposals.push({ tool, args: args as Args, token });
          return { status: "the customer is asked" };
        },
      });
    return defineTool({
      ...common,
      description: tool.description,
      effect: tool.changes ? "write" : "read",
      async execute(args, signal) {
        const { ok, result } = await calls.call(tool, args as Args, about, signal);
        if (ok) return result;
        const { error } = result as { error?: { code: string; hint: string } };
        throw new ToolRefusal(
          error?.code ?? "refused",
          error?.hint ?? `The other server said no: ${JSON.stringify(result).slice(0, 1_000)}`,
        );
      },
    });
  });
}

function schemaOf({ type, description, options }: ToolParameter): TSchema {
  const about = description ? { description } : {};
  if (type === "number") return t.Number(about);
  if (type === "boolean") return t.Boolean(about);
  if (options.length > 0)
    return t.Union(
      options.map((option) => t.Literal(option)),
      about,
    );
  return t.String({
    minLength: 1,
    maxLength: 1_000,
    ...(type === "date" ? { pattern: "^\\d{4}-\\d{2}-\\d{2}$" } : {}),
    ...about,
  });
}

/** A tool as its form holds it. Pure. */
import type { NewTool, ToolView } from "@server/features/ai-tools/ai-tool.schema";

export type Parameter = ToolView["parameters"][number];
type Method = ToolView["method"];

export const METHODS: readonly Method[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
export const PARAMETER_TYPES: readonly Parameter["type"][] = ["text", "number", "boolean", "date"];

export interface ToolFields {
  name: string;
  description: string;
  method: Method;
  url: string;
  parameters: readonly Parameter[];
  /** One a line: `name: value`. */
  headers: string;
  secretHeader: string;
  /** Empty: the stored one stays. */
  secret: string;
  timeoutMs: number;
  changes: boolean;
  confirms: boolean;
  question: string;
}

export const NEW_PARAMETER: Parameter = { name: "", type: "text", description: "", isRequired: true, options: [] };

export function fieldsOf(tool: ToolView | null): ToolFields {
  return {
    name: tool?.name ?? "",
    description: tool?.description ?? "",
    method: tool?.method ?? "GET",
    url: tool?.url ?? "",
    parameters: tool?.parameters ?? [],
    headers: Object.entries(tool?.headers ?? {})
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
    secretHeader: tool?.secretHeader ?? "",
    secret: "",
    timeoutMs: tool?.timeoutMs ?? 8_000,
    changes: tool?.changes ?? false,
    confirms: tool?.confirms ?? false,
    question: tool?.question ?? "",
  };
}

/** What is sent; a secret that was not typed is not mentioned. */
export function toolFrom(fields: ToolFields): NewTool {
  const { headers, secretHeader, secret, ...rest } = fields;
  return {
    ...rest,
    name: rest.name.trim(),
    url: rest.url.trim(),
    parameters: rest.parameters.map((one) => ({ ...one, options: [...one.options] })),
    headers: headersFrom(headers),
    secretHeader: secretHeader.trim() || null,
    ...(secret ? { secret } : {}),
  };
}

/** A line without a colon is a header without a value: the server says what is wrong with it. */
export function headersFrom(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}

/** Arguments of a trial from the words in its fields; what is empty is left out. */
export function argsFrom(
  parameters: readonly Parameter[],
  given: (name: string) => string,
): Record<string, string | number | boolean> {
  const args: Record<string, string | number | boolean> = {};
  for (const { name, type } of parameters) {
    const text = given(name).trim();
    if (text === "") continue;
    if (type === "number" && Number.isFinite(Number(text))) args[name] = Number(text);
    else if (type === "boolean") args[name] = text === "true";
    else args[name] = text;
  }
  return args;
}

/**
 * What each provider understands: only fields that a profile enables are ever sent.
 * Pure data and one choice; no network.
 */
import type { Wire } from "./ai-port";

export type ProviderName =
  | "openai"
  | "azure"
  | "openrouter"
  | "ollama"
  | "lm-studio"
  | "vllm"
  | "gemini"
  | "compatible"
  | "sandbox";

export interface ProviderProfile {
  provider: ProviderName;
  /** `auto`: an unknown server; the first call finds out whether it has /responses. */
  wire: Wire | "auto";
  /** Sends `store: false`; the default of OpenAI keeps every answer for 30 days. */
  store: boolean;
  /** Asks for encrypted reasoning, which stateless calls need to go on thinking after a tool result. */
  encryptedReasoning: boolean;
  reasoningEffort: boolean;
  /** Function tools on /chat/completions are accepted only without reasoning. */
  chatToolsForbidReasoning: boolean;
  cacheBreakpoints: boolean;
  cacheKey: boolean;
  safetyIdentifier: boolean;
  strictTools: boolean;
  parallelTools: boolean;
  toolChoice: boolean;
  jsonSchema: boolean;
  outputLimit: "max_completion_tokens" | "max_tokens";
  systemRole: "developer" | "system";
  embeddingDimensions: boolean;
}

const openai: ProviderProfile = {
  provider: "openai",
  wire: "responses",
  store: true,
  encryptedReasoning: true,
  reasoningEffort: true,
  chatToolsForbidReasoning: true,
  cacheBreakpoints: true,
  cacheKey: true,
  safetyIdentifier: true,
  strictTools: true,
  parallelTools: true,
  toolChoice: true,
  jsonSchema: true,
  outputLimit: "max_completion_tokens",
  systemRole: "developer",
  embeddingDimensions: true,
};

/** What every server that calls itself compatible has taken for years. */
const compatible: ProviderProfile = {
  provider: "compatible",
  wire: "chat",
  store: false,
  encryptedReasoning: false,
  reasoningEffort: false,
  chatToolsForbidReasoning: false,
  cacheBreakpoints: false,
  cacheKey: false,
  safetyIdentifier: false,
  strictTools: false,
  parallelTools: false,
  toolChoice: true,
  jsonSchema: true,
  outputLimit: "max_tokens",
  systemRole: "system",
  embeddingDimensions: false,
};

export const PROFILES: Readonly<Record<ProviderName, ProviderProfile>> = {
  openai,
  azure: { ...openai, provider: "azure" },
  sandbox: { ...openai, provider: "sandbox" },
  // Refuses store: true; so the field is sent as false, and nothing else that means state.
  openrouter: { ...compatible, provider: "openrouter", wire: "responses", store: true, reasoningEffort: true },
  ollama: { ...compatible, provider: "ollama", toolChoice: false },
  "lm-studio": { ...compatible, provider: "lm-studio" },
  vllm: { ...compatible, provider: "vllm" },
  gemini: { ...compatible, provider: "gemini" },
  compatible,
};

const HOSTS: readonly [RegExp, ProviderName][] = [
  [/^([\w-]+\.)*openai\.com$/, "openai"],
  [/\.(openai\.azure\.com|services\.ai\.azure\.com|cognitiveservices\.azure\.com)$/, "azure"],
  [/(^|\.)openrouter\.ai$/, "openrouter"],
  [/(^|\.)generativelanguage\.googleapis\.com$/, "gemini"],
];
const LOCAL_PORTS: Readonly<Record<string, ProviderName>> = { "11434": "ollama", "1234": "lm-studio" };

/** Names of OpenAI's own models: a server that serves one of them passes OpenAI's protocol on. */
const OPENAI_MODEL = /^(gpt-|o\d|chatgpt-)/;

export interface ProviderChoice {
  /** Undefined means OpenAI itself. */
  baseUrl?: string;
  provider?: ProviderName;
  wire?: Wire;
  model: string;
}

/** The profile of a connection: the named provider, or the one its address belongs to, narrowed to what the model takes. */
export function profileFor({ baseUrl, provider, wire, model }: ProviderChoice): ProviderProfile {
  const known = provider ?? providerOf(baseUrl);
  const base = known ? PROFILES[known] : unknownServer(model);
  const narrowed = base === openai || known === "openai" ? narrowToModel(base, model) : base;
  return wire ? { ...narrowed, wire } : narrowed;
}

function unknownServer(model: string): ProviderProfile {
  if (!OPENAI_MODEL.test(model)) return compatible;
  return { ...narrowToModel(openai, model), provider: "compatible", wire: "auto" };
}

function providerOf(baseUrl: string | undefined): ProviderName | undefined {
  if (!baseUrl) return "openai";
  const url = URL.parse(baseUrl);
  if (!url) return undefined;
  return HOSTS.find(([host]) => host.test(url.hostname))?.[1] ?? LOCAL_PORTS[url.port];
}

/** Older OpenAI models refuse reasoning settings (before 5) and cache breakpoints (before 5.6). */
function narrowToModel(profile: ProviderProfile, model: string): ProviderProfile {
  const version = /^gpt-(\d+(?:\.\d+)?)/.exec(model);
  const generation = version ? Number.parseFloat(version[1]!) : /^o\d/.test(model) ? 5 : Number.POSITIVE_INFINITY;
  const thinks = generation >= 5;
  return {
    ...profile,
    reasoningEffort: profile.reasoningEffort && thinks,
    encryptedReasoning: profile.encryptedReasoning && thinks,
    chatToolsForbidReasoning: profile.chatToolsForbidReasoning && generation >= 6,
    cacheBreakpoints: profile.cacheBreakpoints && generation >= 5.6,
  };
}

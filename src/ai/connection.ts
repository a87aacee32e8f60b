/**
 * A connection to a provider as an AiPort: picks the wire its profile names. A server nobody knows is asked on /responses first;
 * if it does not have that door, /chat/completions is used from then on. Never switches after a first answer.
 */
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import { AiError } from "./ai-error";
import type { AiPort, Wire } from "./ai-port";
import { createChatAdapter } from "./chat-completions";
import { createResponsesAdapter, type Fetch, type ReasoningEffort, type WireAdapter } from "./openai";
import { PROFILES, type ProviderName, profileFor } from "./provider-profile";

export const DEFAULT_MODEL = "gpt-6-luna";

export interface AiConnection {
  /** Local servers often want none: then any text will do. */
  apiKey: string;
  /** Undefined means OpenAI itself. */
  baseUrl?: string;
  /** How requests are made; the platform's own when left out. */
  fetch?: Fetch;
  model?: string;
  /** Undefined: told by the address. */
  provider?: ProviderName;
  wire?: Wire;
  effort?: ReasoningEffort;
}

/** Far more than anybody configures. */
const MOST_MODELS = 20;

/** Opens no socket: the first call does. */
export function createAiPort(connection: AiConnection, { clock, log }: { clock: Clock; log: Log }): AiPort {
  const { model = DEFAULT_MODEL, effort = "low" } = connection;
  const profile = profileFor({ ...connection, model });
  let wire: Wire | null = profile.wire === "auto" ? null : profile.wire;
  const known = new Map<string, Record<Wire, WireAdapter>>();

  /** Adapters of one model: another one may take other fields. */
  function adaptersOf(asked: string): Record<Wire, WireAdapter> {
    let adapters = known.get(asked);
    if (!adapters) {
      const own = profileFor({ ...connection, model: asked });
      const options = { ...connection, model: asked, effort, profile: own, clock };
      adapters = {
        responses: createResponsesAdapter(options),
        // A server without /responses is not OpenAI: it gets only what every chat server takes.
        chat: createChatAdapter(profile.wire === "auto" ? { ...options, profile: PROFILES.compatible } : options),
      };
      if (known.size > MOST_MODELS) known.clear();
      known.set(asked, adapters);
    }
    return adapters;
  }

  return {
    provider: profile.provider,
    model,
    get wire() {
      return wire;
    },
    async generate(request, signal) {
      const { chat, responses } = adaptersOf(request.model ?? model);
      if (wire === "chat") return chat(request, signal);
      if (wire === "responses") return responses(request, signal);
      try {
        const result = await responses(request, signal);
        wire = "responses";
        return result;
      } catch (error) {
        // Awaited: the answer of a server that has no /responses. Everything else is the caller's.
        if (!isMissingRoute(error)) throw error;
        log.warn("the AI server has no /responses, using /chat/completions", { status: error.status });
        wire = "chat";
        return chat(request, signal);
      }
    },
  };
}

/** 404 also means "no such model", which has its own kind. */
export const isMissingRoute = (error: unknown): error is AiError =>
  error instanceof AiError && error.kind !== "model-retired" && [404, 405, 501].includes(error.status ?? 0);

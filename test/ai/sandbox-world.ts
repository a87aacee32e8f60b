/** A real sandbox provider over HTTP, and assistants on it. Goes away with its scope: `await using world = await openWorld()`. */

import type { AiPort, Wire } from "../../src/ai/ai-port";
import { type Assistant, type AssistantLimits, createAssistant, type TurnInput } from "../../src/ai/assistant";
import { createAiPort } from "../../src/ai/connection";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { type Clock, systemClock } from "../../src/core/clock";
import { createLog } from "../../src/core/log";

export const WIRES: readonly Wire[] = ["responses", "chat"];
export const PATHS: Readonly<Record<Wire, string>> = { responses: "/v1/responses", chat: "/v1/chat/completions" };

/** Quick retries; everything else as in the product. */
const QUICK: Partial<AssistantLimits> = { retryWaitMs: 1 };

export interface World extends AsyncDisposable {
  sandbox: SandboxOpenAI;
  /** Lines of the log, as text. */
  lines: string[];
  portOn(wire: Wire): AiPort;
  assistantOn(wire: Wire, limits?: Partial<AssistantLimits>, redact?: (text: string) => string): Assistant;
}

export async function openWorld({ clock = systemClock }: { clock?: Clock } = {}): Promise<World> {
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => void lines.push(line), clock });
  const sandbox = await startSandboxOpenAI({ log, clock, latencyMs: 0 });
  const portOn = (wire: Wire) =>
    createAiPort(
      { apiKey: sandbox.apiKey, baseUrl: sandbox.url, model: sandbox.model, provider: "sandbox", wire },
      { clock, log },
    );
  return {
    sandbox,
    lines,
    portOn,
    assistantOn: (wire, limits, redact) =>
      createAssistant({ port: portOn(wire), clock, log, limits: { ...QUICK, ...limits }, ...(redact && { redact }) }),
    [Symbol.asyncDispose]: () => sandbox.stop(),
  };
}

export const NOW = Date.UTC(2026, 10, 20, 15, 30);

/** A turn with the given customer messages. */
export function turnOf(texts: string | readonly string[], more: Partial<TurnInput> = {}): TurnInput {
  return {
    turnId: "turn-1",
    business: { name: "Zapatería Luna" },
    contact: { name: "Ana" },
    history: [],
    incoming: [texts].flat().map((text, index) => ({ text, at: NOW + index, type: "text" })),
    cacheKey: "assistant-1",
    safetyId: "customer-hash",
    now: NOW,
    ...more,
  };
}

/** A signal nobody aborts. */
export const never = (): AbortSignal => new AbortController().signal;

/** Resolves as soon as the condition holds; the test runner's own limit ends a wait in vain. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(1);
}

/** The body of the newest request. */
export const lastBody = (sandbox: SandboxOpenAI): Record<string, unknown> =>
  sandbox.requests.at(-1)!.body as Record<string, unknown>;

export type Json = Record<string, unknown>;

/** A request as a stranger would make it: raw HTTP, no client of ours. */
export async function post(sandbox: SandboxOpenAI, path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(sandbox.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${sandbox.apiKey}`, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, json: (await response.json()) as Json };
}

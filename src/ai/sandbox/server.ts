/**
 * A provider on this machine that speaks OpenAI's wire protocols: for the demo without a key, for development and for tests.
 * Listens on loopback only, checks requests strictly, answers by rules under its own name, and fails on demand.
 */
import { type Clock, wait } from "../../core/clock";
import { newSecret, shortHash } from "../../core/id";
import type { Log } from "../../core/log";
import { ApiError } from "./api-error";
import { answerOf } from "./brain";
import { CacheSimulation } from "./cache-simulation";
import type { Dialogue, SandboxAnswer } from "./dialogue";
import { type FaultKind, faultAnswer, faultError, faultResponse, type SandboxFaults, takeFault } from "./faults";
import { readChatRequest, readEmbeddingRequest, readModerationRequest, readResponsesRequest } from "./request-check";
import { chatStream, responsesStream, streamed } from "./stream-answers";
import { readTranscription, transcriptionAnswer } from "./transcription";
import { chatAnswer, embeddingAnswer, moderationAnswer, responsesAnswer, SANDBOX_MODEL } from "./wire-answers";

export interface SandboxOpenAIOptions {
  log: Log;
  clock: Clock;
  /** 0 (the default) takes a free one. */
  port?: number;
  /** Made up when left out. */
  apiKey?: string;
  /** How it answers; by the rules of `brain.ts` when left out. */
  answer?: (dialogue: Dialogue) => SandboxAnswer;
  /** What it hears in a sound; nothing, and it says so, when left out. */
  hear?: (sound: Uint8Array) => string;
  /** Milliseconds before every answer: the default makes the demo feel alive. */
  latencyMs?: number;
}

export interface RecordedRequest {
  path: string;
  body: unknown;
}

export type ScriptStep = SandboxAnswer | { fault: FaultKind };

export interface SandboxOpenAI {
  /** Base URL for a client; ends in /v1. */
  readonly url: string;
  readonly apiKey: string;
  readonly model: string;
  /** Setting replaces the fault; a latency that is left out stays. */
  get faults(): SandboxFaults;
  set faults(faults: Partial<SandboxFaults>);
  /** The next answers (or failures), in order, instead of the sandbox's own. */
  script(steps: readonly ScriptStep[]): void;
  /** The newest requests, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Requests whose client went away before the answer. */
  readonly closedByClient: number;
  stop(): Promise<void>;
}

const DEFAULT_LATENCY_MS = 400;
const REQUESTS_KEPT = 100;
const MODELS = [
  { id: SANDBOX_MODEL, shutdown_date: null },
  { id: "chasqui-sandbox-old", shutdown_date: "2026-12-11" },
];

/** Starts the server; resolves when it accepts connections. */
export async function startSandboxOpenAI(options: SandboxOpenAIOptions): Promise<SandboxOpenAI> {
  const {
    log,
    clock,
    port = 0,
    apiKey = `sk-sandbox-${newSecret(12)}`,
    latencyMs = DEFAULT_LATENCY_MS,
    answer: think = answerOf,
  } = options;
  const cache = new CacheSimulation(clock);
  const scripted: ScriptStep[] = [];
  const requests: RecordedRequest[] = [];
  let faults: SandboxFaults = { kind: "none", latencyMs };
  let closedByClient = 0;

  async function handle(request: Request, path: string): Promise<Response> {
    if (request.headers.get("authorization") !== `Bearer ${apiKey}`) {
      throw new ApiError(401, { message: "Incorrect API key provided.", code: "invalid_api_key" });
    }
    if (request.method === "GET" && path === "/v1/models") {
      const data = MODELS.map((model) => ({ ...model, object: "model", created: 1_767_225_600, owned_by: "chasqui" }));
      return Response.json({ object: "list", data });
    }
    if (request.method === "POST" && path === "/v1/audio/transcriptions") {
      const heard = await readTranscription(request);
      record(path, { model: heard.model, bytes: heard.bytes.length });
      if (faults.latencyMs > 0) await wait(clock, faults.latencyMs);
      const kind = takeFault(faults);
      const error = faultError(kind, faults, heard.model);
      if (error) throw error;
      return (
        (await faultResponse(kind, request.signal)) ?? Response.json(transcriptionAnswer(heard, options.hear?.(heard.bytes)))
      );
    }
    if (request.method !== "POST" || !(path in POSTS)) throw notFound(request.method, path);
    const raw = await request.text();
    const body = parse(raw);
    record(path, body);
    if (faults.latencyMs > 0) await wait(clock, faults.latencyMs);
    return POSTS[path as keyof typeof POSTS](body, raw, request.signal);
  }

  const POSTS = {
    "/v1/responses": (body: unknown, raw: string, signal: AbortSignal) => {
      if (faults.kind === "no-responses-route" && takeFault(faults) !== "none") throw notFound("POST", "/v1/responses");
      const dialogue = readResponsesRequest(body);
      return generate(dialogue, raw, signal, isStreamed(body), (context) =>
        responsesAnswer({ ...context, withReasoning: dialogue.wantsEncryptedReasoning }),
      );
    },
    "/v1/chat/completions": (body: unknown, raw: string, signal: AbortSignal) =>
      generate(readChatRequest(body), raw, signal, isStreamed(body), chatAnswer),
    "/v1/moderations": (body: unknown, raw: string) => {
      const error = faultError(takeFault(faults), faults, "omni-moderation-latest");
      if (error) throw error;
      const { model = "omni-moderation-latest", input } = readModerationRequest(body);
      return Response.json(moderationAnswer(model, [input].flat(), shortHash(raw)));
    },
    "/v1/embeddings": (body: unknown) => {
      const { model, input, dimensions, encoding_format } = readEmbeddingRequest(body);
      return Response.json(
        embeddingAnswer(model, typeof input === "string" ? [input] : input, dimensions, encoding_format === "base64"),
      );
    },
  };

  async function generate(
    dialogue: Dialogue,
    raw: string,
    signal: AbortSignal,
    wantsStream: boolean,
    write: (context: Parameters<typeof chatAnswer>[0]) => object,
  ): Promise<Response> {
    const taken = takeFault(faults);
    const step = taken === "none" ? scripted.shift() : undefined;
    const kind = step && "fault" in step ? step.fault : taken;
    const error = faultError(kind, faults, dialogue.model);
    if (error) throw error;
    const response = faultResponse(kind, signal);
    if (response) return response;
    const answer = faultAnswer(kind, dialogue) ?? (step && !("fault" in step) ? step : think(dialogue));
    const usage = kind === "no-usage" ? null : cache.account(dialogue, answer);
    const createdAt = Math.floor(clock.now() / 1000);
    const body = write({ dialogue, answer, usage, createdAt, seed: shortHash(raw) });
    if (!wantsStream) return Response.json(body);
    return streamed("output" in body ? responsesStream(body as never) : chatStream(body as never));
  }

  function record(path: string, body: unknown): void {
    requests.push({ path, body });
    if (requests.length > REQUESTS_KEPT) requests.shift();
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    reusePort: false,
    development: false,
    // A hanging answer must hang until the client gives up.
    idleTimeout: 0,
    fetch: async (request) => {
      const path = new URL(request.url).pathname;
      const requestId = `req_${shortHash(`${path}${clock.monotonic()}`)}`;
      let answered = false;
      request.signal.addEventListener("abort", () => {
        if (!answered) closedByClient++;
      });
      try {
        const response = await handle(request, path);
        response.headers.set("x-request-id", requestId);
        log.debug("sandbox assistant answered", { path, status: response.status });
        return response;
      } catch (error) {
        // Awaited: ApiError, a refused request. Anything else is a mistake of the sandbox.
        const refusal =
          error instanceof ApiError ? error : new ApiError(500, { message: "The sandbox broke.", type: "server_error" });
        if (refusal === error)
          log.debug("sandbox assistant refused a request", { path, status: refusal.status, reason: refusal.message });
        else log.error("the sandbox assistant broke", { path, error });
        return refusal.toResponse({ "x-request-id": requestId });
      } finally {
        answered = !request.signal.aborted;
      }
    },
  });
  const url = `http://127.0.0.1:${server.port}/v1`;
  log.info("sandbox assistant ready: it answers by rules, it is not a model", { url, model: SANDBOX_MODEL });

  return {
    url,
    apiKey,
    model: SANDBOX_MODEL,
    get faults(): SandboxFaults {
      return faults;
    },
    set faults(changed: Partial<SandboxFaults>) {
      faults = { kind: "none", latencyMs: faults.latencyMs, ...changed };
    },
    script(steps) {
      scripted.push(...steps);
    },
    get requests() {
      return requests;
    },
    get closedByClient() {
      return closedByClient;
    },
    async stop() {
      cache.stop();
      await server.stop(true);
    },
  };
}

const isStreamed = (body: unknown): boolean => (body as { stream?: unknown }).stream === true;

const notFound = (method: string, path: string) =>
  new ApiError(404, { message: `Invalid URL (${method} ${path})`, type: "invalid_request_error" });

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    // Awaited: SyntaxError, the client's body is no JSON.
    throw new ApiError(400, { message: "We could not parse the JSON body of your request." });
  }
}

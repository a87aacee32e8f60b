/** How a command reaches the server that runs on the same data directory. */
import { existsSync } from "node:fs";
import { AppError, type ErrorCode, fail } from "../core/errors";
import { controlSocketPath } from "../http/control";

const NOT_RUNNING = new Set(["ENOENT", "ECONNREFUSED", "ConnectionRefused", "FailedToOpenSocket"]);

/** Calls the running server. Throws `control.not-running` when there is none, or the failure it answered. */
export async function callControl(dataDir: string, path: string, body?: unknown): Promise<Response> {
  const unix = controlSocketPath(dataDir);
  if (!existsSync(unix)) throw notRunning(dataDir);
  const response = await fetch(`http://chasqui${path}`, {
    unix,
    method: body === undefined ? "GET" : "POST",
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  }).catch((error: unknown) => {
    // A socket file that a crashed server left behind.
    if (NOT_RUNNING.has(String((error as { code?: unknown }).code))) throw notRunning(dataDir);
    throw error;
  });
  if (response.ok) return response;
  const failure = (await response.json()) as { error: string; code: ErrorCode };
  throw new AppError(failure.code, { message: failure.error });
}

/** The lines of JSON that the server tells; they end early when the server does, so whoever reads them knows their last one. */
export async function* linesOf<T>(response: Response): AsyncGenerator<T> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      // Awaited: ECONNRESET of a server that was killed.
      const { value } = await reader.read().catch(() => ({ value: undefined }));
      if (!value) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line) yield JSON.parse(line) as T;
    }
  } finally {
    // Awaited: the same, where the connection is gone already.
    await reader.cancel().catch(() => {});
  }
}

const notRunning = (dataDir: string) =>
  fail("control.not-running", { message: `No Chasqui server runs on ${dataDir}. Start it with: npm start` });

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

const notRunning = (dataDir: string) =>
  fail("control.not-running", { message: `No Chasqui server runs on ${dataDir}. Start it with: npm start` });

/** Ports for programs that have to be told one before they start. */
import { randomInt } from "node:crypto";

/** Below what systems give to whoever asks for any port, so that nobody gets it by chance before it is used. */
const [LOWEST, HIGHEST] = [15_000, 32_000];

/** A port that was free a moment ago. Throws when a hundred tries find none. */
export function freePort(): number {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(LOWEST, HIGHEST);
    try {
      void Bun.serve({ hostname: "127.0.0.1", port, fetch: () => new Response() }).stop(true);
      return port;
    } catch {
      // Awaited: EADDRINUSE; another one is tried.
    }
  }
  throw new Error("No free port.");
}

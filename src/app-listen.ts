/** Opens the port, and closes it without cutting off who is being answered. */
import type { Config } from "./config/env";
import type { Clock } from "./core/clock";
import { fail } from "./core/errors";
import type { createServer } from "./http/server";

type Http = ReturnType<typeof createServer>;

const CLOSE_HTTP_MS = 8_000;

/** Throws `port.in-use`. */
export function listen(http: Http, { port, host }: Config): NonNullable<Http["server"]> {
  try {
    // Without this a second process would share the port and take half of the traffic.
    http.listen({ port, hostname: host, reusePort: false });
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EADDRINUSE") throw error;
    throw fail("port.in-use", {
      message: `Port ${port} is in use by another program. Choose another one, for example PORT=${port + 1}.`,
      cause: error,
    });
  }
  if (!http.server) throw fail("internal", { message: "The server did not start." });
  return http.server;
}

export async function close({ server }: Http, clock: Clock): Promise<void> {
  if (!server) return;
  const closed = server.stop();
  const late = new Promise<boolean>((resolve) => clock.timer(CLOSE_HTTP_MS, () => resolve(false)));
  // A request that does not end must not keep the rest from being stored in time.
  if (!(await Promise.race([closed.then(() => true), late]))) await server.stop(true);
}

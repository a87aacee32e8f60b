/** The real server as a target of the webhook benchmark; what it kept is read from the store it leaves. */
import { restOf } from "./process-cost";
import { API, type ServerOptions, startServer } from "./server";
import { assertInbound } from "./stored-messages";
import type { Target } from "./target";

const REST_MS = 300_000;

export const chasquiTarget = (options: Pick<ServerOptions, "binary" | "profile">): Target => ({
  name: options.binary ? "Chasqui (binary)" : "Chasqui (source)",
  async start() {
    const server = await startServer(options);
    return {
      pid: server.pid,
      port: server.port,
      path: `${API}/webhook`,
      settled: () => restOf(server.pid, REST_MS),
      async finish(expected) {
        try {
          await server.stop();
          await assertInbound(server.dataDir, expected);
        } finally {
          await server.remove();
        }
      },
    };
  },
});

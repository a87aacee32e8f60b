/** `health`: exit code 0 when the server on this machine answers; made for container health checks. */
import { loadConfig } from "../config/env";
import type { Command } from "./command";

const WITHIN_MS = 3_000;

export const health: Command = {
  summary: "check that the server answers",
  async run() {
    const { port, host } = loadConfig();
    const address = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
    const isHealthy = await fetch(`http://${address}:${port}/ready`, { signal: AbortSignal.timeout(WITHIN_MS) }).then(
      (response) => response.ok,
      // No answer in time, or no server.
      () => false,
    );
    console.log(isHealthy ? "ready" : `not ready: http://${address}:${port}/ready`);
    return isHealthy ? 0 : 1;
  },
};

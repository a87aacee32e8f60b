/** One Graph address in front of several sandboxes, as Meta is one address for all numbers: told apart by the bearer token. */
import {
  type SandboxCredentials,
  type SandboxGraph,
  startSandboxGraph,
} from "../../../src/channels/whatsapp/sandbox/sandbox-graph";
import { silentLog } from "../../../src/core/log";

export const second: SandboxCredentials = {
  phoneNumberId: "700100200300401",
  wabaId: "800100200300401",
  displayNumber: "51987650001",
  name: "Tienda Dos",
  accessToken: "second-access-token",
  appSecret: "second-app-secret",
  verifyToken: "second-verify-token",
};
export const third: SandboxCredentials = {
  phoneNumberId: "700100200300402",
  wabaId: "800100200300402",
  displayNumber: "51987650002",
  name: "Tienda Tres",
  accessToken: "third-access-token",
  appSecret: "third-app-secret",
  verifyToken: "third-verify-token",
};

export interface GraphSwitch extends AsyncDisposable {
  url: string;
  sandboxes: Record<"second" | "third", SandboxGraph>;
  /** Where the sandboxes post their webhooks. */
  aim(url: string): void;
  /** Answers one path of Meta differently; undefined leaves it to the sandbox. */
  intercept: ((request: Request, path: string) => Response | undefined) | null;
}

export async function startGraphSwitch(): Promise<GraphSwitch> {
  let target = "";
  const open = (channel: SandboxCredentials) =>
    startSandboxGraph({ channel, webhookUrl: () => `${target}/api/v2/webhook`, statePath: ":memory:", log: silentLog });
  const sandboxes = { second: await open(second), third: await open(third) };
  const byToken = new Map([
    [second.accessToken, sandboxes.second],
    [third.accessToken, sandboxes.third],
  ]);
  const state: Pick<GraphSwitch, "intercept"> = { intercept: null };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const answer = state.intercept?.(request, pathname);
      if (answer) return answer;
      const token = request.headers.get("authorization")?.replace(/^\w+ /, "") ?? "";
      const sandbox = byToken.get(token);
      if (!sandbox)
        return Response.json(
          { error: { message: "Invalid OAuth access token", code: 190, error_subcode: 467 } },
          { status: 401 },
        );
      return fetch(sandbox.url + pathname + search, {
        method: request.method,
        headers: request.headers,
        ...(request.method === "POST" ? { body: await request.bytes() } : {}),
      });
    },
  });
  return Object.assign(state, {
    url: `http://127.0.0.1:${server.port}`,
    sandboxes,
    aim: (url: string) => {
      target = url;
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await sandboxes.second.stop();
      await sandboxes.third.stop();
    },
  });
}

/** What a client sends to connect a number. */
export const connection = ({ phoneNumberId, wabaId, accessToken, appSecret, verifyToken }: SandboxCredentials) => ({
  phoneNumberId,
  wabaId,
  accessToken,
  appSecret,
  verifyToken,
});

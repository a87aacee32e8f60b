/** The environment of a server under test: a real process with WhatsApp configured, a Graph API that records, the sandbox assistant. */
import { ApiClient, postWebhook, type TextMessage, webhookOf } from "../helpers/api-client";
import { type GraphRecorder, startGraphRecorder } from "../helpers/graph-recorder";
import { type ServerProcess, startServer } from "../helpers/server-process";

import type { JourneyStore } from "./journey-store";

export const NUMBER = "440055660077001";
export const SECRET = "an app secret of the test";

export interface Journey extends AsyncDisposable {
  server: ServerProcess;
  graph: GraphRecorder;
  api: ApiClient;
  /** Posts messages in one webhook, signed. */
  receive(messages: readonly TextMessage[]): Promise<number>;
  /** Posts any body, signed. */
  post(payload: unknown): Promise<number>;
  /** Kills the process and starts another one on the same data. */
  killAndRestart(): Promise<void>;
}

/** On the store of its own that comes with the server. */
export const startJourney = (env: Record<string, string> = {}): Promise<Journey> => startJourneyOn(null, env);

export async function startJourneyOn(kind: JourneyStore | null, env: Record<string, string> = {}): Promise<Journey> {
  const store = await kind?.open();
  const graph = startGraphRecorder();
  const variables = {
    WHATSAPP_PHONE_NUMBER_ID: NUMBER,
    WHATSAPP_BUSINESS_ACCOUNT_ID: "330011223344556",
    WHATSAPP_ACCESS_TOKEN: "a token of the test",
    WHATSAPP_APP_SECRET: SECRET,
    WHATSAPP_VERIFY_TOKEN: "verify-me",
    WHATSAPP_GRAPH_URL: graph.url,
    SANDBOX: "on",
    BATCH_WAIT_MS: "300",
    BATCH_MAX_WAIT_MS: "1500",
    ...store?.env,
    ...env,
  };
  const journey = {
    graph,
    server: await startServer({ env: variables }),
    api: new ApiClient(""),
    receive: (messages: readonly TextMessage[]) => journey.post(webhookOf(NUMBER, messages)),
    post: (payload: unknown) => postWebhook(journey.server.url, SECRET, payload),
    async killAndRestart() {
      await journey.server.kill();
      const next = await startServer({ env: variables, dataDir: journey.server.dataDir });
      const first = journey.server;
      journey.server = {
        ...next,
        async [Symbol.asyncDispose]() {
          await next.stop();
          await first[Symbol.asyncDispose]();
        },
      };
      journey.api = await new ApiClient(journey.server.url).signIn(next.admin);
    },
    async [Symbol.asyncDispose]() {
      await journey.server[Symbol.asyncDispose]();
      await graph[Symbol.asyncDispose]();
      await store?.[Symbol.asyncDispose]();
    },
  };
  journey.api = await new ApiClient(journey.server.url).signIn(journey.server.admin);
  return journey;
}

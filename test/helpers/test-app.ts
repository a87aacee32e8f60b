/** The whole product inside the test's own process: `await using app = await createTestApp()`. Its data disappears with it. */
import { join } from "node:path";
import { createApp, type Overrides, type Started } from "../../src/app";
import { readConfig } from "../../src/config/env";
import { silentLog } from "../../src/core/log";
import { ApiClient, postWebhook, type TextMessage, webhookOf } from "./api-client";
import { type GraphRecorder, startGraphRecorder } from "./graph-recorder";
import { openRooms, type Rooms } from "./rooms";
import { ADMIN } from "./server-process";
import { tempDir } from "./temp-dir";

export const NUMBER = "440055660077001";
export const APP_SECRET = "an app secret of the test";
export const VERIFY_TOKEN = "verify-me";

/** An index is missing where more is read one by one. */
const MOST_SCANNED = 1_000;

export interface TestAppOptions extends Overrides {
  env?: Record<string, string>;
  /** Existing data to start on; otherwise new ones that disappear. */
  dataDir?: string;
}

export interface TestApp extends AsyncDisposable {
  url: string;
  dataDir: string;
  started: Started;
  /** Every route the server knows. */
  routes: { method: string; path: string }[];
  /** Signed in as the first admin. */
  api: ApiClient;
  /** What the customer would have received. */
  graph: GraphRecorder;
  /** Posts messages of customers in one signed webhook. */
  receive(...messages: TextMessage[]): Promise<number>;
  /** Posts any body, signed. */
  post(payload: unknown): Promise<number>;
  stop(): Promise<void>;
  /** Stops the product and opens what it has stored. */
  openStored(): Promise<Rooms>;
}

export async function createTestApp({
  env = {},
  log = silentLog,
  dataDir: given,
  ...overrides
}: TestAppOptions = {}): Promise<TestApp> {
  // Loaded with the first call otherwise, which takes long by a clock that is turned by hand.
  if (overrides.clock) await import("openai");
  const dir = tempDir();
  const dataDir = given ?? join(dir.path, "data");
  const graph = startGraphRecorder();
  const config = readConfig({
    PORT: "0",
    DATA_DIR: dataDir,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    WHATSAPP_PHONE_NUMBER_ID: NUMBER,
    WHATSAPP_ACCESS_TOKEN: "a token of the test",
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    WHATSAPP_GRAPH_URL: graph.url,
    SANDBOX: "on",
    // All requests of a test come from one address.
    RATE_LIMITS: "off",
    BATCH_WAIT_MS: "50",
    BATCH_MAX_WAIT_MS: "500",
    // A clock that jumps by days would end the session of the test itself.
    ...(overrides.clock ? { ACCESS_TOKEN_TTL: "30d", REFRESH_TOKEN_TTL: "30d" } : {}),
    ...env,
  });
  const app = await createApp(config, { assistantLatencyMs: 0, failScansOver: MOST_SCANNED, log, ...overrides });
  const started = await app.start();
  const post = (payload: unknown) => postWebhook(started.url, APP_SECRET, payload);
  return {
    url: started.url,
    dataDir,
    started,
    routes: app.http.routes.map(({ method, path }) => ({ method, path })),
    api: await new ApiClient(started.url).signIn(ADMIN),
    graph,
    post,
    receive: (...messages) => post(webhookOf(NUMBER, messages)),
    stop: () => app.stop(),
    async openStored() {
      await app.stop();
      return openRooms({ dataDir });
    },
    async [Symbol.asyncDispose]() {
      await app.stop();
      await graph[Symbol.asyncDispose]();
      dir[Symbol.dispose]();
    },
  };
}

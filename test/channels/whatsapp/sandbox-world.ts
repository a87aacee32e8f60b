/** A sandbox Graph API and our webhook door on real ports, joined as in the product, gone at the end of the test. */
import { Elysia } from "elysia";
import { createGraph, type Graph, type GraphOptions } from "../../../src/channels/whatsapp/graph";
import type { InboundEvent, StatusEvent } from "../../../src/channels/whatsapp/inbound";
import { createKnocks } from "../../../src/channels/whatsapp/knocks";
import { readWebhook } from "../../../src/channels/whatsapp/parse";
import {
  type SandboxCredentials,
  type SandboxGraph,
  startSandboxGraph,
} from "../../../src/channels/whatsapp/sandbox/sandbox-graph";
import { createSignatureCheck } from "../../../src/channels/whatsapp/signature";
import { createReceive, webhookController } from "../../../src/channels/whatsapp/webhook";
import { type Clock, systemClock } from "../../../src/core/clock";
import { AppError } from "../../../src/core/errors";
import { silentLog } from "../../../src/core/log";

export const credentials: SandboxCredentials = {
  phoneNumberId: "700100200300400",
  wabaId: "800100200300400",
  displayNumber: "51987650000",
  name: "Tienda Prueba",
  accessToken: "sandbox-access-token",
  appSecret: "sandbox-app-secret",
  verifyToken: "sandbox-verify-token",
};

/** Turns AppErrors into answers, as the product's server does. */
export const translateErrors = () =>
  new Elysia({ name: "test-errors" }).onError({ as: "global" }, ({ error, code, status }) => {
    if (error instanceof AppError) return status(error.status, { success: false, code: error.code, error: error.message });
    if (code === "VALIDATION") return status(422, { success: false, code: "request.invalid" });
    return status(500, { success: false, code: "internal", error: String(error) });
  });

/** Waits until `condition` holds. */
export async function until<T>(
  condition: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  what = "condition",
): Promise<T> {
  const deadline = systemClock.monotonic() + 10_000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (systemClock.monotonic() > deadline) throw new Error(`waited in vain for ${what}`);
    await Bun.sleep(5);
  }
}

export interface Door {
  events: InboundEvent[];
  requests: number;
  /** When set, `accept` rejects, as a store that cannot be written. */
  broken: boolean;
  url: string;
  stop(): Promise<void>;
}

/** Our webhook door on its own port, collecting what it accepts. */
export function openDoor(secret: string = credentials.appSecret, clock: Clock = systemClock): Door {
  const door: Door = { events: [], requests: 0, broken: false, url: "", stop: async () => {} };
  const app = new Elysia()
    .use(translateErrors())
    .group("/api/v2", (group) =>
      group.use(
        webhookController(
          createReceive({
            signatureIsValid: createSignatureCheck(() => [secret]),
            accept: async (body, { receivedAt }) => {
              door.requests++;
              if (door.broken) throw new Error("the store is broken");
              door.events.push(...readWebhook(body, receivedAt));
            },
            knocks: createKnocks(clock),
            log: silentLog,
            clock,
          }),
          { verifyTokens: () => [credentials.verifyToken], knocks: createKnocks(clock) },
        ),
      ),
    )
    .listen({ port: 0, hostname: "127.0.0.1" });
  door.url = `http://127.0.0.1:${app.server?.port}/api/v2/webhook`;
  door.stop = async () => {
    await app.stop(true);
  };
  return door;
}

export interface World extends AsyncDisposable {
  door: Door;
  sandbox: SandboxGraph;
  graph: Graph;
  statuses(wamid: string): string[];
}

interface WorldOptions {
  statePath?: string;
  graph?: Partial<GraphOptions>;
  random?: () => number;
  clock?: Clock;
}

export async function openWorld({
  statePath = ":memory:",
  graph = {},
  random,
  clock = systemClock,
}: WorldOptions = {}): Promise<World> {
  const door = openDoor(credentials.appSecret, clock);
  const sandbox = await startSandboxGraph({
    channel: credentials,
    webhookUrl: () => door.url,
    statePath,
    log: silentLog,
    clock,
    ...(random ? { random } : {}),
  });
  return {
    door,
    sandbox,
    graph: createGraph({
      baseUrl: sandbox.url,
      version: "v26.0",
      phoneNumberId: credentials.phoneNumberId,
      accessToken: () => credentials.accessToken,
      log: silentLog,
      clock,
      ...graph,
    }),
    statuses: (wamid) =>
      door.events
        .filter((event): event is StatusEvent => event.kind === "status" && event.wamid === wamid)
        .map((event) => event.status),
    [Symbol.asyncDispose]: async () => {
      await sandbox.stop();
      await door.stop();
    },
  };
}

export interface CaughtWebhook {
  raw: string;
  headers: Record<string, string>;
}

/** A sandbox whose webhooks go to nobody but the test. */
export async function catchWebhooks() {
  const bodies: CaughtWebhook[] = [];
  const catcher = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      bodies.push({ raw: await request.text(), headers: Object.fromEntries(request.headers) });
      return new Response("OK");
    },
  });
  const sandbox = await startSandboxGraph({
    channel: credentials,
    webhookUrl: () => `http://127.0.0.1:${catcher.port}/`,
    statePath: ":memory:",
    log: silentLog,
  });
  return {
    bodies,
    sandbox,
    [Symbol.asyncDispose]: async () => {
      await sandbox.stop();
      await catcher.stop(true);
    },
  };
}

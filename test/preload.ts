/**
 * Runs before every test file: no connection leaves this machine, and nothing of the developer's own setup leaks in.
 * Covered: fetch, WebSocket, Bun.connect, net, tls, http, https and UDP in this process; `fetch` in child processes by a dead proxy.
 */
import dgram from "node:dgram";
import { readFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import fc from "fast-check";

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?|\[?::ffff:127(\.\d{1,3}){3}\]?|0\.0\.0\.0|\[?::\]?)$/i;

/** The product's variables, which a shell or an `.env` file may carry; a test names the ones it means. */
const PRODUCT_VARIABLES = [
  ...readFileSync(join(import.meta.dir, "../.env.example"), "utf8").matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm),
].map(([, name = ""]) => name);
const DEAD_PROXY = "http://127.0.0.1:9";

/** The error a test sees instead of a connection to the outside. */
class OutsideConnection extends Error {
  constructor(host: string) {
    super(
      `A test tried to reach "${host}". Tests talk only to this machine: start a fake server on 127.0.0.1 (test/preload.ts).`,
    );
    this.name = "OutsideConnection";
  }
}

function assertLoopback(host: string): void {
  if (!LOOPBACK.test(host)) throw new OutsideConnection(host);
}

for (const name of PRODUCT_VARIABLES) delete process.env[name];
// The same cases each time, so a change that broke nothing does not meet a red run; another PROPERTY_SEED looks at others.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_261_130) });

process.env.NODE_ENV = "test";
process.env.TZ = "UTC";
for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]) process.env[name] = DEAD_PROXY;
process.env.NO_PROXY = process.env.no_proxy = "localhost,127.0.0.1,::1";

const realFetch = globalThis.fetch;
globalThis.fetch = Object.assign(
  async (input: string | URL | Request, init?: BunFetchRequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    if (!init?.unix && url.protocol.startsWith("http")) assertLoopback(url.hostname);
    return realFetch(input, init);
  },
  { preconnect: (url: string | URL) => assertLoopback(new URL(url).hostname) },
);

const RealWebSocket = globalThis.WebSocket;
globalThis.WebSocket = new Proxy(RealWebSocket, {
  construct(target, args: [string | URL, ...unknown[]], newTarget) {
    assertLoopback(new URL(args[0]).hostname);
    return Reflect.construct(target, args, newTarget);
  },
});

const realBunConnect = Bun.connect;
Bun.connect = ((options: Parameters<typeof realBunConnect>[0]) => {
  if ("hostname" in options && typeof options.hostname === "string") assertLoopback(options.hostname);
  return realBunConnect(options);
}) as typeof Bun.connect;

/** The host inside any of the argument shapes of `Socket.connect` (Node's own normalised form is a nested array). */
function hostOf(args: readonly unknown[]): string | null {
  const [first, second] = args;
  if (Array.isArray(first)) return hostOf(first);
  if (typeof first === "object" && first !== null) {
    if ("path" in first && typeof first.path === "string" && !("port" in first)) return null;
    return "host" in first && typeof first.host === "string" ? first.host : "localhost";
  }
  if (typeof first === "string" && Number.isNaN(Number(first))) return null;
  return typeof second === "string" ? second : "localhost";
}

const realConnect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function connect(this: net.Socket, ...args: unknown[]): net.Socket {
  const host = hostOf(args);
  if (host !== null) assertLoopback(host);
  return Reflect.apply(realConnect, this, args);
} as typeof realConnect;

const realSend = dgram.Socket.prototype.send;
dgram.Socket.prototype.send = function send(this: dgram.Socket, ...args: unknown[]): void {
  for (const arg of args.slice(1)) if (typeof arg === "string") assertLoopback(arg);
  Reflect.apply(realSend, this, args);
} as typeof realSend;

/** The guard of test/preload.ts: the outside is refused in every client, this machine is not. */
import { describe, expect, test } from "bun:test";
import dgram from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import tls from "node:tls";

/** TEST-NET-1 (RFC 5737): routed nowhere, so even a broken guard reaches nobody. */
const OUTSIDE = "192.0.2.1";
const refusal = /Tests talk only to this machine/;

describe("connections to the outside are refused", () => {
  test("fetch, by string, URL and Request", async () => {
    for (const target of [`http://${OUTSIDE}/`, new URL(`https://${OUTSIDE}/`), new Request(`http://${OUTSIDE}/`)])
      await expect(fetch(target)).rejects.toThrow(refusal);
  });

  test("a host name that only looks local", async () => {
    for (const host of ["localhost.example.com", "127.0.0.1.example.com", "127.example.com"])
      await expect(fetch(`http://${host}/`)).rejects.toThrow(refusal);
  });

  test("WebSocket", () => {
    expect(() => new WebSocket(`ws://${OUTSIDE}/`)).toThrow(refusal);
  });

  test("net, tls, http, https and Bun.connect", () => {
    expect(() => net.connect(80, OUTSIDE)).toThrow(refusal);
    expect(() => net.connect({ port: 80, host: OUTSIDE })).toThrow(refusal);
    expect(() => tls.connect(443, OUTSIDE)).toThrow(refusal);
    expect(() => http.get(`http://${OUTSIDE}/`)).toThrow(refusal);
    expect(() => https.get(`https://${OUTSIDE}/`)).toThrow(refusal);
    expect(() => Bun.connect({ hostname: OUTSIDE, port: 80, socket: { data() {} } })).toThrow(refusal);
  });

  test("UDP", () => {
    const socket = dgram.createSocket("udp4");
    try {
      expect(() => socket.send("x", 53, OUTSIDE)).toThrow(refusal);
    } finally {
      socket.close();
    }
  });

  test("fetch in a child process, by a proxy that answers nobody", async () => {
    using elsewhere = Bun.serve({ hostname: "127.0.0.2", port: 0, fetch: () => new Response("reached") });
    const script = `fetch("${elsewhere.url}").then(() => process.exit(0), () => process.exit(7))`;
    const exitCode = (env: Record<string, string | undefined>) =>
      Bun.spawn([process.execPath, "-e", script], { env, stdout: "ignore", stderr: "ignore" }).exited;
    expect(await exitCode(process.env)).toBe(7);
    const { HTTP_PROXY: _, http_proxy: __, ...withoutProxy } = process.env;
    expect(await exitCode(withoutProxy)).toBe(0);
  });
});

test("this machine is reachable by fetch, WebSocket, net, http and UNIX socket", async () => {
  using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, self) => (self.upgrade(request, { data: undefined }) ? undefined : new Response("here")),
    websocket: { message() {}, open: (ws) => void ws.send("here") },
  });
  expect(await (await fetch(server.url)).text()).toBe("here");
  expect(await (await fetch(`http://localhost:${server.port}/`)).text()).toBe("here");

  const path = join(mkdtempSync(join(tmpdir(), "chasqui-preload-")), "s");
  using local = Bun.serve({ unix: path, fetch: () => new Response("by file") });
  expect(await (await fetch("http://chasqui/", { unix: path })).text()).toBe("by file");
  await new Promise<void>((resolve, reject) => {
    const client = net.connect(path, () => resolve(void client.destroy())).on("error", reject);
  });
  await local.stop(true);
  rmSync(dirname(path), { recursive: true });

  const viaHttp = await new Promise<string>((resolve, reject) => {
    http.get(server.url, (res) => res.on("data", (chunk: Buffer) => resolve(chunk.toString()))).on("error", reject);
  });
  expect(viaHttp).toBe("here");

  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  const greeting = await new Promise((resolve) => {
    socket.onmessage = (event) => resolve(event.data);
  });
  socket.close();
  expect(greeting).toBe("here");
});

test("variables of the product do not leak from the shell into tests", () => {
  for (const name of ["OPENAI_API_KEY", "WHATSAPP_ACCESS_TOKEN", "MONGODB_URI", "DATA_DIR", "PORT"])
    expect(process.env[name]).toBeUndefined();
  expect(process.env.TZ).toBe("UTC");
});

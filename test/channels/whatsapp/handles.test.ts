/** Uploads for handles against the sandbox: in one go, over a line that breaks, and what is refused. */
import { expect, test } from "bun:test";
import { createHandleClient } from "../../../src/channels/whatsapp/handles";
import { APP_ID } from "../../../src/channels/whatsapp/sandbox/credentials";
import { systemClock } from "../../../src/core/clock";
import type { AppError } from "../../../src/core/errors";
import { credentials, openWorld } from "./sandbox-world";

const clientOf = (baseUrl: string, appId: string | undefined = APP_ID) =>
  createHandleClient({
    baseUrl,
    version: "v26.0",
    accessToken: () => credentials.accessToken,
    clock: systemClock,
    appId: async () => appId,
  });

/** A line to `target` that breaks, once, after so many bytes. */
function cuttingLine(target: string, after: number) {
  let isCut = false;
  const offsets: number[] = [];
  const { port } = new URL(target);
  type Pair = { other?: Bun.Socket<Pair>; early: Buffer[]; passed: number };
  const pass = async (socket: Bun.Socket<Pair>) => {
    const other = await Bun.connect<Pair>({
      hostname: "127.0.0.1",
      port: Number(port),
      data: { other: socket, early: [], passed: 0 },
      socket: {
        data: (_, bytes) => void socket.write(bytes),
        close: () => void socket.end(),
      },
    });
    socket.data.other = other;
    for (const bytes of socket.data.early) other.write(bytes);
  };
  const server = Bun.listen<Pair>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { early: [], passed: 0 };
        void pass(socket);
      },
      data(socket, bytes) {
        const { data } = socket;
        const offset = /file_offset: (\d+)/i.exec(bytes.toString("latin1"))?.[1];
        if (offset !== undefined) offsets.push(Number(offset));
        data.passed += bytes.length;
        if (!isCut && data.passed > after) {
          isCut = true;
          const rest = bytes.subarray(0, Math.max(0, bytes.length - (data.passed - after)));
          data.other?.write(rest);
          data.other?.flush();
          setTimeout(() => {
            data.other?.end();
            socket.terminate();
          }, 100);
          return;
        }
        if (isCut && data.passed > after && offsets.length < 2) return;
        if (data.other) data.other.write(bytes);
        else data.early.push(Buffer.from(bytes));
      },
      close: (socket) => void socket.data.other?.end(),
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, offsets, stop: () => server.stop(true) };
}

const picture = () => new Uint8Array(200_000).map((_, at) => at % 251);

test("a line that breaks goes on where WhatsApp says it stopped, and the file is whole", async () => {
  await using world = await openWorld();
  const line = cuttingLine(world.sandbox.url, 60_000);
  const handle = await clientOf(line.url).upload({ bytes: picture(), mimeType: "image/png", filename: "a.png" });
  line.stop();
  expect(handle).toMatch(/^4:/);
  expect(line.offsets[0]).toBe(0);
  expect(line.offsets[1]).toBeGreaterThan(0);
  const headers = { authorization: `Bearer ${credentials.accessToken}`, "content-type": "application/json" };
  const at = `${world.sandbox.url}/v26.0/${credentials.phoneNumberId}/whatsapp_business_profile`;
  const body = JSON.stringify({ messaging_product: "whatsapp", profile_picture_handle: handle });
  expect((await fetch(at, { method: "POST", headers, body })).status).toBe(200);
  const { data } = (await (await fetch(at, { headers })).json()) as { data: { profile_picture_url: string }[] };
  const shown = await fetch(data[0]?.profile_picture_url ?? "");
  expect(Buffer.from(await shown.arrayBuffer()).equals(Buffer.from(picture()))).toBe(true);
});

test("refused: a type that is not taken, a foreign app, no app at all", async () => {
  await using world = await openWorld();
  const file = { bytes: picture(), mimeType: "image/gif", filename: "a.gif" };
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "ok",
      (error: unknown) => (error as AppError).code,
    );
  expect(await codeOf(clientOf(world.sandbox.url).upload(file))).toBe("graph.refused");
  expect(await codeOf(clientOf(world.sandbox.url, "12345").upload({ ...file, mimeType: "image/png" }))).toBe("graph.refused");
  const nobody = createHandleClient({
    baseUrl: world.sandbox.url,
    version: "v26.0",
    accessToken: () => credentials.accessToken,
    clock: systemClock,
    appId: async () => undefined,
  });
  expect(await codeOf(nobody.upload(file))).toBe("channel.no-app");
});

test("sessions as Meta keeps them: too large, wrong offset, no header, too much", async () => {
  await using world = await openWorld();
  const { url } = world.sandbox;
  const authorization = `OAuth ${credentials.accessToken}`;
  const begin = (query: string) =>
    fetch(`${url}/v26.0/${APP_ID}/uploads?${query}`, { method: "POST", headers: { authorization } });
  expect((await begin("file_length=200000000&file_type=image/png")).status).toBe(400);
  expect((await begin("file_length=4")).status).toBe(400);
  const { id } = (await (await begin("file_length=4&file_type=image/png&file_name=a.png")).json()) as { id: string };
  const send = async (headers: Record<string, string>, body: string) => {
    const answer = await fetch(`${url}/v26.0/${id}`, { method: "POST", headers, body });
    return [answer.status, await answer.json()] as [number, { h?: string; debug_info?: { type: string } }];
  };
  expect((await send({ authorization, file_offset: "2" }, "ab"))[0]).toBe(412);
  expect((await send({ authorization, file_offset: "0" }, "abcde"))[1].debug_info?.type).toBe("PartialRequestError");
  expect((await send({ authorization, file_offset: "0" }, "ab"))[0]).toBe(206);
  const state = await (await fetch(`${url}/v26.0/${id}`, { headers: { authorization } })).json();
  expect(state).toEqual({ id, file_offset: 2 });
  expect((await send({ authorization, file_offset: "2" }, "cd"))[1].h).toMatch(/^4:/);
});

/** Files of agents on their way out: checked by their own bytes, streamed, uploaded to WhatsApp once and used again. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { MediaView, MessageView } from "../../../src/events/view";
import { ManualClock, untilAdvancing } from "../../helpers/manual-clock";
import { hire } from "../../helpers/people";
import { ADMIN } from "../../helpers/server-process";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { createSandboxApp, pngOf, type SandboxApp } from "../channels/sandbox-app";

setDefaultTimeout(60_000);

type Body = NonNullable<NonNullable<Parameters<typeof fetch>[1]>["body"]>;

interface UploadAnswer {
  status: number;
  body: { data: MediaView; code?: string; error?: string };
}

async function upload(app: SandboxApp, bytes: Body, type: string, query = "", headers: Record<string, string> = {}) {
  const answer = await fetch(`${app.url}/api/v2/media${query}`, {
    method: "POST",
    body: bytes,
    headers: { authorization: `Bearer ${app.api.token}`, "content-type": type, ...headers },
  });
  return { status: answer.status, body: await answer.json() } as UploadAnswer;
}

const delivered = (app: SandboxApp, id: string): Promise<MessageView> =>
  until(async () => {
    const message = await app.api.data<MessageView>(`/messages/${id}`);
    return ["delivered", "read", "failed"].includes(message.delivery?.state ?? "") ? message : null;
  });

test("a picture is uploaded once, goes to WhatsApp once, and is sent twice", async () => {
  await using app = await createSandboxApp();
  await app.plays({ type: "text", text: "hola" });
  const { status, body } = await upload(app, await pngOf(64), "image/png");
  expect([status, body.data.type, body.data.state, body.data.mimeType]).toEqual([200, "image", "stored", "image/png"]);
  const ids: unknown[] = [];
  for (const caption of ["primera", "segunda"]) {
    const sent = await app.send({ type: "image", image: { mediaId: body.data.id, caption } });
    expect(sent.status).toBe(200);
    const message = await delivered(app, (sent.body.data as MessageView).id);
    expect(message).toMatchObject({ type: "image", content: caption, attachments: [{ url: `/api/v2/media/${body.data.id}` }] });
    const shown = (await app.thread()).at(-1);
    expect(shown?.content.type).toBe("image");
    ids.push(shown?.content.body.id);
  }
  expect(ids[0]).toMatch(/^\d+$/);
  expect(ids[1]).toBe(ids[0] as string);
});

test("repeating a key gives the first file; another file under the same key is refused", async () => {
  await using app = await createSandboxApp();
  const key = { "idempotency-key": "upload-key-1" };
  const first = await upload(app, await pngOf(10), "image/png", "", key);
  const second = await upload(app, await pngOf(10), "image/png", "", key);
  expect([second.status, second.body.data.id]).toEqual([200, first.body.data.id]);
  const other = await upload(app, await pngOf(20), "image/png", "", key);
  expect([other.status, other.body.code]).toEqual([422, "request.key-reused"]);
});

test("what WhatsApp would refuse is refused with the reason, and nothing is kept", async () => {
  await using app = await createSandboxApp();
  const png = await pngOf(10);
  const cases = [
    ["an empty file", new Uint8Array(0), "image/png", "", 422, "The file is empty."],
    ["a page called a picture", "<html>", "image/jpeg", "", 422, "its content is not image/jpeg"],
    ["a kind that does not fit", png, "image/png", "?type=sticker", 422, "WhatsApp takes no image/png as sticker"],
    ["a type nobody takes", "PK nothing", "application/x-thing", "", 422, "takes no files of type application/x-thing"],
    ["a picture above 5 MB", Buffer.concat([png, Buffer.alloc(6_000_000)]), "image/png", "?type=image", 422, "at most 5.0 MB"],
  ] as const;
  for (const [what, bytes, type, query, status, reason] of cases) {
    const answer = await upload(app, bytes as Body, type, query);
    expect([what, answer.status, answer.body.code]).toEqual([what, status, "media.refused"]);
    expect(answer.body.error).toContain(reason);
  }
  const announced = await upload(app, Buffer.alloc(102 * 1024 * 1024), "application/pdf");
  expect([announced.status, announced.body.code]).toEqual([413, "request.too-large"]);
});

test("a stream of unknown length is counted while it is read", async () => {
  await using app = await createSandboxApp();
  const chunk = Buffer.alloc(1024 * 1024, "a");
  async function* pieces(count: number) {
    for (let at = 0; at < count; at++) yield chunk;
  }
  const kept = await upload(app, pieces(6) as unknown as Body, "text/plain", "?filename=notas.txt");
  expect([kept.status, kept.body.data.type, kept.body.data.size, kept.body.data.filename]).toEqual([
    200,
    "document",
    6 * chunk.length,
    "notas.txt",
  ]);
});

test("large bodies are for files alone", async () => {
  await using app = await createSandboxApp();
  const answer = await app.api.post("/auth/sign-in", { email: "a@b.c", password: "x".repeat(5_000_000) });
  expect([answer.status, answer.body.code]).toEqual([413, "request.too-large"]);
});

test("a customer's file can be sent on, a file that is not there cannot", async () => {
  await using app = await createSandboxApp();
  await app.plays({ type: "image", data: Buffer.from(await pngOf(12)).toString("base64"), mimeType: "image/png" });
  const url = await until(async () => (await app.messages())[0]?.attachments[0]?.url);
  const sent = await app.send({ type: "image", image: { mediaId: url.split("/").at(-1) } });
  expect(sent.status).toBe(200);
  expect((await delivered(app, (sent.body.data as MessageView).id)).delivery?.error).toBeNull();
  const missing = await app.send({ type: "image", image: { mediaId: "000000000000000000000000" } });
  expect([missing.status, missing.body.code]).toEqual([404, "media.not-found"]);
});

/** A WebP file of this size as far as its head goes: moving or still. */
function webp(size: number, { moves }: { moves: boolean }): Uint8Array<ArrayBuffer> {
  const file = Buffer.alloc(size);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(size - 8, 4);
  file.write(moves ? "WEBPVP8X" : "WEBPVP8L", 8, "latin1");
  file[20] = moves ? 2 : 0;
  return new Uint8Array(file);
}

test("a sticker that does not move has 100 KB, one that moves 500 KB", async () => {
  await using app = await createSandboxApp();
  const kept = await upload(app, webp(400_000, { moves: true }), "image/webp");
  expect([kept.status, kept.body.data.type]).toEqual([200, "sticker"]);
  const refused = await upload(app, webp(110_000, { moves: false }), "image/webp");
  expect([refused.status, refused.body.error]).toEqual([422, "WhatsApp takes at most 100 KB as sticker; this file has 108 KB."]);
  await app.plays({ type: "text", text: "hola" });
  const sent = await app.send({ type: "sticker", sticker: { mediaId: kept.body.data.id } });
  expect((await delivered(app, (sent.body.data as MessageView).id)).delivery?.error).toBeNull();
});

test("only OGG can be a voice note; it arrives as one and is told as played", async () => {
  await using app = await createSandboxApp();
  await app.plays({ type: "text", text: "hola" });
  const ogg = await Bun.file(new URL("../../fixtures/media/half-second.ogg", import.meta.url)).bytes();
  const note = await upload(app, ogg, "audio/ogg");
  const sent = await app.send({ type: "audio", audio: { mediaId: note.body.data.id, voice: true } });
  const played = await until(async () => {
    const message = await app.api.data<MessageView>(`/messages/${(sent.body.data as MessageView).id}`);
    return message.delivery?.state === "played" ? message : null;
  });
  expect(played.payload).toEqual({ voice: true });
  expect((await app.thread()).at(-1)?.content.body).toMatchObject({ voice: true });
  const mp3 = await upload(app, Buffer.from("ID3 sound"), "audio/mpeg");
  const refused = await app.send({ type: "audio", audio: { mediaId: mp3.body.data.id, voice: true } });
  expect([refused.status, refused.body.code]).toEqual([422, "compose.limit"]);
  expect((refused.body as unknown as { details: { path: string }[] }).details[0]?.path).toBe("body.audio.voice");
});

test("an upload that is about to expire at WhatsApp is made again before it is used", async () => {
  const clock = new ManualClock();
  await using app = await createSandboxApp({ clock });
  const { body } = await upload(app, await pngOf(16), "image/png");
  const ids: unknown[] = [];
  for (const days of [0, 28, 2]) {
    for (let day = 0; day < days; day++) clock.advance(86_400_000);
    await app.api.signIn(ADMIN);
    await app.plays({ type: "text", text: "hola" });
    await until(async () => Date.parse((await app.conversation()).windowExpiresAt ?? "") > clock.now() + 3_600_000);
    const sent = await app.send({ type: "image", image: { mediaId: body.data.id, caption: `${days}` } });
    expect(sent.status).toBe(200);
    const shown = await untilAdvancing(clock, async () => (await app.thread()).find(({ content }) => content.text === `${days}`));
    ids.push(shown.content.body.id);
  }
  expect(ids[1]).toBe(ids[0] as string);
  expect(ids[2]).not.toBe(ids[0] as string);
});

test("a person uploads two gigabytes within a day and no more, also after a restart; a day later it goes on", async () => {
  const clock = new ManualClock();
  await using first = await createTestApp({ clock, env: { ASSISTANT: "off" } });
  const colleague = await hire(first, { email: "photographer@example.com", role: "agent" });
  const send = (app: TestApp, token: string) =>
    fetch(`${app.url}/api/v2/media`, {
      method: "POST",
      body: "%PDF-1.4\nan offer\n",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/pdf" },
    });
  expect((await send(first, colleague.api.token)).status).toBe(200);
  const rooms = await first.openStored();
  await rooms.models.media.updateOne({ author: colleague.id }, { $set: { size: 2 * 1024 ** 3 } });
  await rooms[Symbol.asyncDispose]();
  await using again = await createTestApp({ clock, dataDir: first.dataDir, env: { ASSISTANT: "off" } });
  const refused = await send(again, colleague.api.token);
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([429, "media.quota"]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(80_000);
  // Of others it is not asked.
  expect((await send(again, again.api.token)).status).toBe(200);
  clock.setWall(clock.now() + 86_400_000 + 1);
  expect((await send(again, colleague.api.token)).status).toBe(200);
});

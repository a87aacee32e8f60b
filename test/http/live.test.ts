/** The live connection: who may listen, that every event comes once and in order, and what happens to slow and lost clients. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { newId } from "../../src/core/id";
import { RESUME_LIMIT } from "../../src/events/log";
import type { ContactView, ConversationView } from "../../src/events/view";
import { ManualClock } from "../helpers/manual-clock";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { connectLive, type Frame, type LiveClient, signInLive } from "./live-client";
import { maskedText } from "./silent-socket";

setDefaultTimeout(40_000);

let app: TestApp;
beforeAll(async () => {
  // Without an assistant every message tells a known number of events.
  app = await createTestApp({ env: { ASSISTANT: "off" } });
});
afterAll(() => app[Symbol.asyncDispose]());

let count = 0;
/** Messages of customers: each tells at least one event. */
const write = (messages: number, { from = "51987650600", text = "hola" } = {}) =>
  app.receive(...Array.from({ length: messages }, () => ({ from, id: `wamid.live.${++count}`, text })));

const listen = (since?: number) => signInLive(app.url, app.api.token, since);
const seqs = (frames: readonly Frame[]) => frames.map(({ seq }) => Number(seq));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const wamids = (client: LiveClient) =>
  client
    .events()
    .flatMap(({ event, data }) => (event === "message:new" ? [(data as { message: { wamid: string } }).message.wamid] : []));

/** Where the numbering stands. */
async function newest(): Promise<number> {
  using client = await listen();
  return Number(client.frames[0]?.seq);
}

describe("who may listen", () => {
  test("signed in: learns the time, its id and where the numbering stands", async () => {
    using client = await listen();
    expect(client.frames[0]).toMatchObject({ type: "connected", config: { heartbeatMs: 25_000 } });
    expect(client.frames[0]?.clientId).toMatch(/^[0-9a-f]{24}$/);
    expect(Math.abs(Date.parse(String(client.frames[0]?.serverTime)) - Date.now())).toBeLessThan(5_000);
  });

  test.each([
    ["subscribe", { type: "subscribe", topics: ["inbox"] }],
    ["resume", { type: "resume", since: 0 }],
    ["typing", { type: "typing", conversationId: newId(), on: true }],
  ])("before signing in nothing is heard and %s is refused", async (_, frame) => {
    using client = await connectLive(app.url);
    using witness = await listen();
    await write(1, { text: "un secreto" });
    await until(() => witness.events().length > 0);
    client.send(frame);
    expect((await client.waitClosed()).code).toBe(1008);
    expect(client.frames.map(({ type, code }) => [type, code])).toEqual([["error", "auth.required"]]);
  });

  test.each(["nonsense", "a.b.c", ""])("a bad token (%j) is told and closed", async (token) => {
    using client = await connectLive(app.url);
    client.send({ type: "auth", token });
    expect((await client.waitClosed()).code).toBe(1008);
    expect(client.frames).toHaveLength(1);
    expect(client.frames[0]).toMatchObject({ type: "error", success: false, code: "auth.invalid-token" });
  });

  test("who does not say who they are within ten seconds is closed; a ping does not count", async () => {
    const clock = new ManualClock();
    await using quiet = await createTestApp({ clock });
    using silent = await connectLive(quiet.url);
    using known = await signInLive(quiet.url, quiet.api.token);
    await silent.settle();
    clock.advance(9_999);
    await silent.settle();
    expect(silent.closed()).toBeNull();
    clock.advance(1);
    expect((await silent.waitClosed()).code).toBe(1008);
    await known.settle();
    expect(known.closed()).toBeNull();
    await quiet.stop();
    expect((await known.waitClosed()).code).toBe(1001);
  });
});

describe("frames", () => {
  test.each([
    ["no JSON", "{nonsense", "request.malformed"],
    ["no object", "5", "request.invalid"],
    ["an unknown type", { type: "shutdown" }, "request.invalid"],
    ["an unknown field", { type: "ping", extra: 1 }, "request.invalid"],
    ["no topics", { type: "subscribe", topics: [] }, "request.invalid"],
    ["too many topics", { type: "subscribe", topics: Array.from({ length: 201 }, () => "inbox") }, "request.invalid"],
    ["a negative sequence", { type: "resume", since: -1 }, "request.invalid"],
    ["an unknown topic", { type: "subscribe", topics: ["inbox", "everything"] }, "live.unknown-topic"],
    ["the topic of another noun", { type: "subscribe", topics: ["agent:*"] }, "live.unknown-topic"],
    ["a conversation that is no id", { type: "subscribe", topics: ["conversation:*"] }, "live.unknown-topic"],
  ])("%s is answered and the connection stays", async (_, frame, code) => {
    using client = await listen();
    client.send(frame);
    expect(await client.waitFor("an error", ({ type }) => type === "error")).toMatchObject({ success: false, code });
    await client.settle();
    expect(client.closed()).toBeNull();
  });

  test("a frame larger than 64 KiB closes the connection", async () => {
    using client = await listen();
    client.send({ type: "subscribe", topics: ["x".repeat(70_000)] });
    await client.waitClosed();
  });
});

describe("events", () => {
  test("arrive once each, in order, without a gap, also when a conversation is asked for beside the inbox", async () => {
    const from = "51987650601";
    await write(1, { from });
    const [conversation] = await until(async () => {
      const all = await app.api.data<ConversationView[]>("/conversations");
      const mine = all.filter(({ contact }) => contact.phone === `+${from}`);
      return mine.length > 0 ? mine : null;
    });
    using client = await listen();
    client.send({ type: "subscribe", topics: [`conversation:${conversation?.id}`, "inbox"] });
    await client.settle();
    const start = Number(client.frames[0]?.seq);
    const first = count + 1;
    await Promise.all(range(1, 40).map(() => write(1, { from })));
    await until(() => wamids(client).length >= 40);
    await client.settle();
    expect(seqs(client.events())).toEqual(range(start + 1, start + client.events().length));
    expect(wamids(client).sort()).toEqual(
      range(first, count)
        .map((index) => `wamid.live.${index}`)
        .sort(),
    );
  });

  test("only what was asked for is heard", async () => {
    const conversations = await app.api.data<ConversationView[]>("/conversations");
    const [mine, other] = conversations;
    if (!mine || !other) throw new Error("two conversations are needed");
    using client = await listen();
    using witness = await listen();
    client.send({ type: "unsubscribe", topics: ["inbox"] });
    client.send({ type: "subscribe", topics: [`conversation:${mine.id}`] });
    await client.settle();
    const updates = (one: LiveClient) => one.events().filter(({ event }) => event === "conversation:updated");
    await app.api.patch(`/conversations/${other.id}`, { priority: "high" });
    await app.api.patch(`/conversations/${mine.id}`, { priority: "high" });
    await until(() => updates(witness).length === 2);
    await client.settle();
    expect(updates(client)).toHaveLength(1);
    expect(client.events().every(({ topic }) => topic === `conversation:${mine.id}`)).toBe(true);
    client.send({ type: "unsubscribe", topics: [`conversation:${mine.id}`] });
    await client.settle();
    const before = client.events().length;
    await app.api.patch(`/conversations/${mine.id}`, { priority: "urgent" });
    await until(() => updates(witness).length === 3);
    await client.settle();
    expect(client.events()).toHaveLength(before);
  });

  test("passing events are heard but not numbered: agents see each other type", async () => {
    using writer = await listen();
    using reader = await listen();
    const [{ id: conversation } = { id: "" }] = await app.api.data<ConversationView[]>("/conversations");
    writer.send({ type: "typing", conversationId: conversation, on: true });
    const frame = await reader.waitFor("typing", ({ event }) => event === "typing:indicator");
    expect(frame).toMatchObject({ seq: null, data: { conversation, by: "agent", on: true } });
    expect(reader.events()).toEqual([]);
  });
});

describe("resuming", () => {
  test("after drops under load nothing is missing and nothing comes twice", async () => {
    const start = await newest();
    let last = start;
    const heard: number[] = [];
    let isWriting = true;
    const writing = (async () => {
      while (isWriting) await Promise.all(range(0, 3).map((one) => write(1, { from: `5198765061${one}` })));
    })();
    for (let round = 0; round < 8; round++) {
      const client = await listen(last);
      await until(() => client.events().length >= 12, { every: 3 });
      client.drop();
      heard.push(...seqs(client.events()));
      last = heard.at(-1) ?? last;
    }
    isWriting = false;
    await writing;
    using witness = await listen(start);
    using client = await listen(last);
    await until(() => witness.events().length > 0 && seqs(witness.events()).at(-1) === (seqs(client.events()).at(-1) ?? last));
    await client.settle();
    heard.push(...seqs(client.events()));
    expect(heard).toEqual(range(start + 1, heard.at(-1) ?? 0));
  });

  test("within an open connection repeats what came after, then goes on", async () => {
    using witness = await listen();
    const start = Number(witness.frames[0]?.seq);
    await write(3);
    await until(() => wamids(witness).length === 3);
    await witness.settle();
    using client = await listen();
    client.send({ type: "resume", since: start });
    await until(() => wamids(client).length === 3);
    expect(seqs(client.events())).toEqual(seqs(witness.events()));
    await write(1);
    await until(() => wamids(client).length === 4);
    await client.settle();
    expect(seqs(client.events())).toEqual(range(start + 1, start + client.events().length));
  });

  test("with nothing missed: silence, then the live events", async () => {
    using client = await listen(await newest());
    await client.settle();
    expect(client.events()).toEqual([]);
    await write(1);
    await until(() => wamids(client).length === 1);
  });

  test("from a number this server has never given (its data were restored): told to load the page anew", async () => {
    const seq = await newest();
    using client = await listen(seq + 500);
    expect(await client.waitFor("resync", ({ type }) => type === "resync")).toMatchObject({ seq, code: "live.too-old" });
    await write(1);
    await until(() => wamids(client).length === 1);
  });

  test("twice at once: what comes live is heard once", async () => {
    const start = await newest();
    await write(5);
    using client = await listen();
    client.send({ type: "resume", since: start });
    client.send({ type: "resume", since: start });
    await write(1);
    await until(() => wamids(client).includes(`wamid.live.${count}`));
    await client.settle();
    expect(wamids(client).filter((wamid) => wamid === `wamid.live.${count}`)).toHaveLength(1);
  });

  test("away for more events than are worth repeating: told to load the page anew, and the live events go on", async () => {
    const start = await newest();
    let sent = 0;
    for (; sent <= RESUME_LIMIT; sent += 1_800) await write(1_800, { from: "51987650620" });
    const [contact] = await until(async () => {
      const found = await app.api.data<ContactView[]>("/contacts?identity=51987650620");
      return found.length > 0 ? found : null;
    });
    const isStored = async () =>
      (await app.api.data<ConversationView[]>(`/conversations?contact=${contact?.id}`))[0]?.inboundSeq === sent;
    await until(isStored, { within: 20_000, every: 100 });
    expect(await newest()).toBeGreaterThan(start + RESUME_LIMIT);
    using client = await listen(start);
    await client.waitFor("resync", ({ type }) => type === "resync");
    expect(client.events()).toEqual([]);
    await write(1);
    await until(() => wamids(client).length > 0);
  });
});

test("a client that does not read is closed, others miss nothing, and it can resume", async () => {
  using attentive = await listen();
  const start = Number(attentive.frames[0]?.seq);
  let isClosed = false;
  let isPaused = false;
  const slow = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(app.url).port),
    socket: {
      open(socket) {
        socket.write(
          "GET /api/v2/live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        );
      },
      data(socket, data) {
        if (data.includes("101 Switching")) socket.write(maskedText(JSON.stringify({ type: "auth", token: app.api.token })));
        if (!data.includes("connected")) return;
        // From now on the kernel's buffers fill up, then the server's.
        socket.pause();
        isPaused = true;
      },
      close: () => {
        isClosed = true;
      },
      error: () => {
        isClosed = true;
      },
    },
  });
  await until(() => isPaused, { what: "the slow client's sign-in" });
  const text = "x".repeat(2_500);
  const before = count;
  for (let round = 0; round < 8; round++) await write(800, { from: `5198765063${round}`, text });
  await until(() => wamids(attentive).length === count - before, { within: 30_000, every: 50 });
  expect(seqs(attentive.events())).toEqual(range(start + 1, start + attentive.events().length));
  slow.resume();
  await until(() => isClosed, { what: "the closed slow client" });
  using back = await listen(start + attentive.events().length - 3);
  await until(() => back.events().length === 3);
});

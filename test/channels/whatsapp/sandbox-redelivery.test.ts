/** What our door does not take comes again, less and less often, for days: as with Meta, also when nobody listens at all. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { startSandboxGraph } from "../../../src/channels/whatsapp/sandbox/sandbox-graph";
import { silentLog } from "../../../src/core/log";
import { ManualClock, untilAdvancing } from "../../helpers/manual-clock";
import { credentials, until } from "./sandbox-world";

setDefaultTimeout(60_000);

interface Update {
  messages?: { id: string }[];
  statuses?: { id: string; status: string }[];
}

/** A door that can refuse and can be closed; it keeps its port. */
function openDoor(clock: ManualClock) {
  const door = { status: 200, calls: [] as { at: number; names: string[] }[], taken: [] as string[] };
  const listen = (port: number) =>
    Bun.serve({
      hostname: "127.0.0.1",
      port,
      fetch: async (request) => {
        const body = (await request.json()) as { entry: { changes: { value: Update }[] }[] };
        const values = body.entry.flatMap(({ changes }) => changes.map(({ value }) => value));
        const names = values.flatMap(({ messages = [], statuses = [] }) => [
          ...messages.map(() => "message"),
          ...statuses.map(({ status }) => status),
        ]);
        door.calls.push({ at: clock.monotonic(), names });
        if (door.status === 200) door.taken.push(...names);
        return new Response(null, { status: door.status });
      },
    });
  let server = listen(0);
  const { port } = server;
  return Object.assign(door, {
    url: `http://127.0.0.1:${port}/`,
    close: () => server.stop(true),
    reopen: () => {
      server = listen(port ?? 0);
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  });
}

async function openSandbox(clock: ManualClock, url: string) {
  const sandbox = await startSandboxGraph({
    channel: credentials,
    webhookUrl: () => url,
    statePath: ":memory:",
    log: silentLog,
    clock,
  });
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => sandbox.stop() });
}

test.each([500, 503, 404, 302, 204])("an answer of %i is no 200: it comes again with growing pauses", async (status) => {
  const clock = new ManualClock();
  await using door = openDoor(clock);
  await using sandbox = await openSandbox(clock, door.url);
  door.status = status;
  void sandbox.phones.send(sandbox.phones.list()[0]!.id, { type: "text", text: "¿hay alguien?" });
  await untilAdvancing(clock, () => door.calls.length >= 6, { step: 50, limit: 60_000, what: "six tries" });
  const pauses = door.calls.slice(1).map(({ at }, index) => at - (door.calls[index]?.at ?? 0));
  for (const [index, least] of [100, 500, 1_000, 2_000, 4_000].entries()) expect(pauses[index]).toBeGreaterThanOrEqual(least);
  door.status = 200;
  await untilAdvancing(clock, () => door.taken.length > 0, { step: 500, limit: 120_000, what: "the message" });
  clock.advance(600_000);
  await Bun.sleep(20);
  expect(door.taken).toEqual(["message"]);
});

test("while nobody listens nothing is lost: message and statuses come once the door is open again, each once", async () => {
  const clock = new ManualClock();
  await using door = openDoor(clock);
  await using sandbox = await openSandbox(clock, door.url);
  const rosa = sandbox.phones.list()[0]!;
  await sandbox.phones.send(rosa.id, { type: "text", text: "hola" });
  await door.close();
  void sandbox.phones.send(rosa.id, { type: "text", text: "¿y ahora?" });
  const answer = await fetch(`${sandbox.url}/v26.0/${credentials.phoneNumberId}/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${credentials.accessToken}`, "content-type": "application/json" },
    body: JSON.stringify({ messaging_product: "whatsapp", to: `+${rosa.waId}`, type: "text", text: { body: "sí" } }),
  });
  expect(answer.status).toBe(200);
  for (let passed = 0; passed < 10 * 60_000; passed += 5_000) {
    clock.advance(5_000);
    await Bun.sleep(1);
  }
  expect(door.taken).toEqual(["message"]);
  door.reopen();
  await untilAdvancing(clock, () => door.taken.length >= 5, { step: 1_000, limit: 300_000, what: "everything" });
  await until(() => door.taken.length === 5);
  expect(door.taken.slice(1).sort()).toEqual(["delivered", "message", "read", "sent"]);
});

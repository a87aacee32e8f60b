/** The sandbox's Graph API refuses what Meta refuses, in Meta's shape; our client reads it as what it is. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { composeText } from "../../../src/channels/whatsapp/compose";
import { createGraph } from "../../../src/channels/whatsapp/graph";
import { systemClock } from "../../../src/core/clock";
import { silentLog } from "../../../src/core/log";
import { credentials, openWorld, until, type World } from "./sandbox-world";

let world: World;
let rosa: { id: string; waId: string; userId: string };
beforeAll(async () => {
  world = await openWorld();
  const phone = world.sandbox.phones.list()[0]!;
  rosa = { id: phone.id, waId: phone.waId!, userId: phone.userId };
  await world.sandbox.phones.send(phone.id, { type: "text", text: "hola" });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface Answer {
  error: { code: number; message: string; fbtrace_id: string };
  [key: string]: unknown;
}

const call = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${world.sandbox.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${credentials.accessToken}`, "content-type": "application/json", ...init.headers },
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
};
const post = (body: unknown, headers: Record<string, string> = {}) =>
  call(`/v26.0/${credentials.phoneNumberId}/messages`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers,
  });
const message = (type: string, content: unknown, extra: object = {}) => ({
  messaging_product: "whatsapp",
  to: `+${rosa.waId}`,
  type,
  [type]: content,
  ...extra,
});
const interactive = (type: string, action: object, extra: object = {}) =>
  message("interactive", { type, body: { text: "¿?" }, action, ...extra });
const x = (length: number) => "x".repeat(length);
const reply = (id: string, title: string) => ({ type: "reply", reply: { id, title } });
const row = (id: string) => ({ id, title: id });

const refused: [string, () => unknown, number][] = [
  ["no product", () => ({ to: rosa.waId, text: { body: "a" } }), 100],
  ["no recipient", () => ({ messaging_product: "whatsapp", type: "text", text: { body: "a" } }), 100],
  ["a recipient that is no number", () => ({ ...message("text", { body: "a" }), to: "rosa" }), 131009],
  ["a user id without country", () => ({ ...message("text", { body: "a" }), to: undefined, recipient: "1234" }), 131009],
  ["an unknown user id", () => ({ ...message("text", { body: "a" }), to: undefined, recipient: "PE.1" }), 131026],
  ["an unknown type", () => message("hologram", {}), 100],
  ["a key that does not belong", () => ({ ...message("text", { body: "a" }), colour: "red" }), 100],
  ["no object for the type", () => ({ ...message("text", undefined) }), 131008],
  ["empty text", () => message("text", { body: "" }), 131008],
  ["text of 4097", () => message("text", { body: x(4097) }), 131009],
  ["callback data of 513", () => message("text", { body: "a" }, { biz_opaque_callback_data: x(513) }), 131009],
  ["the business's own number", () => ({ ...message("text", { body: "a" }), to: `+${credentials.displayNumber}` }), 131021],
  ["image with both sources", () => message("image", { id: "1", link: "https://a.example" }), 131009],
  ["image without source", () => message("image", { caption: "a" }), 131008],
  ["media that is not there", () => message("image", { id: "123456" }), 131009],
  ["caption of 1025", () => message("image", { link: "https://a.example", caption: x(1025) }), 131009],
  ["caption on audio", () => message("audio", { link: "https://a.example", caption: "a" }), 131009],
  ["latitude of 91", () => message("location", { latitude: 91, longitude: 0 }), 131009],
  ["a contact with one name part", () => message("contacts", [{ name: { formatted_name: "A" } }]), 131008],
  ["a reaction that is no emoji", () => message("reaction", { message_id: "w", emoji: "ok" }), 131009],
  ["4 buttons", () => interactive("button", { buttons: [1, 2, 3, 4].map((n) => reply(`${n}`, `${n}`)) }), 131009],
  ["button title of 21", () => interactive("button", { buttons: [reply("1", x(21))] }), 131009],
  ["same button id", () => interactive("button", { buttons: [reply("1", "a"), reply("1", "b")] }), 131009],
  [
    "11 rows",
    () => interactive("list", { button: "a", sections: [{ rows: Array.from({ length: 11 }, (_, n) => row(`r${n}`)) }] }),
    131009,
  ],
  [
    "list with image header",
    () =>
      interactive("list", { button: "a", sections: [{ rows: [row("a")] }] }, { header: { type: "image", image: { id: "1" } } }),
    131009,
  ],
  ["footer of 61", () => interactive("button", { buttons: [reply("1", "a")] }, { footer: { text: x(61) } }), 131009],
  ["link button without address", () => interactive("cta_url", { name: "cta_url", parameters: { display_text: "a" } }), 131009],
  [
    "flow of another version",
    () => interactive("flow", { name: "flow", parameters: { flow_message_version: "2", flow_id: "1", flow_cta: "a" } }),
    131009,
  ],
  [
    "product list without header",
    () => interactive("product_list", { catalog_id: "1", sections: [{ product_items: [{ product_retailer_id: "a" }] }] }),
    131008,
  ],
  ["carousel of one card", () => interactive("carousel", { cards: [{ card_index: 0 }] }), 131009],
  ["an interactive type of the future", () => interactive("tarot", {}), 131009],
  ["a template that is not there", () => message("template", { name: "nope", language: { code: "es" } }), 132001],
  ["a template in another language", () => message("template", { name: "saludo_inicial", language: { code: "pt_BR" } }), 132001],
  ["a template without its values", () => message("template", { name: "saludo_inicial", language: { code: "es" } }), 132000],
  [
    "a template with wrong names",
    () =>
      message("template", {
        name: "order_shipped",
        language: { code: "en_US" },
        components: [
          {
            type: "body",
            parameters: [
              { type: "text", parameter_name: "first_name", text: "a" },
              { type: "text", parameter_name: "wrong", text: "b" },
            ],
          },
        ],
      }),
    132012,
  ],
  [
    "a line break in a template value",
    () =>
      message("template", {
        name: "saludo_inicial",
        language: { code: "es" },
        components: [{ type: "body", parameters: [{ type: "text", text: "a\nb" }] }],
      }),
    132018,
  ],
];

test.each(refused)("refused: %s", async (_, body, code) => {
  const before = world.sandbox.phones.thread(rosa.id).length;
  const { status, headers, body: answer } = await post(body());
  expect(answer.error.code).toBe(code);
  expect(answer.error.message).toContain(`(#${code})`);
  expect(status).toBe(code === 132001 ? 404 : 400);
  expect(answer.error.fbtrace_id).not.toBe("");
  expect(headers.get("x-fb-trace-id")).toBe(answer.error.fbtrace_id);
  expect(world.sandbox.phones.thread(rosa.id)).toHaveLength(before);
});

test.each([
  ["malformed", "{nonsense"],
  ["a list", "[]"],
  ["nothing at all", ""],
])("a body that is %s: 400 with code 100", async (_, body) => {
  const { status, body: answer } = await post(body);
  expect(status).toBe(400);
  expect(answer.error.code).toBe(100);
});

describe("tokens and paths", () => {
  test.each([
    ["none", { authorization: "" }],
    ["a wrong one", { authorization: "Bearer wrong" }],
  ])("token: %s gives 401 and code 190", async (_, headers) => {
    const { status, body } = await post(message("text", { body: "a" }), headers);
    expect(status).toBe(401);
    expect(body.error).toMatchObject({ code: 190, type: "OAuthException" });
  });

  test("an expired token stops every call and is a problem of the channel", async () => {
    world.sandbox.chaos.set({ tokenExpired: true });
    const outcome = await world.graph.send(composeText({ to: { waId: rosa.waId }, text: "a" }));
    world.sandbox.chaos.reset();
    expect(outcome).toMatchObject({
      kind: "rejected",
      error: { code: 190, subcode: 463, status: 401, retry: "never", channelProblem: true },
    });
  });

  test.each([
    ["an unknown object", "/v26.0/999/messages"],
    ["an unknown edge", `/v26.0/${credentials.phoneNumberId}/nonsense`],
    ["no object", "/v26.0/"],
    ["a deep path", `/v26.0/${credentials.phoneNumberId}/messages/deep`],
  ])("%s: 400, code 100, subcode 33", async (_, path) => {
    const { status, body } = await call(path, { method: "POST", body: "{}" });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 100, error_subcode: 33 });
  });

  test("any version of the API answers alike", async () => {
    for (const version of ["v23.0", "v27.0", "v100.0"]) {
      expect((await call(`/${version}/${credentials.phoneNumberId}`)).body).toMatchObject({ id: credentials.phoneNumberId });
    }
  });
});

describe("read receipts", () => {
  const read = (body: object) => post({ messaging_product: "whatsapp", status: "read", ...body });
  test("an unknown message id is refused, and markRead of the client does not throw", async () => {
    expect((await read({ message_id: "wamid.nope" })).body.error.code).toBe(131009);
    await world.graph.markRead("wamid.nope", { typing: true });
  });
  test("an own message cannot be marked", async () => {
    const outcome = await world.graph.send(composeText({ to: { waId: rosa.waId }, text: "a" }));
    const own = outcome.kind === "accepted" ? outcome.wamid : "";
    expect((await read({ message_id: own })).body.error.code).toBe(131009);
  });
  test("marks earlier messages too", async () => {
    const first = await world.sandbox.phones.send(rosa.id, { type: "text", text: "uno" });
    const second = await world.sandbox.phones.send(rosa.id, { type: "text", text: "dos" });
    expect((await read({ message_id: second.wamid })).body.success).toBe(true);
    const ticks = world.sandbox.phones.thread(rosa.id).filter((item) => [first.wamid, second.wamid].includes(item.id));
    expect(ticks.map((item) => item.ticks)).toEqual(["read", "read"]);
  });
});

describe("a message that was accepted", () => {
  test("can still fail by status", async () => {
    world.sandbox.chaos.set({ failedStatusCode: 131026 });
    const outcome = await world.graph.send(composeText({ to: { waId: rosa.waId }, text: "a", callbackData: "our-9" }));
    world.sandbox.chaos.reset();
    const wamid = outcome.kind === "accepted" ? outcome.wamid : "";
    await until(() => world.statuses(wamid).length > 0);
    expect(world.statuses(wamid)).toEqual(["failed"]);
    const failed = world.door.events.find((event) => event.kind === "status" && event.wamid === wamid);
    expect(failed).toMatchObject({ callbackData: "our-9", errors: [{ code: 131026 }] });
    expect(failed).not.toMatchObject({ recipient: { profileName: expect.any(String) } });
  });
});

describe("answers that do not come", () => {
  const send = (timeoutMs?: number) =>
    createGraph({
      baseUrl: world.sandbox.url,
      version: "v26.0",
      phoneNumberId: credentials.phoneNumberId,
      accessToken: () => credentials.accessToken,
      log: silentLog,
      clock: systemClock,
      ...(timeoutMs ? { timeoutMs } : {}),
    }).send(composeText({ to: { waId: rosa.waId }, text: "¿llega?" }));
  const shown = () => world.sandbox.phones.thread(rosa.id).length;

  test.each([
    ["429", { kind: "rejected", error: { code: 4, retry: "minutes", retryAfterMs: 2_000 } }, 0],
    ["500", { kind: "rejected", error: { code: 131000, retry: "backoff", duplicateRisk: true } }, 0],
    ["503", { kind: "rejected", error: { code: 131016, retry: "backoff" } }, 0],
    ["html", { kind: "unknown", cause: "HTTP 502 without a Graph error" }, 0],
    ["timeout", { kind: "unknown", cause: "no answer within 80 ms" }, 0],
    ["timeout-after-accept", { kind: "unknown", cause: "no answer within 80 ms" }, 1],
    ["reset-after-accept", { kind: "unknown" }, 1],
  ] as const)("%s", async (fault, expected, messages) => {
    world.sandbox.chaos.set({ fault });
    const before = shown();
    const outcome = await send(fault.startsWith("timeout") ? 80 : undefined);
    world.sandbox.chaos.reset();
    expect(outcome).toMatchObject(expected);
    expect(shown() - before).toBe(messages);
  });

  const plain = (baseUrl: string) =>
    createGraph({
      baseUrl,
      version: "v26.0",
      phoneNumberId: "1",
      accessToken: () => "t",
      log: silentLog,
      clock: systemClock,
      timeoutMs: 2_000,
    });

  test("a refused connection sent nothing: rejected, may be repeated without risk", async () => {
    const closed = Bun.serve({ port: 0, fetch: () => new Response() });
    const url = `http://127.0.0.1:${closed.port}`;
    await closed.stop(true);
    expect(await plain(url).send("{}")).toMatchObject({
      kind: "rejected",
      error: { code: -1, retry: "backoff", duplicateRisk: false, status: 0 },
    });
  });

  test("a connection that breaks after the request is unknown, and the request is not repeated behind our back", async () => {
    let requests = 0;
    const server = createServer((socket) => {
      socket.on("data", () => {
        requests++;
        if (requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 32\r\n\r\n{"messages":[{"id":"wamid.ONE"}]}');
        else socket.destroy();
      });
      socket.on("error", () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const graph = plain(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    const body = JSON.stringify({ a: 1 });
    await graph.send(body);
    const seen = requests;
    expect(await graph.send(body)).toMatchObject({ kind: "unknown" });
    expect(requests).toBe(seen + 1);
    server.close();
  });

  test.each([
    ["200 without an id", 200, "{}", { kind: "unknown" }],
    ["200 that is no JSON", 200, "<html>", { kind: "unknown" }],
    ["a redirect", 302, "", { kind: "rejected" }],
    ["404 that is no JSON", 404, "<html>", { kind: "rejected", error: { code: 404, retry: "never" } }],
    ["503 that is no JSON", 503, "upstream", { kind: "unknown" }],
    ["500 with another JSON", 500, '{"message":"x"}', { kind: "unknown" }],
  ])("%s", async (_, status, text, expected) => {
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response(text, { status, headers: { location: "/x" } }),
    });
    expect(await plain(`http://127.0.0.1:${server.port}`).send("{}")).toMatchObject(expected);
    await server.stop(true);
  });
});

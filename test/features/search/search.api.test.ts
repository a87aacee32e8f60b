import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ApiClient, statusWebhook } from "../../helpers/api-client";
import { runCommand, startServer } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { createTestApp, NUMBER, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

interface Hit {
  kind: string;
  id: string;
  conversation: string | null;
  contact: { id: string; name: string };
  text: string;
  highlights: { start: number; end: number }[];
}

const search = (api: ApiClient, query: string) => api.data<Hit[]>(`/search?${query}`);
const q = (words: string, more = "") => `q=${encodeURIComponent(words)}${more}`;
const found = (api: ApiClient, words: string, more = "") =>
  until(async () => {
    const hits = await search(api, q(words, more));
    return hits.length > 0 ? hits : null;
  });
const gone = (api: ApiClient, words: string) =>
  until(async () => (await search(api, q(words, "&direction=inbound"))).length === 0);

const revised = (kind: object, from: string, id: string) => ({
  object: "whatsapp_business_account",
  entry: [
    {
      id: "330011223344556",
      changes: [
        {
          field: "messages",
          value: {
            messaging_product: "whatsapp",
            metadata: { display_phone_number: "5115550177", phone_number_id: NUMBER },
            contacts: [{ profile: { name: "Lucía Quispe" }, wa_id: from }],
            messages: [{ from, id, timestamp: String(Math.floor(Date.now() / 1000)), ...kind }],
          },
        },
      ],
    },
  ],
});

describe("search on the running server", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
    await app.receive({ from: "51900000001", id: "wamid.1", text: "Busco una lámpara colgante", name: "Lucía Quispe" });
    await app.receive({ from: "5215512345678", id: "wamid.2", text: "¿Tienen espejos?", name: "Íñigo" });
  });
  afterAll(() => app[Symbol.asyncDispose]());

  test("a message is found by the beginnings of its words, with where they stand", async () => {
    const [hit] = await found(app.api, "lampara colg", "&kind=message");
    expect(hit).toMatchObject({ kind: "message", contact: { name: "Lucía Quispe" }, text: "Busco una lámpara colgante" });
    expect(hit!.highlights.map(({ start, end }) => hit!.text.slice(start, end))).toEqual(["lámpara", "colg"]);
  });

  test("a contact is found by name and by any part of the number", async () => {
    expect(await found(app.api, "inigo")).toMatchObject([{ kind: "contact" }]);
    expect(await found(app.api, "55 1234")).toMatchObject([{ kind: "contact", contact: { name: "Íñigo" } }]);
    expect(await found(app.api, "+52 55 1234 5678")).toMatchObject([{ kind: "contact" }]);
  });

  test("an edit is followed, and what the customer withdraws is not found any more", async () => {
    await app.receive({ from: "51900000001", id: "wamid.3", text: "mejor una alfombra", name: "Lucía Quispe" });
    await found(app.api, "alfombra", "&direction=inbound");
    const edit = {
      type: "edit",
      edit: { original_message_id: "wamid.3", message: { type: "text", text: { body: "mejor un cojín" } } },
    };
    expect(await app.post(revised(edit, "51900000001", "wamid.3e"))).toBe(200);
    await found(app.api, "cojin", "&direction=inbound");
    expect(await search(app.api, q("alfombra", "&direction=inbound"))).toEqual([]);
    const revoke = { type: "revoke", revoke: { original_message_id: "wamid.3" } };
    expect(await app.post(revised(revoke, "51900000001", "wamid.3r"))).toBe(200);
    await gone(app.api, "cojin");
  });

  test("a merged contact is found no more, its messages under the other one, and all of it again after undoing", async () => {
    await app.receive({ from: "51900000007", id: "wamid.7", text: "quiero un reloj", name: "Gemela" });
    const [twin] = await found(app.api, "gemela", "&kind=contact");
    const [lucia] = await found(app.api, "lucia quispe", "&kind=contact");
    const { body } = await app.api.post<{ id: string }>(`/contacts/${lucia!.id}/merge`, { contact: twin!.id });
    await until(async () => (await search(app.api, q("gemela", "&kind=contact"))).length === 0);
    expect(await found(app.api, "reloj", `&contact=${lucia!.id}&direction=inbound`)).toMatchObject([
      { contact: { id: lucia!.id } },
    ]);
    await app.api.post(`/contact-merges/${body.data.id}/undo`);
    await found(app.api, "gemela", "&kind=contact");
    await found(app.api, "reloj", `&contact=${twin!.id}&kind=message`);
  });

  test("what the business answers is found too, and can be told apart", async () => {
    const [hit] = await found(app.api, "lampara", "&kind=message&direction=inbound");
    const { status } = await app.api.post(`/conversations/${hit!.conversation}/messages`, { text: "La lámpara cuesta 30" });
    expect(status).toBe(200);
    expect(await found(app.api, "cuesta", "&direction=outbound")).toHaveLength(1);
    expect(await search(app.api, q("cuesta", "&direction=inbound"))).toEqual([]);
  });

  test.each([
    ["q=", 422],
    ["", 422],
    [`q=${"x".repeat(1_001)}`, 422],
    ["q=a&kind=table", 422],
    ["q=a&conversation=x", 422],
    ["q=a&from=yesterday", 422],
    ["q=a&limit=1000", 422],
    ["q=a&cursor=%00%01", 400],
    ["q=a&nonsense=1", 422],
    [q('" OR * NEAR( ) AND : ^ - {} \\ \0'), 200],
    ["q=%ED%A0%BD%20alone", 200],
    [q("🙂".repeat(200)), 200],
    [q("*****"), 200],
    ["q=%FF%FE", 200],
  ])("%p answers %p", async (query, status) => {
    const response = await app.api.get(`/search?${query}`);
    expect(response.status).toBe(status);
    expect(response.body.success).toBe(status === 200);
  });

  test("only who may read conversations may search", async () => {
    const response = await fetch(`${app.url}/api/v2/search?q=lampara`);
    expect(response.status).toBe(401);
  });

  test("statuses of messages are no reason to write the index, and its position moves on nevertheless", async () => {
    await app.post(statusWebhook(NUMBER, "delivered", { wamid: "wamid.1", to: "51900000001" }));
    const caughtUp = await until(async () => {
      const status = await app.api.data<{ position: number; newest: number }>("/search/status");
      return status.position === status.newest ? status : null;
    });
    expect(caughtUp.newest).toBeGreaterThan(0);
  });
});

describe("the index survives", () => {
  test("kill -9 loses nothing, and a rebuild finds the same, running and stopped", async () => {
    using dir = tempDir();
    const env = { LOG_LEVEL: "error" };
    let server = await startServer({ dataDir: dir.path, env });
    const simulate = (text: string) => runCommand(["simulate", text], { DATA_DIR: dir.path });
    const signIn = async () => {
      const { ApiClient } = await import("../../helpers/api-client");
      return new ApiClient(server.url).signIn(server.admin);
    };
    expect((await simulate("busco una hamaca verde")).code).toBe(0);
    await server.kill();
    server = await startServer({ dataDir: dir.path, env });
    try {
      await found(await signIn(), "hamaca");
      const running = await runCommand(["search", "rebuild"], { DATA_DIR: dir.path });
      expect(running).toMatchObject({ code: 0, said: expect.stringContaining("The search index was built from") });
      await found(await signIn(), "hamaca", "&kind=message");
      expect((await simulate("y una mecedora")).code).toBe(0);
      await found(await signIn(), "mecedora");
      await server.stop();
      const stopped = await runCommand(["search", "rebuild"], { DATA_DIR: dir.path });
      expect(stopped).toMatchObject({ code: 0, said: expect.stringContaining("100 %") });
      server = await startServer({ dataDir: dir.path, env });
      await found(await signIn(), "mecedora", "&kind=message");
    } finally {
      await server.stop();
    }
  }, 60_000);
});

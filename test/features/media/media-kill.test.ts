/** kill -9 in the middle of a download, against a real process: after the start the file comes whole, once, and nothing is left over. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ConversationView, MessageView } from "../../../src/events/view";
import { startJourney } from "../../flow/journey";
import { NUMBER } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

const BY_ID = "900800700601";
const file = crypto.getRandomValues(new Uint8Array(300_000));
file.set(Buffer.from("%PDF-1.7"));

/** WhatsApp's media host: the first `cut` downloads stop in the middle and hang. */
function startMediaHost(cut: number) {
  let downloads = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: (request) => {
      const { pathname, origin } = new URL(request.url);
      if (pathname.endsWith(`/${BY_ID}`))
        return Response.json({ url: `${origin}/file`, mime_type: "application/pdf", file_size: String(file.length), id: BY_ID });
      if (pathname !== "/file") return Response.json({ data: [] });
      if (++downloads > cut) return new Response(file);
      return new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(file.subarray(0, 100_000)),
          pull: () => new Promise(() => {}),
        }),
        { headers: { "content-length": String(file.length) } },
      );
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, downloads: () => downloads, stop: () => server.stop(true) };
}

const webhookOf = (document: object) => ({
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
            contacts: [{ profile: { name: "Rosa" }, wa_id: "51987000333" }],
            messages: [
              {
                from: "51987000333",
                id: "wamid.document.1",
                timestamp: String(Math.floor(Date.now() / 1000)),
                type: "document",
                document: { filename: "pedido.pdf", mime_type: "application/pdf", sha256: "eA==", ...document },
              },
            ],
          },
        },
      ],
    },
  ],
});

test.each([
  ["by its id", () => ({ id: BY_ID })],
  ["by its address alone, when WhatsApp gave no id", (host: string) => ({ url: `${host}/file` })],
])("a document known %s", async (_, documentOf) => {
  const host = startMediaHost(1);
  await using journey = await startJourney({ WHATSAPP_GRAPH_URL: host.url, ASSISTANT: "off" });
  const attachment = async () => {
    const [conversation] = await journey.api.data<ConversationView[]>("/conversations");
    const [message] = conversation ? await journey.api.data<MessageView[]>(`/conversations/${conversation.id}/messages`) : [];
    return message?.attachments[0];
  };
  const folder = join(journey.server.dataDir, "media");
  expect(await journey.post(webhookOf(documentOf(host.url)))).toBe(200);
  await until(async () => {
    const [partial] = await readdir(join(folder, "partial"));
    return partial ? Bun.file(join(folder, "partial", partial)).size > 0 : false;
  });
  expect(await attachment()).toMatchObject({ url: null, filename: "pedido.pdf" });
  await journey.killAndRestart();
  const shown = await until(async () => {
    const one = await attachment();
    return one?.url ? one : null;
  });
  const answer = await fetch(journey.server.url + shown.url, { headers: { authorization: `Bearer ${journey.api.token}` } });
  expect(answer.headers.get("content-type")).toBe("application/pdf");
  expect(Buffer.from(await answer.bytes()).equals(Buffer.from(file))).toBe(true);
  expect(host.downloads()).toBe(2);
  expect(await readdir(join(folder, "partial"))).toEqual([]);
  await host.stop();
});

/** Files for WhatsApp itself: the example of a template's header and the profile picture, named by their id here. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { ChannelView, MediaView, MessageView, TemplateView } from "../../../src/events/view";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { connection, second, startGraphSwitch } from "../channels/graph-switch";
import { createSandboxApp, pngOf } from "../channels/sandbox-app";

setDefaultTimeout(60_000);

type App = Pick<TestApp, "url" | "api">;
interface Refusal {
  code: string;
  error: string;
  details?: { path: string; message: string }[];
}

async function upload({ url, api }: App, bytes: Uint8Array<ArrayBuffer>, type: string, query = ""): Promise<string> {
  const headers = { authorization: `Bearer ${api.token}`, "content-type": type };
  const answer = await fetch(`${url}/api/v2/media${query}`, { method: "POST", body: bytes, headers });
  return ((await answer.json()) as { data: MediaView }).data.id;
}

const channelOf = async ({ api }: App) => (await api.data<ChannelView[]>("/channels")).at(-1)?.id ?? "";
const find = async ({ api }: App, name: string) => (await api.data<TemplateView[]>(`/templates?name=${name}`))[0];
const templateWith = (channel: string, example: unknown, format = "IMAGE") => ({
  channel,
  name: "con_foto",
  language: "es",
  category: "MARKETING",
  components: [
    { type: "HEADER", format, example },
    { type: "BODY", text: "Mira lo nuevo." },
  ],
});

test("a stored picture becomes a header's example; approved, the template goes out with a picture", async () => {
  await using app = await createSandboxApp();
  await app.plays({ type: "text", text: "hola" });
  const png = await pngOf(64);
  const mediaId = await upload(app, png, "image/png", "?filename=foto.png");
  const created = await app.api.post<TemplateView>("/templates", templateWith(await channelOf(app), { mediaId }));
  expect([created.status, created.body.data.headerFormat]).toEqual([200, "IMAGE"]);
  expect(JSON.stringify(created.body.data.components)).not.toContain(mediaId);
  await until(async () => (await find(app, "con_foto"))?.status === "APPROVED");
  // WhatsApp shows the example by an address anybody may open.
  await app.api.post("/templates/sync");
  const [header] = ((await find(app, "con_foto"))?.components ?? []) as { example: { header_handle: string[] } }[];
  const shown = await fetch(header?.example.header_handle[0] ?? "");
  expect([shown.headers.get("content-type"), Buffer.from(await shown.arrayBuffer()).equals(png)]).toEqual(["image/png", true]);

  const template = { name: "con_foto", language: "es", header: { type: "image", mediaId } };
  const sent = await app.send({ type: "template", template });
  expect(sent.status).toBe(200);
  await until(async () => {
    const message = await app.api.data<MessageView>(`/messages/${(sent.body.data as MessageView).id}`);
    return ["delivered", "read"].includes(message.delivery?.state ?? "");
  });
  expect(JSON.stringify((await app.thread()).at(-1)?.content)).toContain("Mira lo nuevo.");

  const at = `/templates/${created.body.data.id}`;
  const again = await app.api.patch(at, {
    components: templateWith("", { header_handle: header?.example.header_handle }).components,
  });
  expect([again.status, (again.body as unknown as Refusal).details?.[0]?.path]).toEqual([
    422,
    "body.components.0.example.header_handle",
  ]);
  const edited = await app.api.patch<TemplateView>(at, { components: templateWith("", { mediaId }).components });
  expect([edited.status, edited.body.data.status]).toEqual([200, "PENDING"]);
});

test("a file that cannot be the example, or a handle nobody gave out, is refused with its place", async () => {
  await using app = await createSandboxApp();
  const channel = await channelOf(app);
  const mediaId = await upload(app, await pngOf(8), "image/png");
  const ghost = "0".repeat(24);
  for (const [example, format, reason] of [
    [{ mediaId }, "VIDEO", "no image/png as video"],
    [{ mediaId: ghost }, "IMAGE", "does not exist"],
    [{ mediaId, header_handle: ["4:x"] }, "IMAGE", "not both"],
    [{ mediaId }, "LOCATION", "takes no file"],
  ] as const) {
    const answer = await app.api.post("/templates", templateWith(channel, example, format));
    const { code, details } = answer.body as unknown as Refusal;
    expect([answer.status, code, details?.[0]?.path]).toEqual([422, "template.invalid", "body.components.0.example.mediaId"]);
    expect(details?.[0]?.message).toContain(reason);
  }
  const unknown = await app.api.post("/templates", templateWith(channel, { header_handle: ["4:invented"] }));
  expect([unknown.status, unknown.body.code]).toEqual([422, "graph.refused"]);
  expect((unknown.body as unknown as Refusal).error).toContain("media handle is not known");
  expect(await find(app, "con_foto")).toBeUndefined();
});

test("the profile picture: uploaded, shown by WhatsApp, refused when it is none", async () => {
  await using app = await createSandboxApp();
  const at = `/channels/${await channelOf(app)}/profile`;
  const png = await pngOf(640);
  const pictureMediaId = await upload(app, png, "image/png");
  const changed = await app.api.patch<{ pictureUrl?: string; about?: string }>(at, { pictureMediaId, about: "Tejidos" });
  expect([changed.status, changed.body.data.about]).toEqual([200, "Tejidos"]);
  const shown = await fetch(changed.body.data.pictureUrl ?? "");
  expect(Buffer.from(await shown.arrayBuffer()).equals(png)).toBe(true);
  const text = await upload(app, new TextEncoder().encode("hola"), "text/plain");
  const refused = await app.api.patch(at, { pictureMediaId: text });
  expect([refused.status, (refused.body as unknown as Refusal).details?.[0]?.path]).toEqual([422, "body.pictureMediaId"]);
});

test("the app comes from the token, or from the number; without either the error names the cure", async () => {
  await using graph = await startGraphSwitch();
  await using app = await createTestApp({ env: { WHATSAPP_GRAPH_URL: graph.url, ASSISTANT: "off" } });
  graph.aim(app.url);
  const { id } = (await app.api.post<ChannelView>("/channels", connection(second))).body.data;
  const pictureMediaId = await upload(app, await pngOf(64), "image/png");
  graph.intercept = (_, path) =>
    path.endsWith("/debug_token") ? Response.json({ data: { is_valid: true, scopes: [] } }) : undefined;
  const refused = await app.api.patch(`/channels/${id}/profile`, { pictureMediaId });
  expect([refused.status, refused.body.code]).toEqual([409, "channel.no-app"]);
  expect((refused.body as unknown as Refusal).error).toContain("appId");
  expect((await app.api.patch(`/channels/${id}`, { appId: "600100200300400" })).status).toBe(200);
  expect((await app.api.patch(`/channels/${id}/profile`, { pictureMediaId })).status).toBe(200);
});

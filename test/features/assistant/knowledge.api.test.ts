/** Knowledge from what people give in to the sentence with its source: files, pages, search, answers, gaps, corrections. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../../src/ai/sandbox/server";
import { systemClock } from "../../../src/core/clock";
import { silentLog } from "../../../src/core/log";
import type { FullRunView, RunView } from "../../../src/features/ai-runs/ai-run.schema";
import { zip } from "../../../src/features/data-protection/zip-stream";
import type { ArticleView, GapView, KnowledgeHit } from "../../../src/features/knowledge/knowledge.schema";
import { hire } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

let ai: SandboxOpenAI;
let app: TestApp;
let web: ReturnType<typeof Bun.serve>;
const pages = new Map<string, { type: string; body: string }>();
beforeAll(async () => {
  ai = await startSandboxOpenAI({ log: silentLog, clock: systemClock, latencyMs: 0 });
  web = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const page = pages.get(new URL(request.url).pathname);
      return page ? new Response(page.body, { headers: { "content-type": page.type } }) : new Response("", { status: 404 });
    },
  });
  app = await createTestApp({
    env: {
      OPENAI_BASE_URL: ai.url,
      OPENAI_API_KEY: ai.apiKey,
      OPENAI_MODEL: ai.model,
      ALLOW_PRIVATE_URLS: `127.0.0.1:${web.port}`,
    },
  });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await web.stop(true);
  await ai.stop();
});

const article = (id: string) => app.api.data<ArticleView>(`/knowledge/articles/${id}`);
const readIn = (id: string) =>
  until(
    async () => {
      const found = await article(id);
      return found.index.state === "pending" ? null : found;
    },
    { what: "the article to be read in" },
  );
const add = async (path: string, body: object) => {
  const made = await app.api.post<ArticleView>(`/knowledge/${path}`, body);
  expect(made.body).toMatchObject({ success: true });
  return readIn(made.body.data.id);
};
const search = (q: string) => app.api.data<KnowledgeHit[]>(`/knowledge/search?q=${encodeURIComponent(q)}`);
const upload = async (name: string, body: string | Blob | Uint8Array) => {
  const response = await fetch(`${app.url}/api/v2/knowledge/files?name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: { authorization: `Bearer ${app.api.token}`, "content-type": "application/octet-stream" },
    body: body as Blob,
  });
  return { status: response.status, body: (await response.json()) as { data: ArticleView; code?: string } };
};

describe("what people give in", () => {
  test("an article is cut along its headings and found by words and by meaning", async () => {
    const { index, id } = await add("articles", {
      title: "Envíos",
      text: "# Lima\n\nEntregamos en Lima en dos días hábiles.\n\n# Provincias\n\nA provincias llega en cinco días por Olva.",
    });
    expect(index).toEqual({ state: "ready", chunks: 2, embedded: 2, error: null });
    const [hit] = await search("¿cuánto demora a provincias?");
    expect(hit).toMatchObject({ article: id, title: "Envíos", heading: "Provincias" });
    expect(hit?.likeness).toBeGreaterThan(0);
  });

  test("a change reads in only the passages that changed; taken back, nothing is found", async () => {
    const { id } = await add("articles", {
      title: "Garantía",
      text: "# Plazo\n\nUn año en costuras.\n\n# Trámite\n\nEscriba aquí.",
    });
    const before = ai.requests.filter(({ path }) => path === "/v1/embeddings").length;
    const text = "# Plazo\n\nDos años en costuras.\n\n# Trámite\n\nEscriba aquí.";
    const changed = await app.api.patch<ArticleView>(`/knowledge/articles/${id}`, { version: 1, values: { text } });
    expect(changed.body.data).toMatchObject({ version: 2, index: { state: "pending" } });
    await readIn(id);
    const asked = ai.requests.filter(({ path }) => path === "/v1/embeddings").slice(before);
    expect(asked.map(({ body }) => (body as { input: string[] }).input)).toEqual([["Garantía\nPlazo\nDos años en costuras."]]);
    expect((await search("costuras garantía"))[0]?.text).toBe("Dos años en costuras.");
    const late = await app.api.patch(`/knowledge/articles/${id}`, { version: 1, values: { text } });
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ code: "request.stale", current: { version: 2 } });
    await app.api.patch(`/knowledge/articles/${id}`, { version: 2, values: { status: "draft" } });
    await until(async () => !(await search("costuras garantía")).some((hit) => hit.article === id), { what: "it to be gone" });
  });

  test("DOCX, HTML, Markdown and text files become articles; a PDF too", async () => {
    const docx = await zipped({
      "[Content_Types].xml": Buffer.from(
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
      ),
      "_rels/.rels": Buffer.from(
        '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
      ),
      "word/document.xml": Buffer.from(
        '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>La bufanda de vicuña se lava en seco.</w:t></w:r></w:p></w:body></w:document>',
      ),
    });
    const files: [string, string | Blob | Uint8Array, string, string][] = [
      ["cuidado-de-prendas.docx", docx, "vicuña lavado", "La bufanda de vicuña se lava en seco."],
      ["pagos.md", "# Pagos\n\nAceptamos Yape y Plin.", "yape", "Aceptamos Yape y Plin."],
      [
        "taller.html",
        "<title>Taller</title><nav>Menú</nav><h2>Visitas</h2><p>Los s&aacute;bados.</p>",
        "visitas taller",
        "Los sábados.",
      ],
      ["sede.txt", Buffer.from("La sede est\xe1 en Barranco.", "latin1"), "sede", "La sede está en Barranco."],
      ["garantia.pdf", pdfOf("La alpaca no destine"), "alpaca destine", "La alpaca no destine"],
    ];
    for (const [name, body, question, text] of files) {
      const { status, body: answer } = await upload(name, body);
      expect([name, status]).toEqual([name, 200]);
      const read = await readIn(answer.data.id);
      expect([name, read.kind, read.index.state]).toEqual([name, "file", "ready"]);
      expect((await search(question)).map((hit) => hit.text)).toContain(text);
    }
  });

  test("what cannot be read is refused with its reason", async () => {
    expect((await upload("foto.jpg", "x")).body.code).toBe("knowledge.unknown-file");
    expect((await upload("roto.pdf", "%PDF-1.4 nothing")).body.code).toBe("knowledge.unreadable");
    expect((await upload("vacio.txt", "  ")).body.code).toBe("knowledge.unreadable");
  });

  test("a page and a sitemap are fetched; an address of our own network is refused", async () => {
    const at = `http://127.0.0.1:${web.port}`;
    pages.set("/cambios", {
      type: "text/html; charset=utf-8",
      body: "<title>Cambios</title><main><p>Cambios hasta 15 días.</p></main>",
    });
    pages.set("/otra", { type: "text/html", body: "<h1>Otra</h1><p>Tallas desde XS.</p>" });
    pages.set("/sitemap.xml", {
      type: "application/xml",
      body: `<urlset><url><loc>${at}/cambios</loc></url><url><loc>${at}/otra</loc></url><url><loc>http://example.org/x</loc></url></urlset>`,
    });
    const page = await add("pages", { url: `${at}/cambios` });
    expect(page).toMatchObject({ kind: "page", title: "Cambios", text: "Cambios hasta 15 días.", index: { state: "ready" } });
    const all = await app.api.post<ArticleView[]>("/knowledge/sitemaps", { url: `${at}/sitemap.xml` });
    expect(all.body.data.map(({ source }) => source.url)).toEqual([`${at}/cambios`, `${at}/otra`]);
    expect(all.body.data[0]?.id).toBe(page.id);
    const missing = await add("pages", { url: `${at}/nada` });
    expect(missing.index).toMatchObject({ state: "failed", error: expect.stringContaining("404") });
    const inside = await app.api.post("/knowledge/pages", { url: "http://169.254.169.254/latest" });
    expect(inside.body).toMatchObject({ code: "url.refused" });
  });
});

describe("the list", () => {
  const titles = async (query: string) =>
    (await app.api.data<ArticleView[]>(`/knowledge/articles?${query}`)).map(({ title }) => title);

  test("is narrowed by words of the title, by kind, state and reading, page by page", async () => {
    await add("articles", { title: "Señalización: ruta del taller", text: "Siga las flechas." });
    await add("articles", { question: "¿Dónde está la señal de la ruta?", text: "En la puerta." });
    await app.api.post("/knowledge/articles", { title: "Ruta antigua", text: "Ya no se usa.", status: "draft" });
    expect(await titles("q=SENAL%20ruta")).toEqual(["¿Dónde está la señal de la ruta?", "Señalización: ruta del taller"]);
    expect(await titles("q=senal&kind=faq")).toEqual(["¿Dónde está la señal de la ruta?"]);
    expect(await titles("q=ruta&status=draft")).toEqual(["Ruta antigua"]);
    expect(await titles("q=ruta&reading=none")).toEqual(["Ruta antigua"]);
    expect(await titles("q=cambios")).toEqual(["Cambios"]);
    expect(await titles("q=nothing%20of%20this")).toEqual([]);
    const first = await app.api.get<ArticleView[]>("/knowledge/articles?q=ruta&limit=2");
    expect(first.body.data.map(({ title }) => title)).toEqual(["Ruta antigua", "¿Dónde está la señal de la ruta?"]);
    expect(await titles(`q=ruta&limit=2&cursor=${first.body.page?.next}`)).toEqual(["Señalización: ruta del taller"]);
    expect((await app.api.get("/knowledge/articles?kind=book")).status).toBe(422);
  });
});

describe("what the assistant makes of it", () => {
  const say = async (from: string, text: string, times = 1) => {
    await app.receive({ from, id: `wamid.kb.${crypto.randomUUID()}`, text });
    const heard = () => app.graph.sent.filter(({ to }) => to === `+${from}`);
    await until(() => heard().length >= times, { what: "the answer" });
    return heard().at(-1)?.text ?? "";
  };
  const lastRun = async () => {
    const [run] = await app.api.data<RunView[]>("/assistant/runs?limit=1");
    return app.api.data<FullRunView>(`/assistant/runs/${run?.id}`);
  };

  test("a pair answers its question, and the sentence is kept with its source, unseen by the customer", async () => {
    const pair = await add("articles", {
      question: "¿Hacen tallas especiales?",
      text: "Sí, hacemos tallas especiales en diez días.",
    });
    expect(pair.kind).toBe("faq");
    const answer = await say("51900000011", "¿hacen tallas especiales?");
    expect(answer).toContain("hacemos tallas especiales en diez días");
    expect(answer).not.toMatch(/\[k\d/);
    const run = await lastRun();
    const [hit] = await search("tallas especiales");
    expect(run).toMatchObject({ outcome: "reply", isUngrounded: false });
    expect(run.citations?.flatMap(({ chunks }) => chunks)).toContain(hit?.chunk as string);
  });

  test("the model can look for more with its tool", async () => {
    ai.script([
      { calls: [{ name: "search_knowledge", arguments: JSON.stringify({ query: "yape" }) }] },
      { text: "Aceptamos Yape [k1]." },
    ]);
    await say("51900000012", "otra cosa: el pago");
    const run = await lastRun();
    expect(run.toolCalls).toMatchObject([{ name: "search_knowledge", ok: true, result: expect.stringContaining("Yape y Plin") }]);
  });

  test("a question nothing answers is collected and counted, and closed by whoever answers it", async () => {
    const question = "¿venden zapatos de charol?";
    ai.script([{ text: "No lo sé." }]);
    await say("51900000013", question);
    ai.script([{ text: "No lo sé." }]);
    await say("51900000014", "¿Venden zapatos de CHAROL?");
    const gap = await until(
      async () => (await app.api.data<GapView[]>("/knowledge/gaps")).find((one) => one.question === question && one.times === 2),
      { what: "the question" },
    );
    expect(gap.conversations).toHaveLength(2);
    const decided = await app.api.post<GapView>(`/knowledge/gaps/${gap.id}`, { state: "solved" });
    expect(decided.body.data.state).toBe("solved");
    expect((await app.api.data<GapView[]>("/knowledge/gaps")).map(({ id }) => id)).not.toContain(gap.id);
  });

  test("an agent's correction becomes a suggestion that counts once somebody publishes it", async () => {
    await say("51900000015", "¿tienen estacionamiento?");
    const { conversation } = await lastRun();
    const thread = await app.api.data<{ id: string; role: string }[]>(`/conversations/${conversation}/messages`);
    const message = thread.find(({ role }) => role === "assistant")?.id;
    const agent = await hire(app, { email: "eva@example.com", role: "agent" });
    const made = await agent.api.post<ArticleView>("/knowledge/corrections", {
      message,
      answer: "Sí, hay estacionamiento a media cuadra, gratis.",
    });
    expect(made.body.data).toMatchObject({
      kind: "faq",
      status: "suggested",
      question: "¿tienen estacionamiento?",
      index: { state: "none" },
    });
    expect((await search("estacionamiento")).map(({ text }) => text)).not.toContain(
      "Sí, hay estacionamiento a media cuadra, gratis.",
    );
    const { id, version } = made.body.data;
    expect((await agent.api.patch(`/knowledge/articles/${id}`, { version, values: { status: "published" } })).status).toBe(403);
    await app.api.patch(`/knowledge/articles/${id}`, { version, values: { status: "published" } });
    await readIn(id);
    expect(await say("51900000016", "¿tienen estacionamiento?")).toContain("a media cuadra");
  });

  test("a suggestion goes with the person whose question it was; a published one is the company's", async () => {
    await say("51900000021", "¿aceptan mi tarjeta azul?");
    const { conversation } = await lastRun();
    const thread = await app.api.data<{ id: string; role: string; contact: string }[]>(`/conversations/${conversation}/messages`);
    const message = thread.find(({ role }) => role === "assistant")?.id;
    const suggest = async (answer: string) =>
      (await app.api.post<ArticleView>("/knowledge/corrections", { message, answer })).body.data;
    const [kept, gone] = [await suggest("Sí, todas."), await suggest("No, ninguna.")];
    await app.api.patch(`/knowledge/articles/${kept.id}`, { version: kept.version, values: { status: "published" } });
    const { contact } = await app.api.data<{ contact: { id: string } }>(`/conversations/${conversation}`);
    expect((await app.api.post(`/data-protection/contacts/${contact.id}/erase`, {})).status).toBe(200);
    await until(async () => (await app.api.get(`/knowledge/articles/${gone.id}`)).status === 404, { what: "its end" });
    expect((await app.api.get(`/knowledge/articles/${kept.id}`)).status).toBe(200);
  });

  test("without vectors it is found by its words, and a provider that has none keeps nobody waiting", async () => {
    const { version } = await app.api.data<{ version: number }>("/settings/knowledge");
    await app.api.patch("/settings/knowledge", { version, values: { embeddingModel: "" } });
    expect((await add("articles", { title: "Horario", text: "Abrimos a las nueve." })).index).toMatchObject({
      state: "words",
      embedded: 0,
    });
    expect((await search("horarios"))[0]).toMatchObject({ title: "Horario", likeness: null });
    expect(await app.api.data<object>("/knowledge/state")).toMatchObject({ mode: "words", pending: 0 });
  });
});

async function zipped(files: Record<string, Uint8Array>): Promise<Blob> {
  async function* all() {
    for (const [name, bytes] of Object.entries(files)) {
      async function* content() {
        yield bytes;
      }
      yield { name, content: content() };
    }
  }
  return new Blob(await Array.fromAsync(zip(all()), (part) => Buffer.from(part)));
}

/** The smallest PDF with one line of text. */
function pdfOf(line: string): Buffer {
  const stream = `BT /F1 12 Tf 20 100 Td (${line}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const start = text.length;
  text += `xref\n0 6\n0000000000 65535 f \n${places.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("")}`;
  return Buffer.from(`${text}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF`, "latin1");
}

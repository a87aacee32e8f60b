/** A real browser for the end-to-end tests: pages that fail on console errors, accessibility checks, screenshots. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { until } from "../helpers/until";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const SHOTS = join(import.meta.dir, "../../dist/e2e");
const BUILT = join(import.meta.dir, "../../dist/web/index.html");

/** Why these tests cannot run here; null when they can. */
export const whyNoBrowser = (): string | null => (CHROMIUM ? null : "no Chromium in /usr/bin (apt-get install chromium)");

export const WIDE = { width: 1440, height: 900 };
export const TABLET = { width: 1000, height: 760 };
export const PHONE = { width: 390, height: 844 };

export async function launch(): Promise<Browser> {
  if (!existsSync(BUILT)) throw new Error("The pages are not built yet: npm run web:build");
  mkdirSync(SHOTS, { recursive: true });
  return chromium.launch({
    executablePath: CHROMIUM ?? "",
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // A microphone that hums, for voice messages.
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ],
  });
}

export interface Visit extends AsyncDisposable {
  page: Page;
  context: BrowserContext;
  /** Console errors and uncaught exceptions so far; answers that a test provokes on purpose are named by it. */
  errors(...expected: RegExp[]): string[];
}

export interface VisitOptions {
  size?: { width: number; height: number };
  theme?: "light" | "dark";
  /** The worker behind the page answers in the place of a server that is gone: only where that is the matter. */
  hasWorker?: boolean;
  /** Fingers instead of a mouse: nothing hovers. */
  isTouch?: boolean;
}

/** A new browser profile with one page. */
export async function visit(
  browser: Browser,
  { size = WIDE, theme = "light", hasWorker = false, isTouch = false }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: theme,
    locale: "en-GB",
    timezoneId: "America/Lima",
    hasTouch: isTouch,
    isMobile: isTouch,
    serviceWorkers: hasWorker ? "allow" : "block",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const seen: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") seen.push(message.text());
  });
  page.on("pageerror", (error) => seen.push(String(error)));
  return {
    page,
    context,
    errors: (...expected) => seen.filter((text) => !expected.some((pattern) => pattern.test(text))),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** What axe finds wrong with the page as it is now, one line per finding with what it should be. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // What is still fading in has no contrast yet, and messages come in at any moment.
  await page.emulateMedia({ reducedMotion: "reduce" });
  const { violations } = await new AxeBuilder({ page }).analyze();
  await page.emulateMedia({ reducedMotion: "no-preference" });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, any, all, none }) =>
        `${id}: ${html.slice(0, 160)} ${[...any, ...all, ...none].map(({ message }) => message).join(" ")}`,
    ),
  );
}

/** Leaves a picture in `dist/e2e`; moving parts have come to rest on it. */
export const takePicture = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: join(SHOTS, `${name}.png`), animations: "disabled" });

/** How many pixels the page is wider than its window: 0 unless something sticks out. */
export const sidewaysOverflow = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

/**
 * Waits until an expression is true in the page. Playwright's own waiting evaluates text inside the page, which the page's
 * content security policy forbids; asking from outside is not bound by it.
 */
export const untilTrue = (page: Page, expression: string): Promise<unknown> =>
  until(() => page.evaluate(expression), { within: 15_000, what: expression });

/**
 * `bun src/tools/lighthouse.ts`: how fast and how accessible the pages are, as Lighthouse sees them, on a server of its own with new
 * data and somebody signed in. Single runs scatter, so each page is looked at three times and the median counts.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { ROOT } from "./checkout";
import { runTool } from "./run-tool";

const PAGES = ["/sign-in", "/conversations", "/contacts", "/settings/account", "/sandbox"] as const;
const ADMIN = { email: "admin@example.com", password: "correct horse battery" };
const RUNS = 3;
/** What the product promises, between 0 and 1. SEO is left out: the pages ask not to be found. */
const PROMISED = { performance: 0.95, accessibility: 1, "best-practices": 1 } as const;
const FIGURES = ["largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift"] as const;
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];

interface Report {
  finalDisplayedUrl: string;
  categories: Record<string, { score: number | null }>;
  audits: Record<string, { numericValue?: number; score: number | null; title: string; scoreDisplayMode: string }>;
}

runTool(async () => {
  if (!CHROMIUM) {
    console.error("Lighthouse needs Chromium (apt-get install chromium).");
    return 1;
  }
  const directory = mkdtempSync(join(tmpdir(), "chasqui-lighthouse-"));
  const own = await startOwn(directory);
  let isGood = true;
  try {
    for (const page of PAGES) {
      const reports: Report[] = [];
      for (let run = 0; run < RUNS; run++) reports.push(await look(own.url, page, directory));
      const scores = Object.entries(PROMISED).map(([name, promised]) => {
        const score = median(reports.map(({ categories }) => categories[name]?.score ?? 0));
        if (score < promised) isGood = false;
        return `${name} ${score.toFixed(2)}${score < promised ? ` (promised ${promised})` : ""}`;
      });
      const figures = FIGURES.map(
        (audit) => `${audit} ${median(reports.map(({ audits }) => audits[audit]?.numericValue ?? 0)).toFixed(2)}`,
      );
      console.log([page, ...scores, ...figures].join(" · "));
      for (const fault of faultsOf(reports.at(-1))) console.log(`  ${fault}`);
    }
  } finally {
    await own.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  return isGood ? 0 : 1;
});

/** One look at one page, in a browser that has never seen it before; signed in unless the page is for those who are not. */
async function look(url: string, page: string, directory: string): Promise<Report> {
  const profile = mkdtempSync(join(directory, "profile-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM ?? "",
    serviceWorkers: "block",
    args: [...FLAGS, "--remote-debugging-port=0"],
  });
  try {
    if (page !== "/sign-in") await signIn(context, url);
    const [port = ""] = readFileSync(join(profile, "DevToolsActivePort"), "utf8").split("\n");
    const report = await reportOn(`${url}${page}`, join(directory, "report.json"), port);
    if (!report.finalDisplayedUrl.startsWith(`${url}${page}`))
      throw new Error(`Not ${page} was looked at, but ${report.finalDisplayedUrl}.`);
    return report;
  } finally {
    await context.close();
  }
}

async function signIn(context: BrowserContext, url: string): Promise<void> {
  const tab = await context.newPage();
  await tab.goto(`${url}/sign-in`);
  await tab.fill("#email", ADMIN.email);
  await tab.fill("#password", ADMIN.password);
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/\/conversations/);
  await tab.close();
}

async function reportOn(address: string, out: string, port: string): Promise<Report> {
  const cli = join(ROOT, "node_modules/lighthouse/cli/index.js");
  const only = "--only-categories=performance,accessibility,best-practices";
  // The sign-in is kept.
  const browser = [`--port=${port}`, "--disable-storage-reset"];
  const told = ["--quiet", "--output=json", `--output-path=${out}`];
  const run = Bun.spawn([process.execPath, "--bun", cli, address, "--preset=desktop", only, ...browser, ...told], {
    env: environment(tmpdir()),
    stdout: "ignore",
    stderr: "pipe",
  });
  if ((await run.exited) !== 0) throw new Error(`Lighthouse failed: ${(await new Response(run.stderr).text()).slice(-600)}`);
  return (await Bun.file(out).json()) as Report;
}

/** A server on new data and any free port. */
async function startOwn(directory: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = Bun.spawn([process.execPath, join(ROOT, "src/main.ts"), "serve"], {
    env: {
      ...environment(directory),
      PORT: "0",
      DATA_DIR: join(directory, "data"),
      LOG_LEVEL: "error",
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
    },
    stdout: "pipe",
    stderr: "inherit",
  });
  let text = "";
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of server.stdout) text += decoder.decode(chunk, { stream: true });
  })();
  for (let wait = 0; wait < 300 && server.exitCode === null; wait++) {
    const [, url] = /Open {2}(http\S+)/.exec(text) ?? [];
    if (url)
      return {
        url,
        async stop() {
          server.kill("SIGTERM");
          await server.exited;
        },
      };
    await Bun.sleep(100);
  }
  throw new Error(`The server did not say where it is: ${text}`);
}

/** A home of its own: nothing of whoever runs it gets in. */
function environment(home: string) {
  return { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: home };
}

function faultsOf(report: Report | undefined): string[] {
  return Object.values(report?.audits ?? {})
    .filter(({ score, scoreDisplayMode }) => scoreDisplayMode === "binary" && score === 0)
    .map(({ title }) => title);
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

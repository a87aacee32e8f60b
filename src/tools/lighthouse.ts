/**
 * `bun src/tools/lighthouse.ts [address]`: how fast and how accessible the pages are, as Lighthouse sees them. Without an address it
 * starts a server of its own on new data. Single runs scatter, so each page is looked at three times and the median counts.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./checkout";
import { runTool } from "./run-tool";

const PAGES = ["/sign-in"] as const;
const RUNS = 3;
/** What the product promises, between 0 and 1. SEO is left out: the pages ask not to be found. */
const PROMISED = { performance: 0.95, accessibility: 1, "best-practices": 1 } as const;
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const FLAGS =
  "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync";

interface Report {
  categories: Record<string, { score: number | null }>;
  audits: Record<string, { numericValue?: number; score: number | null; title: string; scoreDisplayMode: string }>;
}

runTool(async ([given]) => {
  if (!CHROMIUM) {
    console.error("Lighthouse needs Chromium (apt-get install chromium).");
    return 1;
  }
  const directory = mkdtempSync(join(tmpdir(), "chasqui-lighthouse-"));
  const own = given ? null : await startOwn(directory);
  let isGood = true;
  try {
    for (const page of PAGES) {
      const reports: Report[] = [];
      for (let run = 0; run < RUNS; run++) reports.push(await look(`${given ?? own?.url}${page}`, directory));
      for (const [name, promised] of Object.entries(PROMISED)) {
        const score = median(reports.map(({ categories }) => categories[name]?.score ?? 0));
        if (score < promised) isGood = false;
        console.log(`${page} ${name}: ${score.toFixed(2)} (promised ${promised})`);
      }
      for (const [audit, unit] of [
        ["largest-contentful-paint", "ms"],
        ["total-blocking-time", "ms"],
        ["cumulative-layout-shift", ""],
      ] as const)
        console.log(
          `${page} ${audit}: ${median(reports.map(({ audits }) => audits[audit]?.numericValue ?? 0)).toFixed(2)} ${unit}`,
        );
      for (const fault of faultsOf(reports.at(-1))) console.log(`${page} fault: ${fault}`);
    }
  } finally {
    await own?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  return isGood ? 0 : 1;
});

async function look(url: string, directory: string): Promise<Report> {
  const out = join(directory, "report.json");
  const cli = join(ROOT, "node_modules/lighthouse/cli/index.js");
  const profile = mkdtempSync(join(directory, "profile-"));
  const run = Bun.spawn(
    [
      process.execPath,
      "--bun",
      cli,
      url,
      "--preset=desktop",
      "--quiet",
      "--output=json",
      `--output-path=${out}`,
      "--only-categories=performance,accessibility,best-practices",
      `--chrome-flags=${FLAGS} --user-data-dir=${profile}`,
    ],
    { env: { ...environment(directory), CHROME_PATH: CHROMIUM ?? "" }, stdout: "ignore", stderr: "pipe" },
  );
  if ((await run.exited) !== 0) throw new Error(`Lighthouse failed: ${(await new Response(run.stderr).text()).slice(-600)}`);
  return (await Bun.file(out).json()) as Report;
}

/** A server on new data and any free port; its address stands in its first line of output. */
async function startOwn(directory: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = Bun.spawn([process.execPath, join(ROOT, "src/main.ts"), "serve"], {
    env: { ...environment(directory), PORT: "0", DATA_DIR: join(directory, "data"), LOG_LEVEL: "error" },
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

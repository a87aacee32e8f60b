/** Builds the Angular app with the running Bun into dist/web. A failed build leaves the previous one untouched. */
import { existsSync } from "node:fs";
import { cp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DIST, ROOT, WEB_OUTPUT, WEB_SOURCE } from "../checkout";
import { runStep } from "../step";
import { startWatch } from "../stopwatch";
import { precompress } from "./precompress";
import { size } from "./size";
import { hashSources, isFresh, writeStamp } from "./stamp";

const COMPILER = join(ROOT, "node_modules/@angular/cli/bin/ng.js");
/** What the page is made of: its own files, the server's types and views it imports, the packages. */
const SOURCES = ["src/web/**", "src/events/*.ts", "package-lock.json", "src/tools/build/*.ts"];
/** Written by ng, of no use to a browser. */
const LEFTOVERS = ["prerendered-routes.json"];
/** The stamp lies inside, so that whoever else empties the directory takes it away too. */
const BUILT = { result: join(WEB_OUTPUT, "index.html"), stamp: join(WEB_OUTPUT, ".stamp") };
/** Names and groups of emoji by language, which the picker fetches when it is opened; ng copies only what lies in its own folder. */
const EMOJI = join(ROOT, "node_modules/emoji-picker-element-data");
const EMOJI_LANGUAGES = ["en", "es", "pt"];
const PROGRESS_MS = 5_000;

export const hashWebSources = (): Promise<string> => hashSources(SOURCES);

/** True when dist/web was built from the sources as they are now. */
export const webIsFresh = async (): Promise<boolean> => isFresh(BUILT, await hashWebSources());

export interface BuildWebOptions {
  /** True: an installation without development packages goes on with the page it has (or with none) instead of failing. */
  tolerateMissingCompiler?: boolean;
}

/** Builds, compresses and swaps in the web app. Returns false after printing what went wrong. */
export async function buildWeb({ tolerateMissingCompiler = false }: BuildWebOptions = {}): Promise<boolean> {
  if (!existsSync(COMPILER)) {
    console.log("The web interface cannot be built: its compiler is not installed (run npm ci without --omit=dev).");
    return tolerateMissingCompiler;
  }
  const sources = await hashWebSources();
  const staging = join(DIST, `.web-${process.pid}`);
  const built = await withProgress("Building the web interface (about 20 seconds, only when it changed)", () =>
    runCompiler(staging),
  );
  if (!built) {
    await rm(staging, { recursive: true, force: true });
    return false;
  }
  const page = existsSync(join(staging, "browser")) ? join(staging, "browser") : staging;
  for (const name of LEFTOVERS) await rm(join(page, name), { force: true });
  for (const language of EMOJI_LANGUAGES)
    await cp(join(EMOJI, language, "cldr/data.json"), join(page, "emoji", language, "data.json"));
  const { files, plainBytes, brotliBytes } = await withProgress("Compressing", () => precompress(page));

  await rm(WEB_OUTPUT, { recursive: true, force: true });
  await rename(page, WEB_OUTPUT);
  await rm(staging, { recursive: true, force: true });
  await writeStamp(BUILT, sources);
  console.log(`Web interface: ${files} files, ${size(plainBytes)}, ${size(brotliBytes)} compressed -> dist/web`);
  return true;
}

async function runCompiler(outputPath: string): Promise<boolean> {
  const { passed, output } = await runStep({
    name: "ng build",
    command: ["node_modules/@angular/cli/bin/ng.js", "build", "--output-path", outputPath, "--progress=false"],
    cwd: WEB_SOURCE,
  });
  if (passed && existsSync(outputPath)) return true;
  console.error(`${output}\nThe web interface did not build.`);
  return false;
}

/** Prints a line at the start, a sign of life now and then, and the time at the end. */
async function withProgress<T>(title: string, work: () => Promise<T>): Promise<T> {
  console.log(`${title} ...`);
  const elapsed = startWatch();
  const ticker = setInterval(() => console.log(`  ... ${elapsed()}`), PROGRESS_MS);
  try {
    return await work();
  } finally {
    clearInterval(ticker);
    console.log(`  ${elapsed()}`);
  }
}

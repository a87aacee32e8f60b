/** Compiles src/main.ts, its workers and the built web app into one executable, dist/chasqui. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BINARY, ROOT, WEB_OUTPUT } from "../checkout";
import { startWatch } from "../stopwatch";
import { plainCommentsPlugin } from "./plain-comments";
import { size } from "./size";
import { hashSources, isFresh, writeStamp } from "./stamp";
import { hashWebSources } from "./web";

const SOURCES = ["src/**/*.ts", "package.json", "package-lock.json", "tsconfig.json"];

const BUILT = { result: BINARY, stamp: `${BINARY}.stamp` };

/** The version people see: that of package.json, with the commit when there is a repository. */
export async function buildVersion(): Promise<string> {
  const { version } = (await Bun.file(join(ROOT, "package.json")).json()) as { version: string };
  const git = Bun.spawnSync(["git", "rev-parse", "--short=10", "HEAD"], { cwd: ROOT, stdout: "pipe", stderr: "ignore" });
  return git.success ? `${version}+${git.stdout.toString().trim()}` : version;
}

const hashBinarySources = async (): Promise<string> => `${await hashSources(SOURCES)}-${await hashWebSources()}`;

/** True when dist/chasqui was built from the sources as they are now. */
export const binaryIsFresh = async (): Promise<boolean> => isFresh(BUILT, await hashBinarySources());

/** Compiles. Returns false after printing what went wrong. */
export async function buildBinary(): Promise<boolean> {
  if (!existsSync(join(WEB_OUTPUT, "index.html"))) {
    console.error("The web interface is not built yet: npm run web:build");
    return false;
  }
  const sources = await hashBinarySources();
  const version = await buildVersion();
  const elapsed = startWatch();
  const workers = [...new Bun.Glob("src/**/*.worker.ts").scanSync({ cwd: ROOT })].sort().map((path) => join(ROOT, path));
  const result = await Bun.build({
    entrypoints: [join(ROOT, "src/main.ts"), ...workers],
    root: join(ROOT, "src"),
    target: "bun",
    // Bytecode needs ESM: as CommonJS it freezes the build machine's paths into import.meta.
    format: "esm",
    bytecode: true,
    // What is loaded later stays out of memory until then.
    splitting: true,
    // Names and whitespace stay: Elysia reads the source text of handlers.
    minify: { syntax: true },
    plugins: [plainCommentsPlugin],
    define: { CHASQUI_VERSION: JSON.stringify(version) },
    compile: {
      outfile: BINARY,
      assets: [WEB_OUTPUT],
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
    throw: false,
  });
  if (!result.success) {
    for (const message of result.logs) console.error(String(message));
    console.error("The binary did not build.");
    return false;
  }
  await writeStamp(BUILT, sources);
  console.log(`Binary: version ${version}, ${size(Bun.file(BINARY).size)}, ${elapsed()} -> dist/chasqui`);
  return true;
}

/** The rules of the house, each held against the real files and, so that a rule cannot go blind, against an offender. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { ROOT } from "../src/tools/checkout";
import { environmentExample, withVariableTable } from "../src/tools/docs/variables";
import { checkImports, FEATURE_RANK } from "../src/tools/house/import-rules";
import { checkLockfile } from "../src/tools/house/lockfile";
import { checkPlaces } from "../src/tools/house/place-rules";
import { checkCommands, checkMap } from "../src/tools/house/readme-rules";
import { checkName, checkSize, longFiles } from "../src/tools/house/shape-rules";
import { checkSheets } from "../src/tools/house/sheet-rules";
import { committedPaths, readSources, type SourceFile } from "../src/tools/house/source-file";
import { checkWords } from "../src/tools/house/word-rules";

const source = await readSources("src/**/*.ts");
const tests = await readSources("test/**/*.ts");
const committed = committedPaths();
const scripts = Object.keys(((await Bun.file(join(ROOT, "package.json")).json()) as { scripts: object }).scripts);
const file = (path: string, text: string): SourceFile => ({ path, text });

describe("style sheets", () => {
  test("a name is described in one of them", async () => {
    // Parts of the inbox that change on a narrow window, and in the sandbox beside it.
    const shared = new Set([".agent-button", ".check", ".composer", ".said"]);
    expect(checkSheets(await readSources("src/web/app/**/*.css"), shared)).toEqual([]);
  });

  test("a name in two of them is found", () => {
    const sheets = [
      file("a.css", "/* .b { */ .a { color: red }"),
      file("b.css", "@media (x) { .b, .a:hover, .a { color: blue } }"),
    ];
    expect(checkSheets(sheets)).toEqual([".a is described in a.css and b.css"]);
  });
});

describe("imports", () => {
  test("every file imports only what its place in the house allows", () => {
    expect(source.flatMap(checkImports)).toEqual([]);
  });

  test("every feature folder has a rank", () => {
    const ranks: readonly string[] = FEATURE_RANK;
    const unranked = readdirSync(join(ROOT, "src/features")).filter((name) => !ranks.includes(name));
    expect(unranked).toEqual([]);
  });

  test.each([
    ["src/core/log.ts", "../config/env", /core imports nothing of ours/],
    ["src/config/env.ts", "../store/connect", /config imports only core/],
    ["src/events/bus.ts", "../features/contacts/contact.service", /events imports only core/],
    ["src/store/connect.ts", "../features/contacts/contact.model", /store imports only core and config/],
    ["src/channels/whatsapp/webhook.ts", "../../store/connect", /no contact, no database/],
    ["src/channels/whatsapp/webhook.ts", "../../flow/accept", /no contact, no database/],
    ["src/ai/assistant.ts", "../features/contacts/contact.service", /no contact, no database/],
    ["src/ai/assistant.ts", "../channels/whatsapp/compose", /no contact, no database/],
    ["src/features/contacts/contact.service.ts", "../messages/message.service", /"messages" ranks above "contacts"/],
    ["src/features/messages/message.service.ts", "../contacts/contact.model", /only the service/],
    ["src/features/messages/message.service.ts", "../unheard/unheard.service", /"unheard" has no rank/],
    ["src/features/messages/message.service.ts", "../../flow/route", /a feature imports/],
    ["src/features/messages/message.service.ts", "../../http/server", /a feature imports/],
    ["src/flow/answer.ts", "../features/messages/message.model", /flow imports services/],
    ["src/flow/answer.ts", "../http/live", /flow imports services/],
    ["src/http/server.ts", "../features/messages/message.model", /never models/],
    ["src/http/server.ts", "../flow/accept", /never models or the flow/],
    ["src/web/app/api/api-client.ts", "../../../http/server", /only types of the server/],
    ["src/core/log.ts", "../tools/checkout", /imported by nobody/],
    ["src/commands/serve.ts", "../main", /imported by nobody/],
    ["src/commands/serve.ts", "../../test/helpers/server-process", /nothing outside src/],
    ["src/attic/box.ts", "../core/id", /no rule for "attic"/],
    ["src/flow/answer.ts", "mongoose", /mongoose lives in/],
    ["src/http/server.ts", "mongoose/lib/model", /mongoose lives in/],
    ["src/ai/assistant.ts", "openai", /openai lives in/],
    ["src/ai/assistant.ts", "openai/resources", /openai lives in/],
    ["src/http/server.ts", "@angular/core", /Angular lives in src\/web/],
  ])("%s may not import %s", (path, specifier, rule) => {
    for (const text of [
      `import { x } from "${specifier}"; x();`,
      `export * from "${specifier}";`,
      `const x = await import("${specifier}");`,
      `const x = require("${specifier}");`,
    ]) {
      const [message, ...more] = checkImports(file(path, text));
      expect(message).toMatch(rule);
      expect(message).toStartWith(`${path} imports "${specifier}": `);
      expect(more).toEqual([]);
    }
  });

  test.each([
    ["src/app.ts", `import { a } from "./flow/accept"; import mongo from "./features/contacts/contact.model"; a(mongo);`],
    ["src/features/messages/message.service.ts", `import { a } from "../contacts/contact.service"; a();`],
    ["src/features/messages/message.controller.ts", `import { a } from "../auth/auth.plugin"; a();`],
    ["src/features/messages/message.model.ts", `import mongoose from "mongoose"; mongoose.x();`],
    ["src/store/embedded/engine.ts", `import { MongoClient } from "mongodb"; new MongoClient();`],
    ["src/ai/openai.ts", `import OpenAI from "openai"; new OpenAI();`],
    ["src/ai/assistant.ts", `import type { X } from "../features/contacts/contact.service"; import { type Y } from "openai";`],
    ["src/web/app/api/api-client.ts", `import type { Api } from "../../../http/server"; export type { Api };`],
    [
      "src/http/server.ts",
      `import { a } from "../features/messages/message.controller"; import { b } from "../channels/whatsapp/webhook"; a(b);`,
    ],
  ])("%s may do what its place allows", (path, text) => {
    expect(checkImports(file(path, text))).toEqual([]);
  });
});

describe("the environment and the time have one home each", () => {
  test("nobody else touches them", () => {
    expect(source.flatMap(checkPlaces)).toEqual([]);
  });

  test.each([
    ["process.env.PORT", /environment/],
    ['process["env"].PORT', /environment/],
    ["Bun.env.PORT", /environment/],
    ["const { PORT } = process.env", /environment/],
    ["Date.now()", /time/],
    ["new Date()", /time/],
    ["new Date( )", /time/],
    ["new Date", /time/],
    ["[Date.now].map(f => f())", /time/],
    ["performance.now()", /time/],
    ["process.hrtime.bigint()", /time/],
    ["Bun.nanoseconds()", /time/],
    ['const url = "https://example.com"; Date.now()', /time/],
  ])("%s is found", (code, rule) => {
    const [message] = checkPlaces(file("src/flow/answer.ts", `const a = 1;\nconst b = ${code};\n`));
    expect(message).toMatch(rule);
    expect(message).toStartWith("src/flow/answer.ts uses ");
  });

  test.each([
    "new Date(0)",
    "new Date(clock.now())",
    "new Date(\n  clock.now(),\n)",
    "clock.now()",
    "// Date.now() is forbidden",
    "/* process.env */ 1",
    "processEnv.x",
  ])("%s is allowed", (code) => {
    expect(checkPlaces(file("src/flow/answer.ts", `const b = ${code};\n`))).toEqual([]);
  });

  test("their homes are allowed", () => {
    expect(checkPlaces(file("src/config/env.ts", "process.env.PORT"))).toEqual([]);
    expect(checkPlaces(file("src/core/clock.ts", "Date.now()"))).toEqual([]);
    expect(checkPlaces(file("src/config/env.ts", "Date.now()"))).toHaveLength(1);
    expect(checkPlaces(file("src/core/clock.ts", "process.env.PORT"))).toHaveLength(1);
  });
});

describe("sizes and names", () => {
  test("no file is too long or has a name that says nothing", () => {
    const long = longFiles([...source, ...tests.filter(({ text }) => text.split("\n").length > 400)]);
    if (long.length > 0) console.log(`Longer than 250 lines, look twice: ${long.join(", ")}`);
    expect(source.flatMap(checkSize)).toEqual([]);
    expect([...source, ...tests].flatMap(checkName)).toEqual([]);
  });

  test("long files and empty names are found", () => {
    expect(checkSize(file("src/flow/answer.ts", "x\n".repeat(401)))).toEqual([expect.stringContaining("has 401 lines")]);
    expect(checkSize(file("src/flow/answer.ts", "x\n".repeat(400)))).toEqual([]);
    expect(
      longFiles([file("a.ts", "x\n".repeat(250)), file("b.ts", "x\n".repeat(251)), file("c.ts", "x\n".repeat(300))]),
    ).toEqual(["c.ts (300)", "b.ts (251)"]);
    for (const name of ["utils.ts", "date-utils.ts", "contact.helper.ts", "helpers.ts", "common.ts", "contact.types.ts"])
      expect(checkName(file(`src/flow/${name}`, ""))).toEqual([expect.stringContaining("no files named")]);
    for (const name of ["contactService.ts", "Contact.ts", "contact_service.ts"])
      expect(checkName(file(`src/flow/${name}`, ""))).toEqual([expect.stringContaining("kebab-case")]);
    for (const name of ["contact.service.ts", "type-test.ts", "ttl-map.ts", "a.full.test.ts"])
      expect(checkName(file(`src/flow/${name}`, ""))).toEqual([]);
  });
});

describe("what is committed speaks of the product alone", () => {
  const TEXT = /\.(ts|mts|js|json|css|html|svg|md|toml|yml|yaml|sh|example)$|(^|\/)(Dockerfile|run|\.\w+ignore|\.gitignore)$/;

  test("no paths, hosts or names of the machine it was written on", async () => {
    const files = await Promise.all(
      committed
        .filter((path) => TEXT.test(path) && existsSync(join(ROOT, path)))
        .map(async (path) => file(path, await Bun.file(join(ROOT, path)).text())),
    );
    expect(files.length).toBeGreaterThan(50);
    const names = await namesOfThisMachine();
    expect(files.flatMap((each) => checkWords(each, names))).toEqual([]);
  });

  test("package-lock.json is complete for every platform and names no registry", () => {
    expect(checkLockfile(readFileSync(join(ROOT, "package-lock.json"), "utf8"))).toEqual([]);
  });

  test("each forbidden word is found", () => {
    const lines = [
      `cd ${["", "work", "main"].join("/")}`,
      `open("${["", "tmp", "x"].join("/")}")`,
      ["registry", "npmjs", "org"].join("."),
      "built on build-box-7",
    ];
    for (const line of lines)
      expect(checkWords(file("README.md", line), ["build-box-7"])).toEqual([expect.stringContaining("README.md contains")]);
    expect(checkWords(file("README.md", "network/ tmpdir() workspace/ registry"), ["build-box-7"])).toEqual([]);
  });

  test("no lockfile but npm's, nothing built, no secrets", () => {
    expect(
      committed.filter((path) => /(^|\/)(bun\.lockb?|yarn\.lock|pnpm-lock\.yaml|\.env)$|^(dist|data|coverage)\//.test(path)),
    ).toEqual([]);
  });
});

/** Names that must never appear in a file: this host, and the package registry it installs from. Short host names are plain words. */
async function namesOfThisMachine(): Promise<string[]> {
  const names = hostname().length >= 6 && hostname() !== "localhost" ? [hostname()] : [];
  const npm = Bun.which("npm");
  if (!npm) return names;
  const child = Bun.spawn([npm, "config", "get", "registry"], { cwd: ROOT, stdout: "pipe", stderr: "ignore" });
  const registry = (await child.stdout.text()).trim();
  return URL.canParse(registry) ? [...names, new URL(registry).host] : names;
}

describe("texts follow the code", () => {
  test(".env.example is what src/config/env.ts says (bun src/tools/docs.ts writes it)", async () => {
    expect(await Bun.file(join(ROOT, ".env.example")).text()).toBe(environmentExample());
  });

  test("scripts that are named exist", async () => {
    const places = [...source, ...(await readSources("*.md", "Dockerfile", ".ci/run", "docs/**/*.md"))];
    expect(places.flatMap((place) => checkCommands(place, scripts))).toEqual([]);
    expect(checkCommands(file("README.md", "npm run fly, npm run build, npm ci, npm test"), ["build"])).toEqual([
      'README.md names the script "fly", which package.json does not have',
      'README.md names the script "test", which package.json does not have',
    ]);
  });

  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  test("the README's map shows the folders there are", () => {
    expect(checkMap(readme, folders, (path) => existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("the README's table of variables is what src/config/env.ts says", () => {
    expect(readme).toContain("<!-- variables");
    expect(withVariableTable(readme)).toBe(readme);
  });

  test("a map that shows too much or too little is found", () => {
    const map =
      "# X\n```\npackage.json  tsconfig.json\nsrc/\n  main.ts   argv\n  core/     errors, log\n  channels/whatsapp/   webhook\n    sandbox/   fakes\n  features/<nouns>/   rooms\ntest/   mirrors\n```\n";
    const real = [
      "package.json",
      "src/",
      "src/main.ts",
      "src/core/",
      "src/channels/whatsapp/",
      "src/channels/whatsapp/sandbox/",
      "src/features/",
      "test/",
    ];
    expect(checkMap(map, ["core"], (path) => real.includes(path))).toEqual([]);
    expect(checkMap(map, ["core", "store"], (path) => real.includes(path))).toEqual(["README.md's map does not show src/store/"]);
    expect(checkMap(map, ["core"], (path) => path !== "src/channels/whatsapp/sandbox/")).toEqual([
      "README.md's map shows src/channels/whatsapp/sandbox/, which does not exist",
    ]);
    expect(checkMap("no map", ["core"], () => true)).toEqual([expect.stringContaining("no house map")]);
  });
});

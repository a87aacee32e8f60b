/** The parts of the build that decide: what is compressed, what is fresh, what is generated from the configuration. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Environment, readConfig } from "../../src/config/env";
import { buildVersion } from "../../src/tools/build/binary";
import { precompress } from "../../src/tools/build/precompress";
import { size } from "../../src/tools/build/size";
import { hashSources, isFresh, writeStamp } from "../../src/tools/build/stamp";
import { environmentExample, withVariableTable } from "../../src/tools/docs/variables";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "chasqui-build-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("precompress", () => {
  test("only what gains: large enough, of a compressible type, at least a tenth smaller", async () => {
    const random = crypto.getRandomValues(new Uint8Array(4_000));
    writeFileSync(join(directory, "main.js"), "console.log(1);\n".repeat(100));
    writeFileSync(join(directory, "small.js"), "x".repeat(1_023));
    writeFileSync(join(directory, "photo.png"), "x".repeat(5_000));
    writeFileSync(join(directory, "random.txt"), random);
    const result = await precompress(directory);
    expect((await readdir(directory)).sort()).toEqual([
      "main.js",
      "main.js.br",
      "main.js.gz",
      "main.js.zst",
      "photo.png",
      "random.txt",
      "small.js",
    ]);
    expect(result.files).toBe(4);
    expect(result.plainBytes).toBe(1_600 + 1_023 + 5_000 + 4_000);
    expect(result.brotliBytes).toBeLessThan(result.plainBytes - 1_400);
  });

  test("siblings of an earlier run are replaced, also when the file no longer gains", async () => {
    writeFileSync(join(directory, "main.js"), "y".repeat(900));
    await precompress(directory);
    expect((await readdir(directory)).filter((name) => name.startsWith("main"))).toEqual(["main.js"]);
  });
});

describe("stamps", () => {
  test("fresh only when it exists and the sources are the same", async () => {
    const built = { result: join(directory, "result"), stamp: join(directory, "result.stamp") };
    expect(await isFresh(built, "abc")).toBe(false);
    await writeStamp(built, "abc");
    expect(await isFresh(built, "abc")).toBe(false);
    writeFileSync(built.result, "built");
    expect(await isFresh(built, "abc")).toBe(true);
    expect(await isFresh(built, "abd")).toBe(false);
    rmSync(built.stamp);
    expect(await isFresh(built, "abc")).toBe(false);
  });

  test("the hash follows content and names", async () => {
    const clock = await hashSources(["src/core/clock.ts"]);
    expect(await hashSources(["src/core/clock.ts"])).toBe(clock);
    expect(await hashSources(["src/core/clock.ts", "src/core/*.ts"])).not.toBe(clock);
    expect(await hashSources(["src/core/id.ts"])).not.toBe(clock);
  });
});

test("the version begins with package.json's", async () => {
  const { version } = (await Bun.file(join(import.meta.dir, "../../package.json")).json()) as { version: string };
  expect(await buildVersion()).toMatch(new RegExp(`^${version.replaceAll(".", "\\.")}(\\+[0-9a-f]{7,40})?$`));
});

test("sizes read well", () => {
  expect([size(10), size(1_500), size(999_949), size(122_700_000)]).toEqual(["0.0 kB", "1.5 kB", "999.9 kB", "122.7 MB"]);
});

describe("texts about variables", () => {
  test("the example names every variable once, sets none, and its defaults are valid", () => {
    const lines = environmentExample().split("\n");
    expect(lines.filter((line) => line !== "" && !line.startsWith("#"))).toEqual([]);
    const pairs = lines.flatMap((line) =>
      [...line.matchAll(/^#([A-Z0-9_]+)=(.*)$/g)].map(([, name, value]) => [name!, value!] as const),
    );
    expect(pairs.map(([name]) => name)).toEqual(Object.keys(Environment.properties));
    expect(readConfig(Object.fromEntries(pairs))).toEqual(readConfig({}));
  });

  test("the README's table is replaced between its markers and nowhere else", () => {
    const readme = "# Top\n<!-- variables: written by src/tools/docs.ts -->\nold\n<!-- /variables -->\nend\n";
    const written = withVariableTable(readme);
    expect(written).toStartWith("# Top\n<!-- variables");
    expect(written).toEndWith("<!-- /variables -->\nend\n");
    expect(written).not.toContain("\nold\n");
    for (const name of Object.keys(Environment.properties)) expect(written).toContain(`| \`${name}\` |`);
    expect(withVariableTable(written)).toBe(written);
    expect(withVariableTable("no markers")).toBe("no markers");
  });
});

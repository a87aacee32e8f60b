/** The image's promises, read from the Dockerfile: no root, one volume, a health check, fixed base images, only the binary inside. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ROOT } from "../../src/tools/checkout";

const text = await Bun.file(join(ROOT, "Dockerfile")).text();

/** Instructions with continued lines joined, grouped by stage. */
const instructions = text
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n/g, " ")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => ({
    name: line.split(" ")[0]!,
    rest: line
      .slice(line.indexOf(" ") + 1)
      .replace(/\s+/g, " ")
      .trim(),
  }));
const lastFrom = instructions.findLastIndex(({ name }) => name === "FROM");
const runtime = instructions.slice(lastFrom);
const of = (name: string, where = runtime) => where.filter((instruction) => instruction.name === name).map(({ rest }) => rest);

describe("Dockerfile", () => {
  test("two stages, each base image fixed to a version", () => {
    const bases = of("FROM", instructions);
    expect(bases.length).toBe(2);
    for (const base of bases) expect(base).toMatch(/^[\w/.-]+:\d+\.\d+[\w.-]*( AS \w+)?$/);
  });

  test("does not run as root", () => {
    expect(of("USER")).toEqual(["chasqui"]);
    expect(of("RUN").join()).toContain("useradd");
    const userAt = runtime.findIndex(({ name }) => name === "USER");
    expect(runtime.findIndex(({ name }) => name === "ENTRYPOINT")).toBeGreaterThan(userAt);
  });

  test("one volume that belongs to that user and is the data directory", () => {
    expect(of("VOLUME")).toEqual(["/data"]);
    expect(of("ENV").join(" ")).toContain("DATA_DIR=/data");
    expect(of("RUN").join()).toContain("install -d -o chasqui -g chasqui -m 700 /data");
  });

  test("asks the program itself whether it is healthy", () => {
    expect(of("HEALTHCHECK").join()).toEndWith('CMD ["chasqui", "health"]');
    expect(of("EXPOSE")).toEqual(["3000"]);
    expect(of("ENV").join(" ")).toContain("PORT=3000");
  });

  test("the signal of docker stop reaches the program", () => {
    expect(of("ENTRYPOINT")).toEqual(['["chasqui"]']);
    expect(of("CMD")).toEqual(['["serve"]']);
  });

  test("only the binary comes out of the build, with nothing to compile or install packages by npm left", () => {
    expect(of("COPY")).toEqual(["--from=build /app/dist/chasqui /usr/local/bin/chasqui"]);
    expect(of("RUN").join()).not.toMatch(/npm|node|bun/);
  });

  test("the builder gets every file the build reads and no data or secrets", async () => {
    const ignore = await Bun.file(join(ROOT, ".dockerignore")).text();
    const lines = ignore.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines[0]).toBe("**");
    for (const needed of ["package.json", "package-lock.json", "tsconfig.json", "bunfig.toml", "src"])
      expect(lines).toContain(`!${needed}`);
    expect(lines.filter((line) => /^!.*(env|data|test|\.git)/.test(line))).toEqual([]);
  });
});

/** One process owns the data directory; the lock dies with it. */
import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../src/core/errors";
import { lockDataDir } from "../../src/store/data-dir-lock";
import { tempDir } from "../helpers/temp-dir";

const failureOf = (work: () => unknown): AppError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("expected an AppError");
};

describe("the lock of the data directory", () => {
  test("makes the directory for its owner only, and tells the pid", () => {
    using dir = tempDir();
    const path = join(dir.path, "deep", "data");
    const lock = lockDataDir(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(path, "chasqui.pid"), "utf8").trim()).toBe(String(process.pid));
    lock.release();
    lock.release();
    lockDataDir(path).release();
  });

  test("a second process is refused by name, and may start after kill -9", async () => {
    using dir = tempDir();
    const script = `import { lockDataDir } from ${JSON.stringify(join(import.meta.dir, "../../src/store/data-dir-lock"))}; lockDataDir(process.argv[1]); console.log("locked"); setInterval(() => {}, 1000);`;
    const child = Bun.spawn([process.execPath, "-e", script, dir.path], { stdout: "pipe", stderr: "inherit" });
    try {
      for await (const chunk of child.stdout) if (new TextDecoder().decode(chunk).includes("locked")) break;
      const error = failureOf(() => lockDataDir(dir.path));
      expect(error.code).toBe("data-dir.in-use");
      expect(error.message).toContain(`pid ${child.pid}`);
      expect(error.message).toContain(dir.path);
    } finally {
      child.kill("SIGKILL");
      await child.exited;
    }
    lockDataDir(dir.path).release();
  });

  test("a path that cannot be written is refused with the cure", () => {
    using dir = tempDir();
    const file = join(dir.path, "file");
    writeFileSync(file, "");
    const error = failureOf(() => lockDataDir(join(file, "data")));
    expect(error.code).toBe("data-dir.not-writable");
    expect(error.message).toContain("DATA_DIR");
    if (process.getuid?.() === 0) return;
    chmodSync(dir.path, 0o500);
    expect(failureOf(() => lockDataDir(dir.path)).code).toBe("data-dir.not-writable");
    chmodSync(dir.path, 0o700);
  });
});

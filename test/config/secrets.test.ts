import { expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadSecrets } from "../../src/config/secrets";
import { AppError } from "../../src/core/errors";
import { tempDir } from "../helpers/temp-dir";

const FILE = "secrets.json";

test("the first start makes secrets that only the owner can read, and leaves nothing else behind", () => {
  using dir = tempDir();
  const secrets = loadSecrets(dir.path);
  expect(new Set(Object.values(secrets)).size).toBe(5);
  expect(secrets.accessSecret.length).toBeGreaterThanOrEqual(32);
  expect(statSync(join(dir.path, FILE)).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir.path)).toEqual([FILE]);
});

test("the next start uses the same, another directory gets others", () => {
  using dir = tempDir();
  using other = tempDir();
  const secrets = loadSecrets(dir.path);
  expect(loadSecrets(dir.path)).toEqual(secrets);
  expect(loadSecrets(other.path).accessSecret).not.toBe(secrets.accessSecret);
});

test.each([
  ["cut off", '{"accessSecret": "abc'],
  ["empty", ""],
  ["of another shape", '{"accessSecret": 1}'],
  ["weak", '{"accessSecret":"","refreshSecret":"","sandboxAppSecret":"","sandboxVerifyToken":"","sandboxAccessToken":""}'],
])("a file that is %s is refused with its cure and is not overwritten", (_, content) => {
  using dir = tempDir();
  const file = join(dir.path, FILE);
  writeFileSync(file, content);
  let thrown: unknown;
  try {
    loadSecrets(dir.path);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(AppError);
  expect((thrown as AppError).message).toContain(`${file} is damaged. Restore it from a backup, or delete it`);
  expect(readFileSync(file, "utf8")).toBe(content);
});

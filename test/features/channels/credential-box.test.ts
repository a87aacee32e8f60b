import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadEncryptionKey } from "../../../src/config/encryption-key";
import { createCredentialBox } from "../../../src/features/channels/credential-box";
import { tempDir } from "../../helpers/temp-dir";

const key = (fill: number) => new Uint8Array(32).fill(fill);
const secret = { accessToken: "EAAB-token-ñ" };

describe("the box", () => {
  const box = createCredentialBox(key(1));

  test("gives back what was locked, and says nothing of it before", () => {
    const locked = box.lock(secret, "channel-1");
    expect(box.open(locked, "channel-1")).toEqual(secret);
    expect(locked).not.toContain("EAAB");
    expect(Buffer.from(locked.split(".").at(-1) ?? "", "base64url").toString()).not.toContain("EAAB");
    expect(box.lock(secret, "channel-1")).not.toBe(locked);
  });

  test.each([
    ["another key", (locked: string) => createCredentialBox(key(2)).open(locked, "channel-1")],
    ["another owner", (locked: string) => box.open(locked, "channel-2")],
    ["a changed text", (locked: string) => box.open(`${locked.slice(0, -2)}AA`, "channel-1")],
    ["a cut tag", (locked: string) => box.open(locked.replace(/^(v1\.[^.]+\.)[^.]+/, "$1AAAA"), "channel-1")],
    ["another version", (locked: string) => box.open(locked.replace("v1", "v2"), "channel-1")],
    ["nonsense", () => box.open("nonsense", "channel-1")],
    ["nothing", () => box.open("", "channel-1")],
  ])("%s opens nothing", (_, open) => {
    expect(open(box.lock(secret, "channel-1"))).toBeNull();
  });
});

describe("the key", () => {
  test("is made once, readable by the owner alone, and stays the same", () => {
    using dir = tempDir();
    const made = loadEncryptionKey(dir.path);
    const file = join(dir.path, "encryption.key");
    expect(made).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(loadEncryptionKey(dir.path)).toEqual(made);
    expect(Buffer.from(made).toString("base64url")).not.toBe(readFileSync(file, "utf8"));
  });

  test("from the environment leaves no file, and differs with every text", () => {
    using dir = tempDir();
    mkdirSync(dir.path, { recursive: true });
    const [one, two] = ["a".repeat(32), "b".repeat(32)].map((text) => loadEncryptionKey(dir.path, text));
    expect(one).not.toEqual(two as Uint8Array);
    expect(() => statSync(join(dir.path, "encryption.key"))).toThrow();
  });

  test("a damaged file is told instead of replaced", () => {
    using dir = tempDir();
    writeFileSync(join(dir.path, "encryption.key"), "short");
    expect(() => loadEncryptionKey(dir.path)).toThrow(/damaged/);
    expect(readFileSync(join(dir.path, "encryption.key"), "utf8")).toBe("short");
  });
});

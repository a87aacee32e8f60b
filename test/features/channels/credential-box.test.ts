import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadKeyRing } from "../../../src/config/encryption-key";
import { createCredentialBox } from "../../../src/features/channels/credential-box";
import { tempDir } from "../../helpers/temp-dir";

const key = (fill: number) => new Uint8Array(32).fill(fill);
const ring = (current: number, ...previous: number[]) => ({ current: key(current), previous: previous.map(key) });
const secret = { accessToken: "EAAB-token-ñ" };

describe("the box", () => {
  const box = createCredentialBox(ring(1));

  test("gives back what was locked, and says nothing of it before", () => {
    const locked = box.lock(secret, "channel-1");
    expect(box.open(locked, "channel-1")).toEqual(secret);
    expect(locked).not.toContain("EAAB");
    expect(Buffer.from(locked.split(".").at(-1) ?? "", "base64url").toString()).not.toContain("EAAB");
    expect(box.lock(secret, "channel-1")).not.toBe(locked);
  });

  test.each([
    ["another key", (locked: string) => createCredentialBox(ring(2)).open(locked, "channel-1")],
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

describe("a key that is replaced", () => {
  const old = createCredentialBox(ring(1)).lock(secret, "channel-1");
  const both = createCredentialBox(ring(2, 1));

  test("opens what the one before it has locked, and locks with the new one", () => {
    expect(both.open(old, "channel-1")).toEqual(secret);
    expect(createCredentialBox(ring(2)).open(both.lock(secret, "channel-1"), "channel-1")).toEqual(secret);
    expect(createCredentialBox(ring(1)).open(both.lock(secret, "channel-1"), "channel-1")).toBeNull();
  });

  test("locks the same content anew once, and nothing that it cannot open", () => {
    const next = both.relock(old, "channel-1") as string;
    expect(createCredentialBox(ring(2)).open(next, "channel-1")).toEqual(secret);
    expect(both.relock(next, "channel-1")).toBe(next);
    expect(both.relock(old, "channel-2")).toBeNull();
    expect(createCredentialBox(ring(3, 2)).relock(old, "channel-1")).toBeNull();
  });
});

describe("the key", () => {
  const load = (dir: string, encryptionKey?: string, previousEncryptionKey?: string) =>
    loadKeyRing(dir, { encryptionKey, previousEncryptionKey });
  const texts = (dir: string) => readFileSync(join(dir, "encryption.key"), "utf8").split("\n");

  test("is made once, readable by the owner alone, and stays the same", () => {
    using dir = tempDir();
    const made = load(dir.path).current;
    const file = join(dir.path, "encryption.key");
    expect(made).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(load(dir.path).current).toEqual(made);
    expect(load(dir.path).previous).toEqual([]);
    expect(Buffer.from(made).toString("base64url")).not.toBe(readFileSync(file, "utf8"));
  });

  test("from the environment leaves no file, and differs with every text", () => {
    using dir = tempDir();
    mkdirSync(dir.path, { recursive: true });
    const [one, two] = ["a".repeat(32), "b".repeat(32)].map((text) => load(dir.path, text).current);
    expect(one).not.toEqual(two as Uint8Array);
    expect(() => statSync(join(dir.path, "encryption.key"))).toThrow();
  });

  test("a damaged file is told instead of replaced", () => {
    using dir = tempDir();
    writeFileSync(join(dir.path, "encryption.key"), "short");
    expect(() => load(dir.path)).toThrow(/damaged/);
    expect(readFileSync(join(dir.path, "encryption.key"), "utf8")).toBe("short");
  });

  test("is replaced in two steps, each on disk before it counts", () => {
    using dir = tempDir();
    const keys = load(dir.path);
    const [first] = [keys.current];
    keys.begin();
    expect([keys.current.length, keys.previous]).toEqual([32, [first]]);
    expect(keys.current).not.toEqual(first);
    expect(texts(dir.path)).toHaveLength(2);
    expect(statSync(join(dir.path, "encryption.key")).mode & 0o777).toBe(0o600);
    const again = load(dir.path);
    expect([again.current, again.previous]).toEqual([keys.current, keys.previous]);
    again.end();
    expect(again.previous).toEqual([]);
    expect(load(dir.path)).toMatchObject({ current: keys.current, previous: [] });
    expect(texts(dir.path)).toHaveLength(1);
  });

  test("from the environment still opens what the one before it and the one of the file have locked", () => {
    using dir = tempDir();
    const own = load(dir.path).current;
    const [old, next] = ["a".repeat(32), "b".repeat(32)];
    const [oldKey, nextKey] = [old, next].map((text) => load(tempDir().path, text).current);
    const keys = load(dir.path, next, old);
    expect([keys.current, keys.previous]).toEqual([nextKey, [oldKey, own]] as never);
    expect(() => keys.begin()).toThrow(/ENCRYPTION_KEY_PREVIOUS/);
    keys.end();
    expect([keys.current, keys.previous]).toEqual([nextKey, []] as never);
    expect(load(dir.path).current).toEqual(own);
    expect(load(dir.path, undefined, old).previous).toEqual([oldKey] as never);
  });
});

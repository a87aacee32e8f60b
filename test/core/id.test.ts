import { describe, expect, test } from "bun:test";
import { derivedId, ID_PATTERN, idAt, newId, newRequestId, newSecret, sha256Hex, shortHash, timeOfId } from "../../src/core/id";

const isId = new RegExp(ID_PATTERN);

describe("newId", () => {
  test("100,000 ids made at once are all different, well formed, and sort in the order in which they were made", () => {
    const ids = Array.from({ length: 100_000 }, () => newId());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => isId.test(id))).toBe(true);
    expect([...ids].sort()).toEqual(ids);
  });

  test("ids keep their order when the wall clock goes back", () => {
    const later = Date.now() + 60_000;
    const first = newId(later);
    const second = newId(later - 30_000);
    expect(second > first).toBe(true);
  });

  test("more ids in one millisecond than the counter holds still sort", () => {
    const now = Date.now() + 120_000;
    const ids = Array.from({ length: 70_000 }, () => newId(now));
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  test("the time is written in the id", () => {
    const now = Date.now() + 600_000;
    expect(timeOfId(newId(now))).toBe(now);
  });
});

describe("derivedId", () => {
  const parent = newId();

  test("the same parent and purpose give the same id, every other pair another one", () => {
    expect(derivedId(parent, "turn:1:0")).toBe(derivedId(parent, "turn:1:0"));
    expect(derivedId(parent, "turn:1:0")).not.toBe(derivedId(parent, "turn:1:1"));
    expect(derivedId(parent, "turn:1:0")).not.toBe(derivedId(newId(), "turn:1:0"));
  });

  test("is an id, and carries the time of its parent", () => {
    expect(derivedId(parent, "x")).toMatch(isId);
    expect(timeOfId(derivedId(parent, "x"))).toBe(timeOfId(parent));
  });
});

test("hashes are stable and of fixed length", () => {
  expect(sha256Hex("chasqui")).toBe(new Bun.CryptoHasher("sha256").update("chasqui").digest("hex"));
  expect(shortHash("m:1:wamid")).toMatch(/^[\w-]{22}$/);
  expect(shortHash("a")).toBe(shortHash("a"));
  expect(shortHash("a")).not.toBe(shortHash("b"));
});

test("secrets and request ids never repeat and are safe in URLs and headers", () => {
  const secrets = Array.from({ length: 1_000 }, () => newSecret());
  expect(new Set(secrets).size).toBe(1_000);
  expect(secrets.every((secret) => /^[\w-]{43}$/.test(secret))).toBe(true);
  expect(newSecret(12)).toHaveLength(16);
  expect(newRequestId()).toMatch(/^req_[0-9a-f]{24}$/);
});

test("what is imported sorts at its time, and within one time in the order of import", () => {
  const ids = Array.from({ length: 50 }, () => idAt(1_790_000_000_000));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(50);
  expect(idAt(1_789_999_999_999) < (ids[0] ?? "")).toBe(true);
});

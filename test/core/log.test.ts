import { describe, expect, test } from "bun:test";
import { fail } from "../../src/core/errors";
import { createLog, type LogLevel, silentLog } from "../../src/core/log";
import { ManualClock } from "../helpers/manual-clock";

const open = (level: LogLevel) => {
  const lines: string[] = [];
  const log = createLog({ level, write: (line) => void lines.push(line), clock: new ManualClock(Date.UTC(2026, 10, 20)) });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? "null") as Record<string, unknown> };
};

test("a line is one JSON object with time, level, message and fields", () => {
  const { log, lines, last } = open("info");
  log.info("stored", { wamid: "wamid.1", ms: 3 });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toEndWith("\n");
  expect(last()).toEqual({ time: "2026-11-20T00:00:00.000Z", level: "info", message: "stored", wamid: "wamid.1", ms: 3 });
});

test.each([
  ["debug", 4],
  ["info", 3],
  ["warn", 2],
  ["error", 1],
  ["silent", 0],
] as const)("at level %s, %i of four lines are written", (level, count) => {
  const { log, lines } = open(level);
  log.debug("1");
  log.info("2");
  log.warn("3");
  log.error("4");
  expect(lines).toHaveLength(count);
});

describe("secrets", () => {
  const secret = "EAAG-very-secret";
  const keys = [
    "password",
    "pass",
    "ADMIN_PASSWORD",
    "secret",
    "appSecret",
    "accessToken",
    "refresh_token",
    "authorization",
    "cookie",
    "set-cookie",
    "apiKey",
    "api-key",
    "x-hub-signature-256",
  ];
  test.each(keys)("%s is never written, at any level and any depth", (key) => {
    for (const level of ["debug", "info"] as const) {
      const { log, lines } = open(level);
      log.error("x", { [key]: secret, deep: { list: [{ [key]: { nested: secret } }] } });
      log.child({ [key]: secret }).error("y");
      expect(lines.join("")).not.toContain(secret);
      expect(lines).toHaveLength(2);
    }
  });

  test("counts of tokens are no secrets", () => {
    const { log, last } = open("info");
    log.info("x", { inputTokens: 120, hasToken: true });
    expect(last()).toMatchObject({ inputTokens: 120, hasToken: true });
  });
});

describe("texts of messages", () => {
  const texts = { text: "mi dirección es Av. Sol 1", body: "b", content: "c", caption: "d", reply: "e", prompt: "f", query: "g" };

  test.each(["info", "warn", "error"] as const)("at %s only their length is written", (level) => {
    const { log, last } = open(level);
    log.error("x", { ...texts, inner: { text: texts.text } });
    expect(last()).toMatchObject({ text: "[25 characters]", body: "[1 characters]", inner: { text: "[25 characters]" } });
    expect(JSON.stringify(last())).not.toContain("Av. Sol");
  });

  test("at debug they are written", () => {
    const { log, last } = open("debug");
    log.info("x", texts);
    expect(last()).toMatchObject(texts);
  });
});

test("an error is written with name, message, code, a short stack and its causes", () => {
  const { log, last } = open("info");
  log.error("x", { error: fail("store.unavailable", { cause: new TypeError("disk gone", { cause: "cable" }) }) });
  const { error } = last() as { error: { stack: string[]; cause: Record<string, unknown> } & Record<string, unknown> };
  expect(error).toMatchObject({ name: "AppError", code: "store.unavailable" });
  expect(error.stack.length).toBeLessThanOrEqual(5);
  expect(error.stack[0]).toStartWith("at ");
  expect(error.cause).toMatchObject({ name: "TypeError", message: "disk gone", cause: "cable" });
});

test("values that JSON cannot hold do not break the line", () => {
  const { log, last } = open("info");
  const circle: Record<string, unknown> = { name: "circle" };
  circle.self = circle;
  log.info("x", { circle, big: 10n ** 20n, at: new Date(0), nothing: null, missing: undefined });
  expect(last()).toMatchObject({ big: "100000000000000000000", at: "1970-01-01T00:00:00.000Z", nothing: null });
  expect(JSON.stringify(last())).toContain("[deep]");
});

test("a child adds its fields to each of its lines and leaves the parent alone", () => {
  const { log, lines } = open("info");
  const child = log.child({ part: "store" }).child({ shard: 1 });
  child.info("a");
  log.info("b");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ part: "store", shard: 1 });
  expect(JSON.parse(lines[1] ?? "")).not.toHaveProperty("part");
});

test("the silent log writes nothing", () => {
  silentLog.error("x");
  expect(silentLog.level).toBe("silent");
});

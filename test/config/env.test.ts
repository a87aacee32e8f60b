import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Environment, loadConfig, readConfig, seconds } from "../../src/config/env";
import { AppError } from "../../src/core/errors";

const mistakesOf = (variables: Record<string, string>): AppError => {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("the configuration was taken");
};

const WHATSAPP = {
  WHATSAPP_PHONE_NUMBER_ID: "440055660077001",
  WHATSAPP_ACCESS_TOKEN: "EAAG-token",
  WHATSAPP_APP_SECRET: "app-secret",
  WHATSAPP_VERIFY_TOKEN: "verify-me",
};

test("without any variable everything has a value, and the sandbox is on", () => {
  expect(readConfig({})).toMatchObject({
    port: 3000,
    host: "127.0.0.1",
    publicUrl: null,
    dataDir: resolve("./data"),
    mongodbUri: undefined,
    logLevel: "info",
    corsOrigins: [],
    auth: {
      accessSecret: undefined,
      refreshSecret: undefined,
      accessTtlSeconds: 900,
      refreshTtlSeconds: 604_800,
      adminEmail: "admin@chasqui.local",
      adminPassword: undefined,
    },
    whatsapp: {
      configured: false,
      missing: ["WHATSAPP_PHONE_NUMBER_ID", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"],
      phoneNumberId: undefined,
      businessAccountId: undefined,
      accessToken: undefined,
      appSecret: undefined,
      verifyToken: undefined,
      previousAppSecret: undefined,
      previousVerifyToken: undefined,
      graphUrl: undefined,
      graphVersion: "v26.0",
    },
    assistant: { enabled: true, apiKey: undefined, baseUrl: undefined, model: "gpt-6-luna" },
    batch: { waitMs: 2_000, maxWaitMs: 8_000 },
    dedupTtlMs: 60_000,
    settleMs: 60_000,
    sandbox: true,
  });
});

test("every variable is taken over", () => {
  const config = readConfig({
    ...WHATSAPP,
    PORT: "8080",
    HOST: "::1",
    PUBLIC_URL: "https://chat.example.com",
    DATA_DIR: "/srv/chasqui",
    MONGODB_URI: "mongodb://localhost/?replicaSet=rs0",
    LOG_LEVEL: "warn",
    CORS_ORIGINS: "https://a.example, https://b.example,",
    JWT_ACCESS_SECRET: "a".repeat(32),
    JWT_REFRESH_SECRET: "b".repeat(32),
    ACCESS_TOKEN_TTL: "30s",
    REFRESH_TOKEN_TTL: "12h",
    WHATSAPP_BUSINESS_ACCOUNT_ID: "330011223344556",
    WHATSAPP_GRAPH_URL: "http://127.0.0.1:9000",
    WHATSAPP_GRAPH_VERSION: "v25.0",
    OPENAI_API_KEY: "sk-key",
    OPENAI_BASE_URL: "http://127.0.0.1:11434/v1",
    OPENAI_MODEL: "llama",
    ASSISTANT: "off",
    BATCH_WAIT_MS: "0",
    BATCH_MAX_WAIT_MS: "0",
    DEDUP_TTL_MS: "1",
    SETTLE_MS: "2",
    ADMIN_EMAIL: "Rosa@Example.COM",
    ADMIN_PASSWORD: "correct horse",
  });
  expect(config).toMatchObject({
    port: 8080,
    host: "::1",
    publicUrl: "https://chat.example.com",
    dataDir: "/srv/chasqui",
    mongodbUri: "mongodb://localhost/?replicaSet=rs0",
    logLevel: "warn",
    corsOrigins: ["https://a.example", "https://b.example"],
    auth: {
      accessSecret: "a".repeat(32),
      refreshSecret: "b".repeat(32),
      accessTtlSeconds: 30,
      refreshTtlSeconds: 43_200,
      adminEmail: "rosa@example.com",
      adminPassword: "correct horse",
    },
    whatsapp: { configured: true, missing: [], businessAccountId: "330011223344556", graphVersion: "v25.0" },
    assistant: { enabled: false, apiKey: "sk-key", baseUrl: "http://127.0.0.1:11434/v1", model: "llama" },
    batch: { waitMs: 0, maxWaitMs: 0 },
    dedupTtlMs: 1,
    settleMs: 2,
    sandbox: false,
  });
});

test("surrounding spaces and empty values count as not set", () => {
  expect(readConfig({ PORT: " 8080 ", HOST: "", OPENAI_MODEL: "  " })).toMatchObject({
    port: 8080,
    host: "127.0.0.1",
    assistant: { model: "gpt-6-luna" },
  });
});

test("the configuration cannot be changed afterwards", () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true);
});

test("all mistakes are reported together, each with its variable and what is needed", () => {
  const error = mistakesOf({
    PORT: "70000",
    PUBLIC_URL: "chat.example.com",
    LOG_LEVEL: "loud",
    ACCESS_TOKEN_TTL: "15 minutes",
    JWT_ACCESS_SECRET: "short",
    MONGODB_URI: "postgres://localhost",
    WHATSAPP_GRAPH_VERSION: "26",
    SANDBOX: "maybe",
    BATCH_WAIT_MS: "2.5",
    ADMIN_EMAIL: "nobody",
    ADMIN_PASSWORD: "short",
  });
  expect(error.code).toBe("config.invalid");
  const told = Object.fromEntries((error.details ?? []).map(({ path, message }) => [path, message]));
  expect(Object.keys(told).sort()).toEqual([
    "ACCESS_TOKEN_TTL",
    "ADMIN_EMAIL",
    "ADMIN_PASSWORD",
    "BATCH_WAIT_MS",
    "JWT_ACCESS_SECRET",
    "LOG_LEVEL",
    "MONGODB_URI",
    "PORT",
    "PUBLIC_URL",
    "SANDBOX",
    "WHATSAPP_GRAPH_VERSION",
  ]);
  expect(told.PORT).toBe('"70000" is not valid: a whole number from 0 to 65535 is needed');
  expect(told.LOG_LEVEL).toContain("use debug, info, warn, error, silent");
  expect(told.ACCESS_TOKEN_TTL).toContain("15m, 12h or 7d");
  expect(told.PUBLIC_URL).toContain("http:// or https://");
  expect(told.JWT_ACCESS_SECRET).toContain("at least 32 characters");
  for (const path of Object.keys(told)) expect(error.message).toContain(`  ${path} `);
});

test.each(["JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET", "ADMIN_PASSWORD", "MONGODB_URI"])(
  "the value of %s is not repeated when it is wrong",
  (name) => {
    const error = mistakesOf({ [name]: "p4ss/w" });
    expect(error.details?.map(({ path }) => path)).toEqual([name]);
    expect(JSON.stringify([error.message, error.details])).not.toContain("p4ss/w");
  },
);

test.each(["", " ", "-1", "1e3", "0x10", "12abc", "99999999999999999999"])("PORT=%j is no port", (value) => {
  if (value.trim() === "") expect(readConfig({ PORT: value }).port).toBe(3000);
  else expect(mistakesOf({ PORT: value }).details?.[0]?.path).toBe("PORT");
});

test("the longest batch wait cannot be shorter than the silence", () => {
  expect(mistakesOf({ BATCH_WAIT_MS: "3000", BATCH_MAX_WAIT_MS: "2000" }).details).toEqual([
    { path: "BATCH_MAX_WAIT_MS", message: "must not be shorter than BATCH_WAIT_MS" },
  ]);
});

describe("the sandbox", () => {
  test.each([
    ["auto, nothing set", {}, true],
    ["auto, WhatsApp half set", { WHATSAPP_APP_SECRET: "x" }, true],
    ["auto, WhatsApp set", WHATSAPP, false],
    ["on, WhatsApp set", { ...WHATSAPP, SANDBOX: "on" }, true],
    ["off, nothing set", { SANDBOX: "off" }, false],
    ["off, WhatsApp set", { ...WHATSAPP, SANDBOX: "off" }, false],
  ])("%s", (_, variables, expected) => {
    const config = readConfig(variables);
    expect(config.sandbox).toBe(expected);
    // A sandbox is open to whoever can reach it, so it listens on this machine only.
    expect(config.host).toBe(expected ? "127.0.0.1" : "0.0.0.0");
  });

  test("off and WhatsApp half set: what is missing is named", () => {
    const { details } = mistakesOf({ SANDBOX: "off", WHATSAPP_APP_SECRET: "x" });
    expect(details?.map(({ path }) => path)).toEqual([
      "WHATSAPP_PHONE_NUMBER_ID",
      "WHATSAPP_ACCESS_TOKEN",
      "WHATSAPP_VERIFY_TOKEN",
    ]);
  });

  test("auto and WhatsApp half set: says what is still to be set", () => {
    expect(readConfig({ WHATSAPP_APP_SECRET: "x" }).whatsapp.missing).toHaveLength(3);
  });
});

test.each([
  ["30s", 30],
  ["15m", 900],
  ["12h", 43_200],
  ["7d", 604_800],
])("%s are %i seconds", (duration, expected) => {
  expect(seconds(duration)).toBe(expected);
});

test.each(["0m", "-1h", "1.5h", "15", "m", "15M", "1h30m"])("%j is no duration", (duration) => {
  expect(mistakesOf({ REFRESH_TOKEN_TTL: duration }).details?.[0]?.path).toBe("REFRESH_TOKEN_TTL");
});

test("every variable is described, and .env.example names exactly those", () => {
  const descriptions = Object.values(Environment.properties).map(({ description }) => description ?? "");
  expect(descriptions.every((text) => text.length > 10)).toBe(true);
  const sample = readFileSync(join(import.meta.dir, "../../.env.example"), "utf8");
  const named = [...sample.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
  expect(new Set(named)).toEqual(new Set(Object.keys(Environment.properties)));
});

test("this process has its configuration", () => {
  expect(loadConfig().logLevel).toBe("info");
});

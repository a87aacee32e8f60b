/** The one translation from a provider's errors, and whether trying again can help. */
import { describe, expect, test } from "bun:test";
import { AiError, type AiErrorKind, readRetryAfter, translateAnswerError, translateProviderError } from "../../src/ai/ai-error";

const NOW = Date.UTC(2026, 10, 20);

describe("errors with a status", () => {
  test.each<[status: number, code: string, message: string, kind: AiErrorKind, retryable: boolean]>([
    [401, "invalid_api_key", "Incorrect API key", "refused-key", false],
    [403, "unsupported_country_region_territory", "Country not supported", "refused-key", false],
    [429, "rate_limit_exceeded", "Rate limit reached", "rate-limited", true],
    [429, "insufficient_quota", "You exceeded your current quota, check your billing", "rate-limited", false],
    [404, "model_not_found", "The model `gpt-4o` does not exist", "model-retired", false],
    [404, "", 'model "llama4" not found, try pulling it first', "model-retired", false],
    [400, "", "The model `llama3` has been decommissioned", "model-retired", false],
    [410, "", "Gone", "model-retired", false],
    [404, "", "404 page not found", "bad-request", false],
    [405, "", "Method not allowed", "bad-request", false],
    [501, "", "Not implemented", "unavailable", false],
    [400, "context_length_exceeded", "Your input exceeds", "context-too-long", false],
    [400, "", "This model's maximum context length is 8192 tokens", "context-too-long", false],
    [413, "", "Payload too large", "bad-request", false],
    [400, "invalid_value", "Invalid value", "bad-request", false],
    [422, "", "Unprocessable", "bad-request", false],
    [408, "", "Timeout", "timeout", true],
    [409, "", "Conflict", "unavailable", true],
    [500, "", "Server error", "unavailable", true],
    [503, "", "Overloaded", "unavailable", true],
    [529, "", "Overloaded", "unavailable", true],
  ])("%d %s: %s", (status, code, message, kind, retryable) => {
    expect(translateProviderError({ status, code, message }, NOW)).toMatchObject({ kind, retryable, status });
  });
});

test.each<[unknown, AiErrorKind]>([
  [new SyntaxError("Unexpected end of JSON input"), "invalid-output"],
  [new TypeError("undefined is not an object"), "invalid-output"],
  [Object.assign(new TypeError("closed"), { code: "ECONNRESET" }), "unavailable"],
  [Object.assign(new Error("refused"), { code: "ConnectionRefused" }), "unavailable"],
  [new Error("Connection error."), "unavailable"],
  [new Error("Request timed out."), "timeout"],
  ["a thrown string", "unavailable"],
  [null, "unavailable"],
])("without a status, case %#", (error, kind) => {
  expect(translateProviderError(error, NOW)).toMatchObject({ kind });
});

test("an AiError stays what it is", () => {
  const error = new AiError("aborted");
  expect(translateProviderError(error, NOW)).toBe(error);
});

test.each<[string, string, AiErrorKind]>([
  ["rate_limit_exceeded", "slow down", "rate-limited"],
  ["server_error", "sorry", "unavailable"],
  ["invalid_prompt", "exceeds the context window", "context-too-long"],
  ["vector_store_timeout", "late", "unavailable"],
  ["something_new", "?", "invalid-output"],
])("inside an answer: %s", (code, message, kind) => {
  expect(translateAnswerError(code, message).kind).toBe(kind);
});

test.each<[Record<string, string>, number | undefined]>([
  [{ "retry-after-ms": "1500" }, 1500],
  [{ "retry-after-ms": "250", "retry-after": "9" }, 250],
  [{ "retry-after": "2" }, 2000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after": "Fri, 20 Nov 2026 00:00:07 GMT" }, 7000],
  [{ "retry-after": "Thu, 19 Nov 2026 00:00:00 GMT" }, 0],
  [{ "retry-after": "soon" }, undefined],
  [{}, undefined],
])("how long to wait: %j", (headers, expected) => {
  expect(readRetryAfter(new Headers(headers), NOW)).toBe(expected);
  expect(translateProviderError({ status: 429, headers: new Headers(headers) }, NOW).retryAfterMs).toBe(expected);
});

test("details are short and carry no key", () => {
  const { detail, message } = translateProviderError(
    { status: 401, message: `Incorrect API key provided: sk-proj-abcdef123456. ${"x".repeat(500)}` },
    NOW,
  );
  expect(detail).toStartWith("Incorrect API key provided: sk-…");
  expect(detail!.length).toBeLessThanOrEqual(300);
  expect(message).not.toContain("sk-");
});

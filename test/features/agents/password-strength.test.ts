/** Which passwords are refused for being guessed at once, and which are not for having a common word in them. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { isEasyPassword } from "../../../src/features/agents/password-strength";
import { ApiClient } from "../../helpers/api-client";
import { hire, PASSWORD, tokenOf } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";

setDefaultTimeout(60_000);

test.each([
  "1qaz2wsx3edc4rfv",
  "counterstrike",
  "Administrator",
  "password1234",
  "Password!2026",
  "P@ssw0rd2026!",
  "qwerty123456",
  "dragon20261129",
  "aaaaaaaaaaaa",
  "abcabcabcabc",
  "123456789012",
  "abcdefghijkl",
  "chasqui12345",
  "monkeymonkey",
])("%s is easy", (password) => expect(isEasyPassword(password)).toBe(true));

test.each([
  "correct horse battery",
  "another horse battery",
  "x7#Kp2!mQz9w",
  "mi perro come papas",
  "dragon slayed by monkey",
  "日本語のパスワードは長い",
])("%s is not", (password) => expect(isEasyPassword(password)).toBe(false));

test("one's own name and address are easy for oneself alone", () => {
  expect(isEasyPassword("Quispe-198512", ["Ana Quispe", "ana.quispe@tienda.example"])).toBe(true);
  expect(isEasyPassword("Quispe-198512", ["Rosa", "rosa@tienda.example"])).toBe(false);
});

describe("over REST", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ env: { ASSISTANT: "off" } });
  });
  afterAll(() => app[Symbol.asyncDispose]());

  test("too short and too easy ones are refused wherever one is set, each with its reason", async () => {
    const ana = await hire(app, { email: "quispe@example.com", role: "agent" });
    const change = (next: string) => ana.api.put("/auth/password", { current: PASSWORD, next });
    expect((await change("eleven char")).body).toMatchObject({ code: "agent.password-short" });
    expect((await change("password1234")).body).toMatchObject({ code: "agent.password-easy" });
    expect((await change("quispe-198512")).body).toMatchObject({ code: "agent.password-easy" });
    expect((await change("x".repeat(129))).status).toBe(422);
    const link = await app.api.post<{ link: string }>(`/agents/${ana.id}/password-link`);
    const token = tokenOf(link.body.data.link);
    const reset = (password: string) => new ApiClient(app.url).post("/auth/password/reset", { token, password });
    expect((await reset("qwerty123456")).body).toMatchObject({ code: "agent.password-easy" });
    // The link is still good.
    expect((await reset("mi perro come papas")).status).toBe(200);
  });

  test("what somebody has already goes on to count", async () => {
    await using old = await createTestApp({ env: { ASSISTANT: "off" } });
    await hire(old, { email: "old@example.com", role: "agent" });
    const rooms = await old.openStored();
    const passwordHash = await Bun.password.hash("password12", { algorithm: "argon2id", memoryCost: 1024, timeCost: 1 });
    await rooms.models.agents.updateOne({ email: "old@example.com" }, { $set: { passwordHash } });
    await rooms[Symbol.asyncDispose]();
    await using again = await createTestApp({ dataDir: old.dataDir, env: { ASSISTANT: "off" } });
    await new ApiClient(again.url).signIn({ email: "old@example.com", password: "password12" });
  });
});

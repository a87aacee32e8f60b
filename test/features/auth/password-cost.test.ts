/** What a password costs, and that nobody learns from the work done who has an account. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { hashPassword, verifyPassword } from "../../../src/features/agents/password-hash";
import { ApiClient } from "../../helpers/api-client";
import { hire, PASSWORD } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";

setDefaultTimeout(60_000);

const LEAST_MS = 50;
/** Processor time, so that a busy machine makes it no better. */
async function costMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

describe("argon2id", () => {
  test("costs at least 50 ms of processor time to make and to compare, also when there is nothing to compare with", async () => {
    const hash = await hashPassword(PASSWORD);
    expect(hash).toStartWith("$argon2id$v=19$m=65536,t=2,p=1$");
    await verifyPassword(PASSWORD, undefined);
    const costs = {
      hash: await costMs(() => hashPassword(PASSWORD)),
      right: await costMs(() => verifyPassword(PASSWORD, hash)),
      wrong: await costMs(() => verifyPassword("another", hash)),
      nothing: await costMs(() => verifyPassword(PASSWORD, undefined)),
    };
    console.log("argon2id, ms of processor time:", costs);
    for (const [what, ms] of Object.entries(costs)) expect([what, ms >= LEAST_MS]).toEqual([what, true]);
  });
});

describe("the same work and the same answer", () => {
  let app: TestApp;
  const verify = spyOn(Bun.password, "verify");
  const hash = spyOn(Bun.password, "hash");
  beforeAll(async () => {
    app = await createTestApp({ env: { ASSISTANT: "off" } });
    await hire(app, { email: "known@example.com", role: "agent" });
    const left = await hire(app, { email: "left@example.com", role: "agent" });
    await app.api.post(`/agents/${left.id}/deactivate`);
    await app.api.post("/agents", { email: "invited@example.com", role: "agent" });
    // The hash that stands in for a missing one is made at its first use.
    await new ApiClient(app.url).post("/auth/sign-in", { email: "first@example.com", password: "guess" });
  });
  afterAll(async () => {
    verify.mockRestore();
    hash.mockRestore();
    await app[Symbol.asyncDispose]();
  });

  test.each([
    ["a wrong password", "known@example.com", "guess"],
    ["an e-mail nobody has", "unknown@example.com", "guess"],
    ["somebody who was shut out, with the right password", "left@example.com", PASSWORD],
    ["somebody who has not accepted yet", "invited@example.com", "guess"],
  ])("%s: one comparison at full cost, and the one answer", async (_, email, password) => {
    verify.mockClear();
    hash.mockClear();
    const { status, body } = await new ApiClient(app.url).post("/auth/sign-in", { email, password });
    const { requestId: _id, ...said } = body as unknown as Record<string, unknown>;
    expect([status, said]).toEqual([
      401,
      { success: false, code: "auth.wrong-credentials", error: "E-mail or password is wrong." },
    ]);
    expect(verify).toHaveBeenCalledTimes(1);
    expect(hash).toHaveBeenCalledTimes(0);
    const [, against] = verify.mock.calls[0] ?? [];
    expect(String(against)).toStartWith("$argon2id$v=19$m=65536,t=2,p=1$");
  });

  test("asking for a new password does no work that depends on who asks", async () => {
    verify.mockClear();
    hash.mockClear();
    for (const email of ["known@example.com", "unknown@example.com", "left@example.com", "invited@example.com"]) {
      const { status, body } = await new ApiClient(app.url).post("/auth/password/forgot", { email });
      expect([email, status, body]).toEqual([email, 200, { success: true, data: { done: true } } as never]);
    }
    expect(verify).toHaveBeenCalledTimes(0);
    expect(hash).toHaveBeenCalledTimes(0);
  });

  test("who is locked out causes no work at all", async () => {
    const client = new ApiClient(app.url);
    for (let round = 0; round < 8; round++) await client.post("/auth/sign-in", { email: "busy@example.com", password: "guess" });
    verify.mockClear();
    expect((await client.post("/auth/sign-in", { email: "busy@example.com", password: "guess" })).status).toBe(429);
    expect(verify).toHaveBeenCalledTimes(0);
  });
});

/** Changes to numbers and templates are for admins: an agent of another role looks, and is refused when changing. */
import { expect, test } from "bun:test";
import { Elysia } from "elysia";
import { AppError } from "../../../src/core/errors";
import { authPlugin } from "../../../src/features/auth/auth.plugin";
import type { AuthService } from "../../../src/features/auth/auth.service";

test.each([
  ["admin", 200, 200],
  ["supervisor", 200, 403],
  ["agent", 200, 403],
])("%s", async (role, asAgent, asAdmin) => {
  const auth = { getActiveAgent: async (id: string) => ({ _id: id, role }) } as unknown as AuthService;
  const plugin = authPlugin({ auth, accessSecret: "s".repeat(32), accessTtlSeconds: 60 });
  const app = new Elysia()
    .onError(({ error, status }) => (error instanceof AppError ? status(error.status, error.code) : status(500)))
    .use(plugin)
    .get("/token", ({ accessJwt }) => accessJwt.sign({ sub: "a1", role: "admin" }))
    .get("/agents-only", () => "in", { agent: true })
    .get("/admins-only", () => "in", { permission: "channels.manage" });
  const token = await (await app.handle(new Request("http://localhost/token"))).text();
  const ask = async (path: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
    (await app.handle(new Request(`http://localhost${path}`, { headers }))).status;
  expect([await ask("/agents-only"), await ask("/admins-only")]).toEqual([asAgent, asAdmin]);
  expect(await ask("/admins-only", {})).toBe(401);
  expect(await ask("/admins-only", { authorization: "Bearer nonsense" })).toBe(401);
});

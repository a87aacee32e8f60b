/** Guessing: whoever fails has to wait, longer each time, by account and by address; nobody closes the door for others. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { ApiClient } from "../../helpers/api-client";
import { ManualClock } from "../../helpers/manual-clock";
import { hire, PASSWORD, tokenOf } from "../../helpers/people";
import { ADMIN } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { createTestApp, type TestApp, type TestAppOptions } from "../../helpers/test-app";

setDefaultTimeout(120_000);

const FREE_OF_ADDRESS = 40;
const FREE_OF_ACCOUNT = 8;
const INVENTED = "x".repeat(43);

async function openWorld({ env, ...options }: TestAppOptions = {}) {
  const clock = new ManualClock();
  const app = await createTestApp({ clock, env: { TRUSTED_PROXIES: "1", ASSISTANT: "off", ...env }, ...options });
  const signIn = (email: string, password: string, address: string) => send(app, "sign-in", { email, password }, address);
  return {
    app,
    clock,
    signIn,
    /** Two guesses at passwords, of a new account each time, and the rest at links, which cost no work: only the address is the same. */
    guess: async (times: number, address: (round: number) => string) => {
      const statuses: number[] = [];
      for (let round = 0; round < times; round++)
        statuses.push(
          round < 2
            ? (await signIn(`nobody${round}@example.com`, "guess", address(round))).status
            : (await send(app, "invitation", { token: INVENTED }, address(round))).status,
        );
      return statuses;
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

async function send({ url }: TestApp, path: string, body: unknown, address: string) {
  const response = await fetch(`${url}/api/v2/auth/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": address },
    body: JSON.stringify(body),
  });
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, code, wait: response.headers.get("retry-after") };
}

/** What `guess` is answered while nobody has to wait. */
const free = (count: number) => Array.from({ length: count }, (_, round) => (round < 2 ? 401 : 410));

describe("by address", () => {
  test("many accounts from one address: it waits, longer each time, also with the right password; others do not", async () => {
    await using world = await openWorld();
    const { signIn, guess, clock } = world;
    const bad = "198.51.100.7";
    expect(await guess(FREE_OF_ADDRESS, () => bad)).toEqual(free(FREE_OF_ADDRESS));
    const waits: (string | null)[] = [];
    for (let round = 0; round < 8; round++) {
      const refused = await signIn(ADMIN.email, ADMIN.password, bad);
      expect([refused.status, refused.code]).toEqual([429, "auth.too-many-attempts"]);
      waits.push(refused.wait);
      clock.setWall(clock.now() + Number(refused.wait) * 1000);
      expect((await send(world.app, "invitation", { token: INVENTED }, bad)).status).toBe(410);
    }
    expect(waits).toEqual(["60", "120", "240", "480", "960", "1920", "3600", "3600"]);
    // The entry that our own proxy has written counts; what stands before it is the client's invention.
    expect((await signIn(ADMIN.email, ADMIN.password, `203.0.113.5, ${bad}`)).status).toBe(429);
    expect((await signIn(ADMIN.email, ADMIN.password, `${bad}, 203.0.113.5`)).status).toBe(200);
    expect((await signIn(ADMIN.email, ADMIN.password, "203.0.113.6")).status).toBe(200);
    // Who has waited is let in, and a day without a failure forgets everything.
    clock.setWall(clock.now() + 3_600_000);
    expect((await signIn(ADMIN.email, ADMIN.password, bad)).status).toBe(200);
    clock.setWall(clock.now() + 24 * 3_600_000);
    expect(await guess(5, () => bad)).toEqual(free(5));
  });

  test("one IPv6 network is one address", async () => {
    await using world = await openWorld();
    const address = (round: number) => `2001:db8:7:7::${(round + 1).toString(16)}`;
    expect(await world.guess(FREE_OF_ADDRESS + 1, address)).toEqual([...free(FREE_OF_ADDRESS), 429]);
    expect((await world.signIn(ADMIN.email, ADMIN.password, "2001:db8:7:8::1")).status).toBe(200);
  });

  test("without TRUSTED_PROXIES the header is believed by nobody: changing it does not help, nor can it lock somebody else out", async () => {
    await using world = await openWorld({ env: { TRUSTED_PROXIES: "0" } });
    const { signIn, guess } = world;
    expect(await guess(FREE_OF_ADDRESS + 2, () => "198.51.100.7")).toEqual(free(FREE_OF_ADDRESS + 2));
    // All come from the machine itself, which is never locked out; the account is, from whatever address it is tried.
    for (let round = 0; round < FREE_OF_ACCOUNT; round++) await signIn(ADMIN.email, "guess", `198.51.100.${round}`);
    expect((await signIn(ADMIN.email, ADMIN.password, "203.0.113.1")).status).toBe(429);
  });

  test("links and forgotten passwords are counted with it", async () => {
    await using world = await openWorld();
    const bad = "198.51.100.8";
    const token = INVENTED;
    for (let round = 0; round < FREE_OF_ADDRESS / 2; round++) {
      expect((await send(world.app, "password/reset", { token, password: "long enough" }, bad)).status).toBe(410);
      expect((await send(world.app, "invitation", { token }, bad)).status).toBe(410);
    }
    expect((await send(world.app, "password/reset", { token, password: "long enough" }, bad)).status).toBe(429);
    expect((await send(world.app, "invitation", { token }, bad)).status).toBe(429);
    expect((await send(world.app, "password/forgot", { email: ADMIN.email }, bad)).status).toBe(429);
    expect((await world.signIn(ADMIN.email, ADMIN.password, bad)).status).toBe(429);
  });

  test("an office whose people sign in all day is not closed", async () => {
    await using world = await openWorld();
    const office = "203.0.113.77";
    await world.guess(FREE_OF_ADDRESS - 1, () => office);
    for (let round = 0; round < 5; round++) expect((await world.signIn(ADMIN.email, ADMIN.password, office)).status).toBe(200);
  });

  test("is not closed either by somebody who keeps knocking at one account that is closed already", async () => {
    await using world = await openWorld();
    const office = "203.0.113.78";
    for (let round = 0; round < FREE_OF_ACCOUNT; round++) await world.signIn("closed@example.com", "guess", office);
    for (let round = 0; round < FREE_OF_ADDRESS; round++)
      expect((await world.signIn("closed@example.com", "guess", office)).status).toBe(429);
    expect((await world.signIn(ADMIN.email, ADMIN.password, office)).status).toBe(200);
  });
});

describe("an account that is closed", () => {
  const close = async ({ signIn }: Awaited<ReturnType<typeof openWorld>>, email: string) => {
    for (let round = 0; round < FREE_OF_ACCOUNT; round++) await signIn(email, "guess", `198.51.100.${round}`);
    expect((await signIn(email, PASSWORD, "203.0.113.1")).status).toBe(429);
  };

  test("stays closed over a restart", async () => {
    using dir = tempDir();
    const dataDir = dir.path;
    {
      await using world = await openWorld({ dataDir });
      await close(world, "restart@example.com");
    }
    await using world = await openWorld({ dataDir });
    expect((await world.signIn("restart@example.com", "guess", "203.0.113.1")).status).toBe(429);
  });

  test("opens for its owner by a link, whatever others have guessed", async () => {
    await using world = await openWorld();
    const colleague = await hire(world.app, { email: "owner@example.com", role: "agent" });
    await close(world, colleague.email);
    const made = await world.app.api.post<{ link: string }>(`/agents/${colleague.id}/password-link`);
    const token = tokenOf(made.body.data.link);
    const fresh = "a password of one's own";
    const reset = await new ApiClient(world.app.url).post("/auth/password/reset", { token, password: fresh });
    expect(reset.status).toBe(200);
    expect((await world.signIn(colleague.email, fresh, "203.0.113.1")).status).toBe(200);
  });

  test("and one that does not exist are told apart by nobody", async () => {
    await using world = await openWorld();
    await hire(world.app, { email: "real@example.com", role: "agent" });
    const answers = async (email: string) => {
      const told: unknown[] = [];
      for (let round = 0; round < FREE_OF_ACCOUNT + 2; round++) told.push(await world.signIn(email, "guess", "203.0.113.1"));
      return told;
    };
    expect(await answers("real@example.com")).toEqual(await answers("unreal@example.com"));
  });
});

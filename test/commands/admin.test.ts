/** `chasqui admin`: by the socket of a running server, and on the files of a stopped one, with the same outcome. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Secret, TOTP } from "otpauth";
import { freePort } from "../../src/tools/free-port";
import { ApiClient } from "../helpers/api-client";
import { PASSWORD, tokenOf } from "../helpers/people";
import { ADMIN, runCommand, type ServerProcess, startServer } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";

setDefaultTimeout(120_000);

const dir = tempDir();
const dataDir = `${dir.path}/data`;
let server: ServerProcess;
let env: Record<string, string>;

async function start(): Promise<void> {
  server = await startServer({ dataDir, env: { PORT: env.PORT ?? "0", ASSISTANT: "off" } });
}
const admin = (...args: string[]) => runCommand(["admin", ...args], env);
const linkIn = (said: string) => /http:\S+#\S+/.exec(said)?.[0] ?? "";
const signIn = (email: string, password: string) =>
  new ApiClient(server.url).post<{ accessToken: string }>("/auth/sign-in", { email, password });

beforeAll(async () => {
  env = { DATA_DIR: dataDir, PORT: String(freePort()) };
  await start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  dir[Symbol.dispose]();
});

/** What is done by commands, and then looked at with the server running. */
async function doItAll(name: string): Promise<{ invited: string; reset: string; generated: string }> {
  const invited = await admin("invite", `${name}@example.com`, "--role", "supervisor");
  expect([invited.code, invited.said]).toEqual([0, expect.stringContaining(`${name}@example.com is invited. The link`)]);
  const reset = await admin("reset-link", ADMIN.email);
  expect([reset.code, reset.said]).toEqual([0, expect.stringContaining("The link, good once and until")]);
  const set = await admin("reset-password", `${name}-old@example.com`);
  expect(set.code).toBe(0);
  return {
    invited: linkIn(invited.said),
    reset: linkIn(reset.said),
    generated: /is now: (\S+)/.exec(set.said)?.[1] ?? "",
  };
}

async function colleague(email: string): Promise<ApiClient> {
  const api = await new ApiClient(server.url).signIn(ADMIN);
  const { body } = await api.post<{ invitation: { link: string } }>("/agents", { email, role: "agent" });
  const client = new ApiClient(server.url);
  const accepted = await client.post<{ accessToken: string }>("/auth/invitation/accept", {
    token: tokenOf(body.data.invitation.link),
    name: "Somebody",
    password: PASSWORD,
  });
  expect(accepted.status).toBe(200);
  client.token = accepted.body.data.accessToken;
  return client;
}

async function lookAtItAll(name: string, { invited, reset, generated }: Awaited<ReturnType<typeof doItAll>>): Promise<void> {
  const guest = new ApiClient(server.url);
  for (const link of [invited, reset]) expect(link).toStartWith(`${server.url}/`);
  const joined = await guest.post<{ agent: { role: string } }>("/auth/invitation/accept", {
    token: tokenOf(invited),
    name: "Invited",
    password: PASSWORD,
  });
  expect(joined.body.data.agent.role).toBe("supervisor");
  expect((await signIn(`${name}-old@example.com`, PASSWORD)).status).toBe(401);
  expect((await signIn(`${name}-old@example.com`, generated)).status).toBe(200);
  const { status } = await guest.post("/auth/password/reset", { token: tokenOf(reset), password: ADMIN.password });
  expect(status).toBe(200);
  const api = await new ApiClient(server.url).signIn(ADMIN);
  const entries = await api.data<{ action: string; actor: { name: string }; target: { name: string } }[]>("/audit?limit=100");
  for (const action of ["agent.invite", "password.link", "password.reset"])
    expect(entries.find((one) => one.action === action && one.actor.name === "chasqui admin")).toBeDefined();
  expect(JSON.stringify(entries)).not.toContain(generated);
}

test("with the server running", async () => {
  const old = await colleague("running-old@example.com");
  const done = await doItAll("running");
  expect((await old.get("/contacts")).status).toBe(401);
  await lookAtItAll("running", done);
  expect(server.output()).not.toContain(done.generated);
});

test("with the server stopped: the same, on the files; and with a server that was killed", async () => {
  await colleague("stopped-old@example.com");
  await server.stop();
  const done = await doItAll("stopped");
  await start();
  await lookAtItAll("stopped", done);
  await colleague("killed-old@example.com");
  // Its socket and its lock file are left behind.
  await server.kill();
  const after = await doItAll("killed");
  await start();
  await lookAtItAll("killed", after);
});

describe("a lost second factor", () => {
  const factor = async (email: string) => {
    const client = await colleague(email);
    const { secret } = (await client.post<{ secret: string }>("/auth/second-factor")).body.data;
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    expect((await client.post("/auth/second-factor/confirm", { code })).status).toBe(200);
    expect((await signIn(email, PASSWORD)).body.code).toBe("auth.second-factor-required");
    return client;
  };

  test("is taken away with the server running: its sessions end, the password is enough", async () => {
    const client = await factor("phone@example.com");
    expect((await admin("list")).said).toMatch(/phone@example\.com +active +agent +2nd factor/);
    expect((await admin("remove-second-factor", "phone@example.com")).code).toBe(0);
    expect((await client.get("/contacts")).status).toBe(401);
    expect((await signIn("phone@example.com", PASSWORD)).status).toBe(200);
  });

  test("and with it stopped", async () => {
    await factor("drowned@example.com");
    await server.stop();
    expect((await admin("remove-second-factor", "DROWNED@example.com")).code).toBe(0);
    expect((await admin("list")).said).toMatch(/drowned@example\.com +active +agent +Somebody/);
    await start();
    expect((await signIn("drowned@example.com", PASSWORD)).status).toBe(200);
  });
});

describe("mistakes are told in a sentence, running and stopped", () => {
  const MISTAKES: [string[], string][] = [
    [["invite", "no e-mail"], "Some fields of the request are not valid"],
    [["invite", ADMIN.email], "An agent with this e-mail exists already"],
    [["invite", "new@example.com", "--role", "emperor"], "This role does not exist"],
    [["reset-link", "nobody@example.com"], "There is no agent with the e-mail nobody@example.com"],
    [["reset-password", "nobody@example.com"], "There is no agent with the e-mail nobody@example.com"],
    [["reset-password", ADMIN.email, "--password", "short"], "Some fields of the request are not valid"],
    [["remove-second-factor", "nobody@example.com"], "There is no agent with the e-mail nobody@example.com"],
    [["invite"], "admin invite E-MAIL"],
    [["abolish", ADMIN.email], "admin invite E-MAIL"],
    [["reset-link", ADMIN.email, "too-much"], "admin invite E-MAIL"],
    [["reset-link", ADMIN.email, "--force"], "--force"],
  ];
  const check = async (mistakes: typeof MISTAKES) => {
    for (const [args, sentence] of mistakes) {
      const { code, said } = await admin(...args);
      expect([args.join(" "), code, said.includes(sentence) ? sentence : said]).toEqual([args.join(" "), 1, sentence]);
      expect(said).not.toMatch(/\n\s+at /);
    }
  };
  test("running", () => check(MISTAKES));
  test("stopped", async () => {
    await server.stop();
    // Those that reach the data; the others are the same words read the same way.
    await check(MISTAKES.slice(0, 5));
    await start();
    expect((await signIn(ADMIN.email, ADMIN.password)).status).toBe(200);
  });

  test("where no server has ever run nothing is made", async () => {
    using empty = tempDir();
    const { code, said } = await runCommand(["admin", "list"], { DATA_DIR: `${empty.path}/none` });
    expect([code, said]).toEqual([1, expect.stringContaining("There is no database in")]);
    expect(await Bun.file(`${empty.path}/none/chasqui.db`).exists()).toBe(false);
  });
});

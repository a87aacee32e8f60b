/** What can be asked of a running server. Each gives what is wrong. */
import { connect } from "node:net";
import { createLog } from "../../../src/core/log";
import { hashPassword } from "../../../src/features/agents/password-hash";
import { resetMail } from "../../../src/features/auth/mail-text";
import { ApiClient } from "../../helpers/api-client";
import { hire } from "../../helpers/people";
import { ADMIN } from "../../helpers/server-process";
import type { TestApp } from "../../helpers/test-app";

type Check = (app: TestApp) => Promise<string[]>;

const signIn = ({ url }: TestApp, body: object) =>
  fetch(`${url}/api/v2/auth/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** One request as it is written; the first line of the answer. */
const line = (app: TestApp, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on("data", (chunk) => {
      resolve(String(chunk).split("\r\n")[0] ?? "");
      socket.destroy();
    });
    socket.on("end", () => resolve(""));
    socket.on("error", reject);
  });

export const liveChecks: Readonly<Record<string, Check>> = {
  async longPasswords(app) {
    const { api } = await hire(app, { email: "long@example.com", role: "agent" });
    const guest = new ApiClient(app.url);
    const [own, next] = [ADMIN.password, `🦙 ñ ${"x".repeat(58)}`];
    const wrong: string[] = [];
    const changed = await app.api.put("/auth/password", { current: own, next });
    if (changed.status !== 200) wrong.push(`64 characters with blanks and an emoji: ${changed.status}`);
    // Cut passwords would let this one in.
    if ((await guest.post("/auth/sign-in", { email: ADMIN.email, password: next.slice(0, -1) })).status !== 401)
      wrong.push("it was cut");
    if ((await guest.post("/auth/sign-in", { email: ADMIN.email, password: next })).status !== 200)
      wrong.push("it does not open");
    await app.api.put("/auth/password", { current: next, next: own });
    if ((await api.get("/auth/me")).status !== 200) wrong.push("somebody else was signed out");
    return wrong;
  },

  async plainPasswords(app) {
    const wrong: string[] = [];
    let current = ADMIN.password;
    for (const next of ["onlysmallletters", "4417390628153920", "                x"]) {
      const { status } = await app.api.put("/auth/password", { current, next });
      if (status === 200) current = next;
      else wrong.push(`${next}: ${status}`);
    }
    await app.api.put("/auth/password", { current, next: ADMIN.password });
    return wrong;
  },

  async argon2() {
    const [one, two] = await Promise.all([hashPassword("the same words"), hashPassword("the same words")]);
    const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$/.exec(one ?? "");
    const [, memory, rounds, , salt = ""] = parts ?? [];
    return [
      ...(one === two ? ["two equal hashes"] : []),
      ...(Number(memory) >= 15 * 1024 && Number(rounds) >= 2 ? [] : [`too weak: ${one?.slice(0, 40)}`]),
      ...(Buffer.from(salt, "base64").length * 8 >= 32 ? [] : ["a short salt"]),
    ];
  },

  async freshTokens(app) {
    const open = async () => {
      const answer = await signIn(app, { ...ADMIN, tokens: "body" });
      return ((await answer.json()) as { data: { refreshToken: string } }).data.refreshToken;
    };
    const tokens = [await open(), await open(), await open()];
    return [
      ...(new Set(tokens).size === 3 ? [] : ["a token came twice"]),
      ...tokens
        .filter((token) => !/^[\w.-]+$/.test(token) || token.length < 22)
        .map((token) => `short: ${token.length} characters`),
    ];
  },

  async cookie(app) {
    const cookie = (await signIn(app, ADMIN)).headers.getSetCookie().join();
    return ["HttpOnly", "SameSite=Strict", "Path=/api/v2/auth"]
      .filter((part) => !cookie.includes(part))
      .map((part) => `no ${part}`);
  },

  async noTokensInAddresses(app) {
    const document = (await (await fetch(`${app.url}/api/v2/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
    };
    // A ticket opens one file for an hour, for players that can send no header.
    return Object.entries(document.paths)
      .flatMap(([path, methods]) =>
        Object.values(methods).flatMap(({ parameters = [] }) =>
          parameters.flatMap(({ name, in: place }) =>
            place !== "header" && /token|secret|password|key|session/i.test(name) ? [`${path}: ${name}`] : [],
          ),
        ),
      )
      .filter((found) => !found.includes("/webhook"));
  },

  async noListings(app) {
    const wrong: string[] = [];
    for (const path of [
      "/assets/",
      "/media/",
      "/.git/config",
      "/.env",
      "/.DS_Store",
      "/Thumbs.db",
      "/package.json",
      "/main.ts",
      "/index.html.bak",
      "/index.html~",
      "/chasqui.db",
      "/dist.zip",
    ]) {
      const answer = await fetch(app.url + path);
      if (answer.status === 200) wrong.push(`${path}: ${(await answer.text()).slice(0, 60)}`);
      await answer.body?.cancel();
    }
    return wrong;
  },

  async doubledParameters(app) {
    const status = async (query: string) => (await app.api.get(`/contacts?${query}`)).status;
    // One of the two decides, and that very one is checked.
    const both = [await status("limit=1&limit=99999"), await status("limit=99999&limit=1")].sort().join();
    const wrong = both === "200,422" || both === "422,422" ? [] : [`the one that counts is not the one that is checked: ${both}`];
    for (const query of ["cursor=a&cursor=b", "limit[]=1", "limit=1;limit=2", "limit=1,2"]) {
      const answer = await status(query);
      if (answer < 400 || answer >= 500) wrong.push(`${query}: ${answer}`);
    }
    return wrong;
  },

  async mailInjection() {
    const mail = resetMail({ name: "Ana\r\nBcc: all@example.com", link: "https://x/#t", expiresAt: new Date(0) } as never);
    return /[\r\n]/.test(mail.subject) ? ["a subject of two lines"] : [];
  },

  async logInjection() {
    const lines: string[] = [];
    createLog({ level: "debug", write: (text) => void lines.push(text) }).warn('a\n{"level":"error"}', { path: "x\r\ny\u2028" });
    const [text = ""] = lines;
    const { time } = JSON.parse(text) as { time: string };
    return [...(text.trimEnd().includes("\n") ? ["two lines"] : []), ...(time.endsWith("Z") ? [] : ["no UTC"])];
  },

  async downloads(app) {
    const wrong: string[] = [];
    for (const path of ["contacts", "nothing", "auth/me", "contacts?limit=x"]) {
      const answer = await fetch(`${app.url}/api/v2/${path}`, { headers: { authorization: `Bearer ${app.api.token}` } });
      const said = answer.headers.get("content-disposition");
      if (said !== 'attachment; filename="api.json"') wrong.push(`${path}: ${said}`);
    }
    return wrong;
  },

  async contentTypes(app) {
    const wrong: string[] = [];
    for (const [path, type] of [
      ["/api/v2/contacts", /^application\/json/],
      ["/api/v2/nothing", /^application\/json/],
      ["/health", /^application\/json/],
      ["/api/v2/openapi.json", /^application\/json/],
      ["/missing.js", /^text\/plain;\s?charset=utf-8/],
      ["/api/v2/audit/export?format=csv", /^text\/csv;\s?charset=utf-8/],
    ] as const) {
      const answer = await fetch(app.url + path, { headers: { authorization: `Bearer ${app.api.token}` } });
      if (!type.test(answer.headers.get("content-type") ?? "")) wrong.push(`${path}: ${answer.headers.get("content-type")}`);
      await answer.body?.cancel();
    }
    return wrong;
  },

  async methods(app) {
    const wrong: string[] = [];
    for (const method of ["TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG"]) {
      const first = await line(app, `${method} /api/v2/contacts HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      if (/ 2\d\d /.test(first) || / 5(?!01)\d\d /.test(first)) wrong.push(`${method}: ${first}`);
    }
    return wrong;
  },
};

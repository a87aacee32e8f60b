import { TestBed } from "@angular/core/testing";
import { ApiFailure } from "../api/api-failure";
import { Session } from "./session";
import { testAgent } from "./session.testing";

const grant = (token: string) => Response.json({ success: true, data: { accessToken: token, expiresIn: 900, agent: testAgent } });
const refusal = (status: number, code: string) =>
  Response.json({ success: false, error: "No.", code, requestId: "req_12345678" }, { status });

describe("Session", () => {
  let answers: Record<string, () => Response | Promise<Response>>;
  let calls: string[];

  beforeEach(() => {
    localStorage.clear();
    calls = [];
    answers = {};
    vi.stubGlobal("fetch", async (address: string) => {
      const path = new URL(address).pathname;
      calls.push(path);
      const answer = answers[path];
      if (!answer) throw new TypeError("Failed to fetch");
      return answer();
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("keeps the token in memory and nowhere else", async () => {
    answers["/api/v2/auth/sign-in"] = () => grant("secret-token");
    const session = TestBed.inject(Session);
    await session.signIn("lucia@tienda.example", "a good password");
    expect(session.accessToken).toBe("secret-token");
    expect(session.agent()).toEqual(testAgent);
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("secret-token");
    expect(document.cookie).not.toContain("secret-token");
  });

  it("passes the server's refusal on in its words", async () => {
    answers["/api/v2/auth/sign-in"] = () => refusal(401, "auth.wrong-credentials");
    const session = TestBed.inject(Session);
    await expect(session.signIn("x@y.example", "wrong")).rejects.toMatchObject({
      code: "auth.wrong-credentials",
      requestId: "req_12345678",
    });
    expect(session.isSignedIn()).toBe(false);
  });

  it("says in words that no server answers", async () => {
    const failure = await TestBed.inject(Session)
      .signIn("x@y.example", "secret")
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiFailure);
    expect(failure).toMatchObject({ code: "network.unreachable", status: 0 });
  });

  it("asks for no refresh on a first visit", async () => {
    expect(await TestBed.inject(Session).restore()).toBe(false);
    expect(calls).toEqual([]);
  });

  it("signs in again by the cookie after a reload", async () => {
    answers["/api/v2/auth/sign-in"] = () => grant("one");
    await TestBed.inject(Session).signIn("lucia@tienda.example", "a good password");
    TestBed.resetTestingModule();
    answers["/api/v2/auth/refresh"] = () => grant("two");
    const reloaded = TestBed.inject(Session);
    expect(await reloaded.restore()).toBe(true);
    expect(reloaded.accessToken).toBe("two");
  });

  it("renews once for many callers, and not at all for a token that is no longer the current one", async () => {
    answers["/api/v2/auth/sign-in"] = () => grant("one");
    answers["/api/v2/auth/refresh"] = () => grant("two");
    const session = TestBed.inject(Session);
    await session.signIn("lucia@tienda.example", "a good password");
    expect(await Promise.all([session.renew("one"), session.renew("one"), session.renew("one")])).toEqual([true, true, true]);
    expect(await session.renew("one")).toBe(true);
    expect(calls.filter((path) => path.endsWith("/refresh"))).toHaveLength(1);
  });

  it("ends when the refresh is refused, and says that it has expired", async () => {
    answers["/api/v2/auth/sign-in"] = () => grant("one");
    answers["/api/v2/auth/refresh"] = () => refusal(401, "auth.required");
    const session = TestBed.inject(Session);
    await session.signIn("lucia@tienda.example", "a good password");
    expect(await session.renew("one")).toBe(false);
    expect(session.isSignedIn()).toBe(false);
    expect(session.hasExpired()).toBe(true);
  });

  it("does not sign anybody out because the server is away", async () => {
    answers["/api/v2/auth/sign-in"] = () => grant("one");
    const session = TestBed.inject(Session);
    await session.signIn("lucia@tienda.example", "a good password");
    await expect(session.renew("one")).rejects.toMatchObject({ code: "network.unreachable" });
    expect(session.isSignedIn()).toBe(true);
  });

  it("ends here on sign-out even when the server cannot be told", async () => {
    answers["/api/v2/auth/sign-in"] = () => grant("one");
    const session = TestBed.inject(Session);
    await session.signIn("lucia@tienda.example", "a good password");
    await session.signOut();
    expect(session.accessToken).toBeNull();
    expect(calls).toContain("/api/v2/auth/sign-out");
    expect(await session.restore()).toBe(false);
  });

  it("knows without a server who was here last, without a token, and nobody after the sign-out", async () => {
    answers["/api/v2/auth/sign-in"] = () => grant("one");
    await TestBed.inject(Session).signIn("lucia@tienda.example", "a good password");
    TestBed.resetTestingModule();
    const later = TestBed.inject(Session);
    await expect(later.restore()).rejects.toMatchObject({ code: "network.unreachable" });
    expect(later.resumeOffline()).toBe(true);
    expect([later.agent()?.name, later.accessToken]).toEqual([testAgent.name, ""]);
    await later.signOut();
    expect(later.resumeOffline()).toBe(false);
  });
});

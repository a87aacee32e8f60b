import { TestBed } from "@angular/core/testing";
import { Clock } from "../clock";
import { TestClock } from "../clock.testing";
import { Session } from "../session/session";
import { TestSession } from "../session/session.testing";
import { FakeSocket } from "./fake-socket.testing";
import { LiveConnection } from "./live-connection";
import type { EventFrame } from "./live-frame";

const note = (seq: number | null): EventFrame => ({
  type: "event",
  seq,
  topic: "inbox",
  event: "contact:updated",
  data: { seq },
});

describe("LiveConnection", () => {
  let clock: TestClock;
  let session: TestSession;
  let live: LiveConnection;
  let seen: (number | null)[];

  beforeEach(() => {
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
    clock = new TestClock();
    session = new TestSession();
    TestBed.configureTestingModule({
      providers: [
        { provide: Clock, useValue: clock },
        { provide: Session, useValue: session },
      ],
    });
    live = TestBed.inject(LiveConnection);
    seen = [];
    live.on("contact:updated", (_data, frame) => seen.push(frame.seq));
    TestBed.tick();
  });
  afterEach(() => vi.unstubAllGlobals());

  it("signs in with its first frame and joins the topics that were asked for before the line was open", () => {
    live.subscribe("sandbox");
    expect(live.state()).toBe("connecting");
    FakeSocket.last.greet(4);
    expect(live.state()).toBe("open");
    expect(FakeSocket.last.sent).toEqual([
      { type: "auth", token: "token-1" },
      { type: "subscribe", topics: ["sandbox"] },
    ]);
  });

  it("opens no line for somebody who is not signed in, and closes it when the session ends", () => {
    FakeSocket.last.greet(0);
    session.agent.set(null);
    TestBed.tick();
    expect(FakeSocket.last.isClosed).toBe(true);
    expect(live.state()).toBe("idle");
    clock.advance(120_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("gives a line up that neither opens nor closes, and tries again", () => {
    const hung = FakeSocket.last;
    clock.advance(19_999);
    expect([live.state(), FakeSocket.all.length]).toEqual(["connecting", 1]);
    clock.advance(1);
    expect([live.state(), hung.isClosed]).toEqual(["reconnecting", true]);
    clock.advance(500);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.last.greet(0);
    clock.advance(22_000);
    expect([live.state(), FakeSocket.all.length]).toEqual(["open", 2]);
  });

  it("delivers each durable event once, passing events always", () => {
    FakeSocket.last.greet(10);
    for (const frame of [note(11), note(11), note(9), note(null), note(null), note(12)]) FakeSocket.last.say(frame);
    expect(seen).toEqual([11, null, null, 12]);
  });

  it("stops calling a listener that has left", () => {
    const late: unknown[] = [];
    const off = live.on("contact:updated", (data) => late.push(data));
    FakeSocket.last.greet(0);
    off();
    FakeSocket.last.say(note(1));
    expect(late).toEqual([]);
    expect(seen).toEqual([1]);
  });

  it("keeps a topic while one of its owners stays", () => {
    FakeSocket.last.greet(0);
    const first = live.subscribe("sandbox");
    const second = live.subscribe("sandbox");
    first();
    first();
    expect(FakeSocket.last.sent.filter(({ type }) => type === "unsubscribe")).toEqual([]);
    second();
    expect(FakeSocket.last.sent.slice(1)).toEqual([
      { type: "subscribe", topics: ["sandbox"] },
      { type: "unsubscribe", topics: ["sandbox"] },
    ]);
  });

  it("comes back after a break, later after each failure, and asks for what it missed", () => {
    live.subscribe("sandbox");
    FakeSocket.last.greet(10);
    FakeSocket.last.say(note(11));
    FakeSocket.last.break();
    expect(live.state()).toBe("reconnecting");
    clock.advance(500);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.last.break();
    clock.advance(499);
    expect(FakeSocket.all).toHaveLength(2);
    clock.advance(501);
    expect(FakeSocket.all).toHaveLength(3);
    FakeSocket.last.greet(13);
    expect(FakeSocket.last.sent).toEqual([
      { type: "auth", token: "token-1", since: 11 },
      { type: "subscribe", topics: ["sandbox"] },
    ]);
    expect(live.state()).toBe("open");
    for (const seq of [12, 13, 14]) FakeSocket.last.say(note(seq));
    expect(seen).toEqual([11, 12, 13, 14]);
  });

  it("tells its listeners to load again after the first connection, when the server cannot replay, and when it has another store", () => {
    let loads = 0;
    live.onGap(() => loads++);
    FakeSocket.last.greet(10);
    expect(loads).toBe(1);
    FakeSocket.last.break();
    clock.advance(500);
    FakeSocket.last.greet(80);
    expect(loads).toBe(1);
    FakeSocket.last.say({ type: "resync", seq: 90 });
    expect(loads).toBe(2);
    FakeSocket.last.say(note(90));
    FakeSocket.last.say(note(91));
    expect(seen).toEqual([91]);
    FakeSocket.last.break();
    clock.advance(500);
    FakeSocket.last.greet(3);
    expect(loads).toBe(3);
    FakeSocket.last.say(note(4));
    expect(seen).toEqual([91, 4]);
  });

  it("tells every time that the line has opened", () => {
    let opened = 0;
    const off = live.onOpen(() => opened++);
    FakeSocket.last.greet(0);
    FakeSocket.last.break();
    clock.advance(500);
    FakeSocket.last.greet(0);
    expect(opened).toBe(2);
    off();
    FakeSocket.last.break();
    clock.advance(500);
    FakeSocket.last.greet(0);
    expect(opened).toBe(2);
  });

  it("pings, and gives a silent line up after a minute", () => {
    FakeSocket.last.greet(0);
    clock.advance(25_000);
    expect(FakeSocket.last.sent.at(-1)).toEqual({ type: "ping" });
    FakeSocket.last.say({ type: "pong" });
    clock.advance(50_000);
    expect(live.state()).toBe("open");
    clock.advance(25_000);
    expect(live.state()).toBe("reconnecting");
    expect(FakeSocket.all[0]?.isClosed).toBe(true);
  });

  it("renews a token that has run out and signs in with the new one", async () => {
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "error", error: "The session has ended.", code: "auth.invalid-token" });
    await vi.waitFor(() => expect(live.state()).toBe("reconnecting"));
    expect(session.renewals).toBe(1);
    clock.advance(500);
    FakeSocket.last.open();
    expect(FakeSocket.last.sent).toEqual([{ type: "auth", token: "token-2" }]);
  });

  it("stays away when the session cannot be renewed", async () => {
    session.canRenew = false;
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "error", error: "The session has ended.", code: "auth.invalid-token" });
    await vi.waitFor(() => expect(session.isSignedIn()).toBe(false));
    TestBed.tick();
    clock.advance(120_000);
    expect(live.state()).toBe("idle");
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("survives frames that are not ours", () => {
    FakeSocket.last.greet(0);
    for (const data of ["", "no json", "[]", "null", "{}", new ArrayBuffer(2)]) FakeSocket.last.onmessage?.({ data });
    FakeSocket.last.say(note(1));
    expect(seen).toEqual([1]);
  });

  it("tries at once when asked to", () => {
    FakeSocket.last.greet(0);
    FakeSocket.last.break();
    live.retryNow();
    expect(FakeSocket.all).toHaveLength(2);
  });
});

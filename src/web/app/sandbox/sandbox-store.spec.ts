import { TestBed } from "@angular/core/testing";
import { ApiClient } from "../api/api-client";
import { ApiFailure } from "../api/api-failure";
import { Clock } from "../clock";
import { TestClock } from "../clock.testing";
import { FakeSocket } from "../live/fake-socket.testing";
import { Session } from "../session/session";
import { TestSession } from "../session/session.testing";
import type { PhoneChange } from "./phone-view";
import { messageOf, refusal, TestApi } from "./phones.testing";
import { SandboxStore } from "./sandbox-store";

describe("SandboxStore", () => {
  let api: TestApi;
  let store: SandboxStore;
  const tell = (phone: string, change: PhoneChange) =>
    FakeSocket.last.say({ type: "event", seq: null, topic: "sandbox", event: "phone:changed", data: { phone, change } });

  beforeEach(async () => {
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
    api = new TestApi();
    TestBed.configureTestingModule({
      providers: [
        SandboxStore,
        { provide: ApiClient, useValue: api },
        { provide: Clock, useClass: TestClock },
        { provide: Session, useClass: TestSession },
      ],
    });
    store = TestBed.inject(SandboxStore);
    TestBed.tick();
    FakeSocket.last.greet(0);
    await store.load();
    store.lay({ open: ["rosa"], inHand: "rosa" });
    store.setRoom(2);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("marks a phone that got a message unseen, until it is seen", () => {
    const answered = (phone: string) =>
      tell(phone, { kind: "message", phoneId: phone, message: messageOf("b1", "¡Hola!", { from: "business", ticks: "shown" }) });
    answered("luna");
    expect([...store.news()]).toEqual(["luna"]);
    store.lay({ open: ["rosa", "luna"], inHand: "rosa" });
    expect([...store.news()]).toEqual([]);
    answered("luna");
    answered("rosa");
    expect([...store.news()]).toEqual([]);
    store.setRoom(1);
    answered("luna");
    expect([...store.news()]).toEqual(["luna"]);
    store.setRoom(2);
    expect([...store.news()]).toEqual([]);
  });

  it("shows the phones of the row as far as there is room, and knows the one in the hand", () => {
    store.lay({ open: ["rosa", "luna"], inHand: "luna" });
    expect([store.shown().map(({ id }) => id), store.phone()?.id]).toEqual([["rosa", "luna"], "luna"]);
    store.setRoom(1);
    expect(store.shown().map(({ id }) => id)).toEqual(["luna"]);
  });

  it("switches at once and takes it back when refused", async () => {
    let refuse: (error: unknown) => void = () => {};
    api.patch = () => new Promise((_resolve, reject) => (refuse = reject));
    const changing = store.change({ online: false });
    expect(store.phone()?.online).toBe(false);
    refuse(refusal());
    await changing;
    expect(store.phone()?.online).toBe(true);
    expect(store.changeFailure()?.code).toBe("sandbox.phone-not-found");
  });

  it("says why there is no sandbox", async () => {
    api.getSandbox = () => Promise.reject(new ApiFailure("The sandbox is off.", "sandbox.off", 404, "req_1"));
    await store.load();
    expect(store.failure()?.code).toBe("sandbox.off");
  });

  it("goes on saying so while it looks again, until there is one", async () => {
    const view = await api.getSandbox();
    api.getSandbox = () => Promise.reject(new ApiFailure("The sandbox is off.", "sandbox.off", 404, "req_1"));
    await store.load();
    let answer = () => {};
    api.getSandbox = () => new Promise((resolve) => (answer = () => resolve(view)));
    const looking = store.load();
    expect(store.failure()?.code).toBe("sandbox.off");
    answer();
    await looking;
    expect(store.failure()).toBeNull();
  });
});

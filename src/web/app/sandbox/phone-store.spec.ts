import { TestBed } from "@angular/core/testing";
import { ApiClient } from "../api/api-client";
import { Clock } from "../clock";
import { TestClock } from "../clock.testing";
import { FakeSocket } from "../live/fake-socket.testing";
import { Session } from "../session/session";
import { TestSession } from "../session/session.testing";
import { PendingTexts } from "./pending-texts";
import { PhoneStore } from "./phone-store";
import type { PhoneChange, PhoneMessage } from "./phone-view";
import { messageOf, refusal, TestApi } from "./phones.testing";

describe("PhoneStore", () => {
  let api: TestApi;
  let clock: TestClock;
  let store: PhoneStore;
  const tell = (phone: string, change: PhoneChange) =>
    FakeSocket.last.say({ type: "event", seq: null, topic: "sandbox", event: "phone:changed", data: { phone, change } });
  const texts = () => store.messages().map((message) => message.content.text);

  beforeEach(async () => {
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
    api = new TestApi();
    clock = new TestClock();
    TestBed.configureTestingModule({
      providers: [
        PendingTexts,
        PhoneStore,
        { provide: ApiClient, useValue: api },
        { provide: Clock, useValue: clock },
        { provide: Session, useClass: TestSession },
      ],
    });
    store = TestBed.inject(PhoneStore);
    TestBed.tick();
    FakeSocket.last.greet(0);
    await store.show("rosa");
  });
  afterEach(() => vi.unstubAllGlobals());

  it("shows what is written at once, and once only when the phone tells it", async () => {
    let answer: (value: unknown) => void = () => {};
    api.send = () => new Promise((resolve) => (answer = resolve));
    const writing = store.write("hola");
    expect(store.pending().map((one) => one.text)).toEqual(["hola"]);
    tell("rosa", { kind: "message", phoneId: "rosa", message: messageOf("w1", "hola") });
    expect(store.pending()).toEqual([]);
    answer({});
    await writing;
    expect(texts()).toEqual(["hola"]);
  });

  it("finds what was written also when no event came", async () => {
    api.send = async () => {
      api.threads.rosa = [messageOf("w1", "hola")];
    };
    await store.write("hola");
    expect(store.pending()).toEqual([]);
    expect(texts()).toEqual(["hola"]);
  });

  it("keeps the words when they could not be sent, and sends them when asked", async () => {
    api.send = () => Promise.reject(refusal());
    await store.write("hola");
    expect(store.pending()[0]).toMatchObject({ text: "hola", failure: { requestId: "req_12345678" } });
    api.send = async () => ({});
    await store.writeAgain(store.pending()[0]?.key ?? "");
    expect(store.pending()).toEqual([]);
  });

  it("follows ticks and shows a business message when it has reached the phone, not before", () => {
    const message = messageOf("b1", "¡Hola!", { from: "business", ticks: "waiting" });
    tell("rosa", { kind: "message", phoneId: "rosa", message });
    expect(texts()).toEqual([]);
    tell("rosa", { kind: "update", phoneId: "rosa", message: { ...message, ticks: "shown" } });
    expect(texts()).toEqual(["¡Hola!"]);
  });

  it("shows typing until the message comes, and not longer than WhatsApp would", () => {
    tell("rosa", { kind: "typing", phoneId: "rosa", on: true });
    expect(store.isTyping()).toBe(true);
    tell("rosa", { kind: "message", phoneId: "rosa", message: messageOf("b1", "¡Hola!", { from: "business", ticks: "shown" }) });
    expect(store.isTyping()).toBe(false);
    tell("rosa", { kind: "typing", phoneId: "rosa", on: true });
    clock.advance(25_000);
    expect(store.isTyping()).toBe(false);
  });

  it("keeps what could not be sent while its phone is put away", async () => {
    api.send = () => Promise.reject(refusal());
    await store.write("hola");
    await store.show("luna");
    expect(store.pending()).toEqual([]);
    await store.show("rosa");
    expect(store.pending().map((one) => one.text)).toEqual(["hola"]);
  });

  it("hears nothing of other phones", () => {
    tell("luna", { kind: "message", phoneId: "luna", message: messageOf("b1", "¡Hola!", { from: "business", ticks: "shown" }) });
    tell("luna", { kind: "typing", phoneId: "luna", on: true });
    expect([texts(), store.isTyping()]).toEqual([[], false]);
  });

  it("shows nothing of the phone before when the thread of the next one is late", async () => {
    api.threads.rosa = [messageOf("w1", "from Rosa")];
    await store.reload();
    let answer: (thread: { typing: boolean; messages: PhoneMessage[] }) => void = () => {};
    api.getPhoneThread = () => new Promise((resolve) => (answer = resolve));
    const choosing = store.show("luna");
    expect(texts()).toEqual([]);
    expect(store.phase()).toBe("loading");
    answer({ typing: false, messages: [messageOf("w2", "from Luna")] });
    await choosing;
    expect(texts()).toEqual(["from Luna"]);
  });
});

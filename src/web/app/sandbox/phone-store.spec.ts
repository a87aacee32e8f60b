import { TestBed } from "@angular/core/testing";
import { ApiClient } from "../api/api-client";
import { ApiFailure } from "../api/api-failure";
import { Clock } from "../clock";
import { TestClock } from "../clock.testing";
import { FakeSocket } from "../live/fake-socket.testing";
import { Session } from "../session/session";
import { TestSession } from "../session/session.testing";
import { PhoneStore } from "./phone-store";
import type { Phone, PhoneChange, PhoneMessage, PhonePatch } from "./phone-view";

const phoneOf = (id: string, change: Partial<Phone> = {}): Phone => ({
  id,
  name: `Phone ${id}`,
  waId: "51987650111",
  userId: `PE.${id}`,
  username: null,
  online: true,
  reads: true,
  blocked: false,
  createdAt: 0,
  ...change,
});
const messageOf = (id: string, text: string, change: Partial<PhoneMessage> = {}): PhoneMessage => ({
  id,
  from: "customer",
  content: { type: "text", text, body: {} },
  at: 1,
  ticks: "sent",
  reactions: {},
  ...change,
});
const refusal = () => new ApiFailure("This sandbox phone does not exist.", "sandbox.phone-not-found", 404, "req_12345678");

class TestApi {
  phones = [phoneOf("rosa"), phoneOf("luna", { waId: null, username: "luna" })];
  threads: Record<string, PhoneMessage[]> = { rosa: [], luna: [] };
  send: () => Promise<unknown> = async () => ({ wamid: "w", httpStatus: 200, ms: 3, attempts: 1 });
  patch: (patch: PhonePatch) => Promise<Phone> = async (patch) => ({ ...phoneOf("rosa"), ...patch });

  getSandbox = async () => ({ business: { displayNumber: "+51 1 555 0100", name: "Tienda Ayni" }, phones: this.phones });
  getPhoneThread = async (id: string) => ({ typing: false, messages: this.threads[id] ?? [] });
  sendFromPhone = () => this.send();
  changePhone = (_id: string, patch: PhonePatch) => this.patch(patch);
}

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
        PhoneStore,
        { provide: ApiClient, useValue: api },
        { provide: Clock, useValue: clock },
        { provide: Session, useClass: TestSession },
      ],
    });
    store = TestBed.inject(PhoneStore);
    TestBed.tick();
    FakeSocket.last.greet(0);
    await store.load();
    await store.choose("rosa");
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

  it("keeps what could not be sent while another phone is in the hand", async () => {
    api.send = () => Promise.reject(refusal());
    await store.write("hola");
    await store.choose("luna");
    expect(store.pending()).toEqual([]);
    await store.choose("rosa");
    expect(store.pending().map((one) => one.text)).toEqual(["hola"]);
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

  it("marks another phone that got a message, until it is taken into the hand", async () => {
    tell("luna", { kind: "message", phoneId: "luna", message: messageOf("b1", "¡Hola!", { from: "business", ticks: "shown" }) });
    expect([...store.news()]).toEqual(["luna"]);
    expect(texts()).toEqual([]);
    await store.choose("luna");
    expect([...store.news()]).toEqual([]);
  });

  it("switches at once and takes it back when refused", async () => {
    let refuse: (error: unknown) => void = () => {};
    api.patch = () => new Promise((_resolve, reject) => (refuse = reject));
    const changing = store.change({ online: false });
    expect(store.phone()?.online).toBe(false);
    refuse(refusal());
    await changing;
    expect(store.phone()?.online).toBe(true);
    expect(store.actionFailure()?.code).toBe("sandbox.phone-not-found");
  });

  it("shows nothing of the phone before when the thread of the next one is late", async () => {
    api.threads.rosa = [messageOf("w1", "from Rosa")];
    await store.reloadThread();
    let answer: (thread: { typing: boolean; messages: PhoneMessage[] }) => void = () => {};
    api.getPhoneThread = () => new Promise((resolve) => (answer = resolve));
    const choosing = store.choose("luna");
    expect(texts()).toEqual([]);
    expect(store.phase()).toBe("loading");
    answer({ typing: false, messages: [messageOf("w2", "from Luna")] });
    await choosing;
    expect(texts()).toEqual(["from Luna"]);
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

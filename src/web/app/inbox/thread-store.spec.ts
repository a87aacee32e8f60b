import { TestBed } from "@angular/core/testing";
import type { ReadPositionView } from "@server/events/reading-view";
import type { ConversationView, MessageView } from "@server/events/view";
import { ApiClient } from "../api/api-client";
import { ApiFailure } from "../api/api-failure";
import { Clock } from "../clock";
import { TestClock } from "../clock.testing";
import { FakeSocket } from "../live/fake-socket.testing";
import { Session } from "../session/session";
import { TestSession, testAgent } from "../session/session.testing";
import { CONVERSATION, conversationOf, deliveryOf, messageOf, replyOf } from "./message.testing";
import { ThreadStore } from "./thread-store";

/** The server as this store sees it. */
class TestApi {
  conversation = conversationOf();
  messages: MessageView[] = [];
  next: string | null = null;
  reply: (text: string, key: string) => Promise<MessageView> = async (text) => replyOf({ content: text, author: testAgent.id });
  change: () => Promise<ConversationView> = async () => this.conversation;
  readKeys: string[] = [];
  read = 0;
  place: ReadPositionView | null = null;

  getConversation = async () => this.conversation;
  listMessages = async () => ({ items: this.messages, next: this.next });
  sendMessage = (_id: string, message: { text?: string }, key: string) => {
    this.readKeys.push(key);
    return this.reply(message.text ?? "", key);
  };
  act = () => this.change();
  getPosition = async () => this.place;
  markRead = async () => {
    this.read++;
    this.conversation = { ...this.conversation, unreadCount: 0, version: this.conversation.version + 1 };
    return this.conversation;
  };
}

const refused = () => Promise.reject(new ApiFailure("The conversation is closed.", "conversation.closed", 409, "req_12345678"));

describe("ThreadStore", () => {
  let api: TestApi;
  let clock: TestClock;
  let store: ThreadStore;
  let seq: number;
  const tell = (
    event:
      | "message:new"
      | "message:updated"
      | "message:removed"
      | "message:status"
      | "conversation:updated"
      | "typing:indicator"
      | "viewing:changed"
      | "read-position:updated",
    data: unknown,
  ) =>
    FakeSocket.last.say({
      type: "event",
      seq: event === "typing:indicator" || event === "viewing:changed" ? null : ++seq,
      topic: "inbox",
      event,
      data,
    });
  const say = (text: string) => store.send({ message: { text }, text });
  const contents = () => store.messages().map((message) => message.content);

  beforeEach(() => {
    FakeSocket.all = [];
    localStorage.clear();
    vi.stubGlobal("WebSocket", FakeSocket);
    api = new TestApi();
    clock = new TestClock();
    seq = 0;
    TestBed.configureTestingModule({
      providers: [
        ThreadStore,
        { provide: ApiClient, useValue: api },
        { provide: Clock, useValue: clock },
        { provide: Session, useClass: TestSession },
      ],
    });
    store = TestBed.inject(ThreadStore);
    TestBed.tick();
    FakeSocket.last.greet(0);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("shows the messages in order whatever order they come in, each once", async () => {
    const [one, two, three] = [messageOf({ content: "1" }), messageOf({ content: "2" }), messageOf({ content: "3" })];
    api.messages = [two, one];
    await store.open(CONVERSATION);
    tell("message:new", { message: three });
    tell("message:new", { message: one });
    expect(contents()).toEqual(["1", "2", "3"]);
    expect(FakeSocket.last.sent).toContainEqual({ type: "subscribe", topics: [`conversation:${CONVERSATION}`] });
  });

  it("takes no message of another conversation", async () => {
    await store.open(CONVERSATION);
    tell("message:new", { message: messageOf({ conversation: "e".repeat(24) }) });
    tell("conversation:updated", { conversation: conversationOf({ id: "e".repeat(24), status: "closed" }) });
    expect(store.messages()).toEqual([]);
    expect(store.conversation()?.status).toBe("open");
  });

  it("keeps a tick that was told before its message", async () => {
    await store.open(CONVERSATION);
    const reply = replyOf();
    tell("message:status", { conversation: CONVERSATION, message: reply.id, wamid: null, delivery: deliveryOf("delivered") });
    tell("message:new", { message: reply });
    expect(store.messages()[0]?.delivery?.state).toBe("delivered");
  });

  it("follows changes of the messages it shows, and of no others", async () => {
    const shown = messageOf({ content: "antes" });
    api.messages = [shown];
    await store.open(CONVERSATION);
    tell("message:updated", { message: { ...shown, content: "después" } });
    tell("message:updated", { message: messageOf({ content: "of an older page" }) });
    expect(contents()).toEqual(["después"]);
  });

  it("takes a message away that is shown on another one now", async () => {
    const [message, reaction] = [messageOf({ content: "hola" }), messageOf({ type: "reaction", content: "👍" })];
    api.messages = [reaction, message];
    await store.open(CONVERSATION);
    tell("message:removed", { conversation: CONVERSATION, message: reaction.id });
    expect(contents()).toEqual(["hola"]);
  });

  it("shows a reply at once and does not show it twice when its event comes before the answer", async () => {
    const sent = replyOf({ content: "Hola Rosa", author: testAgent.id });
    let answer: (message: MessageView) => void = () => {};
    api.reply = () => new Promise((resolve) => (answer = resolve));
    await store.open(CONVERSATION);
    const sending = say("Hola Rosa");
    expect(store.pending().map((one) => one.text)).toEqual(["Hola Rosa"]);
    tell("message:new", { message: sent });
    expect(store.pending()).toEqual([]);
    answer(sent);
    await sending;
    expect(contents()).toEqual(["Hola Rosa"]);
  });

  it("keeps two equal replies apart", async () => {
    await store.open(CONVERSATION);
    await Promise.all([say("ok"), say("ok")]);
    expect(contents()).toEqual(["ok", "ok"]);
    expect(store.pending()).toEqual([]);
  });

  it("keeps the words of a refused reply with the reason, and repeats it with the same key", async () => {
    api.reply = refused;
    await store.open(CONVERSATION);
    await say("Hola Rosa");
    expect(store.pending()[0]).toMatchObject({
      text: "Hola Rosa",
      failure: { code: "conversation.closed", requestId: "req_12345678" },
    });
    expect(contents()).toEqual([]);
    api.reply = async (text) => replyOf({ content: text, author: testAgent.id });
    await store.sendNow(store.pending()[0]?.key ?? "");
    expect(contents()).toEqual(["Hola Rosa"]);
    expect(store.pending()).toEqual([]);
    expect(new Set(api.readKeys).size).toBe(1);
  });

  it("keeps a refused reply while another conversation is looked at", async () => {
    api.reply = refused;
    await store.open(CONVERSATION);
    await say("Hola Rosa");
    await store.open("e".repeat(24));
    expect(store.pending()).toEqual([]);
    await store.open(CONVERSATION);
    expect(store.pending().map((one) => one.text)).toEqual(["Hola Rosa"]);
  });

  it("gives the words back for editing", async () => {
    api.reply = refused;
    await store.open(CONVERSATION);
    await say("Hola Rosa");
    expect(store.takeBack(store.pending()[0]?.key ?? "")).toBe("Hola Rosa");
    expect(store.pending()).toEqual([]);
  });

  it("changes at once and takes it back when refused", async () => {
    await store.open(CONVERSATION);
    let refuse: (error: unknown) => void = () => {};
    api.change = () => new Promise((_resolve, reject) => (refuse = reject));
    const changing = store.act([{ do: "assistant", on: false }], { isAIEnabled: false });
    expect(store.conversation()?.isAIEnabled).toBe(false);
    refuse(new ApiFailure("Not allowed.", "auth.forbidden", 403, null));
    await changing;
    expect(store.conversation()?.isAIEnabled).toBe(true);
    expect(store.actionFailure()?.code).toBe("auth.forbidden");
  });

  it("shows who types and forgets a typing sign whose end got lost", async () => {
    await store.open(CONVERSATION);
    tell("typing:indicator", { conversation: CONVERSATION, by: "assistant", on: true });
    expect(store.writer()).toBe("assistant");
    clock.advance(25_000);
    expect(store.writer()).toBeNull();
    tell("typing:indicator", { conversation: CONVERSATION, by: "agent", on: true });
    expect(store.writer()).toBeNull();
  });

  it("ends the typing sign with the message itself", async () => {
    await store.open(CONVERSATION);
    tell("typing:indicator", { conversation: CONVERSATION, by: "assistant", on: true });
    tell("message:new", { message: messageOf() });
    expect(store.writer()).toBe("assistant");
    tell("message:new", { message: replyOf({ role: "assistant" }) });
    expect(store.writer()).toBeNull();
  });

  it("loads again when events were lost, and keeps what is shown meanwhile", async () => {
    api.messages = [messageOf({ content: "before" })];
    await store.open(CONVERSATION);
    api.messages = [messageOf({ content: "missed" }), ...api.messages];
    FakeSocket.last.say({ type: "resync", seq: 500 });
    expect(contents()).toEqual(["before"]);
    await vi.waitFor(() => expect(contents()).toEqual(["before", "missed"]));
  });

  it("tells once that a person has seen it", async () => {
    api.conversation = conversationOf({ unreadCount: 3 });
    await store.open(CONVERSATION);
    await Promise.all([store.markRead(), store.markRead()]);
    expect(api.read).toBe(1);
    expect(store.conversation()?.unreadCount).toBe(0);
  });

  it("keeps what was marked as unread while it was open, until it is opened again", async () => {
    await store.open(CONVERSATION);
    const before = { ...api.conversation, version: 4 };
    tell("conversation:updated", { conversation: before });
    expect(store.isUnread()).toBe(false);
    tell("conversation:updated", { conversation: { ...before, unreadCount: 1 } });
    await store.markRead();
    expect([store.isUnread(), api.read, store.conversation()?.unreadCount]).toEqual([false, 0, 1]);
    api.conversation = { ...before, unreadCount: 1 };
    await store.open(CONVERSATION);
    expect(store.isUnread()).toBe(true);
    await store.markRead();
    expect([api.read, store.conversation()?.unreadCount]).toEqual([1, 0]);
  });

  it("takes a new message for seen, whatever else has changed with it", async () => {
    await store.open(CONVERSATION);
    const lastMessageAt = "2026-11-20T12:01:00.000Z";
    tell("conversation:updated", {
      conversation: { ...api.conversation, unreadCount: 1, inboundSeq: 2, lastMessageAt, version: 1 },
    });
    expect(store.isUnread()).toBe(true);
  });

  describe("how far one has read", () => {
    const placeAt = (message: string | null, unread: number): ReadPositionView => ({
      conversation: CONVERSATION,
      message,
      at: null,
      unread,
    });
    let thread: MessageView[];

    beforeEach(() => {
      thread = [messageOf(), replyOf(), messageOf(), messageOf()];
      api.messages = [...thread].reverse();
    });

    it("is one's own: what a colleague has seen is new for whoever has not", async () => {
      api.place = placeAt(thread[1]?.id ?? "", 2);
      await store.open(CONVERSATION);
      expect([store.unreadFrom(), store.isUnread()]).toEqual([thread[2]?.id, true]);
      await store.markRead();
      expect([api.read, store.isUnread()]).toEqual([1, false]);
    });

    it("draws no line for whoever has seen all of it, also where others have not", async () => {
      api.conversation = conversationOf({ unreadCount: 2 });
      api.place = placeAt(thread[3]?.id ?? "", 0);
      await store.open(CONVERSATION);
      expect(store.unreadFrom()).toBeNull();
    });

    it("counts all of a short thread for whoever opens it for the first time, and what nobody has seen of a long one", async () => {
      api.place = placeAt(null, 3);
      await store.open(CONVERSATION);
      expect(store.unreadFrom()).toBe(thread[0]?.id);
      store.close();
      api.next = "more";
      api.conversation = conversationOf({ unreadCount: 1 });
      await store.open(CONVERSATION);
      expect(store.unreadFrom()).toBe(thread[3]?.id);
    });

    it("keeps the line when the page is loaded anew, and not when it is opened later", async () => {
      api.place = placeAt(thread[1]?.id ?? "", 2);
      await store.open(CONVERSATION);
      const kept = sessionStorage.getItem("chasqui.unread-line") ?? "";
      api.place = placeAt(thread[3]?.id ?? "", 0);
      store.close();
      await store.open(CONVERSATION);
      expect(store.unreadFrom()).toBeNull();
      store.close();
      sessionStorage.setItem("chasqui.unread-line", kept);
      await store.open(CONVERSATION);
      expect(store.unreadFrom()).toBe(thread[2]?.id);
    });

    it("follows one's other windows, and leaves unread what was marked so in one of them", async () => {
      api.place = placeAt(thread[3]?.id ?? "", 0);
      await store.open(CONVERSATION);
      tell("read-position:updated", { agent: "somebody".padEnd(24, "0"), position: placeAt(null, 3) });
      expect(store.isUnread()).toBe(false);
      tell("read-position:updated", { agent: testAgent.id, position: placeAt(thread[2]?.id ?? "", 1) });
      await store.markRead();
      expect([store.isUnread(), api.read]).toEqual([false, 0]);
    });
  });

  it("says so when it has left what this person may see", async () => {
    api.messages = [messageOf()];
    await store.open(CONVERSATION);
    FakeSocket.last.say({
      type: "event",
      seq: null,
      topic: "inbox",
      event: "conversation:left",
      data: { conversation: CONVERSATION },
    });
    expect([store.conversation(), store.failure()?.code, store.messages().length]).toEqual([null, "conversation.left", 0]);
  });

  it("says why it could not be loaded, and loads when asked again", async () => {
    const works = api.getConversation;
    api.getConversation = refused;
    await store.open(CONVERSATION);
    expect(store.failure()?.code).toBe("conversation.closed");
    api.getConversation = works;
    await store.reload();
    expect(store.failure()).toBeNull();
    expect(store.phase()).toBe("ready");
  });

  it("leaves its topic when it is closed", async () => {
    await store.open(CONVERSATION);
    store.close();
    expect(FakeSocket.last.sent.at(-1)).toEqual({ type: "unsubscribe", topics: [`conversation:${CONVERSATION}`] });
    tell("message:new", { message: messageOf() });
    expect(store.messages()).toEqual([]);
  });

  it("shows which colleagues look and write, never oneself, and forgets them with the conversation", async () => {
    await store.open(CONVERSATION);
    const pedro = "b".repeat(24);
    const since = "2026-11-20T12:00:00.000Z";
    tell("viewing:changed", {
      conversation: CONVERSATION,
      viewers: [
        { agent: testAgent.id, since },
        { agent: pedro, since },
      ],
    });
    expect(store.viewers()).toEqual([pedro]);
    for (const agent of [testAgent.id, pedro])
      tell("typing:indicator", { conversation: CONVERSATION, by: "agent", agent, on: true });
    expect(store.typists()).toEqual([pedro]);
    // The end of it got lost.
    clock.advance(25_000);
    expect(store.typists()).toEqual([]);
    store.close();
    expect(store.viewers()).toEqual([]);
  });

  it("says where this window looks, and says it again on a new line", async () => {
    const told = () => FakeSocket.last.sent.filter((frame) => JSON.stringify(frame).includes("viewing")).length;
    await store.open(CONVERSATION);
    expect(told()).toBe(1);
    FakeSocket.last.greet(0);
    expect(told()).toBe(2);
  });
});

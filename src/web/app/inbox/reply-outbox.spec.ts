import { TestBed } from "@angular/core/testing";
import type { MessageView } from "@server/events/view";
import { ApiClient } from "../api/api-client";
import { ApiFailure, unreachable } from "../api/api-failure";
import { Clock } from "../clock";
import { TestClock } from "../clock.testing";
import { LiveConnection } from "../live/live-connection";
import { Session } from "../session/session";
import { TestSession } from "../session/session.testing";
import { CONVERSATION, replyOf } from "./message.testing";
import { ReplyOutbox } from "./reply-outbox";

const OTHER = "e".repeat(24);
const write = (text: string, conversation = CONVERSATION) => ({ conversation, message: { text }, text });

describe("ReplyOutbox", () => {
  let clock: TestClock;
  let sent: { text: string; key: string }[];
  let notes: object[];
  let answer: (text: string) => Promise<MessageView>;
  let opened: () => void;
  const onOpen = (listener: () => void) => {
    opened = listener;
    return () => {};
  };
  const start = () => {
    TestBed.resetTestingModule();
    TestBed.configureTestingModule({
      providers: [
        { provide: Clock, useValue: clock },
        { provide: Session, useClass: TestSession },
        { provide: LiveConnection, useValue: { onOpen } },
        {
          provide: ApiClient,
          useValue: {
            sendMessage: (_: string, message: { text: string }, key: string) => {
              sent.push({ text: message.text, key });
              return answer(message.text);
            },
            addNote: async (_: string, note: object) => {
              notes.push(note);
              return replyOf({ private: true });
            },
          },
        },
      ],
    });
    const outbox = TestBed.inject(ReplyOutbox);
    TestBed.tick();
    return outbox;
  };
  const texts = (outbox: ReplyOutbox) => outbox.pending().map(({ text }) => text);

  beforeEach(() => {
    localStorage.clear();
    clock = new TestClock();
    sent = [];
    notes = [];
    answer = async (text) => replyOf({ content: text });
  });

  it("keeps what was written without a server over a reload, and sends it in order with the same keys when the line is back", async () => {
    answer = () => Promise.reject(unreachable());
    const before = start();
    await before.add(write("uno"));
    await before.add(write("dos"));
    expect(texts(before)).toEqual(["uno", "dos"]);
    const key = sent[0]?.key;
    const after = start();
    expect(texts(after)).toEqual(["uno", "dos"]);
    await Promise.resolve();
    sent = [];
    answer = async (text) => replyOf({ content: text });
    opened();
    await vi.waitFor(() => expect(after.pending()).toEqual([]));
    expect(sent.map(({ text }) => text)).toEqual(["uno", "dos"]);
    expect(sent[0]?.key).toBe(key);
    expect(start().pending()).toEqual([]);
  });

  it("sends what was refused no more by itself, and lets what is behind it pass", async () => {
    answer = async (text) => {
      if (text === "uno") throw new ApiFailure("Closed.", "conversation.closed", 409, "req_1");
      return replyOf({ content: text });
    };
    const outbox = start();
    await outbox.add(write("uno"));
    await outbox.add(write("dos"));
    expect(texts(outbox)).toEqual(["uno"]);
    expect(outbox.pending()[0]?.failure).toMatchObject({ code: "conversation.closed", requestId: "req_1" });
    opened();
    expect(sent.map(({ text }) => text)).toEqual(["uno", "dos"]);
  });

  it("holds a message as long as it can be taken back", async () => {
    const outbox = start();
    await outbox.add({ ...write("uno"), holdMs: 5_000 });
    await outbox.add({ ...write("dos"), holdMs: 5_000 });
    expect(sent).toEqual([]);
    expect(outbox.remove(outbox.pending()[0]?.key ?? "")?.text).toBe("uno");
    clock.advance(5_000);
    await vi.waitFor(() => expect(outbox.pending()).toEqual([]));
    expect(sent.map(({ text }) => text)).toEqual(["dos"]);
  });

  it("does not let one conversation wait for another", async () => {
    const outbox = start();
    await outbox.add({ ...write("held"), holdMs: 5_000 });
    await outbox.add(write("at once", OTHER));
    expect(sent.map(({ text }) => text)).toEqual(["at once"]);
  });

  it("sends a note as one, with those it mentions", async () => {
    const outbox = start();
    await outbox.add({ ...write("ojo"), note: { mentions: [OTHER] } });
    expect(notes).toEqual([{ text: "ojo", mentions: [OTHER] }]);
    expect(sent).toEqual([]);
    expect(outbox.pending()).toEqual([]);
  });
});

import { TestBed } from "@angular/core/testing";
import { ApiClient } from "../api/api-client";
import { unreachable } from "../api/api-failure";
import { Clock } from "../clock";
import { TestClock } from "../clock.testing";
import { LiveConnection } from "../live/live-connection";
import { Session } from "../session/session";
import { TestSession, testAgent } from "../session/session.testing";
import { DraftStore } from "./draft-store";
import { CONVERSATION } from "./message.testing";

interface Saved {
  conversation: string;
  kind: "reply" | "note";
  text: string;
  begunAt?: string;
}

describe("DraftStore", () => {
  let clock: TestClock;
  let saved: Saved[];
  let isAway: boolean;
  let onServer: Saved[];
  let listed: () => Promise<Saved[]>;
  let opened: () => void;
  let heard: (event: object) => void;

  const start = () => {
    TestBed.resetTestingModule();
    TestBed.configureTestingModule({
      providers: [
        { provide: Clock, useValue: clock },
        { provide: Session, useClass: TestSession },
        {
          provide: LiveConnection,
          useValue: {
            state: () => "idle",
            subscribe: () => () => {},
            onOpen: (listener: () => void) => {
              opened = listener;
            },
            on: (_: string, listener: (event: object) => void) => {
              heard = listener;
            },
          },
        },
        {
          provide: ApiClient,
          useValue: {
            listDrafts: () => listed(),
            saveDraft: async (conversation: string, kind: "reply" | "note", text: string) => {
              if (isAway) throw unreachable();
              saved.push({ conversation, kind, text });
            },
          },
        },
      ],
    });
    const drafts = TestBed.inject(DraftStore);
    TestBed.tick();
    return drafts;
  };
  const event = (text: string | null) => ({
    agent: testAgent.id,
    conversation: CONVERSATION,
    kind: "reply",
    draft: text === null ? null : { conversation: CONVERSATION, kind: "reply", text, updatedAt: "" },
  });

  beforeEach(() => {
    localStorage.clear();
    clock = new TestClock();
    saved = [];
    onServer = [];
    listed = async () => onServer;
    isAway = false;
  });

  it("keeps reply and note apart, over a reload", () => {
    const before = start();
    before.keep(CONVERSATION, "reply", "a medio escribir");
    before.keep(CONVERSATION, "note", "ojo");
    const after = start();
    expect([after.textOf(CONVERSATION), after.textOf(CONVERSATION, "note")]).toEqual(["a medio escribir", "ojo"]);
  });

  it("saves once a pause comes, and what is emptied at once", async () => {
    const drafts = start();
    drafts.keep(CONVERSATION, "reply", "H");
    drafts.keep(CONVERSATION, "reply", "Hola");
    expect(saved).toEqual([]);
    clock.advance(800);
    expect(saved).toEqual([{ conversation: CONVERSATION, kind: "reply", text: "Hola" }]);
    await Promise.resolve();
    drafts.keep(CONVERSATION, "reply", "");
    clock.advance(0);
    expect(saved.at(-1)?.text).toBe("");
  });

  it("knows when something was begun, until it is emptied", async () => {
    onServer = [{ conversation: CONVERSATION, kind: "reply", text: "Hola", begunAt: "2026-11-20T12:00:00.000Z" }];
    const drafts = start();
    expect(drafts.begunAt(CONVERSATION)).toBeNull();
    opened();
    await vi.waitFor(() => expect(drafts.textOf(CONVERSATION)).toBe("Hola"));
    drafts.keep(CONVERSATION, "reply", "Hola Rosa");
    expect(drafts.begunAt(CONVERSATION)).toBe("2026-11-20T12:00:00.000Z");
    // Also after a reload.
    expect(start().begunAt(CONVERSATION)).toBe("2026-11-20T12:00:00.000Z");
    drafts.keep(CONVERSATION, "reply", "");
    drafts.keep(CONVERSATION, "reply", "otra cosa");
    expect(drafts.begunAt(CONVERSATION)).toBeNull();
  });

  it("waits for the line, and does not let the server's older text win", async () => {
    isAway = true;
    const drafts = start();
    drafts.keep(CONVERSATION, "reply", "sin línea");
    clock.advance(800);
    await Promise.resolve();
    isAway = false;
    onServer = [{ conversation: CONVERSATION, kind: "reply", text: "de ayer" }];
    opened();
    clock.advance(0);
    await vi.waitFor(() => expect(saved.map(({ text }) => text)).toEqual(["sin línea"]));
    expect(drafts.textOf(CONVERSATION)).toBe("sin línea");
  });

  it("does not forget what was saved or sent while the server was looking for drafts", async () => {
    const drafts = start();
    drafts.keep(CONVERSATION, "note", "ojo");
    clock.advance(800);
    await vi.waitFor(() => expect(saved).toHaveLength(1));
    let answer = (_: Saved[]) => {};
    listed = () => new Promise((resolve) => (answer = resolve));
    drafts.keep(CONVERSATION, "reply", "a medio escribir");
    opened();
    clock.advance(0);
    await vi.waitFor(() => expect(saved).toHaveLength(2));
    drafts.keep(CONVERSATION, "note", "");
    clock.advance(0);
    await vi.waitFor(() => expect(saved).toHaveLength(3));
    // Read before either of the two.
    answer([{ conversation: CONVERSATION, kind: "note", text: "ojo" }]);
    await new Promise((resolve) => setTimeout(resolve));
    expect([drafts.textOf(CONVERSATION), drafts.textOf(CONVERSATION, "note")]).toEqual(["a medio escribir", ""]);
    expect(start().textOf(CONVERSATION)).toBe("a medio escribir");
  });

  it("shows what another window has written, but never over what is being written here", async () => {
    const drafts = start();
    heard(event("desde el móvil"));
    expect(drafts.textOf(CONVERSATION)).toBe("desde el móvil");
    drafts.keep(CONVERSATION, "reply", "desde aquí");
    heard(event("desde el móvil, más"));
    expect(drafts.textOf(CONVERSATION)).toBe("desde aquí");
    clock.advance(800);
    await vi.waitFor(() => expect(saved).toHaveLength(1));
    // The echo of an earlier save.
    heard(event("desde"));
    expect(drafts.textOf(CONVERSATION)).toBe("desde aquí");
    clock.advance(2_100);
    heard(event(null));
    expect(drafts.textOf(CONVERSATION)).toBe("");
  });
});

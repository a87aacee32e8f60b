import { fireEvent, render, screen, waitFor } from "@testing-library/angular";
import { ApiClient } from "../api/api-client";
import { Clock } from "../clock";
import { TestClock } from "../clock.testing";
import { LiveConnection } from "../live/live-connection";
import { Session } from "../session/session";
import { TestSession } from "../session/session.testing";
import { Permissions } from "../settings/permissions";
import { Directory } from "./directory";
import { ReplyComposer } from "./reply-composer";

const answered = <T>(data: T) => ({ data: { success: true, data }, error: null, response: new Response(), status: 200 });
const canned = Object.assign(
  () => ({ render: { post: async () => answered({ text: "Hola Rosa, ¿en qué le ayudo?", missing: [] }) } }),
  { get: async () => answered([{ id: "1", shortcut: "saludo", title: "Saludo", text: "Hola {{contact.first_name}}" }]) },
);

async function show({ mayUseCopilot = true } = {}) {
  localStorage.clear();
  const clock = new TestClock();
  const replies: string[] = [];
  const typing: boolean[] = [];
  const notes: string[][] = [];
  const { fixture, rerender } = await render(ReplyComposer, {
    providers: [
      { provide: Clock, useValue: clock },
      { provide: Session, useClass: TestSession },
      { provide: Permissions, useValue: { may: (name: string) => mayUseCopilot && name === "assistant.use" } },
      { provide: ApiClient, useValue: { calls: { "canned-replies": canned }, saveDraft: async () => null } },
      {
        provide: LiveConnection,
        useValue: { state: () => "idle", subscribe: () => () => {}, on: () => () => {}, onOpen: () => () => {} },
      },
      {
        provide: Directory,
        useValue: { agents: () => [{ id: "p", name: "Pedro Mamani", email: "p@x.example", status: "active" }] },
      },
    ],
    inputs: { to: "Rosa", conversation: "c1" },
    on: {
      reply: ({ text, note }) => {
        replies.push(text);
        if (note) notes.push(note.mentions);
      },
      typing: (on) => typing.push(on),
    },
  });
  const field = screen.getByLabelText<HTMLTextAreaElement>("Reply to Rosa");
  const write = (text: string) => fireEvent.input(field, { target: { value: text } });
  return { clock, replies, notes, typing, field, write, composer: fixture.componentInstance, rerender };
}

describe("ReplyComposer", () => {
  it("sends by Enter, and is empty and focused afterwards", async () => {
    const { replies, field, write } = await show();
    write("  Hola Rosa ");
    fireEvent.keyDown(field, { key: "Enter" });
    expect(replies).toEqual(["Hola Rosa"]);
    expect(field.value).toBe("");
    expect(document.activeElement).toBe(field);
  });

  it("sends what was put in and sent within one tick", async () => {
    const { replies, field } = await show();
    field.value = "pasted";
    fireEvent.keyDown(field, { key: "Enter" });
    expect(replies).toEqual(["pasted"]);
  });

  it.each([
    ["Shift+Enter", { key: "Enter", shiftKey: true }],
    ["Enter inside an input method", { key: "Enter", isComposing: true }],
  ])("does not send by %s", async (_name, key) => {
    const { replies, field, write } = await show();
    write("línea");
    fireEvent.keyDown(field, key);
    expect(replies).toEqual([]);
    expect(field.value).toBe("línea");
  });

  it("sends nothing for blanks, nor what is too long, and loses none of it", async () => {
    const { replies, field, write } = await show();
    write("   \n ");
    fireEvent.keyDown(field, { key: "Enter" });
    write("a".repeat(10_000));
    fireEvent.keyDown(field, { key: "Enter" });
    expect(replies).toEqual([]);
    expect(field.value).toHaveLength(10_000);
    expect(await screen.findByText("5,000 characters too many")).toBeTruthy();
    expect(field.getAttribute("aria-invalid")).toBe("true");
  });

  it("says before sending that a text leaves in two messages", async () => {
    const { replies, field, write } = await show();
    write("a".repeat(4097));
    expect(await screen.findByText("Leaves in two messages")).toBeTruthy();
    fireEvent.keyDown(field, { key: "Enter" });
    expect(replies).toHaveLength(1);
  });

  it("tells that somebody types once, and once that they stopped", async () => {
    const { clock, typing, write } = await show();
    write("h");
    write("ho");
    clock.advance(3_000);
    write("hol");
    expect(typing).toEqual([true]);
    clock.advance(4_000);
    expect(typing).toEqual([true, false]);
    write("hola");
    fireEvent.submit(screen.getByLabelText("Reply to Rosa"));
    await waitFor(() => expect(typing).toEqual([true, false, true, false]));
  });

  it("keeps the draft of each conversation, and none of what was sent", async () => {
    const { field, write, rerender } = await show();
    write("half a sentence");
    await rerender({ inputs: { to: "Thiago", conversation: "c2" } });
    await waitFor(() => expect(field.value).toBe(""));
    write("olá");
    fireEvent.keyDown(field, { key: "Enter" });
    await rerender({ inputs: { to: "Rosa", conversation: "c1" } });
    await waitFor(() => expect(field.value).toBe("half a sentence"));
    await rerender({ inputs: { to: "Thiago", conversation: "c2" } });
    await waitFor(() => expect(field.value).toBe(""));
  });

  it("takes words back in front of what is there", async () => {
    const { composer, field, write } = await show();
    write("new");
    composer.restore("refused");
    await waitFor(() => expect(field.value).toBe("refused\nnew"));
  });

  it("tells again and again that somebody writes, as long as they do", async () => {
    const { clock, typing, write } = await show();
    for (let second = 0; second < 20; second += 2) {
      write("x".repeat(second + 1));
      clock.advance(2_000);
    }
    expect(typing).toEqual([true, true, true]);
    clock.advance(4_000);
    expect(typing.at(-1)).toBe(false);
  });

  it("writes a note with whom it mentions, tells nobody that somebody types, and keeps the reply that was begun", async () => {
    const { replies, notes, typing, write, composer } = await show();
    write("Hola Ro");
    typing.length = 0;
    composer.choose("note");
    const field = await screen.findByLabelText<HTMLTextAreaElement>("Private note on Rosa");
    expect(field.value).toBe("");
    fireEvent.input(field, { target: { value: "Ojo @Pedro Mamani" } });
    fireEvent.keyDown(field, { key: "Enter" });
    expect(replies).toEqual(["Ojo @Pedro Mamani"]);
    expect(notes).toEqual([["p"]]);
    expect(typing.includes(true)).toBe(false);
    composer.choose("reply");
    await waitFor(() => expect(screen.getByLabelText<HTMLTextAreaElement>("Reply to Rosa").value).toBe("Hola Ro"));
  });

  it("puts a canned reply where its slash was typed", async () => {
    const { clock, field, write } = await show();
    write("/sal");
    clock.advance(150);
    await screen.findByRole("option", { name: /saludo/ });
    fireEvent.keyDown(field, { key: "Enter" });
    await waitFor(() => expect(field.value).toBe("Hola Rosa, ¿en qué le ayudo?"));
    expect(screen.queryByRole("option")).toBeNull();
  });

  it("puts the copilot's words in the place of what was typed, and either of them back again", async () => {
    const { composer, field, write, rerender } = await show();
    const put = (text: string, how: "insert" | "replace" | "note") =>
      (composer as unknown as { put: (given: object) => void }).put({ text, how });
    write("no hay");
    put("Lamentablemente no hay.", "replace");
    expect(field.value).toBe("Lamentablemente no hay.");
    expect(document.activeElement).toBe(field);
    write("Lamentablemente no hay rojo.");
    // Also after a look at another conversation.
    await rerender({ inputs: { to: "Thiago", conversation: "c2" } });
    await waitFor(() => expect(field.value).toBe(""));
    expect(screen.queryByRole("button", { name: "Back to mine" })).toBeNull();
    await rerender({ inputs: { to: "Rosa", conversation: "c1" } });
    fireEvent.click(await screen.findByRole("button", { name: "Back to mine" }));
    expect(field.value).toBe("no hay");
    fireEvent.click(await screen.findByRole("button", { name: "Take them again" }));
    expect(field.value).toBe("Lamentablemente no hay rojo.");
    fireEvent.keyDown(field, { key: "Enter" });
    expect(field.value).toBe("");
    await waitFor(() => expect(screen.queryByRole("button", { name: "Back to mine" })).toBeNull());
  });

  it("inserts the copilot's words where the caret is, and a summary into the note beside the reply", async () => {
    const { composer, field, write } = await show();
    const put = (text: string, how: "insert" | "replace" | "note") =>
      (composer as unknown as { put: (given: object) => void }).put({ text, how });
    write("Hola . Saludos");
    field.setSelectionRange(5, 5);
    put("Rosa", "insert");
    expect(field.value).toBe("Hola Rosa. Saludos");
    put("- quiere un bolso", "note");
    const note = await screen.findByLabelText<HTMLTextAreaElement>("Private note on Rosa");
    await waitFor(() => expect(note.value).toBe("- quiere un bolso"));
    composer.choose("reply");
    await waitFor(() => expect(screen.getByLabelText<HTMLTextAreaElement>("Reply to Rosa").value).toBe("Hola Rosa. Saludos"));
  });

  it("has no copilot for whoever may not ask it", async () => {
    await show({ mayUseCopilot: false });
    expect(screen.queryByRole("button", { name: "Copilot" })).toBeNull();
  });
});

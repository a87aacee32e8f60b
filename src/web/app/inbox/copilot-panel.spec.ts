import { provideRouter } from "@angular/router";
import type { CopilotBody, CopilotView } from "@server/features/copilot/copilot.schema";
import { fireEvent, render, screen, waitFor } from "@testing-library/angular";
import { ApiClient } from "../api/api-client";
import { ApiFailure } from "../api/api-failure";
import { enMore } from "../i18n/more/en";
import { MORE_WORDS } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Session } from "../session/session";
import { TestSession } from "../session/session.testing";
import { Permissions } from "../settings/permissions";
import { CopilotPanel } from "./copilot-panel";

/** Popovers, which the DOM of these tests does not know. */
const turnPopover = (newState: string) =>
  function (this: HTMLElement) {
    this.dispatchEvent(Object.assign(new Event("toggle"), { newState }));
  };
Object.assign(HTMLElement.prototype, { showPopover: turnPopover("open"), hidePopover: turnPopover("closed") });

interface Asked {
  body: CopilotBody;
  signal: AbortSignal;
  answer: (view: Partial<CopilotView>) => void;
  refuse: (failure: ApiFailure) => void;
}

async function show({ text = "", mayManage = false, words = Promise.resolve() } = {}) {
  const asked: Asked[] = [];
  let hear: (event: object) => void = () => {};
  const post = (body: CopilotBody, { fetch }: { fetch: AbortController }) => {
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    const view = { texts: [], sources: [], provider: "sandbox", model: "chasqui-sandbox", costMicros: 120 };
    asked.push({
      body,
      signal: fetch.signal,
      answer: (more) =>
        resolve({ data: { success: true, data: { ...view, ...more } }, error: null, response: new Response(), status: 200 }),
      refuse: reject,
    });
    fetch.signal.addEventListener("abort", () => reject(new ApiFailure("aborted", "network.unreachable", 0, null)));
    return promise.catch((error: unknown) => ({ data: null, error: { value: error }, response: undefined, status: 0 }));
  };
  const puts: { text: string; how: string }[] = [];
  let closed = 0;
  const { rerender } = await render(CopilotPanel, {
    providers: [
      provideRouter([]),
      { provide: MORE_WORDS, useValue: { en: () => words.then(() => enMore) } },
      { provide: Session, useClass: TestSession },
      { provide: ApiClient, useValue: { calls: { conversations: () => ({ copilot: { post } }) } } },
      {
        provide: LiveConnection,
        useValue: {
          on: (_: string, listener: (event: object) => void) => {
            hear = listener;
            return () => {};
          },
        },
      },
      { provide: Permissions, useValue: { may: () => mayManage } },
    ],
    inputs: { conversation: "c1", text, mode: "reply" },
    on: { put: (given) => puts.push(given), closed: () => closed++ },
  });
  await screen.findByRole("button", { name: "Suggest a reply" });
  const press = async (name: string) => fireEvent.click(await screen.findByRole("button", { name }));
  const piece = (given: string, stream = asked.at(-1)?.body.stream) =>
    hear({ stream, conversation: "c1", agent: "a", text: given, isLast: false });
  return { asked, press, piece, puts, rerender, closed: () => closed };
}

/** A popover counts as hidden in the DOM of these tests. */
const item = (name: string) => screen.findByRole("menuitem", { name, hidden: true });

describe("CopilotPanel", () => {
  it("has the focus on its first choice, also when its words come late", async () => {
    await show({ words: new Promise((come) => setTimeout(come, 50)) });
    await waitFor(() => expect(screen.getByRole("button", { name: "Suggest a reply" })).toBe(document.activeElement));
  });

  it("shows pieces as they come, then what can be done with each suggestion, what it cost and what it rests on", async () => {
    const { asked, press, piece, puts } = await show();
    await press("Suggest a reply");
    piece("Cuesta 15 ");
    piece("soles [k1]");
    await screen.findByText("Cuesta 15 soles");
    // Somebody else's window is not ours.
    piece(" y gratis", "another-stream");
    expect(screen.queryByRole("button", { name: "Use it" })).toBeNull();
    asked[0]?.answer({
      texts: ["Cuesta 15 soles.", "¿Me da un detalle?"],
      sources: [{ chunk: "1", article: "a1", title: "Envíos", text: "Los envíos cuestan 15 soles." }],
    });
    const ways = await screen.findAllByRole("button", { name: "Use it" });
    expect(ways).toHaveLength(2);
    expect(screen.queryByText(/gratis/)).toBeNull();
    expect(screen.getByText("$0.0001")).toBeTruthy();
    await press("1 source");
    await press("Envíos");
    await screen.findByText("Los envíos cuestan 15 soles.");
    fireEvent.click(ways[1] as HTMLElement);
    expect(puts).toEqual([{ text: "¿Me da un detalle?", how: "replace" }]);
  });

  it("rewrites and translates what is typed: in its place, or beside it", async () => {
    const { asked, press, puts } = await show({ text: " ya salió " });
    await press("Rewrite");
    fireEvent.click(await item("Formal"));
    expect(asked[0]?.body).toMatchObject({ task: "rewrite", tone: "formal", text: "ya salió" });
    asked[0]?.answer({ texts: ["Su pedido ya salió."] });
    await press("Replace mine");
    await press("Insert");
    expect(puts.map(({ how }) => how)).toEqual(["replace", "insert"]);
    await press("Translate");
    fireEvent.click(await item("French"));
    expect(asked[1]?.body).toMatchObject({ task: "translate", language: "fr", text: "ya salió" });
    await press("Translate");
    fireEvent.click(await item("The customer's language"));
    // Left to the server, which knows it.
    expect(asked[2]?.body.language).toBeUndefined();
    expect(asked[1]?.signal.aborted).toBe(true);
  });

  it("asks for words first where there are none, and puts a summary into a note", async () => {
    const { asked, press, puts } = await show();
    await press("Rewrite");
    fireEvent.click(await item("Shorter"));
    await screen.findByText(/Write something first/);
    expect(asked).toEqual([]);
    await press("Summarise");
    await waitFor(() => expect(screen.queryByText(/Write something first/)).toBeNull());
    expect(asked[0]?.body).toMatchObject({ task: "summarise", language: "en" });
    asked[0]?.answer({ texts: ["- quiere un bolso"] });
    await press("Into a note");
    expect(puts).toEqual([{ text: "- quiere un bolso", how: "note" }]);
  });

  it("stops: the call is ended, what has come stays and can be used", async () => {
    const { asked, press, piece } = await show();
    await press("Suggest a reply");
    piece("Medio texto");
    await screen.findByText("Medio texto");
    await press("Stop");
    expect(asked[0]?.signal.aborted).toBe(true);
    await screen.findByText("Stopped");
    expect(screen.getByRole("button", { name: "Use it" })).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
    piece(" que llega tarde");
    expect(screen.getByText("Medio texto")).toBeTruthy();
  });

  it("says what went wrong where it happened, with a way to ask again and one to the settings", async () => {
    const { asked, press } = await show({ mayManage: true });
    await press("Suggest a reply");
    asked[0]?.refuse(new ApiFailure("x", "assistant.no-connection", 409, "req_1"));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("No provider is connected");
    expect(screen.getByRole("link", { name: "Look at the assistant's settings" })).toBeTruthy();
    await press("Ask again");
    expect(asked).toHaveLength(2);
    expect(asked[1]?.body.task).toBe("suggest");
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });

  it("sends whoever may not mend it to somebody who may, and a missing language to the menu", async () => {
    const { asked, press } = await show({ text: "hola" });
    await press("Suggest a reply");
    asked[0]?.refuse(new ApiFailure("x", "assistant.budget-used", 409, null));
    await screen.findByText("Ask somebody who manages the assistant.");
    await press("Summarise");
    const details = [{ path: "body.language", message: "is needed" }];
    asked[1]?.refuse(new ApiFailure("x", "request.invalid", 422, null, details));
    await screen.findByText(/language is not known/);
  });

  it("asks by Enter, goes back a step by Escape, and forgets with another conversation", async () => {
    const { asked, press, closed, rerender } = await show();
    await press("Ask");
    const field = await screen.findByLabelText<HTMLInputElement>(/Your question/);
    fireEvent.keyDown(field, { key: "Enter" });
    expect(asked).toEqual([]);
    fireEvent.input(field, { target: { value: "¿hay rojo?" } });
    fireEvent.keyDown(field, { key: "Enter" });
    expect(asked[0]?.body).toMatchObject({ task: "answer", text: "¿hay rojo?" });
    fireEvent.keyDown(field, { key: "Escape" });
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(closed()).toBe(0);
    fireEvent.keyDown(field, { key: "Escape" });
    expect(closed()).toBe(1);
    await press("Suggest a reply");
    asked[1]?.answer({ texts: ["para c1"] });
    await screen.findByText("para c1");
    await rerender({ inputs: { conversation: "c2", text: "", mode: "reply" }, partialUpdate: true });
    await waitFor(() => expect(screen.queryByText("para c1")).toBeNull());
  });
});

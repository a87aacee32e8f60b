import { fireEvent, render, screen, waitFor } from "@testing-library/angular";
import { ApiClient } from "../api/api-client";
import { ConversationListStore } from "./conversation-list-store";
import { Directory } from "./directory";
import { conversationOf, messageOf } from "./message.testing";
import type { AskedDeed } from "./message-deed";
import { MessageDialogs } from "./message-dialogs";
import { ThreadStore } from "./thread-store";

async function show(asked: AskedDeed) {
  const forwarded: object[] = [];
  const done: unknown[][] = [];
  const rows = [
    conversationOf(),
    conversationOf({ id: "b".repeat(24), contact: { id: "1", name: "Pedro Mamani", phone: null, username: null } }),
  ];
  await render(MessageDialogs, {
    providers: [
      {
        provide: ApiClient,
        useValue: {
          calls: {
            messages: () => ({
              forward: {
                post: async (body: object) => {
                  forwarded.push(body);
                  return { data: { success: true, data: [] }, error: null, response: new Response(), status: 200 };
                },
              },
            }),
          },
        },
      },
      { provide: ConversationListStore, useValue: { rows: () => rows } },
      { provide: Directory, useValue: { agents: () => [{ id: "p", name: "Pedro" }] } },
      {
        provide: ThreadStore,
        useValue: {
          rewriteNote: async (...given: unknown[]) => done.push(given),
          erase: async (...given: unknown[]) => done.push(given),
        },
      },
    ],
    inputs: { asked },
  });
  return { forwarded, done };
}

describe("MessageDialogs", () => {
  it("forwards to other conversations, and asks for at least one", async () => {
    const { forwarded } = await show({ deed: "forward", message: messageOf() });
    fireEvent.submit(document.querySelector("form") as HTMLFormElement);
    await screen.findByText("Choose at least one conversation.");
    expect(screen.queryByText("Rosa Quispe")).toBeNull();
    fireEvent.click(screen.getByLabelText("Pedro Mamani"));
    fireEvent.submit(document.querySelector("form") as HTMLFormElement);
    await waitFor(() => expect(forwarded).toEqual([{ conversations: ["b".repeat(24)] }]));
  });

  it("rewrites a note with whom it mentions now", async () => {
    const message = messageOf({ private: true, content: "ojo" });
    const { done } = await show({ deed: "edit-note", message });
    fireEvent.input(document.querySelector("textarea") as HTMLTextAreaElement, { target: { value: "ojo @Pedro" } });
    fireEvent.submit(document.querySelector("form") as HTMLFormElement);
    await waitFor(() => expect(done).toEqual([[message.id, "ojo @Pedro", ["p"]]]));
  });

  it("erases only once it is confirmed", async () => {
    const message = messageOf({ content: "secreto" });
    const { done } = await show({ deed: "erase", message });
    expect(done).toEqual([]);
    fireEvent.submit(document.querySelector("form") as HTMLFormElement);
    await waitFor(() => expect(done).toEqual([[message.id]]));
  });
});

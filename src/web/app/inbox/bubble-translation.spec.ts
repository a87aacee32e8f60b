import { fireEvent, render, screen, waitFor } from "@testing-library/angular";
import { ApiClient } from "../api/api-client";
import { ApiFailure } from "../api/api-failure";
import { enMore } from "../i18n/more/en";
import { MORE_WORDS } from "../i18n/words";
import { Session } from "../session/session";
import { TestSession } from "../session/session.testing";
import { BubbleTranslation } from "./bubble-translation";
import { messageOf } from "./message.testing";

async function show(failures = 0) {
  const asked: object[] = [];
  const post = async (body: object) => {
    asked.push(body);
    if (asked.length <= failures) throw new ApiFailure("x", "assistant.provider-failed", 502, null);
    const data = { texts: ["How much is it?"], sources: [], provider: "p", model: "m-1", costMicros: 120 };
    return { data: { success: true, data }, error: null, response: new Response(), status: 200 };
  };
  const message = messageOf({ content: "¿Cuánto cuesta?" });
  const providers = [
    { provide: MORE_WORDS, useValue: { en: async () => enMore } },
    { provide: Session, useClass: TestSession },
    {
      provide: ApiClient,
      useValue: {
        calls: {
          conversations: () => ({
            copilot: {
              post: (body: object) => post(body).catch((error) => ({ data: null, error: { value: error }, status: 502 })),
            },
          }),
        },
      },
    },
  ];
  const shown = await render(BubbleTranslation, { providers, inputs: { message, text: message.content } });
  return { asked, message, ...shown };
}

describe("BubbleTranslation", () => {
  it("shows a message in the reader's language with what that cost, and asks once however often it is shown", async () => {
    const { asked, rerender, message } = await show();
    await screen.findByText("How much is it?");
    expect(asked).toEqual([{ task: "translate", text: "¿Cuánto cuesta?", language: "en" }]);
    screen.getByText(/Translated by m-1 · \$0\.0001/);
    await rerender({ inputs: { message, text: "otra cosa" } });
    await waitFor(() => expect(asked).toHaveLength(2));
    await rerender({ inputs: { message, text: "¿Cuánto cuesta?" } });
    await screen.findByText("How much is it?");
    expect(asked).toHaveLength(2);
  });

  it("says what went wrong under the message, and asks anew", async () => {
    const { asked } = await show(1);
    expect((await screen.findByRole("alert")).textContent).toContain("did not answer as it should");
    fireEvent.click(screen.getByRole("button", { name: "Ask again" }));
    await screen.findByText("How much is it?");
    expect(asked).toHaveLength(2);
  });
});

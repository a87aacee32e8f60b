import { fireEvent, render, screen } from "@testing-library/angular";
import { ApiClient } from "../api/api-client";
import { ApiFailure } from "../api/api-failure";
import { enMore } from "../i18n/more/en";
import { MORE_WORDS } from "../i18n/words";
import { AnswerSources } from "./answer-sources";

const SOURCES = [
  { chunk: "1", article: "a1", title: "Envíos", text: "Cuestan 15 soles.", sentences: ["Son 15 soles."] },
  { chunk: "2", article: null, title: null, text: null, sentences: ["Tardan tres días."] },
];

async function show({ failures = 0 } = {}) {
  const asked: string[] = [];
  const answer = async (id: string) => {
    asked.push(id);
    if (asked.length <= failures)
      return { data: null, error: { value: new ApiFailure("Away.", "x.away", 500, null) }, status: 500 };
    return { data: { success: true, data: SOURCES }, error: null, response: new Response(), status: 200 };
  };
  const runs = ({ id }: { id: string }) => ({ sources: { get: () => answer(id) } });
  const articles = () => ({
    get: async () => ({
      data: {
        success: true,
        data: { title: "Envíos", question: null, text: "Cuestan 15 soles. Tardan tres.", source: { url: null } },
      },
      error: null,
      response: new Response(),
      status: 200,
    }),
  });
  await render(AnswerSources, {
    providers: [
      { provide: MORE_WORDS, useValue: { en: async () => enMore } },
      { provide: ApiClient, useValue: { calls: { assistant: { runs }, knowledge: { articles } } } },
    ],
    inputs: { run: "r1" },
  });
  return { asked };
}

describe("AnswerSources", () => {
  it("opens what an answer rests on: the sentence, the passage and the article behind it", async () => {
    const { asked } = await show();
    fireEvent.click(await screen.findByRole("button", { name: "Envíos" }));
    expect(asked).toEqual(["r1"]);
    await screen.findByText("“Son 15 soles.”");
    screen.getByText("Cuestan 15 soles.");
    fireEvent.click(screen.getByRole("button", { name: "Read the article" }));
    await screen.findByText("Cuestan 15 soles. Tardan tres.");
    fireEvent.click(screen.getByRole("button", { name: "Article" }));
    await screen.findByText("The article has changed since, or is gone.");
  });

  it("says that they could not be had, and asks again", async () => {
    const { asked } = await show({ failures: 1 });
    fireEvent.click(await screen.findByRole("button", { name: "Ask again" }));
    await screen.findByRole("button", { name: "Envíos" });
    expect(asked).toHaveLength(2);
  });
});

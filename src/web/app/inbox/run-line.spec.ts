import { fireEvent, render, screen } from "@testing-library/angular";
import { ApiClient } from "../api/api-client";
import { ApiFailure } from "../api/api-failure";
import { enMore } from "../i18n/more/en";
import { MORE_WORDS } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { RunLine } from "./run-line";

const run = {
  id: "r1",
  provider: "sandbox",
  model: "chasqui-sandbox",
  ms: 412,
  fragments: 1,
  inputTokens: 1412,
  cachedTokens: 256,
  outputTokens: 38,
  costMicros: 1100,
  sources: 2,
};
const SOURCES = [
  { chunk: "1", article: "a1", title: "Envíos", text: "Cuestan 15 soles.", sentences: ["Son 15 soles."] },
  { chunk: "2", article: null, title: null, text: null, sentences: ["Tardan tres días."] },
];

async function show({ given = run as typeof run | (Omit<typeof run, "id"> & { id: null }), may = true, failures = 0 } = {}) {
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
  await render(RunLine, {
    providers: [
      { provide: MORE_WORDS, useValue: { en: async () => enMore } },
      { provide: ApiClient, useValue: { calls: { assistant: { runs }, knowledge: { articles } } } },
      { provide: Permissions, useValue: { may: (name: string) => may && name === "knowledge.read" } },
    ],
    inputs: { run: given },
  });
  return { asked };
}

describe("RunLine", () => {
  it("opens what an answer rests on: the sentence, the passage and the article behind it", async () => {
    const { asked } = await show();
    expect(asked).toEqual([]);
    fireEvent.click(screen.getByRole("button", { name: "2 sources" }));
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
    fireEvent.click(screen.getByRole("button", { name: "2 sources" }));
    fireEvent.click(await screen.findByRole("button", { name: "Ask again" }));
    await screen.findByRole("button", { name: "Envíos" });
    expect(asked).toHaveLength(2);
  });

  it.each([
    ["may not read the knowledge", { may: false }],
    ["reads an answer from before runs were named", { given: { ...run, id: null } }],
    ["reads an answer that cites nothing", { given: { ...run, sources: 0 } }],
  ])("offers none to somebody who %s", async (_who, options) => {
    await show(options);
    expect(screen.queryByRole("button")).toBeNull();
    screen.getByText("$0.0011");
  });
});

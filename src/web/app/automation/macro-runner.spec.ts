import { TestBed } from "@angular/core/testing";
import type { RunView } from "@server/features/automation-actions/automation-run.schema";
import { ApiClient } from "../api/api-client";
import { ApiFailure } from "../api/api-failure";
import { enMore } from "../i18n/more/en";
import { MORE_WORDS, Words } from "../i18n/words";
import { Toasts } from "../ui/toasts";
import { AutomationChoices } from "./automation-choices";
import { MacroRunner } from "./macro-runner";
import { runDetail } from "./run-detail";

const MACRO = { id: "m1", name: "Pedir comprobante" };
const outcome = (state: RunView["outcomes"][number]["state"], detail: string | null = null) => ({
  do: "label",
  state,
  detail,
  message: null,
  at: "2026-11-20T18:30:00.000Z",
});

/** What is said after a run that comes out like this. */
async function said(runs: readonly Partial<RunView>[] | ApiFailure, conversations = ["c1"]) {
  const asked: { body: object; key: string }[] = [];
  const post = async (body: { conversations: string[] }, { headers }: { headers: { "idempotency-key": string } }) => {
    asked.push({ body, key: headers["idempotency-key"] });
    if (runs instanceof ApiFailure) return { data: null, error: { value: runs }, response: undefined, status: 0 };
    const data = runs.slice(0, body.conversations.length);
    return { data: { success: true, data }, error: null, response: new Response(), status: 200 };
  };
  TestBed.configureTestingModule({
    providers: [
      { provide: MORE_WORDS, useValue: { en: async () => enMore } },
      { provide: ApiClient, useValue: { calls: { macros: () => ({ run: { post } }) } } },
      { provide: AutomationChoices, useValue: {} },
    ],
  });
  await TestBed.inject(Words).more();
  const isWhole = await TestBed.inject(MacroRunner).run(MACRO, conversations);
  const texts = TestBed.inject(Toasts)
    .shown()
    .map(({ text }) => text);
  return { isWhole, texts, asked };
}

describe("a macro that was run", () => {
  it("is told when all of it is done, and on how many", async () => {
    expect(await said([{ state: "done", outcomes: [outcome("done")] }])).toMatchObject({
      isWhole: true,
      texts: ["“Pedir comprobante” is done"],
    });
  });

  it("asks for many conversations in parts, each with a key of its own", async () => {
    const many = Array.from({ length: 60 }, (_, index) => `c${index}`);
    const { asked, texts } = await said(
      many.map(() => ({ state: "done" as const, outcomes: [outcome("done")] })),
      many,
    );
    expect(asked).toHaveLength(2);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(2);
    expect(texts).toEqual(["“Pedir comprobante” is done on 60 conversations"]);
  });

  it("names what did not work, and why", async () => {
    const { isWhole, texts } = await said([
      { state: "failed", outcomes: [outcome("done"), outcome("failed", "The conversation is muted.")] },
    ]);
    expect(isWhole).toBe(false);
    expect(texts).toEqual(["“Pedir comprobante”: Label the conversation did not work. The conversation is muted."]);
  });

  it("says why it could not be run at all", async () => {
    const refused = new ApiFailure("This macro does not exist.", "macro.not-found", 404, null);
    expect(await said(refused)).toMatchObject({ isWhole: false, texts: ["This macro does not exist."] });
  });
});

describe("why an action did not work", () => {
  it("is said in our words where we have them, else as it came", async () => {
    const words = { t: (key: string, params: Record<string, string | number> = {}) => [key, params.count].join(" ") };
    expect(runDetail("It answered with 404.", words as Words)).toBe("runs.said.answered 404");
    expect(runDetail("Name or service not known", words as Words)).toBe("Name or service not known");
  });
});

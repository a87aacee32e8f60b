import { TestBed } from "@angular/core/testing";
import type { ArticleView } from "@server/features/knowledge/knowledge.schema";
import { ApiClient } from "../api/api-client";
import { Clock } from "../clock";
import { TestClock } from "../clock.testing";
import { LiveConnection } from "../live/live-connection";
import { ArticleListStore, NO_FILTERS } from "./article-list-store";

const article = (id: string): ArticleView => ({
  id,
  kind: "article",
  title: id,
  question: null,
  text: "",
  status: "published",
  version: 1,
  source: { fileName: null, url: null, fetchedAt: null },
  index: { state: "pending", chunks: 0, embedded: 0, error: null },
  createdAt: "2026-11-20T12:00:00.000Z",
  updatedAt: "2026-11-20T12:00:00.000Z",
  updatedBy: { id: "a", name: "Lucía" },
});
const state = { passages: 0, pending: 1, mode: "words" as const, embeddingMicros: 0 };

describe("ArticleListStore", () => {
  let clock: TestClock;
  let asked: object[];
  let page: () => Promise<ArticleView[]>;
  let hear: (told: object) => void;
  const ok = (data: unknown, next: string | null = null) => ({
    data: { success: true, data, page: { next } },
    error: null,
    response: new Response(),
    status: 200,
  });

  const start = () => {
    TestBed.configureTestingModule({
      providers: [
        ArticleListStore,
        { provide: Clock, useValue: clock },
        {
          provide: LiveConnection,
          useValue: {
            on: (_: string, listener: typeof hear) => {
              hear = listener;
              return () => {};
            },
            onGap: () => () => {},
          },
        },
        {
          provide: ApiClient,
          useValue: {
            calls: {
              knowledge: {
                articles: {
                  get: async ({ query }: { query: object }) => {
                    asked.push(query);
                    return ok(await page());
                  },
                },
                state: { get: async () => ok(state) },
              },
            },
          },
        },
      ],
    });
    return TestBed.inject(ArticleListStore);
  };
  const settle = () => new Promise((go) => setTimeout(go));

  beforeEach(() => {
    clock = new TestClock();
    asked = [];
    page = async () => [article("one"), article("two")];
  });

  it("asks for what narrows it: words, kind, and a state that is about use or about reading", async () => {
    const store = start();
    await store.show({ q: "  envíos ", state: "draft", kind: "faq" });
    await store.show({ ...NO_FILTERS, state: "failed" });
    await store.show(NO_FILTERS);
    expect(asked).toEqual([
      { limit: 50, q: "envíos", kind: "faq", status: "draft" },
      { limit: 50, reading: "failed" },
      { limit: 50 },
    ]);
    expect(store.isNarrowed()).toBe(false);
  });

  it("shows progress as it is told, and looks again once for many tellings", async () => {
    const store = start();
    await store.show(NO_FILTERS);
    for (const embedded of [1, 2, 3]) hear({ article: "one", state: "pending", chunks: 4, embedded });
    expect(store.rows()[0]?.index).toMatchObject({ state: "pending", chunks: 4, embedded: 3 });
    hear({ article: "two", state: "removed", chunks: 0, embedded: 0 });
    expect(store.rows().map(({ id }) => id)).toEqual(["one"]);
    clock.advance(1_000);
    await settle();
    expect(asked.length).toBe(2);
  });

  it("keeps the newest question when an older answer comes late", async () => {
    const store = start();
    const late = Promise.withResolvers<ArticleView[]>();
    page = () => late.promise;
    const first = store.show({ ...NO_FILTERS, q: "a" });
    page = async () => [article("new")];
    await store.show({ ...NO_FILTERS, q: "ab" });
    late.resolve([article("old")]);
    await first;
    expect(store.rows().map(({ id }) => id)).toEqual(["new"]);
  });
});

import type { BreakdownView } from "@server/features/reports/report.schema";
import { byColumn, type Row, withLoads } from "./share-row";

const row = (name: string, resolved: number | null): Row => ({ key: name, name, filter: name, values: { resolved }, load: null });
const names = (rows: readonly Row[]) => rows.map(({ name }) => name);

describe("byColumn", () => {
  const rows = [row("Ana", 3), row("Zoe", null), row("Luz", 9), row("Eva", null)];

  it("puts what has no value last, whichever way it goes", () => {
    expect(names(byColumn(rows, { by: "resolved", isUp: true }))).toEqual(["Ana", "Luz", "Eva", "Zoe"]);
    expect(names(byColumn(rows, { by: "resolved", isUp: false }))).toEqual(["Luz", "Ana", "Eva", "Zoe"]);
  });

  it("orders names as people do", () => {
    expect(names(byColumn(rows, { by: "name", isUp: false }))).toEqual(["Zoe", "Luz", "Eva", "Ana"]);
  });
});

describe("withLoads", () => {
  const share = { key: "a1", name: "Ana", figures: {} } as BreakdownView;
  const load = (agent: string, state: "online" | "offline", count: number) => ({
    agent,
    name: agent,
    state,
    load: count,
    capacity: 5,
  });

  it("adds whoever is here or has work, and nobody else", () => {
    const all = withLoads(
      [share],
      [load("a1", "online", 2), load("b2", "online", 0), load("c3", "offline", 1), load("d4", "offline", 0)],
    );
    expect(all.map(({ key, load: has }) => [key, has?.load])).toEqual([
      ["a1", 2],
      ["b2", 0],
      ["c3", 1],
    ]);
  });
});

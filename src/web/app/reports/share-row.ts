/** The rows of a table of shares: people who are here without a figure belong to it too. Pure. */
import type { BreakdownView } from "@server/features/reports/report.schema";
import type { AgentLoad } from "./now-store";

export interface Row {
  key: string;
  name: string;
  /** What the report is narrowed to by it; null: it cannot be. */
  filter: string | null;
  values: Readonly<Record<string, number | null>>;
  load: AgentLoad | null;
}
export interface Sorting {
  by: string;
  isUp: boolean;
}
type Share = Pick<BreakdownView, "key" | "name"> & { figures: BreakdownView["figures"] | null; load: AgentLoad | null };

/** Shares of people with their load, and whoever has work now but no figure yet. */
export function withLoads(shares: readonly BreakdownView[], loads: readonly AgentLoad[]): Share[] {
  const byAgent = new Map(loads.map((load) => [load.agent, load]));
  const counted = new Set(shares.map(({ key }) => key));
  const more = loads.filter(({ agent, load, state }) => !counted.has(agent) && (load > 0 || state !== "offline"));
  return [
    ...shares.map((share) => ({ ...share, load: (share.key && byAgent.get(share.key)) || null })),
    ...more.map((load) => ({ key: load.agent, name: load.name, figures: null, load })),
  ];
}

/** In the order of a column; what has no value stands last either way. */
export function byColumn(rows: readonly Row[], { by, isUp }: Sorting): Row[] {
  const sign = isUp ? 1 : -1;
  const numberOf = (row: Row): number | null => (by === "load" ? (row.load?.load ?? null) : (row.values[by] ?? null));
  return [...rows].sort((a, b) => {
    if (by === "name") return sign * a.name.localeCompare(b.name);
    const [one, other] = [numberOf(a), numberOf(b)];
    if (one === null || other === null) return one === other ? a.name.localeCompare(b.name) : one === null ? 1 : -1;
    return sign * (one - other) || a.name.localeCompare(b.name);
  });
}

/** The files a report can be saved as. Pure. */
import { shiftDay, startOf } from "./report-day";
import { type ReportState, SHARES, spanOf, stepOf } from "./report-state";

export interface ReportFile {
  id: string;
  /** What it holds: the course, shares, or what the figures were made of. */
  kind: "series" | "breakdown" | "export";
  url: string;
  name: string;
}

/** All files of a state; those of conversations and messages only for whoever may export them. */
export function filesOf(state: ReportState, zone: string, mayExport: boolean): ReportFile[] {
  const span = spanOf(state, zone);
  const days = `${state.from}_${state.to}`;
  const series: ReportFile = {
    id: "series",
    kind: "series",
    url: `/api/v2/reports/series.csv?${new URLSearchParams({ ...span, by: stepOf(state) })}`,
    name: `report_${days}.csv`,
  };
  const shares = SHARES.map(
    (by): ReportFile => ({
      id: by,
      kind: "breakdown",
      url: `/api/v2/reports/breakdown.csv?${new URLSearchParams({ ...span, by })}`,
      name: `report-${by}_${days}.csv`,
    }),
  );
  return [series, ...shares, ...(mayExport ? exportsOf(state, days) : [])];
}

function exportsOf({ from, to, filter }: ReportState, days: string): ReportFile[] {
  const span = { from: startOf(from), to: startOf(shiftDay(to, 1)) };
  const { channel, label } = filter;
  const conversations = { ...span, ...(channel ? { channel } : {}), ...(label ? { label } : {}) };
  const file = (id: string, query: Record<string, string>): ReportFile => ({
    id,
    kind: "export",
    url: `/api/v2/exports/${id}?${new URLSearchParams(query)}`,
    name: `${id}_${days}.csv`,
  });
  return [file("conversations", conversations), file("messages", span)];
}

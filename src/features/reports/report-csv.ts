/** Reports as files for spreadsheets, line by line. Pure. */
import { BYTE_ORDER_MARK, csvLine } from "../exports/export.service";
import type { BreakdownView, SeriesView } from "./report.schema";
import { FIGURE_COLUMNS, figureCells } from "./report-figures";

const LINES_AT_ONCE = 200;

/** The lines are made while they are read. */
function fileOf(headers: readonly string[], rows: readonly (readonly unknown[])[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = -1;
  return new ReadableStream({
    pull(controller) {
      if (next < 0) {
        controller.enqueue(encoder.encode(BYTE_ORDER_MARK + csvLine(headers)));
        next = 0;
      } else if (next < rows.length) {
        controller.enqueue(
          encoder.encode(
            rows
              .slice(next, next + LINES_AT_ONCE)
              .map(csvLine)
              .join(""),
          ),
        );
        next += LINES_AT_ONCE;
      } else controller.close();
    },
  });
}

export const seriesFile = (rows: readonly SeriesView[]): ReadableStream<Uint8Array> =>
  fileOf(
    ["start", "local", ...FIGURE_COLUMNS],
    rows.map(({ start, local, figures }) => [start, local, ...figureCells(figures)]),
  );

export const breakdownFile = (rows: readonly BreakdownView[]): ReadableStream<Uint8Array> =>
  fileOf(
    ["key", "name", ...FIGURE_COLUMNS],
    rows.map(({ key, name, figures }) => [key, name, ...figureCells(figures)]),
  );

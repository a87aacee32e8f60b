/** The figures as this room needs them. The composition root gives those in the store. */
import type { ReportIndex } from "../../store/reports/report-index";

export type {
  Metric,
  Period,
  ReportConversation,
  ReportFilter,
  ReportMessage,
  ReportMoment,
  ReportOperation,
  ReportRequest,
  ReportRow,
  Segment,
} from "../../store/reports/report-message";
export type { ReportIndex };

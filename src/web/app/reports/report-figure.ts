/** The figures that are shown: what each is made of, how it is written, and whether more of it is good. Pure. */
import type { Figures } from "@server/features/reports/report.schema";
import { numberFormat } from "../i18n/locale";
import type { WordKey } from "../i18n/words";

export const FIGURES = [
  "conversations",
  "resolved",
  "firstReply",
  "nextReply",
  "resolution",
  "messages",
  "assistantShare",
  "deflection",
  "sla",
  "csat",
] as const;
export type FigureName = (typeof FIGURES)[number];
export type Unit = "count" | "time" | "share" | "score";
/** Which hue a line has: the machine's, people's, customers', what was before. */
export type Tone = "person" | "assistant" | "other";

export interface Line {
  word: WordKey;
  tone: Tone;
  of: (figures: Figures) => number | null;
}

export interface Figure {
  name: FigureName;
  unit: Unit;
  /** 1: more is better, -1: less is, 0: neither. */
  better: 1 | 0 | -1;
  of: (figures: Figures) => number | null;
  /** What the chart shows of it; the first one is compared with the time before. */
  lines: readonly Line[];
}

const rate = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
const person = (word: WordKey, of: Line["of"]): Line => ({ word, tone: "person", of });
const assistant = (word: WordKey, of: Line["of"]): Line => ({ word, tone: "assistant", of });

const BY_NAME: Readonly<Record<FigureName, Omit<Figure, "name">>> = {
  conversations: {
    unit: "count",
    better: 0,
    of: (one) => one.conversations,
    lines: [
      person("reports.line.begun", (one) => one.conversations),
      { word: "reports.line.resolved", tone: "other", of: (one) => one.resolved },
    ],
  },
  resolved: {
    unit: "count",
    better: 0,
    of: (one) => one.resolved,
    lines: [
      person("reports.line.byPeople", (one) => one.resolved - one.deflected),
      assistant("reports.line.byAssistant", (one) => one.deflected),
    ],
  },
  firstReply: {
    unit: "time",
    better: -1,
    of: (one) => one.firstReply.median,
    lines: [
      person("reports.line.people", (one) => one.firstReply.median),
      assistant("reports.line.assistant", (one) => one.assistantReply.median),
    ],
  },
  nextReply: {
    unit: "time",
    better: -1,
    of: (one) => one.nextReply.median,
    lines: [person("reports.line.people", (one) => one.nextReply.median)],
  },
  resolution: {
    unit: "time",
    better: -1,
    of: (one) => one.resolution.median,
    lines: [person("reports.line.median", (one) => one.resolution.median)],
  },
  messages: {
    unit: "count",
    better: 0,
    of: (one) => one.messagesIn,
    lines: [
      { word: "reports.line.customers", tone: "other", of: (one) => one.messagesIn },
      person("reports.line.people", (one) => one.messagesPeople),
      assistant("reports.line.assistant", (one) => one.messagesAssistant),
    ],
  },
  assistantShare: {
    unit: "share",
    better: 0,
    of: (one) => rate(one.messagesAssistant, one.messagesAssistant + one.messagesPeople),
    lines: [
      assistant("reports.line.assistant", (one) => rate(one.messagesAssistant, one.messagesAssistant + one.messagesPeople)),
    ],
  },
  deflection: {
    unit: "share",
    better: 1,
    of: (one) => one.deflectionRate,
    lines: [assistant("reports.line.assistant", (one) => one.deflectionRate)],
  },
  sla: { unit: "share", better: 1, of: (one) => one.slaRate, lines: [person("reports.line.kept", (one) => one.slaRate)] },
  csat: {
    unit: "score",
    better: 1,
    of: (one) => one.csat.average,
    lines: [person("reports.line.average", (one) => one.csat.average)],
  },
};

export const figureOf = (name: FigureName): Figure => ({ name, ...BY_NAME[name] });

const COUNT = numberFormat();
const ONE = numberFormat({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
const UP_TO_ONE = numberFormat({ maximumFractionDigits: 1 });
const PERCENT = numberFormat({ style: "percent", maximumFractionDigits: 1 });
const SIGNED_PERCENT = numberFormat({ style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" });
const SIGNED_ONE = numberFormat({ maximumFractionDigits: 1, signDisplay: "exceptZero" });

/** `1.9 s`, `2 min 40 s`, `3 h 5 min`, `2 d 4 h`. */
export function secondsText(seconds: number): string {
  const whole = Math.round(seconds);
  if (seconds < 10) return `${UP_TO_ONE().format(seconds)} s`;
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (whole < 3_600) return joined(minutes, "min", whole % 60, "s");
  if (whole < 86_400) return joined(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.floor(minutes / 60);
  return joined(Math.floor(hours / 24), "d", hours % 24, "h");
}

const joined = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;

/** A value as it is written; a dash where there is none. */
export function valueText(value: number | null, unit: Unit): string {
  if (value === null) return "–";
  if (unit === "time") return secondsText(value);
  if (unit === "share") return PERCENT().format(value);
  return unit === "score" ? ONE().format(value) : COUNT().format(value);
}

export interface Change {
  text: string;
  /** `good` and `bad` only where more of it is good or bad. */
  mood: "good" | "bad" | "plain";
}

/** How a value differs from the one before: of counts in parts of it, of everything else by how much. Null: nothing to compare. */
export function changeOf(
  value: number | null,
  before: number | null,
  { unit, better }: Pick<Figure, "unit" | "better">,
): Change | null {
  if (value === null || before === null) return null;
  if (unit === "count" && before === 0) return null;
  const by = value - before;
  const mood = better === 0 || by === 0 ? "plain" : by * better > 0 ? "good" : "bad";
  return { text: changeText(by, before, unit), mood };
}

function changeText(by: number, before: number, unit: Unit): string {
  if (unit === "count") return SIGNED_PERCENT().format(by / before);
  // In points: a part of a part would be read as one of the whole.
  if (unit === "share") return SIGNED_ONE().format(by * 100);
  if (unit === "score") return SIGNED_ONE().format(by);
  return by === 0 ? "±0 s" : `${by > 0 ? "+" : "−"}${secondsText(Math.abs(by))}`;
}

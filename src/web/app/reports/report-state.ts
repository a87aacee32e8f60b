/** What a report shows, as its address says it: days, filters, the figure in the chart, the shares and the heat. Pure. */
import { daysBetween, dayText, shiftDay } from "./report-day";
import { FIGURES, type FigureName } from "./report-figure";

export const PERIODS = ["today", "7", "30", "90", "own"] as const;
export type Period = (typeof PERIODS)[number];
export const SHARES = ["agent", "team", "channel", "label"] as const;
export type Share = (typeof SHARES)[number];
export const HEATS = ["messagesIn", "conversations", "messagesPeople", "messagesAssistant", "resolved"] as const;
export type Heat = (typeof HEATS)[number];
export type Step = "hour" | "day" | "week" | "month";

export interface ReportState {
  period: Period;
  /** The first and the last day. */
  from: string;
  to: string;
  isCompared: boolean;
  filter: Readonly<Partial<Record<Share, string>>>;
  figure: FigureName;
  share: Share;
  heat: Heat;
}

/** The words of an address: all of them may be missing, or be nonsense. */
export type Params = Readonly<Record<string, string | null | undefined>>;

const DEFAULTS = { period: "30", figure: "conversations", share: "agent", heat: "messagesIn" } as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAYS: Readonly<Record<Exclude<Period, "own">, number>> = { today: 1, "7": 7, "30": 30, "90": 90 };
const HOURS_UP_TO = 2;
const DAYS_UP_TO = 100;
const WEEKS_UP_TO = 400;

/** The state an address asks for. */
export function stateOf(params: Params, now: number): ReportState {
  const today = dayText(now);
  const period = oneOf(PERIODS, params.period) ?? DEFAULTS.period;
  const days = period === "own" ? null : DAYS[period];
  const to = days === null ? (dayOf(params.to) ?? today) : today;
  const from = days === null ? (dayOf(params.from) ?? shiftDay(to, -29)) : shiftDay(today, 1 - days);
  return {
    period,
    from,
    to,
    isCompared: params.compare !== "no",
    filter: Object.fromEntries(SHARES.flatMap((name) => (params[name] ? [[name, params[name]]] : []))),
    figure: oneOf(FIGURES, params.figure) ?? DEFAULTS.figure,
    share: oneOf(SHARES, params.by) ?? DEFAULTS.share,
    heat: oneOf(HEATS, params.heat) ?? DEFAULTS.heat,
  };
}

/** The address of a state, without what is so anyway. */
export function paramsOf(state: ReportState): Record<string, string> {
  const { period, from, to, isCompared, filter, figure, share, heat } = state;
  return {
    ...(period === DEFAULTS.period ? {} : { period }),
    ...(period === "own" ? { from, to } : {}),
    ...(isCompared ? {} : { compare: "no" }),
    ...filter,
    ...(figure === DEFAULTS.figure ? {} : { figure }),
    ...(share === DEFAULTS.share ? {} : { by: share }),
    ...(heat === DEFAULTS.heat ? {} : { heat }),
  };
}

/** What the server is asked: days, zone and filters. */
export const spanOf = ({ from, to, filter }: ReportState, zone: string) => ({ from, to, zone, ...filter });

/** Steps that leave a line of some dozen points. */
export function stepOf({ from, to }: Pick<ReportState, "from" | "to">): Step {
  const days = daysBetween(from, to);
  if (days <= HOURS_UP_TO) return "hour";
  if (days <= DAYS_UP_TO) return "day";
  return days <= WEEKS_UP_TO ? "week" : "month";
}

const oneOf = <T extends string>(all: readonly T[], word: string | null | undefined): T | null =>
  all.find((one) => one === word) ?? null;

const dayOf = (word: string | null | undefined): string | null => (word && DAY.test(word) ? word : null);

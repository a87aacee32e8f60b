/** Opening hours as one line that a person, or a model, reads. Pure. */
import type { OpeningHours, Span } from "./opening-hours";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MOST_HOLIDAYS = 12;

const spansText = (spans: readonly Span[]): string =>
  spans.length === 0 ? "closed" : spans.map(({ from, to }) => `${from}-${to}`).join(" and ");

/** Such as `Mon-Fri 09:00-18:00; Sat, Sun closed (America/Lima)`. The week begins on Monday; days that are alike are told together. */
export function describeHours({ zone, week, holidays }: OpeningHours): string {
  const order = [1, 2, 3, 4, 5, 6, 0];
  const groups: { days: number[]; text: string }[] = [];
  for (const day of order) {
    const text = spansText(week[day] ?? []);
    const last = groups.at(-1);
    if (last?.text === text) last.days.push(day);
    else groups.push({ days: [day], text });
  }
  const daysText = (days: readonly number[]) =>
    days.length > 2 ? `${DAYS[days[0]!]}-${DAYS[days.at(-1)!]}` : days.map((day) => DAYS[day]).join(", ");
  const different = holidays.slice(0, MOST_HOLIDAYS).map(({ date, spans }) => `${date} ${spansText(spans)}`);
  const lines = groups.map(({ days, text }) => `${daysText(days)} ${text}`);
  return `${[...lines, ...different].join("; ")} (${zone})`;
}

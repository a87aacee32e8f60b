/**
 * A moment in the words people use for it: `in 3 hours`, `mañana a las 9`, `sexta 14h30`, `25/12`, `next week`. English, Spanish and
 * Portuguese are understood side by side, whatever the app speaks. Pure; local time.
 */
import { foldedText } from "../ui/folded-text";

const MINUTE_MS = 60_000;
const MORNING = 9;
/** Nobody waits for longer: the server takes no more either. */
const MOST_DAYS = 366;

const UNITS: readonly [RegExp, "minute" | "hour" | "day" | "week" | "month"][] = [
  [/^(?:m|min|mins|minutes?|minutos?)$/, "minute"],
  [/^(?:h|hs|hrs?|hours?|horas?)$/, "hour"],
  [/^(?:d|days?|dias?)$/, "day"],
  [/^(?:w|weeks?|semanas?|sem)$/, "week"],
  [/^(?:months?|mes|meses)$/, "month"],
];
const NUMBERS: Record<string, number> = {
  a: 1,
  an: 1,
  one: 1,
  un: 1,
  una: 1,
  uno: 1,
  um: 1,
  uma: 1,
  two: 2,
  dos: 2,
  dois: 2,
  duas: 2,
  three: 3,
  tres: 3,
  four: 4,
  cuatro: 4,
  quatro: 4,
  five: 5,
  cinco: 5,
  six: 6,
  seis: 6,
  half: 0.5,
  media: 0.5,
  meia: 0.5,
};
/** By the number of the day, Sunday first: words that begin so. */
const WEEKDAYS: readonly RegExp[] = [
  /^(?:sun|sunday|dom|domingo)$/,
  /^(?:mon|monday|lun|lunes|seg|segunda(?:-feira)?)$/,
  /^(?:tue|tues|tuesday|mar|martes|ter|terca(?:-feira)?)$/,
  /^(?:wed|wednesday|mie|miercoles|qua|quarta(?:-feira)?)$/,
  /^(?:thu|thur|thurs|thursday|jue|jueves|qui|quinta(?:-feira)?)$/,
  /^(?:fri|friday|vie|viernes|sex|sexta(?:-feira)?)$/,
  /^(?:sat|saturday|sab|sabado)$/,
];
const MONTHS = [
  /^(?:jan|ene)/,
  /^(?:feb|fev)/,
  /^mar/,
  /^(?:apr|abr)/,
  /^(?:may|mai)/,
  /^jun/,
  /^jul/,
  /^(?:aug|ago)/,
  /^(?:sep|set)/,
  /^(?:oct|out)/,
  /^nov/,
  /^(?:dec|dic|dez)/,
];
/** Words that say nothing by themselves. */
const FILLERS =
  /^(?:in|en|em|dentro|de|do|da|daqui|ate|until|hasta|til|till|at|on|the|el|la|las|los|a|as|o|next|este|esta|this|proximo|proxima|que|vem|viene|por|para|h|hs|of|al|no|na|pela)$/;

type Day = { date: Date; hour?: number };

/** The moment that is meant, always to come; null when it is not understood. `isMonthFirst`: 12/25, as in the United States. */
export function momentIn(text: string, now: number, isMonthFirst = false): Date | null {
  const plain = foldedText(text).replace(/[,.;]/g, " ").replace(/\s+/g, " ").trim();
  if (plain === "") return null;
  const found = fromNow(plain, now) ?? atTime(plain, now, isMonthFirst);
  const left = found ? found.getTime() - now : 0;
  return found && left > 0 && left <= MOST_DAYS * 86_400_000 ? found : null;
}

/** `in 3 hours`, `90 min`, `dentro de 2 dias`, `meia hora`. */
function fromNow(plain: string, now: number): Date | null {
  const match = /^(?:in |en |em |dentro de |daqui a )?(\d+(?:\.\d+)?|[a-z]+) ?(?:an? )?([a-z]+)$/.exec(plain);
  const count = match?.[1] === undefined ? Number.NaN : (NUMBERS[match[1]] ?? Number(match[1]));
  const unit = UNITS.find(([words]) => words.test(match?.[2] ?? ""))?.[1];
  if (!unit || !(count > 0)) return null;
  const at = new Date(now);
  if (unit === "minute" || unit === "hour") return new Date(now + count * (unit === "hour" ? 60 : 1) * MINUTE_MS);
  if (unit === "month") at.setMonth(at.getMonth() + Math.round(count));
  else at.setDate(at.getDate() + Math.round(count * (unit === "week" ? 7 : 1)));
  at.setHours(MORNING, 0, 0, 0);
  return at;
}

/** A day, a time, or both, in either order. */
function atTime(plain: string, now: number, isMonthFirst: boolean): Date | null {
  const { time, rest } = timeIn(plain);
  const { part, left } = partIn(rest);
  const words = left.split(" ").filter((word) => word !== "" && !FILLERS.test(word));
  const day = dayIn(left, words, now, isMonthFirst);
  if (!day && words.length > 0) return null;
  if (!day && !time && part === null) return null;
  const at = new Date(day?.date ?? now);
  const hour = time?.hour ?? part ?? day?.hour ?? MORNING;
  // `3 in the afternoon` is 15:00.
  at.setHours(time && part !== null && part >= 12 && hour < 12 ? hour + 12 : hour, time?.minute ?? 0, 0, 0);
  // A time alone that has passed is tomorrow's.
  if (!day && at.getTime() <= now) at.setDate(at.getDate() + 1);
  return at;
}

/** `9:30`, `14h30`, `5pm`, `a las 9`, `as 9h`. */
function timeIn(plain: string): { time: { hour: number; minute: number } | null; rest: string } {
  const patterns = [
    /(?:^| )(\d{1,2})(?::|h)(\d{2})(?: ?(am|pm|hs?))?(?= |$)/,
    /(?:^| )(\d{1,2}) ?(am|pm|hs?|horas)(?= |$)/,
    /(?:^| )(?:at|a las|a la|as|para las) (\d{1,2})(?= |$)/,
    /(?<=[a-z]) (\d{1,2})$/,
  ];
  for (const [index, pattern] of patterns.entries()) {
    const match = pattern.exec(plain);
    if (!match) continue;
    const half = (index === 0 ? match[3] : index === 1 ? match[2] : "") ?? "";
    const minute = index === 0 ? Number(match[2]) : 0;
    let hour = Number(match[1]);
    if (half === "pm" && hour < 12) hour += 12;
    if (half === "am" && hour === 12) hour = 0;
    if (hour > 23 || minute > 59) continue;
    // `25 dec 9` has its time at the end, `dec 25` has none.
    if (
      index === 3 &&
      MONTHS.some((month) => month.test(plain.slice(0, match.index).split(" ").at(-1) ?? "")) &&
      !/\d/.test(plain.slice(0, match.index))
    )
      continue;
    return { time: { hour, minute }, rest: (plain.slice(0, match.index) + plain.slice(match.index + match[0].length)).trim() };
  }
  return { time: null, rest: plain };
}

/** Parts of a day, and the hour they stand for. */
function partIn(rest: string): { part: number | null; left: string } {
  const parts: readonly [RegExp, number][] = [
    [
      /(?:^| )(?:tonight|(?:esta|en la|por la|de la|in the|this) (?:noche|night|evening)|evening|(?:a|da|de|hoje a) noite|noite|noche)(?= |$)/,
      20,
    ],
    [/(?:^| )(?:(?:in the|this) afternoon|afternoon|(?:esta|por la|en la|de la) tarde|(?:a|da|de) tarde|tarde)(?= |$)/, 15],
    [/(?:^| )(?:(?:in the|this) morning|morning|(?:por|en|de) la manana|(?:de|da|pela) manha|cedo)(?= |$)/, MORNING],
    [/(?:^| )(?:noon|mediodia|meio-?dia)(?= |$)/, 12],
  ];
  for (const [pattern, hour] of parts)
    if (pattern.test(rest)) return { part: hour, left: rest.replace(pattern, " ").replace(/\s+/g, " ").trim() };
  return { part: null, left: rest };
}

function dayIn(left: string, words: readonly string[], now: number, isMonthFirst: boolean): Day | null {
  const ahead = (days: number): Day => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    return { date };
  };
  const today = new Date(now).getDay();
  if (/^(?:today|hoy|hoje)$/.test(words.join(" "))) return ahead(0);
  if (/^(?:day after tomorrow|pasado manana|depois amanha)$/.test(words.join(" ").replace("after the", "after"))) return ahead(2);
  if (/^(?:tomorrow|manana|amanha|tmr)$/.test(words.join(" "))) return ahead(1);
  if (words.length === 1 && /^(?:week|semana)$/.test(words[0] ?? "") && /next|proxima|que vie|que vem/.test(left))
    return ahead((8 - today) % 7 || 7);
  const weekday = words.length === 1 ? WEEKDAYS.findIndex((names) => names.test(words[0] ?? "")) : -1;
  if (weekday >= 0) return ahead((weekday - today + 7) % 7 || 7);
  return dateIn(words, now, isMonthFirst);
}

/** `25/12`, `2026-12-25`, `25 dic`, `dec 25`. */
function dateIn(words: readonly string[], now: number, isMonthFirst: boolean): Day | null {
  const year = new Date(now).getFullYear();
  const text = words.join(" ");
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (iso) return dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const short = /^(\d{1,2})\/(\d{1,2})(?:\/(\d{2}|\d{4}))?$/.exec(text);
  if (short) {
    const [day, month] = isMonthFirst ? [short[2], short[1]] : [short[1], short[2]];
    const given = short[3] === undefined ? null : Number(short[3]) + (short[3].length === 2 ? 2000 : 0);
    return given ? dayOf(given, Number(month), Number(day)) : upcoming(year, Number(month), Number(day), now);
  }
  const named = /^(\d{1,2}) ([a-z]{3,})$/.exec(text) ?? /^([a-z]{3,}) (\d{1,2})$/.exec(text);
  if (!named) return null;
  const [day, name] = /^\d/.test(named[1] ?? "") ? [named[1], named[2]] : [named[2], named[1]];
  const month = MONTHS.findIndex((one) => one.test(name ?? ""));
  return month < 0 ? null : upcoming(year, month + 1, Number(day), now);
}

/** Of this year, or of the next one when it has passed. */
function upcoming(year: number, month: number, day: number, now: number): Day | null {
  const found = dayOf(year, month, day);
  return found && found.date.getTime() + 86_400_000 <= now ? dayOf(year + 1, month, day) : found;
}

function dayOf(year: number, month: number, day: number): Day | null {
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? { date } : null;
}

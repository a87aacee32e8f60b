import { localMoment } from "../ui/time-text";
import { momentIn } from "./snooze-words";

/** A Friday. */
const NOW = new Date("2026-11-20T16:20:00").getTime();
const meant = (text: string, isMonthFirst = false) => {
  const found = momentIn(text, NOW, isMonthFirst);
  return found && localMoment(found.getTime()).replace("T", " ");
};

describe("a moment in words", () => {
  it.each([
    ["in 3 hours", "2026-11-20 19:20"],
    ["90 min", "2026-11-20 17:50"],
    ["3h", "2026-11-20 19:20"],
    ["half an hour", "2026-11-20 16:50"],
    ["in two days", "2026-11-22 09:00"],
    ["1 week", "2026-11-27 09:00"],
    ["tomorrow", "2026-11-21 09:00"],
    ["tomorrow at 5pm", "2026-11-21 17:00"],
    ["tomorrow 9:30", "2026-11-21 09:30"],
    ["tomorrow afternoon", "2026-11-21 15:00"],
    ["tonight", "2026-11-20 20:00"],
    ["friday", "2026-11-27 09:00"],
    ["next monday 10am", "2026-11-23 10:00"],
    ["next week", "2026-11-23 09:00"],
    ["dec 25", "2026-12-25 09:00"],
    ["25 dec 14:00", "2026-12-25 14:00"],
    ["2026-12-01 08:15", "2026-12-01 08:15"],
    ["18:00", "2026-11-20 18:00"],
    ["9am", "2026-11-21 09:00"],
    ["day after tomorrow", "2026-11-22 09:00"],
  ])("in English: %s", (text, expected) => expect(meant(text)).toBe(expected));

  it.each([
    ["en 3 horas", "2026-11-20 19:20"],
    ["dentro de 2 días", "2026-11-22 09:00"],
    ["media hora", "2026-11-20 16:50"],
    ["mañana", "2026-11-21 09:00"],
    ["mañana a las 5pm", "2026-11-21 17:00"],
    ["mañana por la mañana", "2026-11-21 09:00"],
    ["mañana a las 3 de la tarde", "2026-11-21 15:00"],
    ["pasado mañana", "2026-11-22 09:00"],
    ["hoy 18:00", "2026-11-20 18:00"],
    ["esta noche", "2026-11-20 20:00"],
    ["viernes 9:00", "2026-11-27 09:00"],
    ["el lunes a las 10", "2026-11-23 10:00"],
    ["la próxima semana", "2026-11-23 09:00"],
    ["la semana que viene", "2026-11-23 09:00"],
    ["25/12", "2026-12-25 09:00"],
    ["25 de diciembre", "2026-12-25 09:00"],
    ["3 de marzo", "2027-03-03 09:00"],
  ])("in Spanish: %s", (text, expected) => expect(meant(text)).toBe(expected));

  it.each([
    ["em 3 horas", "2026-11-20 19:20"],
    ["daqui a 2 dias", "2026-11-22 09:00"],
    ["amanhã", "2026-11-21 09:00"],
    ["amanhã às 9h", "2026-11-21 09:00"],
    ["amanhã à tarde", "2026-11-21 15:00"],
    ["depois de amanhã", "2026-11-22 09:00"],
    ["hoje às 18h", "2026-11-20 18:00"],
    ["sexta 14h30", "2026-11-27 14:30"],
    ["segunda-feira", "2026-11-23 09:00"],
    ["semana que vem", "2026-11-23 09:00"],
    ["25 de dezembro às 10h", "2026-12-25 10:00"],
  ])("in Portuguese: %s", (text, expected) => expect(meant(text)).toBe(expected));

  it("takes the month first where people do", () => {
    expect(meant("12/25", true)).toBe("2026-12-25 09:00");
    expect(meant("12/25")).toBeNull();
  });

  it.each(["", "soon", "envío", "31/02", "today 8:00", "2020-01-01", "25:00", "hola mañana Rosa", "in 900 days", "in 0 hours"])(
    "is not guessed: %j",
    (text) => expect(meant(text)).toBeNull(),
  );
});

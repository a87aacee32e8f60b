/** Who writes what and when in one phase of the pipeline benchmark. Pure and always the same. */
import { markOf } from "../../commands/torture/mark";

export interface PipelinePhase {
  name: string;
  /** Messages a second on average. */
  rate: number;
  seconds: number;
  /** Every phase has customers of its own: they begin at this number. */
  firstCustomer: number;
  customers: number;
  /** The business numbers; a customer always writes to the same one. */
  numbers: readonly string[];
}

export interface PlannedMessage {
  /** Milliseconds after the start of the phase. */
  at: number;
  customer: number;
  mark: string;
  text: string;
}

/** Of each five messages two belong together: a thought in two pieces, which the assistant answers with one reply. */
const MESSAGES_IN_CYCLE = 5;
const PIECES_APART_MS = 400;

const FIRST_NUMBER = 5_215_500_000_000;
export const numberOf = (customer: number): string => String(FIRST_NUMBER + customer);
export const customerOfNumber = (number: string): number => {
  // Mexican numbers are sent to without the 1 behind the country code.
  const digits = number.length === 12 && number.startsWith("52") ? `521${number.slice(2)}` : number;
  return Number(digits) - FIRST_NUMBER;
};
export const wamidOfMark = (mark: string): string => `wamid.in.${mark}`;

const WORDS = "¿Tienen el modelo azul en talla mediana y cuánto tarda el envío a Guadalajara? Es para un regalo, gracias.";

export function planPhase({
  rate,
  seconds,
  firstCustomer,
  customers,
}: Omit<PipelinePhase, "name" | "numbers">): PlannedMessage[] {
  const counts = new Uint32Array(customers);
  const count = rate * seconds;
  const planned: PlannedMessage[] = [];
  const say = (talk: number, at: number) => {
    const customer = firstCustomer + (talk % customers);
    const message = ++counts[talk % customers]!;
    const mark = markOf(customer, message);
    planned.push({ at, customer, mark, text: `${WORDS} ${mark}` });
  };
  for (let talk = 0; planned.length < count; talk++) {
    const at = (planned.length * 1_000) / rate;
    say(talk, at);
    if (talk % (MESSAGES_IN_CYCLE - 1) === 0 && planned.length < count) say(talk, at + PIECES_APART_MS);
  }
  return planned.sort((a, b) => a.at - b.at);
}

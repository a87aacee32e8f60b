/** What is seeded, decided by the seed alone: who talks with whom, how much, when, and in which words. Pure. */
import { between, createRandom, pick } from "../../commands/torture/random";

export interface SeedSize {
  messages: number;
  conversations: number;
  seed: number;
}

export interface SeedPlan extends SeedSize {
  /** The conversation of each message, in the order of time. */
  readonly conversationOf: Int32Array;
  /** The place of each message within its conversation, from 0. */
  readonly placeOf: Int32Array;
  /** The newest message of each conversation. */
  readonly lastOf: Int32Array;
  /** The newest message of its customer. */
  readonly lastInboundOf: Int32Array;
  readonly countOf: Int32Array;
}

/** The newest message; everything before it lies this far apart, so a million messages are about three months. */
const NEWEST = Date.UTC(2026, 8, 1, 12);
const APART_MS = 8_000;

/** Half of all talk is with the busiest quarter of the customers, as it is in life. */
export function planSeed({ messages, conversations, seed }: SeedSize): SeedPlan {
  const random = createRandom(seed, "seed");
  const conversationOf = new Int32Array(messages);
  const placeOf = new Int32Array(messages);
  const lastOf = new Int32Array(conversations);
  const lastInboundOf = new Int32Array(conversations);
  const countOf = new Int32Array(conversations);
  // Everybody speaks once, and not all of them at the beginning.
  const firstAt = Math.floor(messages / conversations);
  let begun = 0;
  for (let message = 0; message < messages; message++) {
    const mustBegin = conversations - begun >= messages - message;
    const begins = begun < conversations && (begun === 0 || mustBegin || message % firstAt === 0);
    const conversation = begins ? begun++ : Math.floor(begun * random() ** 2);
    conversationOf[message] = conversation;
    placeOf[message] = countOf[conversation]!++;
    if (isInbound(placeOf[message]!)) lastInboundOf[conversation] = message;
    lastOf[conversation] = message;
  }
  return { messages, conversations, seed, conversationOf, placeOf, lastOf, lastInboundOf, countOf };
}

export const timeOf = ({ messages }: SeedSize, message: number): number => NEWEST - (messages - 1 - message) * APART_MS;

/** Customer and assistant take turns; the customer begins. */
export const isInbound = (place: number): boolean => place % 2 === 0;
export const inboundCount = (count: number): number => Math.ceil(count / 2);

/** Ids as the product makes them: 12 hex digits of time, then what tells two of a moment apart. */
export const messageId = (size: SeedSize, message: number): string => idOf(timeOf(size, message), message);
export const conversationId = (conversation: number): string => idOf(NEWEST, 0x1000_0000_0000 + conversation);
export const contactId = (conversation: number): string => idOf(NEWEST, 0x2000_0000_0000 + conversation);
const idOf = (time: number, number: number): string =>
  time.toString(16).padStart(12, "0") + number.toString(16).padStart(12, "0");

export const phoneOf = (conversation: number): string => String(51_900_000_000 + conversation);
export const wamidOf = (message: number): string => `wamid.seed.${message}`;

const NAMES = ["Lucía", "Mateo", "Valentina", "José", "Camila", "Diego", "Sofía", "Andrés", "Renata", "Tomás", "Paula", "Iván"];
const FAMILIES = ["Quispe", "García", "Mamani", "Rojas", "Huamán", "Fernández", "Condori", "Vega", "Ñahui", "Salas", "Paredes"];
export const nameOf = (conversation: number): string =>
  `${NAMES[conversation % NAMES.length]} ${FAMILIES[Math.floor(conversation / NAMES.length) % FAMILIES.length]} ${conversation}`;

const THINGS = ["manta", "chompa", "poncho", "taza", "bolsa", "lámpara", "silla", "mesa", "alfombra", "cojín", "espejo", "reloj"];
const COLOURS = ["azul", "roja", "verde", "negra", "blanca", "amarilla", "café", "gris"];
const PLACES = ["Puno", "Cusco", "Arequipa", "Lima", "Trujillo", "Piura", "Tacna", "Ica", "Ayacucho", "Huancayo"];
const ASKED = ["¿Tienen la", "¿Cuánto cuesta la", "Quisiera saber si envían la", "¿Cuándo llega la", "Quiero cambiar la"];
const ANSWERED = ["Sí, tenemos la", "El precio incluye el envío de la", "Mañana sale la", "Con gusto cambiamos la"];

/** Plain sentences out of few words, and one order number that stands in no other message. */
export function textOf({ seed }: SeedSize, message: number, inbound: boolean): string {
  const random = createRandom(seed, `text:${message}`);
  const thing = `${pick(random, inbound ? ASKED : ANSWERED)} ${pick(random, THINGS)} ${pick(random, COLOURS)}`;
  return `${thing} a ${pick(random, PLACES)}${inbound ? "?" : "."} Pedido ${orderOf(message)}, son ${between(random, 1, 9)} unidades.`;
}
export const orderOf = (message: number): string => `P${String(message).padStart(7, "0")}`;

/** The traffic of the webhook benchmark: one text message a request, every wamid unique, about 800 bytes of body. */
import { messageBody, signedRequest } from "./webhook-request";

export interface TrafficOptions {
  count: number;
  /** Makes the wamids of this round unlike those of every other round. */
  round: string;
  path: string;
  /** How many customers write; messages go round among them. */
  customers: number;
}

const FIRST_CUSTOMER = 5_215_500_000_000;
const FIRST_TIMESTAMP = 1_790_000_000;
const WORDS =
  "¿Tienen en existencia el modelo azul en talla mediana y cuánto tarda el envío a Guadalajara? Es para un regalo, gracias por la ayuda. ";

/** The text of message number `index` of a round: what the benchmark looks for in the store afterwards. */
export const textOf = (round: string, index: number): string => `${round}-${index} ${WORDS}`.repeat(2).trim();
export const wamidOf = (round: string, index: number): string =>
  `wamid.${Buffer.from(`bench-${round}-${String(index).padStart(8, "0")}`).toString("base64")}`;

/** Whole HTTP requests, ready to be written to a socket. */
export const webhookRequests = ({ count, round, path, customers }: TrafficOptions): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => {
    const body = messageBody({
      from: String(FIRST_CUSTOMER + (index % customers)),
      name: `Customer ${index % customers}`,
      wamid: wamidOf(round, index),
      text: textOf(round, index),
      timestamp: FIRST_TIMESTAMP + Math.floor(index / 1_000),
    });
    return signedRequest(path, body);
  });

/** The typed client of our own server. Only its type is imported: nothing of the server reaches the browser. */
import { treaty } from "@elysiajs/eden";
import type { Api } from "@server/http/server";

export type Fetcher = typeof fetch;

/** Times stay the texts that they are on the wire: the views say string. */
export const createTreaty = (fetcher: Fetcher) => treaty<Api>(location.origin, { fetcher, parseDate: false }).api.v2;

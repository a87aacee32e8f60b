/** The address a request really comes from: that of the connection, or the one a trusted proxy in front names. */
import { isIP } from "node:net";
import { plainAddress } from "../core/ip-address";

/** More proxies in a row than anybody has: the rest of the header is not read. */
const MOST_HOPS = 10;

export type IsTrusted = (address: string) => boolean;

/**
 * The nearest address that is no trusted proxy, read from the right: what stands further left was written by the client itself.
 * What is no address ends the search.
 */
export function clientAddress(peer: string, forwardedFor: string | null, isTrusted: IsTrusted): string {
  let client = plainAddress(peer);
  if (forwardedFor === null || !isTrusted(client)) return client;
  const hops = forwardedFor.split(",").slice(-MOST_HOPS).reverse();
  for (const hop of hops) {
    const address = plainAddress(withoutPort(hop.trim()));
    if (isIP(address) === 0) break;
    client = address;
    if (!isTrusted(client)) break;
  }
  return client;
}

/** Some proxies write `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
const withoutPort = (text: string): string =>
  /^\[([^\]]+)\](:\d+)?$/.exec(text)?.[1] ?? (/^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] || text);

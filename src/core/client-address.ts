/** From which address a request came. Behind proxies of one's own the last entries of X-Forwarded-For tell it; others are invented. */
import type { Origin } from "./origin";
import { requestIdOf } from "./request-id";

export interface Listener {
  requestIP(request: Request): { address: string } | null;
}

/** Requests that somebody makes over a connection which is open already come from where that one does. */
const spokenFor = new WeakMap<Request, string>();
export const comesFrom = (request: Request, address: string): void => void spokenFor.set(request, address);

/** `proxies` is how many of our own proxies stand before the server; what lies further left in the header anybody can write. */
export function clientAddress(request: Request, server: Listener | null, proxies: number): string {
  const known = spokenFor.get(request);
  if (known !== undefined) return known;
  const peer = plain(server?.requestIP(request)?.address ?? "");
  if (proxies === 0) return peer;
  const forwarded = (request.headers.get("x-forwarded-for") ?? "").split(",").map((part) => part.trim());
  const told = forwarded.at(-proxies) ?? forwarded[0] ?? "";
  return ADDRESS.test(told) ? plain(told) : peer;
}

const ADDRESS = /^[0-9a-fA-F:.]{2,45}$/;

/** IPv4 inside IPv6 is the same address. */
const plain = (address: string): string => (address.startsWith("::ffff:") ? address.slice(7) : address);

/**
 * What is counted as one address: whoever has one IPv6 address has a whole /64 of them. Takes what `clientAddress` gives; text that is
 * no address is its own network.
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const host = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1);
  if (!host) return address;
  const [head = "", tail] = host.split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail ? tail.split(":").length : 0;
  if (tail !== undefined) groups.push(...Array.from({ length: Math.max(0, 8 - groups.length - behind) }, () => "0"));
  return groups.slice(0, 4).join(":");
}

export const isLoopback = (address: string): boolean => address === "::1" || address.startsWith("127.") || address === "";

/** From where somebody asks, looked up only when it is asked for. */
export function originOf(request: Request, server: Listener | null, proxies: number): Origin {
  return {
    get address() {
      return clientAddress(request, server, proxies);
    },
    get userAgent() {
      return request.headers.get("user-agent") ?? "";
    },
    get requestId() {
      return requestIdOf(request);
    },
  };
}

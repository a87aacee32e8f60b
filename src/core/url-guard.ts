/**
 * Requests to addresses that a person typed in. Nothing on our own machine or network can be reached by them: the name is resolved
 * here, every address it has must be public, and the request goes to the very address that was checked. Redirects are checked alike.
 * Size and time are limited.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { fail } from "./errors";
import { isPublicAddress } from "./ip-address";

export interface UrlGuardOptions {
  /** Hosts (`host` or `host:port`) that may be reached although they are private. */
  allowed?: readonly string[];
  /** All addresses of a name. */
  resolve?: (host: string) => Promise<readonly string[]>;
  isPublic?: (address: string) => boolean;
}

export interface GuardedRequest {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array<ArrayBuffer>;
  /** Largest answer that is read. */
  maxBytes?: number;
  /** What becomes of a larger one: an error, or what was read until then. */
  larger?: "refuse" | "cut";
  /** For the whole request, redirects included. */
  timeoutMs?: number;
  /** 0: none is followed, a redirect is an answer like any other. */
  maxRedirects?: number;
  signal?: AbortSignal;
  /** Certificates to trust besides the usual ones. */
  ca?: string;
}

export interface GuardedAnswer {
  status: number;
  headers: Headers;
  body: Uint8Array;
  /** Where the answer came from, after redirects. */
  url: string;
}

export interface UrlGuard {
  /** Throws `url.refused` for an address that may not be reached, `url.unreachable` for a name without address. */
  check(url: string): Promise<void>;
  /** Throws `url.refused`, `url.unreachable` (also when it takes too long) or `url.too-large`. Any status is an answer. */
  fetch(url: string, request?: GuardedRequest): Promise<GuardedAnswer>;
  /**
   * One request as the platform's `fetch` makes it, for clients that bring their own reading and time limits: the address is checked
   * and the answer comes as it is. A redirect is not followed, it is the answer. Throws `url.refused` and `url.unreachable`.
   */
  open(url: string | URL | Request, init?: RequestInit): Promise<Response>;
}

const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;
const LONGEST_URL = 2_048;
/** What may go along to another host. */
const HARMLESS_HEADERS = new Set(["accept", "accept-language", "content-type", "user-agent"]);

export function createUrlGuard({
  allowed = [],
  resolve = resolveAll,
  isPublic = isPublicAddress,
}: UrlGuardOptions = {}): UrlGuard {
  const listed = new Set(allowed.map((host) => host.toLowerCase()));

  /** Where to connect to. */
  async function reach(url: URL): Promise<string> {
    const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
    const addresses = isIP(host) ? [host] : await resolve(host);
    if (addresses.length === 0) throw fail("url.unreachable", { message: `There is no host with the name ${host}.` });
    const isListed = listed.has(host) || listed.has(`${host}:${portOf(url)}`);
    if (!isListed && !addresses.every((address) => isPublic(address))) {
      throw fail("url.refused", { message: `${host} is not a host of the public internet.` });
    }
    return addresses.find((address) => isIP(address) === 4) ?? (addresses[0] as string);
  }

  /** To the very address that was checked. */
  async function send(url: URL, init: RequestInit, ca?: string): Promise<Response> {
    const address = await reach(url);
    const pinned = new URL(url);
    pinned.hostname = isIP(address) === 6 ? `[${address}]` : address;
    const headers = new Headers(init.headers);
    headers.set("host", url.host);
    const isSecure = url.protocol === "https:";
    // The name still decides about the certificate and the virtual host.
    const tls = { serverName: url.hostname, ...(ca ? { ca } : {}) };
    const options = { ...init, headers, redirect: "manual" as const };
    try {
      return await fetch(pinned, isSecure && isIP(url.hostname) === 0 ? { ...options, tls } : options);
    } catch (error) {
      // Refused, reset, wrong certificate, or our own deadline: the other side is not there for us.
      throw fail("url.unreachable", { message: `${url.host} does not answer.`, cause: error });
    }
  }

  const ask = (url: URL, { method = "GET", headers = {}, body, ca }: GuardedRequest, signal: AbortSignal): Promise<Response> =>
    send(url, { method, headers, signal, ...(body === undefined ? {} : { body }) }, ca);

  return {
    async check(url) {
      await reach(readUrl(url));
    },

    async open(target, init = {}) {
      const text = typeof target === "string" ? target : target instanceof URL ? target.href : target.url;
      return send(readUrl(text), init);
    },

    async fetch(text, request = {}) {
      const { maxBytes = MAX_BYTES, larger = "refuse", timeoutMs = TIMEOUT_MS, maxRedirects = MAX_REDIRECTS } = request;
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline;
      let url = readUrl(text);
      let next = request;
      for (let hops = 0; ; hops++) {
        const response = await ask(url, next, signal);
        const location = response.headers.get("location");
        if (response.status < 300 || response.status > 399 || location === null || maxRedirects === 0) {
          const body = await read(response, maxBytes, larger, url);
          return { status: response.status, headers: response.headers, body, url: url.href };
        }
        await response.body?.cancel();
        if (hops >= maxRedirects) throw fail("url.refused", { message: `${url.host} redirects too often.` });
        const target = readUrl(location, url);
        if (url.protocol === "https:" && target.protocol === "http:")
          throw fail("url.refused", { message: `${url.host} redirects to an address without encryption.` });
        next = redirected(next, response.status, target.origin === url.origin);
        url = target;
      }
    },
  };
}

/** Throws `url.refused` for anything but an ordinary web address. */
function readUrl(text: string, base?: URL): URL {
  const url = text.length <= LONGEST_URL ? URL.parse(text, base?.href) : null;
  if (!url) throw fail("url.refused", { message: "This is not a web address." });
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw fail("url.refused", { message: "Only http:// and https:// addresses can be reached." });
  if (url.username !== "" || url.password !== "")
    throw fail("url.refused", { message: "An address must not contain a name or a password." });
  return url;
}

const portOf = ({ port, protocol }: URL): string => port || (protocol === "https:" ? "443" : "80");

/** A redirected request: as browsers do it, and without what was meant for the first host only. */
function redirected(request: GuardedRequest, status: number, isSameOrigin: boolean): GuardedRequest {
  const { headers = {}, body: _, ...rest } = request;
  const kept = isSameOrigin
    ? headers
    : Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS_HEADERS.has(name.toLowerCase())));
  if (status === 307 || status === 308) return { ...request, headers: kept };
  return { ...rest, headers: kept, method: request.method === "HEAD" ? "HEAD" : "GET" };
}

async function read(response: Response, maxBytes: number, larger: "refuse" | "cut", url: URL): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const chunk of response.body ?? []) {
      total += chunk.length;
      if (total > maxBytes && larger === "cut") {
        chunks.push(chunk.subarray(0, chunk.length - (total - maxBytes)));
        break;
      }
      if (total > maxBytes) throw fail("url.too-large", { message: `${url.host} answers with more than ${maxBytes} bytes.` });
      chunks.push(chunk);
    }
  } catch (error) {
    if ((error as { code?: unknown }).code === "url.too-large") throw error;
    // The line broke, or the deadline came, in the middle of the answer.
    throw fail("url.unreachable", { message: `${url.host} did not answer to the end.`, cause: error });
  }
  return Buffer.concat(chunks);
}

async function resolveAll(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);
  } catch (error) {
    // ENOTFOUND, EAI_AGAIN: no such name, or nobody to ask.
    throw fail("url.unreachable", { message: `There is no host with the name ${host}.`, cause: error });
  }
}

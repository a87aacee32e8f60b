/**
 * Calls over the live connection. A call goes through the same door as a REST request, so permissions, validation, limits, errors and
 * Idempotency-Key are the same: the call's id is the key, so a call that is repeated after a broken line happens once.
 */
import { comesFrom } from "../core/client-address";
import { AppError, describeError, fail } from "../core/errors";
import type { Log } from "../core/log";
import { failureBody } from "./errors";
import { isRpcMethod, RPC_METHODS, type RpcMethod } from "./live-rpc-methods";

export interface RpcCall {
  /** Unique for ever among one person's calls. */
  id: string;
  method: string;
  params?: Record<string, unknown> | undefined;
}

export interface RpcCaller {
  bearer: string;
  /** Client address of the connection. */
  address: string;
  userAgent: string;
}

export type Handle = (request: Request) => Response | Promise<Response>;

/** Carries out a call and gives the reply frame. Never throws. */
export async function answerCall(call: RpcCall, caller: RpcCaller, handle: Handle, log: Log): Promise<string> {
  try {
    const response = await handle(requestOf(call, caller));
    const text = await response.text();
    if (!text.startsWith("{")) throw fail("internal", { message: `${call.method} did not answer with JSON.` });
    const retryAfter = response.headers.get("retry-after");
    return replyOf(call.id, `${retryAfter ? `"retryAfter":${Number(retryAfter)},` : ""}${text.slice(1)}`);
  } catch (error) {
    // AppError: no such method, or its params make no address. Anything else is ours.
    const told = error instanceof AppError ? error : fail("internal", { cause: error });
    if (told.code === "internal") log.error("a live call failed", { method: call.method, reason: describeError(error) });
    return refusalOf(call.id, told);
  }
}

/** A reply frame that refuses a call. */
export const refusalOf = (id: string, error: AppError): string => replyOf(id, JSON.stringify(failureBody(error, id)).slice(1));

const replyOf = (id: string, rest: string): string => `{"type":"reply","id":${JSON.stringify(id)},${rest}`;

function requestOf({ id, method, params = {} }: RpcCall, { bearer, address, userAgent }: RpcCaller): Request {
  if (!isRpcMethod(method)) throw fail("live.unknown-method", { details: [{ path: "method", message: method }] });
  const { verb, path, rest } = addressOf(method, params);
  const headers: Record<string, string> = { authorization: `Bearer ${bearer}`, "user-agent": userAgent };
  let body: string | null = null;
  let query = "";
  if (verb === "GET") query = queryOf(rest);
  else {
    headers["idempotency-key"] = id;
    if (Object.keys(rest).length > 0) {
      body = JSON.stringify(rest);
      headers["content-type"] = "application/json";
      headers["content-length"] = String(Buffer.byteLength(body));
    }
  }
  const request = new Request(`http://live/api/v2${path}${query}`, { method: verb, headers, ...(body === null ? {} : { body }) });
  comesFrom(request, address);
  return request;
}

/** What the route's path takes of the params, and what is left. */
function addressOf(method: RpcMethod, params: Record<string, unknown>) {
  const [verb = "", template = ""] = RPC_METHODS[method].split(" ");
  const rest = { ...params };
  const path = template.replace(/:(\w+)/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    // Nothing that could lead to another address.
    if (typeof value !== "string" || !/^[\w-]{1,80}$/.test(value))
      throw fail("request.invalid", { details: [{ path: `params.${name}`, message: "an id is needed" }] });
    return value;
  });
  return { verb, path, rest };
}

function queryOf(fields: Record<string, unknown>): string {
  const pairs = Object.entries(fields).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return [[name, value.join(",")]];
    if (typeof value === "object")
      throw fail("request.invalid", { details: [{ path: `params.${name}`, message: "a plain value is needed" }] });
    return [[name, String(value)]];
  });
  return pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : "";
}

/**
 * The write request that runs now, when it carries an Idempotency-Key. Whatever it commits is marked on its key in the same
 * transaction, so that after a crash nobody has to guess whether it took effect.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ClientSession } from "mongoose";

export interface RequestClaim {
  /** False once the request has been answered: what it set in motion goes on without the key. */
  isActive: boolean;
  /** Notes in this transaction that the request has changed something. */
  mark(session: ClientSession): Promise<void>;
}

const claims = new AsyncLocalStorage<RequestClaim>();

export const runWithClaim = <T>(claim: RequestClaim, fn: () => T): T => claims.run(claim, fn);

export function activeClaim(): RequestClaim | null {
  const claim = claims.getStore();
  return claim?.isActive ? claim : null;
}

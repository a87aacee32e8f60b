/**
 * Whoever guesses has to wait, longer each time: by account, so that no password is found by trying, and by address, so that no
 * address tries many accounts. A try is counted before it is judged; tries at the same moment are counted one by one.
 */
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { shortHash } from "../../core/id";
import type { LoginAttempt, LoginAttemptModel } from "./login-attempt.model";

/** What is guarded, and how many failures are free. */
const FREE = { account: 8, address: 40, code: 5, link: 40, reset: 5 } as const;
export type GuardKind = keyof typeof FREE;

export interface GuardKey {
  kind: GuardKind;
  /** The e-mail, the address, the agent. */
  of: string;
}

const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;
/** Failures are forgotten when nothing has failed for so long. */
const FORGET_MS = 24 * 3_600_000;
const DUPLICATE_KEY = 11_000;

export interface LoginGuard {
  /** Counts a try. Throws `auth.too-many-attempts` when it comes too early for one of the keys; then it counts for none. */
  begin(keys: readonly GuardKey[]): Promise<void>;
  /** It was right: the account is forgiven, and the others get back this one try. */
  succeed(keys: readonly GuardKey[]): Promise<void>;
}

export function createLoginGuard({ attempts, clock }: { attempts: LoginAttemptModel; clock: Clock }): LoginGuard {
  const idOf = ({ kind, of }: GuardKey) => `${kind}:${shortHash(of)}`;

  async function find(key: GuardKey): Promise<LoginAttempt | null> {
    return (await attempts.findById(idOf(key)).lean()) as LoginAttempt | null;
  }

  function assertNotEarly(known: LoginAttempt | null): void {
    const wait = (known?.blockedUntil?.getTime() ?? 0) - clock.now();
    if (wait > 0) throw fail("auth.too-many-attempts", { retryAfter: Math.ceil(wait / 1000) });
  }

  /** Nothing is written unless nobody else has counted meanwhile. */
  async function count(key: GuardKey): Promise<void> {
    const _id = idOf(key);
    for (;;) {
      const now = clock.now();
      const known = await find(key);
      assertNotEarly(known);
      const failures = (known && known.expiresAt.getTime() > now ? known.failures : 0) + 1;
      const over = failures - FREE[key.kind];
      const next = {
        failures,
        blockedUntil: over < 0 ? null : new Date(now + Math.min(FIRST_WAIT_MS * 2 ** over, LONGEST_WAIT_MS)),
        expiresAt: new Date(now + FORGET_MS),
      };
      if (known ? await replace(_id, known, next) : await insert({ _id, ...next })) return;
    }
  }

  async function replace(_id: string, { failures, expiresAt }: LoginAttempt, next: Partial<LoginAttempt>): Promise<boolean> {
    return (await attempts.updateOne({ _id, failures, expiresAt }, { $set: next })).matchedCount > 0;
  }

  async function insert(attempt: LoginAttempt): Promise<boolean> {
    try {
      await attempts.collection.insertOne(attempt as never);
      return true;
    } catch (error) {
      // Another try at the same moment was the first.
      if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
      return false;
    }
  }

  return {
    async begin(keys) {
      // Else somebody who knocks at a closed account would close the whole office's address.
      if (keys.length > 1) for (const key of keys) assertNotEarly(await find(key));
      for (const key of keys) await count(key);
    },
    async succeed(keys) {
      for (const key of keys)
        if (key.kind === "address")
          await attempts.updateOne({ _id: idOf(key) }, { $inc: { failures: -1 }, $set: { blockedUntil: null } });
        else await attempts.deleteOne({ _id: idOf(key) });
    },
  };
}

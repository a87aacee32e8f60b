/**
 * Writes that carry an Idempotency-Key happen once: a repetition gets the first answer. A process that died in between is told
 * apart by the mark its transactions leave on the key: without one the request runs again, with one it is not run twice.
 */
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { shortHash } from "../../core/id";
import type { RequestClaim } from "../../core/request-claim";
import { openAnswer, sealAnswer } from "./answer-seal";
import type { IdempotencyKey, IdempotencyKeyModel } from "./idempotency-key.model";

export interface KeyedRequest {
  /** Who asks. */
  client: string;
  method: string;
  path: string;
  key: string;
  /** Hash of the body. */
  fingerprint: string;
  /** The handler itself gives the first result again, so it may be run after a crash whatever it had committed. */
  isRepeatable: boolean;
}

export interface FirstAnswer {
  status: number;
  body: string;
  /** What the route asked of who called it, so that it can be asked again before a repetition is answered. */
  rule: string | null;
  /** How far they could see. */
  scope: string;
}

export interface OwnedClaim extends RequestClaim {
  /** The request was answered. Failures are forgotten, so that it may be tried again. */
  finish(answer: FirstAnswer): Promise<void>;
}

export interface IdempotencyService {
  /** The right to run the request, or what it was answered. Waits while the same request runs in this process. */
  claim(request: KeyedRequest): Promise<OwnedClaim | FirstAnswer>;
}

export interface IdempotencyDeps {
  keys: IdempotencyKeyModel;
  /** This process. */
  owner: string;
  /** No other process can be at work: what another one began was left by a crash. */
  isAlone: boolean;
  clock: Clock;
}

const KEPT_MS = 24 * 3_600_000;
/** Another process may still be at work on it for so long. */
const LEASE_MS = 60_000;
const LARGEST_ANSWER = 512 * 1024;
const DUPLICATE_KEY = 11_000;

export function createIdempotencyService({ keys, owner, isAlone, clock }: IdempotencyDeps): IdempotencyService {
  const running = new Map<string, Promise<void>>();

  function own(id: string, secret: string): OwnedClaim {
    let done = () => {};
    running.set(
      id,
      new Promise((resolve) => {
        done = resolve;
      }),
    );
    let hasEffect = false;
    const claim: OwnedClaim = {
      isActive: true,
      async mark(session) {
        hasEffect = true;
        await keys.collection.updateOne({ _id: id as never }, { $set: { hasEffect: true } } as never, { session });
      },
      async finish({ status, body, rule, scope }) {
        claim.isActive = false;
        try {
          if (status >= 200 && status < 300 && body.length <= LARGEST_ANSWER)
            await keys.collection.updateOne({ _id: id as never }, {
              $set: { state: "done", status, body: sealAnswer(body, secret), rule, scope },
            } as never);
          else if (!hasEffect) await keys.collection.deleteOne({ _id: id as never });
        } finally {
          running.delete(id);
          done();
        }
      },
    };
    return claim;
  }

  async function insert(id: string, fingerprint: string): Promise<boolean> {
    const now = clock.now();
    const fresh: Omit<IdempotencyKey, "_id"> = {
      fingerprint,
      state: "running",
      owner,
      hasEffect: false,
      status: null,
      body: null,
      claimedAt: new Date(now),
      expiresAt: new Date(now + KEPT_MS),
    };
    try {
      await keys.collection.insertOne({ _id: id as never, ...fresh } as never);
      return true;
    } catch (error) {
      // The key is known.
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  /** Takes over what a dead process has left. */
  async function adopt(known: IdempotencyKey, secret: string, isRepeatable: boolean): Promise<OwnedClaim> {
    const isLeft = isAlone || known.claimedAt.getTime() + LEASE_MS < clock.now();
    if (!isLeft) throw fail("request.in-progress", { retryAfter: 5 });
    if (known.hasEffect && !isRepeatable) throw fail("request.answer-lost");
    const taken = await keys.collection.updateOne(
      { _id: known._id as never, state: "running", owner: known.owner, claimedAt: known.claimedAt },
      { $set: { owner, claimedAt: new Date(clock.now()), hasEffect: false } } as never,
    );
    if (taken.matchedCount === 0) throw fail("request.in-progress", { retryAfter: 1 });
    return own(known._id, secret);
  }

  return {
    async claim({ client, method, path, key, fingerprint, isRepeatable }) {
      const secret = `${client}\n${method} ${path}\n${key}`;
      const id = shortHash(secret);
      for (;;) {
        await running.get(id);
        if (await insert(id, fingerprint)) return own(id, secret);
        const known = (await keys.collection.findOne({ _id: id as never })) as unknown as IdempotencyKey | null;
        // It failed or ran out between the two looks.
        if (!known) continue;
        if (known.fingerprint !== fingerprint) throw fail("request.key-reused");
        if (known.state === "done") {
          const { status, body, rule, scope } = known;
          // Kept by an older version, which did not note who may see it.
          if (rule === undefined || scope === undefined) throw fail("request.answer-lost");
          return { status: status ?? 200, body: openAnswer(body ?? "", secret), rule, scope };
        }
        if (known.owner === owner) {
          if (running.has(id)) continue;
          // Answered with a failure after something had been stored, or with more than is kept.
          if (known.hasEffect && !isRepeatable) throw fail("request.answer-lost");
        }
        return adopt(known, secret, isRepeatable);
      }
    },
  };
}

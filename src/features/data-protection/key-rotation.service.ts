/**
 * Replacing the key that protects stored credentials. The new key is on disk before anything is locked with it, and the old one is
 * forgotten only when nothing is locked with it any more: a process that dies in between leaves both, and the next start goes on.
 */
import type { Clock, Timer } from "../../core/clock";
import { describeError, fail } from "../../core/errors";
import type { Log } from "../../core/log";
import type { AuditActor, AuditPort } from "../audit/audit.service";

/** Locked texts of one document. */
export interface SealedTexts {
  _id: string;
  texts: readonly string[];
}

/** A field that holds locked text. */
export interface SealedField {
  kind: string;
  /** Whose text it is, as the box was told when it was locked. */
  ownerOf(id: string): string;
  /** Some documents behind this id, in its order. */
  read(after: string, limit: number): Promise<SealedTexts[]>;
  /** Replaces one text, unless somebody has changed it meanwhile. */
  replace(id: string, from: string, to: string): Promise<void>;
}

export interface RotationResult {
  /** Texts that were locked anew. */
  changed: number;
  /** All texts there are. */
  total: number;
  /** Texts that none of the keys opens: they have to be entered again. */
  unreadable: number;
}

export interface KeyRotationService {
  /** Makes a new key, unless one is being brought in, and locks everything with it. Throws `encryption-key.from-environment`. */
  rotate(actor: AuditActor): Promise<RotationResult>;
  /** Goes on with what a stopped process has left, or with a key that came by the environment. */
  start(): void;
  stop(): Promise<void>;
}

export interface KeyRotationDeps {
  keys: { readonly previous: readonly Uint8Array[]; begin(): void; end(): void };
  box: { relock(locked: string, owner: string): string | null };
  fields: readonly SealedField[];
  audit: AuditPort;
  clock: Clock;
  log: Log;
}

const AT_ONCE = 200;
/** A request that had locked with the old key before the new one came has stored it by then. */
const SETTLE_MS = 2_000;

export function createKeyRotation({ keys, box, fields, audit, clock, log }: KeyRotationDeps): KeyRotationService {
  let working: Promise<RotationResult> | null = null;
  let isStopping = false;
  let endWait = () => {};

  async function relockAll(): Promise<RotationResult> {
    const result: RotationResult = { changed: 0, total: 0, unreadable: 0 };
    for (const { ownerOf, read, replace } of fields) {
      for (let after = ""; ; ) {
        const rows = await read(after, AT_ONCE);
        for (const { _id, texts } of rows) {
          after = _id;
          for (const text of texts) {
            if (isStopping) return result;
            result.total++;
            const next = box.relock(text, ownerOf(_id));
            if (next === null) result.unreadable++;
            else if (next !== text) {
              await replace(_id, text, next);
              result.changed++;
            }
          }
        }
        if (rows.length < AT_ONCE) break;
      }
    }
    return result;
  }

  /** Until a whole look finds nothing that is still locked with an old key. */
  async function run(): Promise<RotationResult> {
    let changed = 0;
    for (;;) {
      const look = await relockAll();
      changed += look.changed;
      if (isStopping) return { ...look, changed };
      if (look.changed === 0) {
        keys.end();
        if (look.unreadable > 0) log.error("credentials are locked with an unknown key", { count: look.unreadable });
        return { ...look, changed };
      }
      await settle();
    }
  }

  const settle = () =>
    new Promise<void>((resolve) => {
      const timer: Timer = clock.timer(SETTLE_MS, resolve);
      endWait = () => {
        timer.cancel();
        resolve();
      };
    });

  const once = (begin: () => Promise<RotationResult>): Promise<RotationResult> => {
    working ??= begin().finally(() => {
      working = null;
    });
    return working;
  };

  return {
    rotate: (actor) =>
      once(async () => {
        if (keys.previous.length === 0) {
          keys.begin();
          // What was locked a moment ago is stored before the first look.
          await settle();
        }
        const result = await run();
        if (isStopping) throw fail("control.not-running", { message: "The server stops. Its next start goes on with it." });
        await audit.record(null, {
          actor,
          action: "encryption-key.rotate",
          target: { kind: "installation", id: "chasqui" },
          after: { ...result },
        });
        return result;
      }),

    start() {
      if (keys.previous.length === 0) return;
      once(run).then(
        ({ changed }) => {
          if (changed > 0) log.info("stored credentials were encrypted with the new key", { changed });
        },
        // The store is away: the next start goes on, and both keys open everything until then.
        (error: unknown) => log.warn("stored credentials could not all be encrypted anew", { reason: describeError(error) }),
      );
    },

    async stop() {
      isStopping = true;
      endWait();
      await working?.catch(() => {
        // Told where it was begun.
      });
    },
  };
}

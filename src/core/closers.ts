/** What has been opened and has to be closed again, the last first. */
import { describeError } from "./errors";
import type { Log } from "./log";

export interface Closers {
  onStop(close: () => unknown): void;
  /** Closes what has not been closed yet. One part that cannot be closed does not keep the others open. */
  closeAll(): Promise<void>;
}

export function createClosers(log: Log): Closers {
  const closers: (() => unknown)[] = [];
  return {
    onStop: (close) => void closers.push(close),
    async closeAll() {
      for (const close of closers.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          log.error("a part could not be closed", { reason: describeError(error) });
        }
      }
    },
  };
}

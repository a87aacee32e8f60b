/**
 * Something happens at an exact moment of somebody else's request: when the product has just read this, and before it goes on. It is
 * the only way to hit the gap between a check and what follows from it every time.
 */
import mongoose from "mongoose";

export interface Meanwhile extends Disposable {
  /** Whether the moment has come. */
  happened(): boolean;
}

/** Waits for the first `op` on `model` (the name of its Mongoose model), does `act`, and only then lets its caller have the answer. */
export function meanwhile(model: string, op: string, act: () => Promise<unknown>): Meanwhile {
  // biome-ignore lint/suspicious/noExplicitAny: Mongoose does not type what a query knows about itself.
  const prototype = mongoose.Query.prototype as any;
  const original = prototype.exec as (this: unknown, ...args: unknown[]) => Promise<unknown>;
  let isDone = false;
  prototype.exec = async function exec(this: { model?: { modelName?: string }; op?: string }, ...args: unknown[]) {
    const answer = await original.apply(this, args);
    if (!isDone && this.model?.modelName === model && this.op === op) {
      isDone = true;
      await act();
    }
    return answer;
  };
  return {
    happened: () => isDone,
    [Symbol.dispose]() {
      prototype.exec = original;
    },
  };
}

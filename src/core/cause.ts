/**
 * What has set a change in motion, when that was no person: the rules, in the order in which one led to the next. It goes along with
 * the events of the change, so that a rule is not started again by what it has done itself.
 */
import { AsyncLocalStorage } from "node:async_hooks";

const causes = new AsyncLocalStorage<readonly string[]>();

/** Runs `fn`; what it changes is told as caused by these rules. */
export const withCause = <T>(chain: readonly string[], fn: () => T): T => causes.run(chain, fn);

/** The rules that have led here, the first one first; empty when a person, a customer or a timer began. */
export const activeCause = (): readonly string[] => causes.getStore() ?? [];

/** Waits for a condition, never for time. */

export interface UntilOptions {
  /** Milliseconds after which waiting has failed. */
  within?: number;
  every?: number;
  /** Named in the error. */
  what?: string;
}

/** Calls `check` until it gives something truthy, and returns that. */
export async function until<T>(
  check: () => T | Promise<T>,
  { within = 10_000, every = 20, what = "the condition" }: UntilOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + within;
  for (;;) {
    const value = await check();
    if (value) return value as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`waited ${within} ms for ${what}`);
    await Bun.sleep(every);
  }
}

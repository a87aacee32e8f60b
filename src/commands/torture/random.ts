/** Chance that can be played again: the same seed and stream give the same numbers, whatever happens elsewhere in the run. */

/** Numbers from 0 (inclusive) to 1 (exclusive), as `Math.random` gives them. */
export type Random = () => number;

/** One independent stream of a seed (the sfc32 generator, seeded by a hash of both). */
export function createRandom(seed: number, stream: string): Random {
  const words = new Uint32Array(new Bun.CryptoHasher("sha256").update(`${seed}:${stream}`).digest().buffer.slice(0, 16));
  let [a = 1, b = 2, c = 3, counter = 4] = words;
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}

/** A whole number from `least` to `most`, both included. */
export const between = (random: Random, least: number, most: number): number => least + Math.floor(random() * (most - least + 1));

export const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;

/** The values in an order decided by chance. */
export function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const all = [...values];
  for (let index = all.length - 1; index > 0; index--) {
    const other = between(random, 0, index);
    [all[index], all[other]] = [all[other] as T, all[index] as T];
  }
  return all;
}

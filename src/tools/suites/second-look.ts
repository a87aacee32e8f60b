/**
 * A failing test may be looked at once more, its file alone on the machine: tests with a browser or many timers fail now and then
 * because three files share two cores. It is always said, and it is not granted where a failure that comes and goes is the very
 * thing the product promises never happens.
 */
import { addCounts, type Counts, type FailedTest, noTests } from "./junit";

/** More than this many in one run is a fault of the product or of the tests, not chance. */
const MOST = 2;

/** Order, loss, durability and rights: once is too often. */
const NEVER_AGAIN = /^(\.\/)?test\/(flow|store|torture|commands|security)\b/;

/** The files to run again; none when there is too much, when a file is unknown, or when one of them gets no second look. */
export function filesToSeeAgain(failed: readonly FailedTest[], unstableSoFar: number): string[] {
  if (failed.length === 0 || failed.length + unstableSoFar > MOST) return [];
  if (failed.some(({ file }) => !/\.ts$/.test(file) || NEVER_AGAIN.test(file))) return [];
  return [...new Set(failed.map(({ file }) => `./${file.replace(/^\.\//, "")}`))];
}

/**
 * Which of the tests that failed count as unstable. A second run that fails in any way, be it another test of the file, leaves
 * everything failed.
 */
export function settleSecondLook(counts: Counts, failed: readonly FailedTest[], again: boolean) {
  if (!again) return { counts, failed, unstable: [] };
  return {
    counts: addCounts(counts, { ...noTests, passed: failed.length, failed: -failed.length }),
    failed: [],
    unstable: failed,
  };
}

/** Prints the coverage of a run and tells whether it passes the gate. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../checkout";
import { type FileCoverage, parseLcov, totalCoverage, unloaded } from "./coverage";

/** Percent of lines and of functions, over all measured files together. */
const GATE = 90;
const NOT_MEASURED = /^src\/(web|tools)\//;

/** Reads the lcov report in `directory`; false when the total is below the gate or there is no report. */
export async function coveragePasses(directory: string): Promise<boolean> {
  const report = join(directory, "lcov.info");
  if (!existsSync(report)) {
    console.error("coverage: there is no report.");
    return false;
  }
  const loaded = parseLcov(await Bun.file(report).text()).filter(
    ({ file }) => file.startsWith("src/") && !NOT_MEASURED.test(file),
  );
  const { lines, functions, worst } = totalCoverage([...loaded, ...(await neverLoaded(loaded))]);
  const passes = lines >= GATE && functions >= GATE;
  console.log(`coverage: ${lines.toFixed(1)} % of lines, ${functions.toFixed(1)} % of functions (gate ${GATE} %)`);
  for (const { file, lines: all, linesHit, functions: known, functionsHit } of passes ? worst.slice(0, 3) : worst)
    console.log(`  ${file}: ${linesHit}/${all} lines, ${functionsHit}/${known} functions`);
  return passes;
}

async function neverLoaded(loaded: readonly FileCoverage[]): Promise<FileCoverage[]> {
  const known = new Set(loaded.map(({ file }) => file));
  const found: FileCoverage[] = [];
  for await (const file of new Bun.Glob("src/**/*.ts").scan({ cwd: ROOT })) {
    if (known.has(file) || NOT_MEASURED.test(file) || file.endsWith(".d.ts")) continue;
    const coverage = unloaded(file, await Bun.file(join(ROOT, file)).text());
    if (coverage) found.push(coverage);
  }
  return found;
}

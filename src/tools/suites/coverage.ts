/** The coverage gate: lines and functions over everything in src that runs on the server, files no test loads included. */

export interface FileCoverage {
  file: string;
  lines: number;
  linesHit: number;
  functions: number;
  functionsHit: number;
}

/** Reads an lcov report. A file that several workers reported counts once, with its best figures. */
export function parseLcov(report: string): FileCoverage[] {
  const files = new Map<string, FileCoverage>();
  for (const record of report.split("end_of_record")) {
    const file = /^SF:(.+)$/m.exec(record)?.[1]?.replaceAll("\\", "/");
    if (!file) continue;
    const count = (key: string) => Number(new RegExp(`^${key}:(\\d+)$`, "m").exec(record)?.[1] ?? 0);
    const known = files.get(file);
    files.set(file, {
      file,
      lines: count("LF"),
      linesHit: Math.max(count("LH"), known?.linesHit ?? 0),
      functions: count("FNF"),
      functionsHit: Math.max(count("FNH"), known?.functionsHit ?? 0),
    });
  }
  return [...files.values()];
}

/**
 * What a file that no test loads would add: every line of code it has left once its types are gone, none of them hit.
 * Null for files that hold only types.
 */
export function unloaded(file: string, source: string): FileCoverage | null {
  const code = new Bun.Transpiler({ loader: "ts" }).transformSync(source);
  const lines = code.split("\n").filter((line) => /\w/.test(line) && !/^\s*(import|export)\b.*\bfrom\b/.test(line)).length;
  const functions = code.match(/=>|\bfunction\b/g)?.length ?? 0;
  return lines === 0 ? null : { file, lines, linesHit: 0, functions, functionsHit: 0 };
}

export interface CoverageTotal {
  lines: number;
  functions: number;
  /** Files with the most lines that no test runs, worst first. */
  worst: FileCoverage[];
}

/** Percentages over all files together, and the files where tests would help most. */
export function totalCoverage(files: readonly FileCoverage[], worstCount = 8): CoverageTotal {
  const sum = (key: keyof Omit<FileCoverage, "file">) => files.reduce((total, file) => total + file[key], 0);
  const percent = (hit: number, all: number) => (all === 0 ? 0 : (100 * hit) / all);
  const missing = (file: FileCoverage) => file.lines - file.linesHit;
  return {
    lines: percent(sum("linesHit"), sum("lines")),
    functions: percent(sum("functionsHit"), sum("functions")),
    worst: files
      .filter((file) => missing(file) > 0)
      .sort((a, b) => missing(b) - missing(a))
      .slice(0, worstCount),
  };
}

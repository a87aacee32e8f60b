/** Counts of a JUnit report, the one format all our test runners write. */

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const noTests: Counts = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

const CASE = /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g;
const FAULT = /<(failure|error)\b/;

/** Sums the test cases of a report. A case counts as failed when it holds a `failure` or an `error`. */
export function countTests(xml: string): Counts {
  const counts = { ...noTests };
  for (const [, , inside = ""] of xml.matchAll(CASE)) {
    if (FAULT.test(inside)) counts.failed++;
    else if (/<skipped\b/.test(inside)) counts.skipped++;
    else counts.passed++;
  }
  return counts;
}

export interface FailedTest {
  /** Its file, or the runner's word for it where it tells no file. */
  file: string;
  name: string;
}

export function failedTests(xml: string): FailedTest[] {
  const failed = [...xml.matchAll(CASE)].filter(([, , inside = ""]) => FAULT.test(inside));
  return failed.map(([, attributes = ""]) => {
    const attribute = (name: string) => plain(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
    return { file: attribute("file") || attribute("classname"), name: attribute("name") };
  });
}

/** `file: name`, where the runner says the file. */
export const nameOf = ({ file, name }: FailedTest) => [file, name].filter(Boolean).join(": ");

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
const plain = (text: string) => text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? "");

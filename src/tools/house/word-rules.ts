/** Words that betray the machine a file was written on. They are composed here so that this file does not hold them itself. */
import type { SourceFile } from "./source-file";

const folder = (name: string): string => `/${name}/`;
const host = (...labels: string[]): string => labels.join(".");

const WORDS: readonly { word: string; rule: string }[] = [
  { word: folder("work"), rule: "no absolute path of a build machine" },
  { word: folder("tmp"), rule: "temporary directories come from os.tmpdir()" },
  { word: host("registry", "npmjs", "org"), rule: "no package registry host" },
  { word: host("registry", "yarnpkg", "com"), rule: "no package registry host" },
];

/** Every forbidden word a file contains; `moreWords` adds names known only at run time, such as that of this machine. */
export function checkWords({ path, text }: SourceFile, moreWords: readonly string[] = []): string[] {
  const all = [...WORDS, ...moreWords.map((word) => ({ word, rule: "no name of the machine or its network" }))];
  return all.flatMap(({ word, rule }) => (text.includes(word) ? [`${path} contains "${word}": ${rule}`] : []));
}

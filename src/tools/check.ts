/** `npm run check`: types, lint and format, dead code, side by side. Exit code 1 when one of them complains. */
import { runTool } from "./run-tool";
import { runStep } from "./step";

const CHECKS = [
  {
    name: "types",
    command: ["node_modules/typescript/bin/tsc", "-p", ".", "--incremental", "--tsBuildInfoFile", ".cache/types.tsbuildinfo"],
  },
  { name: "lint and format", command: ["node_modules/@biomejs/biome/bin/biome", "check", "."] },
  { name: "dead code", command: ["node_modules/knip/bin/knip.js", "--no-progress", "--no-config-hints"] },
];

runTool(async () => {
  const results = await Promise.all(
    CHECKS.map(async (check) => {
      const result = await runStep(check);
      console.log(`${result.passed ? "ok    " : "FAILED"}  ${result.name} (${result.time})`);
      return result;
    }),
  );
  const failed = results.filter(({ passed }) => !passed);
  for (const { name, output } of failed) console.error(`\n${name}:\n${output}`);
  return failed.length > 0 ? 1 : 0;
});

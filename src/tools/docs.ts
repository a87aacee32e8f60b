/** `bun src/tools/docs.ts`: writes what is derived from the configuration schema: `.env.example` and the README's table of variables. */
import { join } from "node:path";
import { ROOT } from "./checkout";
import { environmentExample, withVariableTable } from "./docs/variables";
import { runTool } from "./run-tool";

runTool(async () => {
  await Bun.write(join(ROOT, ".env.example"), environmentExample());
  const readme = Bun.file(join(ROOT, "README.md"));
  if (await readme.exists()) await readme.write(withVariableTable(await readme.text()));
  console.log(".env.example and README.md follow src/config/env.ts.");
  return 0;
});

/** `bun src/tools/lockfile.ts`: after `npm install`, puts back the entries of other platforms' packages that npm could not read. */
import { join } from "node:path";
import { ROOT } from "./checkout";
import { completed, type Lockfile, missingOptional } from "./house/lockfile";
import { runTool } from "./run-tool";

runTool(async () => {
  const file = Bun.file(join(ROOT, "package-lock.json"));
  const lockfile = (await file.json()) as Lockfile;
  const count = missingOptional(lockfile).size;
  if (count > 0) await file.write(`${JSON.stringify(completed(lockfile), null, 2)}\n`);
  console.log(count > 0 ? `${count} entries put back into package-lock.json.` : "package-lock.json is complete.");
  return 0;
});

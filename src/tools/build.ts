/** `bun src/tools/build.ts web [--if-missing] | binary | all`: the web app into dist/web, the program into dist/chasqui. */
import { buildBinary } from "./build/binary";
import { buildWeb, webIsFresh } from "./build/web";
import { runTool } from "./run-tool";

const USAGE = "Usage: bun src/tools/build.ts web [--if-missing] | binary | all";

runTool(async ([what, ...flags]) => {
  const unknown = flags.filter((flag) => flag !== "--if-missing");
  if (unknown.length > 0 || !["web", "binary", "all"].includes(what ?? "")) {
    console.error(USAGE);
    return 2;
  }
  if (what !== "binary") {
    const ifMissing = flags.includes("--if-missing");
    if (!(ifMissing && (await webIsFresh())) && !(await buildWeb({ tolerateMissingCompiler: ifMissing }))) return 1;
  }
  if (what !== "web" && !(await buildBinary())) return 1;
  return 0;
});

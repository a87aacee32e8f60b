/** Where things lie in a checkout, for the tools that work on it. */
import { join } from "node:path";

export const ROOT = join(import.meta.dir, "../..");
export const WEB_SOURCE = join(ROOT, "src/web");
export const DIST = join(ROOT, "dist");
export const WEB_OUTPUT = join(DIST, "web");
export const BINARY = join(DIST, process.platform === "win32" ? "chasqui.exe" : "chasqui");

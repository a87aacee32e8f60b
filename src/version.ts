/** The version of this program: written in by the build, or read from the package when run from source. */
import { version as packageVersion } from "../package.json";

declare const CHASQUI_VERSION: string | undefined;

export const version: string = typeof CHASQUI_VERSION === "string" ? CHASQUI_VERSION : packageVersion;

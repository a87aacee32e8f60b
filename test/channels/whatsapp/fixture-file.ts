/** Reads the webhook bodies under test/fixtures/whatsapp. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const directory = join(import.meta.dir, "../../fixtures/whatsapp");

export const fixtureNames = (): string[] =>
  readdirSync(directory)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length));

export const fixture = (name: string): unknown => JSON.parse(readFileSync(join(directory, `${name}.json`), "utf8"));

/** The texts about variables that follow from the configuration schema. */
import type { TSchema } from "@sinclair/typebox";
import { Environment } from "../../config/env";

const START = "<!-- variables: written by src/tools/docs.ts -->";
const END = "<!-- /variables -->";

interface Variable {
  name: string;
  description: string;
  preset: string;
}

const variables = (): Variable[] =>
  Object.entries<TSchema>(Environment.properties).map(([name, schema]) => ({
    name,
    description: schema.description ?? "",
    preset: schema.default === undefined ? "" : String(schema.default),
  }));

/** A commented line for every variable, none of them active: copying the file changes nothing. */
export function environmentExample(): string {
  const head = "# Copy to .env and take the # away from what you set. Everything is optional; the value shown is the default.\n";
  return (
    head +
    variables()
      .map(({ name, description, preset }) => `\n# ${description}\n#${name}=${preset}\n`)
      .join("")
  );
}

/** The README with the table between its two markers written anew; unchanged when it has no markers. */
export function withVariableTable(readme: string): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start < 0 || end < start) return readme;
  const rows = variables().map(
    ({ name, description, preset }) => `| \`${name}\` | ${preset && `\`${preset}\``} | ${description.replaceAll("|", "\\|")} |`,
  );
  const table = ["| Variable | Default | Meaning |", "|---|---|---|", ...rows].join("\n");
  return `${readme.slice(0, start)}${START}\n${table}\n${readme.slice(end)}`;
}

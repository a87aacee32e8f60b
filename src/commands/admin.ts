/** `admin`: what an administrator does from the terminal of the machine. */
import { loadConfig } from "../config/env";
import { administerPeople, PEOPLE_HELP } from "./admin-people";
import { type Command, readArguments } from "./command";

export const admin: Command = {
  summary: "reset a password, invite somebody, take away a lost second factor",
  async run(args) {
    const { values, positionals } = readArguments({
      args,
      allowPositionals: true,
      options: { password: { type: "string" }, role: { type: "string" } },
    });
    const said = await administerPeople(loadConfig(), positionals, values);
    console.log(said ?? PEOPLE_HELP);
    return said === null ? 1 : 0;
  },
};

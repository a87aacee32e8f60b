/** `admin`: what an administrator does from the terminal of the machine. */
import { loadConfig } from "../config/env";
import { administerPeople, PEOPLE_HELP } from "./admin-people";
import { type Command, readArguments } from "./command";
import { rotateEncryptionKey } from "./rotate-encryption-key";

const HELP = `${PEOPLE_HELP.trimEnd()}
  admin rotate-encryption-key                      new key for the stored credentials, while the server runs or not
`;

export const admin: Command = {
  summary: "reset a password, invite somebody, take away a lost second factor, replace the encryption key",
  async run(args) {
    const { values, positionals } = readArguments({
      args,
      allowPositionals: true,
      options: { password: { type: "string" }, role: { type: "string" } },
    });
    if (positionals[0] === "rotate-encryption-key" && positionals.length === 1) return rotateEncryptionKey(loadConfig());
    const said = await administerPeople(loadConfig(), positionals, values);
    console.log(said ?? HELP);
    return said === null ? 1 : 0;
  },
};

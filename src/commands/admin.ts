/** `admin`: what an administrator does from the terminal of the machine. */
import { loadConfig } from "../config/env";
import { type Command, readArguments } from "./command";
import { callControl } from "./control-client";

const HELP = `  admin reset-password E-MAIL [--password NEW]     sets a new password (a generated one when none is given)
`;

export const admin: Command = {
  summary: "reset a password",
  async run(args) {
    const { values, positionals } = readArguments({ args, allowPositionals: true, options: { password: { type: "string" } } });
    const [task, email] = positionals;
    if (task !== "reset-password" || !email) {
      console.log(HELP);
      return 1;
    }
    const response = await callControl(loadConfig().dataDir, "/admin/reset-password", { email, ...values });
    const { data } = (await response.json()) as { data: { password: string } };
    console.log(`The password of ${email} is now: ${data.password}`);
    return 0;
  },
};

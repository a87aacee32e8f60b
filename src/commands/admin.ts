/** `admin`: what an administrator does from the terminal of the machine. */
import { loadConfig } from "../config/env";
import { type Command, readArguments } from "./command";
import { callControl } from "./control-client";
import { rotateEncryptionKey } from "./rotate-encryption-key";

const HELP = `  admin reset-password E-MAIL [--password NEW]     sets a new password (a generated one when none is given)
  admin reset-link E-MAIL                          makes a link by which they set one themselves
  admin invite E-MAIL [--role ROLE]                invites somebody (as an agent when no role is given)
  admin rotate-encryption-key                      new key for the stored credentials, while the server runs or not
`;

interface Link {
  sent: boolean;
  link: string | null;
  expiresAt: string;
}

const told = ({ sent, link, expiresAt }: Link): string =>
  sent ? `They got a mail with a link, good until ${expiresAt}.` : `The link, good once and until ${expiresAt}:\n${link}`;

export const admin: Command = {
  summary: "reset a password, invite somebody, replace the encryption key",
  async run(args) {
    const { values, positionals } = readArguments({
      args,
      allowPositionals: true,
      options: { password: { type: "string" }, role: { type: "string" } },
    });
    const [task, email] = positionals;
    const ask = async <T>(path: string, body: object) =>
      ((await (await callControl(loadConfig().dataDir, path, body)).json()) as { data: T }).data;
    const { password, role } = values;
    if (task === "reset-password" && email) {
      const set = await ask<{ password: string }>("/admin/reset-password", { email, ...(password ? { password } : {}) });
      console.log(`The password of ${email} is now: ${set.password}`);
    } else if (task === "reset-link" && email) {
      console.log(told(await ask<Link>("/admin/reset-link", { email })));
    } else if (task === "invite" && email) {
      const { invitation } = await ask<{ invitation: Link }>("/admin/invite", { email, role: role ?? "agent" });
      console.log(`${email} is invited. ${told(invitation)}`);
    } else if (task === "rotate-encryption-key" && positionals.length === 1) {
      return rotateEncryptionKey(loadConfig());
    } else {
      console.log(HELP);
      return 1;
    }
    return 0;
  },
};

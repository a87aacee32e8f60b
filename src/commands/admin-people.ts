/** What `admin` does with people: through the running server, or on its files when none runs. */
import { openStoppedPeople } from "../app-admin";
import type { Config } from "../config/env";
import { AppError, fail } from "../core/errors";
import type { AgentView } from "../events/view";
import { peopleTasks } from "../http/control-people";
import { callControl } from "./control-client";

export const PEOPLE_HELP = `  admin list                                       shows who may sign in
  admin reset-password E-MAIL [--password NEW]     sets a new password (a generated one when none is given)
  admin reset-link E-MAIL                          makes a link by which they set one themselves
  admin invite E-MAIL [--role ROLE]                invites somebody (as an agent when no role is given)
  admin remove-second-factor E-MAIL                for somebody who has lost their phone and the recovery codes
`;

interface Link {
  sent: boolean;
  link: string | null;
  expiresAt: string;
}

const told = ({ sent, link, expiresAt }: Link): string =>
  sent ? `They got a mail with a link, good until ${expiresAt}.` : `The link, good once and until ${expiresAt}:\n${link}`;

const row = ({ email, name, role, status, hasSecondFactor }: AgentView): string =>
  [email.padEnd(32), status.padEnd(9), role.padEnd(12), hasSecondFactor ? "2nd factor" : "".padEnd(10), name].join("  ");

/** Gives what to print; null when this is no task of this file. */
export async function administerPeople(
  config: Config,
  [task, email, ...more]: readonly string[],
  { password, role = "agent" }: { password?: string | undefined; role?: string | undefined },
): Promise<string | null> {
  const ask = <T>(path: string, body: object) => askPeople<T>(config, `/admin/${path}`, body);
  if (more.length > 0) return null;
  if (task === "list" && !email) return (await ask<AgentView[]>("list", {})).map(row).join("\n");
  if (!email) return null;
  if (task === "reset-password") {
    const set = await ask<{ password: string }>("reset-password", { email, ...(password ? { password } : {}) });
    return `The password of ${email} is now: ${set.password}`;
  }
  if (task === "reset-link") return told(await ask<Link>("reset-link", { email }));
  if (task === "invite") {
    const { invitation } = await ask<{ invitation: Link }>("invite", { email, role });
    return `${email} is invited. ${told(invitation)}`;
  }
  if (task === "remove-second-factor") {
    await ask("remove-second-factor", { email });
    return `${email} signs in with the password alone now, or sets up a new second factor where the role needs one.`;
  }
  return null;
}

async function askPeople<T>(config: Config, path: string, body: object): Promise<T> {
  try {
    return ((await (await callControl(config.dataDir, path, body)).json()) as { data: T }).data;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "control.not-running") throw error;
  }
  await using stopped = await openStoppedPeople(config);
  const task = peopleTasks(stopped.people)[path];
  if (!task) throw fail("route.not-found");
  return (await task(body)) as T;
}

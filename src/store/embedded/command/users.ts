/** Users and roles: there are none. Who may come in is decided by the file system, or by the one password of the door. */
import { commandError } from "../command-error";
import { okReply } from "./reply";

export const usersInfo = (): Uint8Array => okReply({ users: [] });
export const rolesInfo = (): Uint8Array => okReply({ roles: [] });
/** Suites and tools clean up with it before they work. */
export const dropAllUsers = (): Uint8Array => okReply({ n: 0 });

export const refuseUsers = (): never => {
  throw commandError("NotImplemented", "users are not supported by the embedded store");
};

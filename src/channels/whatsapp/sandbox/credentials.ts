/** Which number the sandbox plays and which secrets it accepts. */
import type { Channel } from "../channel";

export type SandboxCredentials = Omit<Channel, "graphUrl" | "graphVersion" | "source">;

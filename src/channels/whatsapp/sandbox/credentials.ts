/** Which number the sandbox plays and which secrets it accepts. */
import type { Channel } from "../channel";

/** The Meta app the sandbox's token belongs to. */
export const APP_ID = "600100200300400";

export type SandboxCredentials = Omit<Channel, "graphUrl" | "graphVersion" | "source">;

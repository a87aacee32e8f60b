/** What shells and dump tools ask about the server before they work. */
import { DateTime, Doc } from "../bson/value";
import { VERSION } from "./admin";
import type { CommandContext } from "./context";
import { okReply } from "./reply";
import type { CommandCall } from "./request";

export const serverStatus = (_call: CommandCall, context: CommandContext): Uint8Array =>
  okReply({
    host: "embedded",
    version: VERSION,
    process: "chasqui",
    uptimeMillis: BigInt(Math.round(context.clock.monotonic())),
    localTime: new DateTime(context.clock.now()),
    storageEngine: Doc.of({ name: "sqlite", supportsCommittedReads: true, persistent: true }),
    metrics: Doc.of({ cursor: Doc.of({ open: Doc.of({ total: BigInt(context.cursors.size) }) }) }),
  });

export const connectionStatus = (): Uint8Array =>
  okReply({ authInfo: Doc.of({ authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] }) });

export const getParameter = (): Uint8Array => okReply({ featureCompatibilityVersion: Doc.of({ version: VERSION.slice(0, 3) }) });

export const getLog = (): Uint8Array => okReply({ totalLinesWritten: 0, log: [] });

export const whatsMyUri = (): Uint8Array => okReply({ you: "127.0.0.1:0" });

export const hostInfo = (): Uint8Array => okReply({ system: Doc.of({ hostname: "embedded" }), os: new Doc(), extra: new Doc() });

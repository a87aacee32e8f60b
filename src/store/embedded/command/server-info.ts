/** What shells and dump tools ask about the server before they work. */
import { Bin, DateTime, Doc, type Value } from "../bson/value";
import { CommandError, commandError } from "../command-error";
import { truthy } from "../query/leaf";
import { VERSION } from "./admin";
import type { CommandContext } from "./context";
import { okReply } from "./reply";
import type { CommandCall } from "./request";

export const serverStatus = (_call: CommandCall, context: CommandContext): Uint8Array =>
  okReply({
    host: "embedded",
    version: VERSION,
    process: "mongod",
    pid: BigInt(process.pid),
    uptime: Math.round(context.clock.monotonic() / 1000),
    uptimeMillis: BigInt(Math.round(context.clock.monotonic())),
    localTime: new DateTime(context.clock.now()),
    connections: Doc.of({ current: 1, available: 1, totalCreated: 1 }),
    storageEngine: Doc.of({ name: "sqlite", supportsCommittedReads: true, persistent: true, readOnly: false }),
    metrics: Doc.of({ cursor: Doc.of({ open: Doc.of({ total: BigInt(context.cursors.size) }) }) }),
  });

export const connectionStatus = (): Uint8Array =>
  okReply({ authInfo: Doc.of({ authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] }) });

const PARAMETERS = new Map<string, Value>([
  ["featureCompatibilityVersion", Doc.of({ version: VERSION.slice(0, 3) })],
  ["authenticationMechanisms", ["SCRAM-SHA-256"]],
  ["enableTestCommands", false],
  ["transactionLifetimeLimitSeconds", 60],
  ["cursorTimeoutMillis", 600_000n],
  ["ttlMonitorEnabled", true],
]);

/** `getParameter: 1` with names, or `"*"` for all of them. */
export function getParameter({ body }: CommandCall): Uint8Array {
  const wanted = body.values[0] === "*" ? [...PARAMETERS.keys()] : body.keys.filter((key) => PARAMETERS.has(key));
  if (wanted.length === 0) throw commandError("InvalidOptions", "no option found to get");
  return okReply(Object.fromEntries(wanted.map((name) => [name, PARAMETERS.get(name)])));
}

const LOGS = ["global", "startupWarnings"];

export function getLog({ body }: CommandCall): Uint8Array {
  const which = body.values[0];
  if (which === "*") return okReply({ names: LOGS });
  if (typeof which !== "string") throw commandError("TypeMismatch", "Argument to getLog must be of type String");
  if (!LOGS.includes(which)) throw commandError("OperationFailed", `No log named '${which}'`);
  return okReply({ totalLinesWritten: 0, log: [] });
}

export const whatsMyUri = (): Uint8Array => okReply({ you: "127.0.0.1:0" });

export const hostInfo = (_call: CommandCall, context: CommandContext): Uint8Array =>
  okReply({
    system: Doc.of({
      currentTime: new DateTime(context.clock.now()),
      hostname: "embedded",
      cpuAddrSize: 64,
      numCores: navigator.hardwareConcurrency,
    }),
    os: Doc.of({ type: process.platform, name: process.platform, version: "" }),
    extra: new Doc(),
  });

export const getCmdLineOpts = (): Uint8Array => okReply({ argv: ["chasqui"], parsed: new Doc() });

export const listCommands = (names: () => Iterable<string>) => (): Uint8Array =>
  okReply({
    commands: Doc.of(Object.fromEntries([...names()].map((name) => [name, Doc.of({ help: "", requiresAuth: true })]))),
  });

/** Sessions exist as soon as a client names one; this gives it a name. */
export const startSession = (): Uint8Array =>
  okReply({ id: Doc.of({ id: new Bin(4, crypto.getRandomValues(new Uint8Array(16))) }), timeoutMinutes: 30 });

export const getDefaultRWConcern = (): Uint8Array =>
  okReply({
    defaultReadConcern: Doc.of({ level: "local" }),
    defaultWriteConcern: Doc.of({ w: "majority", wtimeout: 0 }),
    defaultWriteConcernSource: "implicit",
    defaultReadConcernSource: "implicit",
  });

export const noReplication = (): never => {
  throw new CommandError(76, "NoReplicationEnabled", "not running with --replSet");
};

/** The usage of collections is not counted. */
export const top = (): Uint8Array => okReply({ totals: Doc.of({ note: "all times in microseconds" }) });

export const currentOp = ({ body }: CommandCall): Uint8Array =>
  okReply({ inprog: truthy(body.get("$all")) ? [Doc.of({ type: "op", host: "embedded", active: true })] : [] });

export const profile = ({ body }: CommandCall): Uint8Array => {
  const level = body.values[0];
  if (level !== -1 && level !== 0) throw commandError("NotImplemented", "profiling is not supported by the embedded store");
  return okReply({ was: 0, slowms: 50, sampleRate: 1 });
};

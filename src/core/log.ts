/** One JSON object a line on standard output; secrets never appear, message texts only at `debug`. */
import { writeSync } from "node:fs";
import { type Clock, systemClock } from "./clock";
import { isSecretName } from "./secret-name";

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40, silent: 99 } as const;
export type LogLevel = keyof typeof LEVELS;
export type LogFields = Record<string, unknown>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds these fields to each of its lines. */
  child(fields: LogFields): Log;
  readonly level: LogLevel;
}

/** Keys come again and again: each is judged once. Bounded, because some logs use ids as keys. */
const judged = new Map<string, "plain" | "secret" | "text">();
const MOST_JUDGED = 1_000;

const TEXT_KEY = /^(text|body|content|caption|reply|prompt|query)$/i;
const MAX_DEPTH = 6;

export interface LogOptions {
  level: LogLevel;
  write?: (line: string) => void;
  clock?: Clock;
}

export function createLog({ level, write = toStandardOutput, clock = systemClock }: LogOptions): Log {
  const least = LEVELS[level];
  const showTexts = least <= LEVELS.debug;

  const make = (bound: LogFields): Log => {
    const at = (name: LogLevel) => (message: string, fields?: LogFields) => {
      if (LEVELS[name] < least) return;
      const clean = redact({ ...bound, ...fields }, showTexts, 0) as LogFields;
      write(`${JSON.stringify({ time: new Date(clock.now()).toISOString(), level: name, message, ...clean })}\n`);
    };
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      child: (more) => make({ ...bound, ...more }),
      level,
    };
  };
  return make({});
}

function redact(value: unknown, showTexts: boolean, depth: number): unknown {
  if (value instanceof Error) return describe(value, showTexts, depth);
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Date) return value.toISOString();
  if (depth >= MAX_DEPTH) return "[deep]";
  if (Array.isArray(value)) return value.map((item) => redact(item, showTexts, depth + 1));
  const out: LogFields = {};
  for (const [key, item] of Object.entries(value)) {
    const kind = kindOf(key);
    if (kind === "secret" && typeof item !== "number" && typeof item !== "boolean") out[key] = "[secret]";
    else if (kind === "text" && !showTexts && typeof item === "string") out[key] = `[${item.length} characters]`;
    else out[key] = redact(item, showTexts, depth + 1);
  }
  return out;
}

function kindOf(key: string): "plain" | "secret" | "text" {
  let kind = judged.get(key);
  if (kind === undefined) {
    if (judged.size >= MOST_JUDGED) judged.clear();
    kind = isSecretName(key) ? "secret" : TEXT_KEY.test(key) ? "text" : "plain";
    judged.set(key, kind);
  }
  return kind;
}

let pending = "";

/** One write for all lines of a turn of the event loop. */
function toStandardOutput(line: string): void {
  if (pending === "") setImmediate(writePending);
  pending += line;
}

function writePending(): void {
  const lines = pending;
  pending = "";
  if (lines !== "") process.stdout.write(lines);
}

/** What the process said last must not be lost with it. */
process.once("exit", () => {
  try {
    if (pending !== "") writeSync(1, pending);
  } catch {
    // EPIPE or EAGAIN: nobody reads any more.
  }
});

function describe(error: Error, showTexts: boolean, depth: number): LogFields {
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: error.stack
      ?.split("\n")
      .slice(1, 6)
      .map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, showTexts, depth + 1) }),
  };
}

/** Drops everything: for tests and for commands that print for people. */
export const silentLog: Log = createLog({ level: "silent", write: () => {} });

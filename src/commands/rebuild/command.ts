/** A command that builds something derived anew, through the running server or, when none runs, on the files. */
import type mongoose from "mongoose";
import { type Config, loadConfig } from "../../config/env";
import { systemClock } from "../../core/clock";
import { AppError, type ErrorCode } from "../../core/errors";
import { createLog, type Log } from "../../core/log";
import { EventBus } from "../../events/bus";
import { counterModel, eventModel } from "../../events/event.model";
import { createEventLog, type EventLog } from "../../events/log";
import { conversationModel } from "../../features/conversations/conversation.model";
import { createConversationReach } from "../../features/conversations/conversation-reach";
import { openStore } from "../../store/connect";
import { lockDataDir } from "../../store/data-dir-lock";
import { syncIndexes } from "../../store/indexes";
import { type Command, readArguments } from "../command";
import { callControl, linesOf } from "../control-client";

export interface Progress {
  done: number;
  total: number;
}

export interface OpenFiles {
  dataDir: string;
  connection: mongoose.Connection;
  events: ReturnType<typeof eventModel>;
  bus: EventBus;
  eventLog: EventLog;
  log: Log;
}

export interface Rebuild {
  summary: string;
  help: string;
  /** Address of the running server's control socket. */
  path: string;
  /** When the server ends in the middle of it. */
  unavailable: ErrorCode;
  /** Registers the models it reads, before the indexes are made. */
  models: (connection: mongoose.Connection) => unknown;
  onFiles: (files: OpenFiles, onProgress: (progress: Progress) => void) => Promise<Progress>;
  /** Said at the end. */
  done: (documents: string) => string;
}

export const rebuildCommand = (rebuild: Rebuild): Command => ({
  summary: rebuild.summary,
  async run(args) {
    const { positionals } = readArguments({ args, allowPositionals: true, options: {} });
    if (positionals.length !== 1 || positionals[0] !== "rebuild") {
      console.log(rebuild.help);
      return 1;
    }
    const config = loadConfig();
    const running = await throughServer(config.dataDir, rebuild);
    const { total } = running ?? (await onFiles(config, rebuild));
    showProgress({ done: total, total });
    console.log(rebuild.done(total.toLocaleString("en")));
    return 0;
  },
});

/** Null when no server runs there. */
async function throughServer(dataDir: string, { path, unavailable }: Rebuild): Promise<Progress | null> {
  let response: Response;
  try {
    response = await callControl(dataDir, path, {});
  } catch (error) {
    if (error instanceof AppError && error.code === "control.not-running") return null;
    throw error;
  }
  interface Told {
    progress?: Progress;
    finished?: Progress;
    failed?: { error: string; code: ErrorCode };
  }
  for await (const told of linesOf<Told>(response)) {
    if (told.progress) showProgress(told.progress);
    if (told.failed) throw new AppError(told.failed.code, { message: told.failed.error });
    if (told.finished) return told.finished;
  }
  throw new AppError(unavailable, { message: "The server ended before this was finished." });
}

async function onFiles({ dataDir, mongodbUri }: Config, rebuild: Rebuild): Promise<Progress> {
  const lock = lockDataDir(dataDir);
  try {
    const log = createLog({ level: "warn", write: (line) => void process.stderr.write(line) });
    const store = await openStore({ dataDir, log, clock: systemClock, ...(mongodbUri ? { mongodbUri } : {}) });
    try {
      const { connection } = store;
      const events = eventModel(connection);
      rebuild.models(connection);
      const belongings = createConversationReach(conversationModel(connection));
      await syncIndexes(connection);
      const bus = new EventBus(log);
      const eventLog = createEventLog({
        events,
        counters: counterModel(connection),
        transaction: store.transaction,
        bus,
        belongings,
        clock: systemClock,
      });
      await eventLog.start();
      return await rebuild.onFiles({ dataDir, connection, events, bus, eventLog, log }, showProgress);
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

let shown = "";

/** One line that is written over where somebody watches; elsewhere ten lines. */
function showProgress({ done, total }: Progress): void {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const step = process.stderr.isTTY ? `${Math.floor(share * 100)} %` : `${Math.floor(share * 10) * 10} %`;
  if (step === shown) return;
  shown = step;
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[2K${step}${share === 1 ? "\n" : ""}` : `${step}\n`);
}

/** `search`: the search index seen from outside: built anew, while the server runs or not. */
import { openSearch } from "../app-search";
import { type Config, loadConfig } from "../config/env";
import { systemClock } from "../core/clock";
import { AppError, type ErrorCode } from "../core/errors";
import { createLog } from "../core/log";
import { EventBus } from "../events/bus";
import { counterModel, eventModel } from "../events/event.model";
import { createEventLog } from "../events/log";
import { contactModel } from "../features/contacts/contact.model";
import { conversationModel } from "../features/conversations/conversation.model";
import { createConversationReach } from "../features/conversations/conversation-reach";
import { messageModel } from "../features/messages/message.model";
import type { RebuildProgress } from "../features/search/search-feed.service";
import { openStore } from "../store/connect";
import { lockDataDir } from "../store/data-dir-lock";
import { type Command, readArguments } from "./command";
import { callControl } from "./control-client";

const HELP = `The search index. It is made from the data, so building it anew loses nothing.

  search rebuild    builds it anew; while that lasts the old one answers
`;

export const search: Command = {
  summary: "build the search index anew",
  async run(args) {
    const { positionals } = readArguments({ args, allowPositionals: true, options: {} });
    if (positionals.length !== 1 || positionals[0] !== "rebuild") {
      console.log(HELP);
      return 1;
    }
    const config = loadConfig();
    const running = await throughServer(config.dataDir);
    const { total } = running ?? (await onFiles(config));
    showProgress({ done: total, total });
    console.log(`The search index was built from ${total.toLocaleString("en")} documents.`);
    return 0;
  },
};

/** Null when no server runs there. */
async function throughServer(dataDir: string): Promise<RebuildProgress | null> {
  let response: Response;
  try {
    response = await callControl(dataDir, "/search/rebuild", {});
  } catch (error) {
    if (error instanceof AppError && error.code === "control.not-running") return null;
    throw error;
  }
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const told = JSON.parse(line) as {
        progress?: RebuildProgress;
        finished?: RebuildProgress;
        failed?: { error: string; code: ErrorCode };
      };
      if (told.progress) showProgress(told.progress);
      if (told.failed) throw new AppError(told.failed.code, { message: told.failed.error });
      if (told.finished) return told.finished;
    }
  }
  throw new AppError("search.unavailable", { message: "The server ended while the search index was being built." });
}

async function onFiles({ dataDir, mongodbUri }: Config): Promise<RebuildProgress> {
  const lock = lockDataDir(dataDir);
  try {
    const log = createLog({ level: "warn", write: (line) => void process.stderr.write(line) });
    const store = await openStore({ dataDir, log, clock: systemClock, ...(mongodbUri ? { mongodbUri } : {}) });
    try {
      const { connection } = store;
      const models = {
        contacts: contactModel(connection),
        conversations: conversationModel(connection),
        messages: messageModel(connection),
        events: eventModel(connection),
      };
      const bus = new EventBus(log);
      const eventLog = createEventLog({
        ...models,
        counters: counterModel(connection),
        transaction: store.transaction,
        bus,
        belongings: createConversationReach(models.conversations),
        clock: systemClock,
      });
      await eventLog.start();
      const room = await openSearch({ dataDir, models, bus, eventLog, isAlone: true, clock: systemClock, log });
      try {
        return await room.feed.rebuild(showProgress);
      } finally {
        await room.close();
      }
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

let shown = "";

/** One line that is written over where somebody watches; elsewhere ten lines. */
function showProgress({ done, total }: RebuildProgress): void {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const step = process.stderr.isTTY ? `${Math.floor(share * 100)} %` : `${Math.floor(share * 10) * 10} %`;
  if (step === shown) return;
  shown = step;
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[2K${step}${share === 1 ? "\n" : ""}` : `${step}\n`);
}

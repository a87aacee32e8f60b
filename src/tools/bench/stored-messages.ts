/** Reads what a stopped server has left in its store. Only then: the store has one owner. */
import { systemClock } from "../../core/clock";
import { createLog } from "../../core/log";
import { type Message, messageModel } from "../../features/messages/message.model";
import { openStore, type Store } from "../../store/connect";

export const openDataDir = (dataDir: string): Promise<Store> =>
  openStore({ dataDir, clock: systemClock, log: createLog({ level: "error" }) });

/** Every message of the store. */
export async function* storedMessages(dataDir: string): AsyncGenerator<Message> {
  const store = await openDataDir(dataDir);
  try {
    for await (const message of messageModel(store.connection).find().lean().cursor()) yield message as Message;
  } finally {
    await store.close();
  }
}

/** Throws unless exactly these messages of customers (wamid to text) are there, each once. */
export async function assertInbound(dataDir: string, expected: ReadonlyMap<string, string>): Promise<void> {
  const missing = new Set(expected.keys());
  let [twice, changed, foreign] = [0, 0, 0];
  for await (const { direction, wamid, content } of storedMessages(dataDir)) {
    if (direction !== "inbound" || wamid === null) continue;
    const text = expected.get(wamid);
    if (text === undefined) foreign++;
    else if (!missing.delete(wamid)) twice++;
    else if (text !== content) changed++;
  }
  if (missing.size + twice + changed + foreign > 0)
    throw new Error(
      `${expected.size} messages sent: ${missing.size} missing, ${twice} stored twice, ${changed} with another text, ${foreign} unknown`,
    );
}

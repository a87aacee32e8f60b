/** Writes the seeded documents into an empty data directory, through the store and with its indexes, many at a time. */
import { systemClock } from "../../core/clock";
import { createLog } from "../../core/log";
import { contactModel } from "../../features/contacts/contact.model";
import { conversationModel } from "../../features/conversations/conversation.model";
import { messageModel } from "../../features/messages/message.model";
import { openStore } from "../../store/connect";
import { lockDataDir } from "../../store/data-dir-lock";
import { syncIndexes } from "../../store/indexes";
import type { Progress } from "./progress";
import { contactDocument, conversationDocument, messageDocument } from "./seed-documents";
import { planSeed, type SeedPlan, type SeedSize } from "./seed-plan";

/** One commit, and one sync to disk, for so many. */
const BATCH = 4_000;

export interface SeedOptions extends SeedSize {
  dataDir: string;
  onProgress?: (progress: Progress) => void;
}

interface Target {
  collection: { insertMany(documents: never[], options: { ordered: boolean }): Promise<unknown> };
  estimatedDocumentCount(): PromiseLike<number>;
}

/** Fills an installation that has no messages yet. Gives back what was planned, to be compared with what is read. */
export async function seedDataDir({ dataDir, onProgress = () => {}, ...size }: SeedOptions): Promise<SeedPlan> {
  const lock = lockDataDir(dataDir);
  try {
    const store = await openStore({ dataDir, clock: systemClock, log: createLog({ level: "error" }) });
    try {
      const { connection } = store;
      const [contacts, conversations, messages] = [
        contactModel(connection),
        conversationModel(connection),
        messageModel(connection),
      ];
      await syncIndexes(connection);
      if ((await messages.estimatedDocumentCount()) > 0) throw new Error(`${dataDir} has messages already: seed an empty one.`);
      const plan = planSeed(size);
      const fill = async (what: string, target: Target, total: number, make: (plan: SeedPlan, index: number) => object) => {
        for (let from = 0; from < total; from += BATCH) {
          const rows = Array.from({ length: Math.min(BATCH, total - from) }, (_, offset) => make(plan, from + offset));
          await target.collection.insertMany(rows as never[], { ordered: true });
          onProgress({ what, done: from + rows.length, total });
        }
        const stored = await target.estimatedDocumentCount();
        if (stored !== total) throw new Error(`${stored} ${what} are stored instead of ${total}.`);
      };
      await fill("contacts", contacts, plan.conversations, contactDocument);
      await fill("conversations", conversations, plan.conversations, conversationDocument);
      await fill("messages", messages, plan.messages, messageDocument);
      return plan;
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

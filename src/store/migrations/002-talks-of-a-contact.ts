/** Migration 2: the talks of a contact are found by an index that no message moves them in; the one with the time goes. */
import type { Migration } from "./index";

const OLD_INDEX = "contact_1_lastMessageAt_-1__id_-1";

export const talksOfAContact: Migration = {
  version: 2,
  name: "talks of a contact",
  up: async ({ db }) => {
    const conversations = db!.collection("conversations");
    const exists = (await db!.listCollections({ name: "conversations" }, { nameOnly: true }).toArray()).length > 0;
    if (exists && (await conversations.indexExists(OLD_INDEX))) await conversations.dropIndex(OLD_INDEX);
  },
};

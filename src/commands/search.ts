/** `search`: the search index seen from outside: built anew, while the server runs or not. */
import { openSearch } from "../app-search";
import { systemClock } from "../core/clock";
import { contactNoteModel } from "../features/contact-notes/contact-note.model";
import { contactModel } from "../features/contacts/contact.model";
import { conversationModel } from "../features/conversations/conversation.model";
import { messageModel } from "../features/messages/message.model";
import { rebuildCommand } from "./rebuild/command";

type Connection = Parameters<typeof contactModel>[0];
const models = (connection: Connection) => ({
  contacts: contactModel(connection),
  conversations: conversationModel(connection),
  messages: messageModel(connection),
  contactNotes: contactNoteModel(connection),
});

export const search = rebuildCommand({
  summary: "build the search index anew",
  help: `The search index. It is made from the data, so building it anew loses nothing.

  search rebuild    builds it anew; while that lasts the old one answers
`,
  path: "/search/rebuild",
  unavailable: "search.unavailable",
  models,
  async onFiles({ connection, events, ...files }, onProgress) {
    const room = await openSearch({ ...files, models: { ...models(connection), events }, isAlone: true, clock: systemClock });
    try {
      return await room.feed.rebuild(onProgress);
    } finally {
      await room.close();
    }
  },
  done: (documents) => `The search index was built from ${documents} documents.`,
});

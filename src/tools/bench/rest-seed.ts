/** The same rows for the product and for the reference of the reading benchmark. */
import { Database } from "bun:sqlite";
import { toConversationView } from "../../features/conversations/conversation.view";
import { toMessageView } from "../../features/messages/message.view";
import type { Progress } from "../seed/progress";
import { contactDocument, conversationDocument, messageDocument } from "../seed/seed-documents";
import { phoneOf, type SeedPlan } from "../seed/seed-plan";
import { INDEXES, SCHEMA } from "./rest-reference";

export function seedReference(file: string, plan: SeedPlan, onProgress: (progress: Progress) => void): void {
  const database = new Database(file, { create: true });
  database.run("PRAGMA journal_mode = WAL");
  for (const statement of SCHEMA) database.run(statement);
  const conversation = database.prepare("INSERT INTO conversation (id, at, status, json) VALUES (?, ?, ?, ?)");
  const message = database.prepare("INSERT INTO message (id, conversation, json) VALUES (?, ?, ?)");
  const contact = database.prepare("INSERT INTO contact (number, json) VALUES (?, ?)");
  database.transaction(() => {
    for (let index = 0; index < plan.conversations; index++) {
      const document = conversationDocument(plan, index);
      const json = JSON.stringify(toConversationView(document));
      conversation.run(document._id, document.lastMessageAt.getTime(), document.status, json);
      contact.run(phoneOf(index), JSON.stringify(contactDocument(plan, index)));
    }
    for (let index = 0; index < plan.messages; index++) {
      const document = messageDocument(plan, index);
      message.run(document._id, document.conversation, JSON.stringify(toMessageView(document)));
      if (index % 10_000 === 0) onProgress({ what: "rows of the reference", done: index, total: plan.messages });
    }
    for (const statement of INDEXES) database.run(statement);
  })();
  database.close();
}

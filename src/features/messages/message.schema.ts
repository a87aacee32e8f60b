/** What the message routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { Id, MessageView } from "../../events/view";

export const MessageParams = t.Object({ id: Id });
export const MessageQuery = t.Object(pageQuery);
export type MessageQuery = Static<typeof MessageQuery>;

export const MessageAnswer = okSchema(MessageView);
export const MessagePage = pageSchema(MessageView);

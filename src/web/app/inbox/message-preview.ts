/** A message in one line: what it says, and what kind it is where that is not text. */
import type { ConversationView } from "@server/events/view";
import type { Words } from "../i18n/words";
import { kindOf } from "./message-kind";

export interface Preview {
  icon: string | null;
  text: string;
}

export function previewOf(last: ConversationView["lastMessage"], words: Words): Preview {
  if (!last) return { icon: null, text: "" };
  const kind = kindOf(last);
  const word = kind ? words.t(kind.word, { type: last.type }) : "";
  const said = last.text.replace(/\s+/g, " ").trim();
  const text = kind ? (said && said !== word ? said : word) : said;
  const by = last.direction === "inbound" ? "" : words.t(last.role === "assistant" ? "list.byAssistant" : "list.byPerson");
  return { icon: kind?.icon ?? null, text: by ? `${by} ${text}` : text };
}

/** How kinds and states of articles are called and drawn. */
import type { ArticleView } from "@server/features/knowledge/knowledge.schema";
import type { WordKey } from "../i18n/words";

export const KIND: Record<ArticleView["kind"], { word: WordKey; icon: string }> = {
  article: { word: "knowledge.kindArticle", icon: "book" },
  faq: { word: "knowledge.kindPair", icon: "help" },
  file: { word: "knowledge.kindFile", icon: "file" },
  page: { word: "knowledge.kindPage", icon: "globe" },
};

export const STATUS: Record<ArticleView["status"], { word: WordKey; look: string }> = {
  published: { word: "knowledge.inUse", look: "chip-success" },
  draft: { word: "knowledge.draft", look: "" },
  suggested: { word: "knowledge.suggested", look: "chip-warning" },
};

/** Where it comes from, or how it begins. */
export function originOf({ source, text, question, title }: ArticleView): string {
  if (source.url) return source.url.replace(/^https?:\/\//, "").replace(/\/$/, "");
  const begin = text
    .replace(/^#{1,6}\s+/gm, "")
    .replace(/\s+/g, " ")
    .slice(0, 160);
  if (source.fileName) return source.fileName;
  return question && question !== title ? `${question} ${begin}` : begin;
}

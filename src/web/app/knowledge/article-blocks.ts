/** The text of an article as headings, paragraphs and lists: what the assistant's passages are cut along. Nothing in it is markup. */

export type ArticleBlock =
  | { kind: "heading"; level: 2 | 3 | 4 | 5 | 6; text: string }
  | { kind: "paragraph"; text: string }
  | { kind: "list"; lines: readonly string[] };

const HEADING = /^(#{1,6})\s+(.+)$/;
const LINE = /^[-*•]\s+(.+)$/;

/** At most `most` blocks, and whether there are more. Headings never skip a level: screen readers walk them. */
export function blocksOf(text: string, most: number): { blocks: ArticleBlock[]; hasMore: boolean } {
  const blocks: ArticleBlock[] = [];
  let paragraph: string[] = [];
  let list: string[] = [];
  let above = 1;
  const close = () => {
    if (paragraph.length > 0) blocks.push({ kind: "paragraph", text: paragraph.join("\n") });
    if (list.length > 0) blocks.push({ kind: "list", lines: list });
    paragraph = [];
    list = [];
  };
  for (const line of text.split(/\r\n?|\n/)) {
    if (blocks.length >= most) return { blocks: blocks.slice(0, most), hasMore: true };
    const heading = HEADING.exec(line.trim());
    const item = LINE.exec(line.trim());
    if (heading) {
      close();
      const level = Math.min((heading[1]?.length ?? 1) + 1, above + 1, 6) as 2 | 3 | 4 | 5 | 6;
      above = level;
      blocks.push({ kind: "heading", level, text: heading[2]?.trim() ?? "" });
    } else if (item) {
      if (paragraph.length > 0) close();
      list.push(item[1] ?? "");
    } else if (line.trim() === "") close();
    else {
      if (list.length > 0) close();
      paragraph.push(line.trim());
    }
  }
  close();
  return { blocks: blocks.slice(0, most), hasMore: blocks.length > most };
}

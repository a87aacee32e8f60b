/** Text of a model as WhatsApp shows it: markdown becomes WhatsApp's own marks. Pure; code blocks are left alone. */

const FENCE = /(```[\s\S]*?```|`[^`\n]+`)/;

/** Shapes a reply for WhatsApp. Text that is already plain or in WhatsApp's marks comes back unchanged. */
export function toWhatsAppText(markdown: string): string {
  const normal = markdown.replace(/\r\n?/g, "\n");
  const parts = normal.split(FENCE);
  return parts
    .map((part, index) => (index % 2 === 1 ? part.replace(/^```[\w+-]+\n/, "```\n") : shapeProse(part)))
    .join("")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function shapeProse(text: string): string {
  return (
    text
      .replace(/<br\s*\/?>/gi, "\n")
      // Images and links before emphasis, so that marks inside an address stay as they are.
      .replace(/!\[[^\]]*\]\(([^)\s]+)[^)]*\)/g, "$1")
      .replace(/\[([^\]]+)\]\(([^)\s]+)[^)]*\)/g, (_, label: string, url: string) => (label === url ? url : `${label}: ${url}`))
      .replace(/^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*$/gm, (_, title: string) => `*${title.replace(/\*\*|__/g, "").trim()}*`)
      .replace(/\*\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*\*/g, "*_$1_*")
      .replace(/\*\*([^\s*](?:[^*\n]*[^\s*])?)\*\*/g, "*$1*")
      .replace(/(?<![\w/])__([^\s_](?:[^_\n]*[^\s_])?)__(?!\w)/g, "*$1*")
      .replace(/~~([^\s~](?:[^~\n]*[^\s~])?)~~/g, "~$1~")
      .replace(/^([ \t]*)[*+][ \t]+/gm, "$1- ")
      .replace(/^[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*$/gm, "")
      .replace(/^[ \t]*\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)+\|?[ \t]*\n?/gm, "")
      .replace(/^[ \t]*\|(.+)\|[ \t]*$/gm, (_, cells: string) =>
        cells
          .split("|")
          .map((cell) => cell.trim())
          .join(" · "),
      )
  );
}

/** A text that was cut by an output limit, shortened to its last whole sentence or line. */
export function trimToSentence(text: string): string {
  const end = Math.max(text.lastIndexOf("\n"), ...[...text.matchAll(/[.!?…](?=\s|$)/g)].map(({ index }) => index + 1));
  return end > text.length / 3 ? text.slice(0, end).trim() : `${text.trim()}…`;
}

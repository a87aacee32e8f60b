/**
 * Legal comments in plain letters. They are the only text the bundler keeps as it is; everything else it escapes. One accent among
 * them, and the engine holds the whole program as UTF-16 copied into memory instead of reading it where it lies in the executable.
 */
import type { BunPlugin } from "bun";

const NOT_ASCII = /\P{ASCII}/gu;
const LEGAL = /\/\/!.*|\/\*!?[\s\S]*?\*\//g;

/** The same text with accents taken off inside comments, and what then is not ASCII replaced by `?`. Null when nothing changes. */
export function plainComments(source: string): string | null {
  if (isAscii(source)) return null;
  const plain = source.replace(LEGAL, (comment) =>
    // Only those that the bundler keeps; text that merely looks like a comment, as in an address inside quotes, is left alone.
    /^\/\/!|^\/\*!|@license|@preserve/.test(comment)
      ? comment.normalize("NFD").replace(/\p{M}/gu, "").replace(NOT_ASCII, "?")
      : comment,
  );
  return plain === source ? null : plain;
}

const isAscii = (text: string): boolean => text.search(NOT_ASCII) < 0;

export const plainCommentsPlugin: BunPlugin = {
  name: "plain comments",
  setup(build) {
    build.onLoad({ filter: /node_modules.*\.(js|mjs|cjs)$/ }, async ({ path }) => {
      const source = await Bun.file(path).text();
      return { contents: plainComments(source) ?? source, loader: "js" };
    });
  },
};

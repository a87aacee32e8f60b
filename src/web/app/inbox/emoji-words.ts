/** Emoji by what they are called in the reader's language: their list is loaded from our own server when the first one is looked for. */
import type { Language } from "../i18n/locale";
import { foldedText } from "../ui/folded-text";

interface Listed {
  emoji: string;
  annotation: string;
  tags?: readonly string[];
  shortcodes?: readonly string[];
}

export interface NamedEmoji {
  emoji: string;
  name: string;
}

interface Known extends NamedEmoji {
  /** What it is called, before what it is about. */
  names: readonly string[];
  tags: readonly string[];
}

const plain = (text: string): string => foldedText(text).replace(/[\s_-]+/g, "_");

/** Makes a list searchable. */
export const knownFrom = (list: readonly Listed[]): Known[] =>
  list.map(({ emoji, annotation, tags = [], shortcodes = [] }) => ({
    emoji,
    name: annotation,
    names: [...shortcodes, annotation].map(plain),
    tags: tags.map(plain),
  }));

/** Those called so, before those whose name has a word that begins so, before those that are about it. Pure. */
export function findEmoji(known: readonly Known[], query: string, most: number): NamedEmoji[] {
  const wanted = plain(query);
  const rank = ({ names, tags }: Known): number => {
    if (names.some((name) => name.startsWith(wanted))) return 0;
    if (names.some((name) => name.includes(`_${wanted}`))) return 1;
    return tags.some((tag) => tag.startsWith(wanted)) ? 2 : 3;
  };
  return known
    .map((one) => ({ one, rank: rank(one) }))
    .filter(({ rank: found }) => found < 3)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ one: { emoji, name } }) => ({ emoji, name }));
}

const lists = new Map<Language, Promise<Known[]>>();

/** Looks an emoji up. Without its list nothing is found. */
export async function lookUpEmoji(language: Language, query: string, most: number): Promise<NamedEmoji[]> {
  const list = lists.get(language) ?? load(language);
  lists.set(language, list);
  try {
    return findEmoji(await list, query, most);
  } catch {
    // Awaited: TypeError without a network; the next look tries again.
    lists.delete(language);
    return [];
  }
}

const load = async (language: Language): Promise<Known[]> =>
  knownFrom(await (await fetch(`/emoji/${language}/data.json`)).json());

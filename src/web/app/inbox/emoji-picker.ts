/** The picker itself: a file of its own, because it is loaded only when somebody wants an emoji. */
import { Picker } from "emoji-picker-element";
import type { Language } from "../i18n/locale";

export type EmojiPicker = HTMLElement;

const WORDS = {
  en: () => import("emoji-picker-element/i18n/en"),
  es: () => import("emoji-picker-element/i18n/es"),
  pt: () => import("emoji-picker-element/i18n/pt_BR"),
};

export async function createEmojiPicker(language: Language, choose: (emoji: string) => void): Promise<EmojiPicker> {
  const { default: i18n } = await WORDS[language]();
  const picker = new Picker({ locale: language, dataSource: `/emoji/${language}/data.json`, i18n });
  picker.addEventListener("emoji-click", (event) => {
    const { unicode } = event.detail;
    if (unicode) choose(unicode);
  });
  return picker;
}

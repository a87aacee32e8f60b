/** Text as it is compared: without capitals and accents, so that "envio" finds "Envío". */
export const foldedText = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

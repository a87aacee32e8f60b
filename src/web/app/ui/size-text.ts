/** `184 kB`, `2.4 MB`: sizes of files as people read them. */
import { numberFormat } from "../i18n/locale";

/** As WhatsApp counts: its 16 MB are 16 times 1024 times 1024. */
const KB = 1024;
const MB = 1024 * KB;
const WHOLE = numberFormat({ maximumFractionDigits: 0 });
const ONE = numberFormat({ maximumFractionDigits: 1 });

export const sizeText = (bytes: number): string =>
  bytes < MB ? `${WHOLE().format(Math.max(1, bytes / KB))} kB` : `${ONE().format(bytes / MB)} MB`;

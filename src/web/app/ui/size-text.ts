/** `184 kB`, `2.4 MB`: sizes of files as people read them. */
import { numberFormat } from "../i18n/locale";

const WHOLE = numberFormat({ maximumFractionDigits: 0 });
const ONE = numberFormat({ maximumFractionDigits: 1 });

export const sizeText = (bytes: number): string =>
  bytes < 1_000_000 ? `${WHOLE().format(Math.max(1, bytes / 1000))} kB` : `${ONE().format(bytes / 1_000_000)} MB`;

/** English: the language that the keys of all others are taken from. */
import { enApp } from "./en-app";
import { enInbox } from "./en-inbox";

export const en = { ...enApp, ...enInbox } as const;

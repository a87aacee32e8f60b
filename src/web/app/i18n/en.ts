/** English: the language that the keys of all others are taken from. */
import { enApp } from "./en-app";
import { enInbox } from "./en-inbox";
import { enThread } from "./en-thread";

export const en = { ...enApp, ...enInbox, ...enThread } as const;

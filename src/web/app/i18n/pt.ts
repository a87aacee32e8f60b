/** Portuguese. */
import type { en } from "./en";
import { ptApp } from "./pt-app";
import { ptInbox } from "./pt-inbox";
import { ptThread } from "./pt-thread";

export const pt: Record<keyof typeof en, string> = { ...ptApp, ...ptInbox, ...ptThread };

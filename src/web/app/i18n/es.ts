/** Spanish. */
import type { en } from "./en";
import { esApp } from "./es-app";
import { esInbox } from "./es-inbox";
import { esThread } from "./es-thread";

export const es: Record<keyof typeof en, string> = { ...esApp, ...esInbox, ...esThread };

/** Migration 1: the collections as first released. Its record is the mark from which later versions count. */
import type { Migration } from "./index";

export const baseline: Migration = {
  version: 1,
  name: "baseline",
  // Models and indexes of the first release are created at start; there is no older data to change.
  up: async () => {},
};

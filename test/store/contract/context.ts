/** What all parts of the contract work with. */
import type { mongo } from "mongoose";
import type { Store } from "../../../src/store/connect";

export interface Thing extends mongo.Document {
  _id: string;
}

export interface ContractContext {
  readonly store: Store;
  /** Empty at the start of each test. */
  readonly things: mongo.Collection<Thing>;
  /** The ids of the documents that match, in their order. */
  ids(filter: mongo.Filter<Thing>, options?: mongo.FindOptions): Promise<string[]>;
  /** The document "a" without its _id. */
  stored(): Promise<Record<string, unknown>>;
  /** What an update makes of a document. */
  updated(before: object, update: object, options?: object): Promise<Record<string, unknown>>;
}

/** The rejection of a promise; fails when there is none. */
export async function failure(
  promise: Promise<unknown>,
): Promise<{ code?: number; codeName?: string; message: string; [field: string]: unknown }> {
  try {
    await promise;
  } catch (error) {
    return error as never;
  }
  throw new Error("expected a failure");
}

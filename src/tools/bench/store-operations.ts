/** The operations of the store benchmark: the same question to bun:sqlite, to the driver and to Mongoose. */
import assert from "node:assert/strict";
import type { MessageModel } from "../../features/messages/message.model";
import type { Store } from "../../store/connect";
import {
  type BenchMessage,
  type BenchMessageModel,
  conversationOf,
  idOf,
  messageAt,
  PER_CONVERSATION,
  wamidOf,
} from "./store-message.model";
import { type RawRow, type RawStore, rawRow } from "./store-raw";
import type { Operation } from "./store-timing";

export interface Sides {
  raw: RawStore;
  store: Store;
  messages: BenchMessageModel;
  /** The same collection through a socket, as a database server is reached. */
  remote: BenchMessageModel;
  /** The product's own messages: larger, with all their indexes. */
  product: MessageModel;
  rows: number;
}

const same = (found: BenchMessage | null | undefined, seq: number) => assert.equal(found?.seq, seq);

export const RAW = "bun:sqlite";
export const NATIVE = "driver";
export const LEAN = "Mongoose lean";
export const HYDRATED = "Mongoose";
export const NATIVE_SOCKET = "driver, socket";
export const LEAN_SOCKET = "Mongoose lean, socket";

const FULL_SIZE = 100_000;

/** Fewer calls on a small store, so that a trial run is short. */
export const calls = (full: number, rows: number): number => Math.max(1, Math.round(full * Math.min(1, rows / FULL_SIZE)));

/** Documents all over the file, the same ones for every side. */
const spread = (rows: number) => (index: number) => (Math.imul(index + 1, 7919) >>> 0) % rows;

export function readOperations({ raw, messages, rows }: Sides): Operation[] {
  const native = messages.collection;
  const conversations = Math.max(1, Math.floor(rows / PER_CONVERSATION));
  const one = spread(rows);
  const many = (index: number) => (Math.imul(index + 1, 7919) >>> 0) % conversations;
  const page = (found: readonly unknown[]) => assert.equal(found.length, Math.min(50, rows));
  const points = calls(2_000, rows);
  const pages = calls(200, rows);
  return [
    { name: "findOne by unique key", side: "select only", count: points, run: (i) => assert(raw.bytesByWamid(one(i))) },
    { name: "findOne by unique key", side: RAW, count: points, run: (i) => same(raw.byWamid(one(i)), one(i)) },
    {
      name: "findOne by unique key",
      side: NATIVE,
      count: points,
      run: async (i) => same((await native.findOne({ wamid: wamidOf(one(i)) })) as BenchMessage | null, one(i)),
    },
    {
      name: "findOne by unique key",
      side: LEAN,
      count: points,
      run: async (i) => same(await messages.findOne({ wamid: wamidOf(one(i)) }).lean(), one(i)),
    },
    { name: "findOne by _id", side: "select only", count: points, run: (i) => assert(raw.bytesById(one(i))) },
    { name: "findOne by _id", side: RAW, count: points, run: (i) => same(raw.byId(one(i)), one(i)) },
    {
      name: "findOne by _id",
      side: NATIVE,
      count: points,
      run: async (i) => same((await native.findOne({ _id: idOf(one(i)) })) as BenchMessage | null, one(i)),
    },
    {
      name: "findOne by _id",
      side: LEAN,
      count: points,
      run: async (i) => same(await messages.findOne({ _id: idOf(one(i)) }).lean(), one(i)),
    },
    { name: "index + sort + limit 50", side: "select only", count: pages, run: (i) => page(raw.bytesOfPage(many(i))) },
    { name: "index + sort + limit 50", side: RAW, count: pages, run: (i) => page(raw.page(many(i))) },
    {
      name: "index + sort + limit 50",
      side: NATIVE,
      count: pages,
      run: async (i) =>
        page(
          await native
            .find({ conversation: conversationOf(many(i)) })
            .sort({ at: -1 })
            .limit(50)
            .toArray(),
        ),
    },
    {
      name: "index + sort + limit 50",
      side: LEAN,
      count: pages,
      run: async (i) =>
        page(
          await messages
            .find({ conversation: conversationOf(many(i)) })
            .sort({ at: -1 })
            .limit(50)
            .lean(),
        ),
    },
  ];
}

/** Apart from the other reads: code that has met two kinds of server is slower for both. */
export function socketOperations({ remote, rows }: Sides): Operation[] {
  const one = spread(rows);
  const points = calls(2_000, rows);
  return [
    {
      name: "findOne by unique key",
      side: NATIVE_SOCKET,
      count: points,
      run: async (i) => same((await remote.collection.findOne({ wamid: wamidOf(one(i)) })) as BenchMessage | null, one(i)),
    },
    {
      name: "findOne by unique key",
      side: LEAN_SOCKET,
      count: points,
      run: async (i) => same(await remote.findOne({ wamid: wamidOf(one(i)) }).lean(), one(i)),
    },
  ];
}

const BULK = 1_000;

export function writeOperations({ raw, messages, rows }: Sides): Operation[] {
  const native = messages.collection;
  const count = calls(400, rows);
  let rawNext = rows;
  let next = rows;
  // What the yardstick stores is made beforehand, outside the measured time.
  let single: RawRow[] = [];
  let bulk: RawRow[][] = [];
  const made = (size: number) => Array.from({ length: size }, () => rawRow(rawNext++, rows));
  return [
    {
      name: "insert one",
      side: RAW,
      count,
      prepare: () => {
        single = made(count);
      },
      run: () => raw.insert([single.pop()!]),
    },
    { name: "insert one", side: NATIVE, count, run: () => native.insertOne(messageAt(next++, rows) as never) },
    { name: "insert one", side: HYDRATED, count, run: () => messages.create(messageAt(next++, rows)) },
    {
      name: "bulk insert",
      side: RAW,
      count: 5,
      per: BULK,
      prepare: () => {
        bulk = Array.from({ length: 5 }, () => made(BULK));
      },
      run: () => raw.insert(bulk.pop()!),
    },
    {
      name: "bulk insert",
      side: NATIVE,
      count: 5,
      per: BULK,
      run: () => native.insertMany(Array.from({ length: BULK }, () => messageAt(next++, rows)) as never[]),
    },
  ];
}

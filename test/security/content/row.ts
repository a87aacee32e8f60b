/** What a route may tell, as data: one row for each. */
import type { Kind } from "./marker";
import type { ContentWorld, Target } from "./world";

/** A kind that may appear; with `!` it must, for everybody who may call the route and may know it. */
export type Shown = Kind | `${Kind}!`;

export interface Content {
  /** What its path names; null: nothing. */
  on: string | null;
  shows: readonly Kind[];
  must: readonly Kind[];
  query: string | ((world: ContentWorld, target: Target | null) => string);
  /** What a writing route is sent; every call is another one of the world, told by its number. */
  body: unknown | ((world: ContentWorld, target: Target | null, count: number) => unknown);
  /** Sent as it is instead of JSON. */
  type: string | null;
  /** It ruins what it is asked about: asked by whoever must not, and by the administrator when everything else is over. */
  isLast: boolean;
  /** Errors that its right use may end with, because what it needs is not there; `*`: any but 403 and our own faults. */
  mayFail: readonly string[];
  /** Only for somebody who reaches every conversation, whatever their permissions. */
  isForAllOnly: boolean;
  /** What belongs to one person is seen by everybody who reaches every conversation as well. */
  isOpenToAll: boolean;
  /** What is somebody else's is there only for whoever may read conversations as well. */
  needsReading: boolean;
  /** No key asks it. */
  isForPeople: boolean;
  /** Who is asked about the queue has it afterwards: it is put back. */
  takes: boolean;
  /** Why it is not asked here. */
  skip: string | null;
}

const row = (on: string | null, shown: readonly Shown[]): Content => {
  const isMust = (one: Shown): one is `${Kind}!` => one.endsWith("!");
  const must = shown.filter(isMust).map((one) => one.slice(0, -1) as Kind);
  return {
    on,
    must,
    shows: [...must, ...(shown.filter((one) => !isMust(one)) as Kind[])],
    query: "",
    body: undefined,
    type: null,
    isLast: false,
    mayFail: [],
    isForAllOnly: false,
    isOpenToAll: false,
    needsReading: false,
    isForPeople: false,
    takes: false,
    skip: null,
  };
};

/** About nothing in particular: a list, a figure, a setting. */
export const all = (...shown: Shown[]): Content => row(null, shown);
/** About one thing. */
export const one = (on: string, ...shown: Shown[]): Content => row(on, shown);
export const skip = (why: string): Content => ({ ...row(null, []), skip: why });
/** With more about the call. */
export const how = (content: Content, more: Partial<Content>): Content => ({ ...content, ...more });
export const asks = (query: Content["query"], content: Content): Content => how(content, { query });
export const sends = (body: Content["body"], content: Content): Content => how(content, { body });
/** Only for somebody who reaches every conversation. */
export const whole = (content: Content): Content => how(content, { isForAllOnly: true });
/** What is somebody else's is there only for whoever may read it. */
export const read = (content: Content): Content => how(content, { needsReading: true });
export const last = (content: Content): Content => how(content, { isLast: true });
export const fails = (codes: string, content: Content): Content => how(content, { mayFail: codes.split(" ") });

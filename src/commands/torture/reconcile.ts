/** Compares what every customer said with what they heard. Pure. */
import { customerOf } from "./mark";

export interface Said {
  mark: string;
  customer: number;
  /** Milliseconds on one clock that never goes back. */
  saidAt: number;
  /** When the webhook was answered with 200; null: never. */
  takenAt: number | null;
}

export interface Heard {
  customer: number;
  marks: readonly string[];
}

export interface Findings {
  said: number;
  answered: number;
  replies: number;
  /** Marks that nobody answered and that no unresolved send explains. */
  lost: string[];
  /** Marks in more than one reply on the phone of their customer. */
  twice: string[];
  /** Marks on the phone of somebody else, with that customer. */
  misrouted: { mark: string; heardBy: number }[];
  /** A reply came before one that had to come first. */
  outOfOrder: { first: string; second: string }[];
  /** Marks whose reply may or may not have been sent: a person decides. */
  unresolved: string[];
}

/**
 * `said` in the order of speaking, `heard` in the order in which it appeared on the phones. Two messages have a lawful order only
 * when the first was acknowledged before the second was said: before that the network may swap them.
 */
export function reconcile(said: readonly Said[], heard: readonly Heard[], unresolvedMarks: ReadonlySet<string>): Findings {
  const places = new Map<string, number[]>();
  const misrouted: Findings["misrouted"] = [];
  let place = 0;
  for (const { customer, marks } of heard)
    for (const mark of new Set(marks)) {
      if (customerOf(mark) !== customer) misrouted.push({ mark, heardBy: customer });
      else places.set(mark, [...(places.get(mark) ?? []), place++]);
    }
  const unanswered = said.filter(({ mark }) => !places.has(mark)).map(({ mark }) => mark);
  return {
    said: said.length,
    answered: said.length - unanswered.length,
    replies: heard.length,
    lost: unanswered.filter((mark) => !unresolvedMarks.has(mark)),
    twice: [...places].filter(([, all]) => all.length > 1).map(([mark]) => mark),
    misrouted,
    outOfOrder: findSwapped(said, places),
    unresolved: unanswered.filter((mark) => unresolvedMarks.has(mark)),
  };
}

function findSwapped(said: readonly Said[], places: ReadonlyMap<string, readonly number[]>): Findings["outOfOrder"] {
  const swapped: Findings["outOfOrder"] = [];
  for (const mine of Map.groupBy(said, ({ customer }) => customer).values()) {
    const heard = mine.flatMap((one) => {
      const first = places.get(one.mark)?.[0];
      return first === undefined || one.takenAt === null ? [] : [{ ...one, takenAt: one.takenAt, place: first }];
    });
    const byTaken = heard.toSorted((a, b) => a.takenAt - b.takenAt);
    const bySaid = heard.toSorted((a, b) => a.saidAt - b.saidAt);
    // Of everything acknowledged before a message was said, the one that was heard last: it must be heard before that message.
    let latest: (typeof heard)[number] | null = null;
    let next = 0;
    for (const one of bySaid) {
      for (let before = byTaken[next]; before && before.takenAt < one.saidAt; before = byTaken[++next])
        if (!latest || before.place > latest.place) latest = before;
      if (latest && latest.place > one.place) swapped.push({ first: latest.mark, second: one.mark });
    }
  }
  return swapped;
}

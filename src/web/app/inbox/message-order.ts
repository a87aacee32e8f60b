/** How two versions of one message are merged: events and answers may overtake each other, ticks never go back. */
import type { MessageView } from "@server/events/view";

type Delivery = NonNullable<MessageView["delivery"]>;

const RANK: Record<Delivery["state"], number> = {
  queued: 0,
  sending: 1,
  unknown: 2,
  sent: 3,
  delivered: 4,
  read: 5,
  played: 6,
  failed: 7,
  cancelled: 7,
};

/** The further of two delivery states: a later attempt wins, within one attempt the state that is further along. */
export function furtherDelivery(known: MessageView["delivery"], given: MessageView["delivery"]): MessageView["delivery"] {
  if (!known || !given) return given ?? known;
  if (known.attempts !== given.attempts) return given.attempts > known.attempts ? given : known;
  return RANK[given.state] >= RANK[known.state] ? given : known;
}

/** The newer view of a message with the further of both deliveries. */
export const mergeMessage = (known: MessageView | undefined, given: MessageView): MessageView =>
  known ? { ...given, delivery: furtherDelivery(known.delivery, given.delivery) } : given;

/** Order of a thread: ids sort by creation. */
export const byCreation = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

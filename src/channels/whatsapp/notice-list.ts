/** Fields whose value holds a list: errors, preferences, calls, history, contact sync, groups and conversion events. */
import type { Identity } from "./inbound";
import type { HistoryMessage, Notice } from "./inbound-notice";
import { compact, idOf, type JsonObject, listOf, numberOf, objectOf, textOf } from "./json-value";
import type { Envelope } from "./parse-envelope";
import { type ContactBook, waIdOf } from "./parse-identity";
import { readError, readErrors, readHistoryMessage } from "./parse-message";

type ListReader = (item: JsonObject, envelope: Envelope, book: ContactBook) => Notice;

/** By the key of the list inside the value. */
export const listReaders: Record<string, ListReader> = {
  errors: (item) => ({ name: "error", payload: readError(item) }),
  user_preferences: (item, _, book) => ({
    name: "user:preference",
    payload: compact({
      customer: book.complete(compact<Identity>({ waId: waIdOf(item.wa_id), userId: idOf(item.user_id) })),
      category: textOf(item.category),
      value: textOf(item.value),
      detail: textOf(item.detail),
    }),
  }),
  user_id_update: (item, _, book) => {
    const change = objectOf(item.user_id);
    const previous = idOf(change?.previous) ?? idOf(item.previous_user_id);
    return {
      name: "user:id",
      payload: compact({
        customer: book.complete(compact<Identity>({ waId: waIdOf(item.wa_id), userId: previous })),
        previous,
        current: idOf(change?.current) ?? idOf(item.user_id),
        detail: textOf(item.detail),
      }),
    };
  },
  user_actions: (item, _, book) => ({
    name: "user:action",
    payload: compact({
      customer: book.complete(compact<Identity>({ waId: waIdOf(item.wa_id) ?? waIdOf(item.from), userId: idOf(item.user_id) })),
      action: textOf(item.action_type) ?? textOf(item.type),
      data: item,
    }),
  }),
  calls: (item, envelope, book) => ({
    name: "call",
    payload: compact({
      callId: idOf(item.id),
      event: textOf(item.event),
      direction: textOf(item.direction),
      customer: callCustomer(item, envelope, book),
      durationSeconds: numberOf(item.duration),
      outcome: Array.isArray(item.status) ? item.status.map(textOf).join(", ") : textOf(item.status),
      callbackData: textOf(item.biz_opaque_callback_data),
    }),
  }),
  history: (item, envelope, book) => {
    const metadata = objectOf(item.metadata);
    const messages = listOf(item.threads).flatMap((value): HistoryMessage[] => {
      const thread = objectOf(value);
      return listOf(thread?.messages).flatMap((message) => {
        const object = objectOf(message);
        return object ? [readHistoryMessage(object, envelope, book, waIdOf(thread?.id))] : [];
      });
    });
    return {
      name: "history",
      payload: compact({
        phase: numberOf(metadata?.phase),
        chunk: numberOf(metadata?.chunk_order),
        progress: numberOf(metadata?.progress),
        messages,
        errors: readErrors(item.errors) ?? [],
      }),
    };
  },
  state_sync: (item) => {
    const contact = objectOf(item.contact);
    return {
      name: "contact:sync",
      payload: compact({
        action: textOf(item.action),
        phoneNumber: waIdOf(contact?.phone_number),
        fullName: textOf(contact?.full_name),
        firstName: textOf(contact?.first_name),
      }),
    };
  },
  groups: (item) => ({
    name: "group",
    payload: compact({
      groupId: idOf(item.group_id),
      event: textOf(item.type),
      subject: textOf(item.subject),
      added: participants(item.added_participants),
      removed: participants(item.removed_participants),
    }),
  }),
  automatic_events: (item) => {
    const custom = objectOf(item.custom_data);
    return {
      name: "conversion:event",
      payload: compact({
        name: textOf(item.event_name),
        messageId: idOf(item.id),
        ctwaClid: textOf(item.ctwa_clid),
        value: numberOf(custom?.value),
        currency: textOf(custom?.currency),
      }),
    };
  },
};

/** A call names both ends; the customer is the one that is not the business number, whatever the direction. */
function callCustomer(item: JsonObject, { displayNumber }: Envelope, book: ContactBook): Identity {
  const from = waIdOf(item.from);
  const to = waIdOf(item.to);
  const guess = item.direction === "BUSINESS_INITIATED" ? to : from;
  const waId =
    displayNumber !== undefined && from === displayNumber
      ? to
      : displayNumber !== undefined && to === displayNumber
        ? from
        : guess;
  return book.complete(compact<Identity>({ waId, userId: idOf(item.from_user_id) ?? idOf(item.to_user_id) }));
}

const participants = (value: unknown): Identity[] =>
  listOf(value).flatMap((item) => {
    const participant = objectOf(item);
    if (!participant) return [];
    return [
      compact<Identity>({ waId: waIdOf(participant.wa_id) ?? waIdOf(participant.input), userId: idOf(participant.user_id) }),
    ];
  });

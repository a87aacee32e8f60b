/** What the product's pipeline asks of the store: its own message, about 1 kB with eight indexes, written as its services do. */
import assert from "node:assert/strict";
import { newId } from "../../core/id";
import type { Message } from "../../features/messages/message.model";
import { calls, NATIVE, type Sides } from "./store-operations";
import type { Operation } from "./store-timing";

const LANES = 500;
const BATCHES = [50, 200];
const LIST = 200;
/** So that no change finds the document as it would leave it. */
const SHIFT = 1_000_000;

/** An inbound message as ingest stores it. */
export function productMessage(index: number): Message {
  const lane = index % LANES;
  const at = new Date(1_760_000_000_000 + index);
  return {
    _id: newId(),
    conversation: `68e0000000000000${lane.toString(16).padStart(8, "0")}`,
    contact: `68e1000000000000${lane.toString(16).padStart(8, "0")}`,
    channel: "68e200000000000000000001",
    lane: `68e1000000000000${lane.toString(16).padStart(8, "0")}:68e200000000000000000001`,
    role: "user",
    direction: "inbound",
    platform: "whatsapp",
    type: "text",
    content: `Pregunta ${index}: ¿me pueden decir si mi pedido ya salió del almacén y cuándo llega? Muchas gracias por la ayuda.`,
    payload: {
      from: "5215550001234",
      id: `wamid.HBgN${index.toString(36).padStart(16, "0")}FQIAEhgUM0E`,
      timestamp: "1760000000",
      type: "text",
      text: { body: `Pregunta ${index}: ¿me pueden decir si mi pedido ya salió del almacén y cuándo llega? Muchas gracias.` },
    },
    attachments: [],
    context: null,
    reactions: [],
    editedAt: null,
    revokedAt: null,
    previousContents: [],
    wamid: `wamid.HBgN${index.toString(36).padStart(16, "0")}FQIAEhgUM0E`,
    inboundSeq: index,
    epoch: null,
    body: null,
    delivery: null,
    pricing: null,
    author: null,
    private: false,
    aiRun: null,
    originKey: null,
    correlationId: `req_${newId()}`,
    sentAt: at,
    createdAt: at,
  };
}

export function productOperations({ store, product, rows }: Sides): Operation[] {
  const messages = product.collection;
  const ids: string[] = [];
  let next = 0;
  const fresh = (count: number): Message[] =>
    Array.from({ length: count }, () => {
      const message = productMessage(next++);
      ids.push(message._id);
      return message;
    });
  const any = (index: number): string => ids[(Math.imul(index + 1, 7919) >>> 0) % ids.length]!;
  const sent = (index: number) => ({
    $set: {
      delivery: { state: "sent", attempts: 1, isResend: false, needsDecision: false, error: null },
      sentAt: new Date(1_770_000_000_000 + index),
    },
  });
  return [
    ...BATCHES.map(
      (size): Operation => ({
        name: `insertMany of ${size}, a message`,
        side: NATIVE,
        count: calls(10, rows),
        per: size,
        run: () => messages.insertMany(fresh(size) as never[], { ordered: true }),
      }),
    ),
    {
      name: "updateOne by _id",
      side: NATIVE,
      count: calls(300, rows),
      run: async (i) => assert.equal((await messages.updateOne({ _id: any(i) as never }, sent(i) as never)).matchedCount, 1),
    },
    {
      name: "findOneAndUpdate by _id",
      side: NATIVE,
      count: calls(300, rows),
      run: async (i) =>
        assert(await messages.findOneAndUpdate({ _id: any(i) as never }, sent(i + SHIFT) as never, { returnDocument: "after" })),
    },
    {
      name: `updateMany of ${LIST} ids, a message`,
      side: NATIVE,
      count: calls(10, rows),
      per: LIST,
      run: async (i) => {
        const from = (i * LIST) % (ids.length - LIST + 1);
        const list = ids.slice(from, from + LIST);
        const change = { $set: { editedAt: new Date(1_780_000_000_000 + i) } };
        assert.equal((await messages.updateMany({ _id: { $in: list as never[] } }, change as never)).matchedCount, LIST);
      },
    },
    {
      name: "transaction of 10 operations",
      side: NATIVE,
      count: calls(40, rows),
      run: (i) =>
        store.transaction(async (session) => {
          await messages.insertMany(fresh(2) as never[], { session, ordered: true });
          for (let k = 0; k < 4; k++) {
            const id = any(i * 4 + k);
            assert(await messages.findOne({ _id: id as never }, { session }));
            assert.equal(
              (await messages.updateOne({ _id: id as never }, sent(i * 4 + k + 2 * SHIFT) as never, { session })).matchedCount,
              1,
            );
          }
          await messages
            .find({ conversation: `68e0000000000000${(i % LANES).toString(16).padStart(8, "0")}` }, { session })
            .sort({ _id: -1 })
            .limit(20)
            .toArray();
        }),
    },
    {
      name: "100 updateOne at once, each",
      side: NATIVE,
      count: calls(5, rows),
      per: 100,
      run: (i) =>
        Promise.all(
          Array.from({ length: 100 }, (_, k) =>
            messages.updateOne({ _id: any(i * 100 + k) as never }, sent(i * 100 + k + 3 * SHIFT) as never),
          ),
        ),
    },
  ];
}

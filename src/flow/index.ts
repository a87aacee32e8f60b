/**
 * The corridor along which a message walks.
 *
 * | stage leaves | file                            | state that is stored             | after a crash                                   |
 * |--------------|---------------------------------|----------------------------------|-------------------------------------------------|
 * | accept       | accept.ts                       | body in the journal              | ingest takes it                                 |
 * | ingest       | ingest.ts, ingest-apply.ts      | event `done`, message, batch     | unique keys: a re-run changes nothing           |
 * | batch        | batch.ts                        | `batch.dueAt` on the conversation| timers are rebuilt                              |
 * | route        | route.ts (pure)                 | nothing                          |                                                 |
 * | answer       | answer.ts, turn-store.ts        | turn `done`, reply `queued`      | turn runs again unless its reply exists         |
 * | deliver      | deliver.ts, lane.ts             | `queued -> sending -> sent`      | `sending` becomes `unknown` and is settled      |
 * | receipts     | receipts.ts                     | `delivered`, `read`, `failed`    | forward only                                    |
 */

export { createAnswerCache } from "./answer-cache";
export { cachedAnswerModel } from "./answer-cache.model";
export type { ChannelRuntime } from "./channel-runtime";
export { createHear } from "./hear";
export { heardFileModel } from "./heard.model";
export { inboundEventModel } from "./inbound-event.model";
export { journalModel } from "./journal.model";
export { laneModel } from "./lane.model";
export { turnModel } from "./turn.model";
export { ASSISTANT } from "./turn-effects";
export type { TurnAbout, TurnSettings } from "./turn-input";
export { createToolkit } from "./turn-toolkit";
export { createFlow, type Flow } from "./worker";

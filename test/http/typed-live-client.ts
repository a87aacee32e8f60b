/** A small typed client of the live connection: calls give what their REST route gives, events come with the type of their data. */
import { newId } from "../../src/core/id";
import type {
  DurableData,
  DurableEvent,
  EventName,
  InsteadData,
  InsteadEvent,
  PassingData,
  PassingEvent,
  PresenceView,
} from "../../src/events/catalog";
import type { AgentView, ContactView, ConversationView, LabelView, MessageView, TeamView } from "../../src/events/view";
import type { RpcMethod } from "../../src/http/live-rpc-methods";
import { until } from "../helpers/until";
import { type LiveClient, signInLive } from "./live-client";

/** What calls give; whoever needs another one adds it. */
interface Known {
  "conversations.list": ConversationView[];
  "conversations.counts": Record<string, number>;
  "conversation.get": ConversationView;
  "conversation.patch": ConversationView;
  "conversation.assign": ConversationView;
  "conversation.take": ConversationView;
  "conversation.read": ConversationView;
  "messages.list": MessageView[];
  "message.send": MessageView;
  "message.note": MessageView;
  "contact.get": ContactView;
  "labels.list": LabelView[];
  "agents.list": AgentView[];
  "teams.list": TeamView[];
  "presence.list": PresenceView[];
  "presence.say": PresenceView;
}
type Given<M extends RpcMethod> = M extends keyof Known ? Known[M] : unknown;

export type DataOf<E extends EventName> = E extends DurableEvent
  ? DurableData<E>
  : E extends PassingEvent
    ? PassingData<E>
    : E extends InsteadEvent
      ? InsteadData<E>
      : never;

export interface Reply<T = unknown> {
  type: "reply";
  id: string;
  success: boolean;
  data: T;
  page?: { next: string | null };
  error?: string;
  code?: string;
  details?: { path: string; message: string }[];
  current?: unknown;
  requestId?: string;
}

export interface TypedLiveClient extends LiveClient {
  /** The reply, whatever it says. The same `id` is the same call. */
  call<M extends RpcMethod>(method: M, params?: Record<string, unknown>, id?: string): Promise<Reply<Given<M>>>;
  /** The data of a call; fails loudly when the call did. */
  ask<M extends RpcMethod>(method: M, params?: Record<string, unknown>): Promise<Given<M>>;
  /** The data of every event of this name so far. */
  told<E extends EventName>(event: E): DataOf<E>[];
  waitTold<E extends EventName>(event: E, found: (data: DataOf<E>) => boolean): Promise<DataOf<E>>;
}

export async function typedLive(url: string, token: string, since?: number): Promise<TypedLiveClient> {
  const client = await signInLive(url, token, since);
  const typed: TypedLiveClient = Object.assign(client, {
    async call<M extends RpcMethod>(method: M, params: Record<string, unknown> = {}, id = `call-${newId()}`) {
      const before = client.frames.length;
      client.send({ type: "rpc", id, method, params });
      const reply = await until(() => client.frames.slice(before).find((frame) => frame.type === "reply" && frame.id === id), {
        what: `the reply to ${method}`,
        every: 2,
      });
      return reply as unknown as Reply<Given<M>>;
    },
    async ask<M extends RpcMethod>(method: M, params?: Record<string, unknown>) {
      const reply = await typed.call(method, params);
      if (!reply.success) throw new Error(`${method} answered ${reply.code}: ${reply.error} ${JSON.stringify(reply.details)}`);
      return reply.data;
    },
    told: <E extends EventName>(event: E) =>
      client.frames.filter((frame) => frame.type === "event" && frame.event === event).map(({ data }) => data as DataOf<E>),
    waitTold: <E extends EventName>(event: E, found: (data: DataOf<E>) => boolean) =>
      until(() => typed.told(event).find(found), { what: event, every: 2 }),
  });
  return typed;
}

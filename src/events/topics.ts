/** Which live topics an event is shown on. Pure. */
import type { DurableData, DurableEvent, PassingData, PassingEvent } from "./catalog";

export const INBOX = "inbox";
export const SANDBOX = "sandbox";
export const conversationTopic = (id: string): string => `conversation:${id}`;
export const agentTopic = (id: string): string => `agent:${id}`;
export const teamTopic = (id: string): string => `team:${id}`;

const CONVERSATION_TOPIC = /^conversation:[0-9a-f]{24}$/;

/** Whether a client may ask for this topic by name. `inbox` is joined by the server. */
export const isTopic = (topic: string): boolean => topic === INBOX || topic === SANDBOX || CONVERSATION_TOPIC.test(topic);

type DurableTopics = { [E in DurableEvent]: (data: DurableData<E>) => string[] };
type PassingTopics = { [E in PassingEvent]: (data: PassingData<E>) => string[] };

const durable: DurableTopics = {
  "message:new": ({ message }) => [INBOX, conversationTopic(message.conversation)],
  "message:updated": ({ message }) => [INBOX, conversationTopic(message.conversation)],
  "message:removed": ({ conversation }) => [INBOX, conversationTopic(conversation)],
  "message:status": ({ conversation }) => [INBOX, conversationTopic(conversation)],
  "conversation:updated": ({ conversation }) => [INBOX, conversationTopic(conversation.id)],
  "assignment:new": ({ conversation, agent, team }) => [
    INBOX,
    conversationTopic(conversation),
    ...(agent ? [agentTopic(agent)] : []),
    ...(team ? [teamTopic(team)] : []),
  ],
  "mention:new": ({ agent }) => [agentTopic(agent)],
  "label:updated": () => [INBOX],
  "label:removed": () => [INBOX],
  "job:updated": ({ job }) => [agentTopic(job.by)],
  "contact:updated": () => [INBOX],
  "channel:updated": () => [INBOX],
  "channel:removed": () => [INBOX],
  "template:updated": () => [INBOX],
  "template:removed": () => [INBOX],
  "settings:updated": () => [INBOX],
};

const passing: PassingTopics = {
  "flow:stage": () => [SANDBOX],
  "typing:indicator": ({ conversation }) => [INBOX, conversationTopic(conversation)],
  "phone:changed": () => [SANDBOX],
};

export const topicsOfDurable = <E extends DurableEvent>(event: E, data: DurableData<E>): string[] =>
  (durable[event] as (data: DurableData<E>) => string[])(data);

export const topicsOfPassing = <E extends PassingEvent>(event: E, data: PassingData<E>): string[] =>
  (passing[event] as (data: PassingData<E>) => string[])(data);

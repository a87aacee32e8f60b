/** One message read from a fixture, and what the fixtures have in common. */
import { expect } from "bun:test";
import type { Identity, InboundEvent, MessageEvent } from "../../../src/channels/whatsapp/inbound";
import { parseWebhook } from "../../../src/channels/whatsapp/parse";
import { fixture } from "./fixture-file";

export const RECEIVED = 1_795_000_000_000;
export const parse = (name: string): InboundEvent[] => parseWebhook(fixture(name), RECEIVED);

export function only(name: string): MessageEvent {
  const events = parse(name);
  expect(events).toHaveLength(1);
  const [event] = events;
  if (event?.kind !== "message") throw new Error(`${name} is ${event?.kind}`);
  return event;
}

/** The customer of nearly all fixtures. */
export const rosa: Identity = { waId: "51911222333", userId: "PE.40010000000000000001", profileName: "Rosa Quispe" };
export const file = { mediaId: "880011", sha256: "q0JD1Ow2bS0P5e8o1v7rN0m6R5vYk1u0g5d0Tn0p3iA=" };
export const url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=880011";

/** Fixture, expected content, answerable. */
export type ContentCase = [string, MessageEvent["content"], boolean];

export function expectContent([name, content, answerable]: ContentCase): void {
  const event = only(name);
  expect(event.content).toEqual(content);
  expect(event.answerable).toBe(answerable);
  expect(event.sender).toEqual(rosa);
}

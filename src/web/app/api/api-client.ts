/** Every call the pages make; adds the access token and renews it once when it has run out. */
import { inject, Service } from "@angular/core";
import type { MediaView } from "@server/events/view";
import type { NewBulkJob } from "@server/features/bulk-jobs/bulk-job.schema";
import type { ConversationAction } from "@server/features/conversation-actions/conversation-action.schema";
import type { ConversationQuery } from "@server/features/conversations/conversation.schema";
import type { NewNote } from "@server/features/messages/message.schema";
import type { NewMessage } from "@server/features/messages/message-content.schema";
import type { NewView } from "@server/features/views/view.schema";
import type { NewPhone, PhonePatch } from "../sandbox/phone-view";
import { Session } from "../session/session";
import { dataOf, pageOf } from "./api-answer";
import { ApiFailure, isFailureEnvelope, unreachable, unreadable } from "./api-failure";
import { createTreaty, type Fetcher } from "./api-treaty";
import { type SendOptions, sendFile, type UploadOptions, uploadFile } from "./upload";

export interface ListOptions {
  limit?: number;
  cursor?: string;
}

type WithoutActions<T> = T extends unknown ? Omit<T, "actions"> : never;
/** Named conversations, or all that match a filter now. */
export type BulkTarget = WithoutActions<NewBulkJob>;

const PAGE = 50;

@Service()
export class ApiClient {
  readonly #session = inject(Session);
  readonly #fetch = (async (input: RequestInfo | URL, init: RequestInit = {}) => {
    const token = this.#session.accessToken;
    const first = await withToken(input, init, token);
    if (first.status !== 401) return first;
    if (!(await this.#session.renew(token))) {
      throw new ApiFailure("The session has ended. Sign in again.", "auth.required", 401, first.headers.get("x-request-id"));
    }
    return withToken(input, init, this.#session.accessToken);
  }) as Fetcher;
  /** Every route of the server, typed: pages that are loaded later make their calls with it and `dataOf`. */
  readonly calls = createTreaty(this.#fetch);
  readonly #api = this.calls;
  readonly #access = { token: () => this.#session.accessToken, renew: (stale: string | null) => this.#session.renew(stale) };

  listConversations(query: ConversationQuery = { limit: PAGE }) {
    return pageOf(this.#api.conversations.get({ query }));
  }

  countTabs() {
    return dataOf(this.#api.conversations.counts.get());
  }

  getConversation(id: string) {
    return dataOf(this.#api.conversations({ id }).get());
  }

  /** Does several things to a conversation, all or none. */
  act(id: string, actions: ConversationAction[], version?: number) {
    return dataOf(this.#api.conversations({ id }).actions.post({ actions, ...(version === undefined ? {} : { version }) }));
  }

  /** Does the same to many conversations, in the background. */
  actOnMany(target: BulkTarget, actions: ConversationAction[]) {
    return dataOf(this.#api.conversations.bulk.post({ ...target, actions }));
  }

  getJob(id: string) {
    return dataOf(this.#api.jobs({ id }).get());
  }

  /** Messages, notes, transcripts and contacts with these words, the newest first. */
  search(q: string, cursor?: string) {
    return pageOf(this.#api.search.get({ query: { q, limit: 30, ...(cursor ? { cursor } : {}) } }));
  }

  listViews() {
    return dataOf(this.#api.views.get());
  }

  createView(view: NewView) {
    return dataOf(this.#api.views.post(view));
  }

  removeView(id: string) {
    return dataOf(this.#api.views({ id }).delete());
  }

  listLabels() {
    return dataOf(this.#api.labels.get());
  }

  createLabel(name: string) {
    return dataOf(this.#api.labels.post({ name }));
  }

  listAgents(cursor?: string) {
    return pageOf(this.#api.agents.get({ query: { limit: 100, ...(cursor ? { cursor } : {}) } }));
  }

  getContact(id: string) {
    return dataOf(this.#api.contacts({ id }).get());
  }

  markRead(id: string) {
    return dataOf(this.#api.conversations({ id }).read.post());
  }

  /** How far one has read it oneself. */
  getPosition(id: string) {
    return dataOf(this.#api.conversations({ id }).position.get());
  }

  /** Newest first. */
  listMessages(id: string, { limit = PAGE, cursor }: ListOptions = {}) {
    return pageOf(this.#api.conversations({ id }).messages.get({ query: { limit, cursor } }));
  }

  /** Sends a person's message; repeating it with the same key sends nothing more and answers the same. */
  sendMessage(id: string, message: NewMessage, idempotencyKey: string) {
    return dataOf(this.#api.conversations({ id }).messages.post(message, { headers: { "idempotency-key": idempotencyKey } }));
  }

  /** A note that only colleagues see; repeating it with the same key writes it once. */
  addNote(id: string, note: NewNote, idempotencyKey: string) {
    return dataOf(this.#api.conversations({ id }).notes.post(note, { headers: { "idempotency-key": idempotencyKey } }));
  }

  /** One's own drafts in all conversations, the newest first. */
  listDrafts() {
    return dataOf(this.#api.drafts.get());
  }

  /** An empty text takes the draft away. */
  saveDraft(id: string, kind: "reply" | "note", text: string) {
    return dataOf(this.#api.conversations({ id }).drafts({ kind }).put({ text }));
  }

  /** Who is here; whoever is not listed is offline. */
  listPresence() {
    return dataOf(this.#api.presence.get());
  }

  sayPresence(state: "online" | "away") {
    return dataOf(this.#api.presence.put({ state }));
  }

  /** Sends that failed, or whose outcome nobody knows. */
  listUnresolved(state: "failed" | "unknown") {
    return pageOf(this.#api.deliveries.get({ query: { state, limit: 100 } }));
  }

  resend(message: string) {
    return dataOf(this.#api.deliveries({ id: message }).resend.post());
  }

  dismiss(message: string) {
    return dataOf(this.#api.deliveries({ id: message }).dismiss.post());
  }

  /** Templates that WhatsApp has approved. */
  listTemplates(cursor?: string) {
    return pageOf(this.#api.templates.get({ query: { status: "APPROVED", limit: 100, ...(cursor ? { cursor } : {}) } }));
  }

  /** A link to a file that players and pictures can open, good for an hour. */
  mediaTicket(id: string) {
    return dataOf(this.#api.media({ id }).ticket.post());
  }

  retryMedia(id: string) {
    return dataOf(this.#api.media({ id }).retry.post());
  }

  /** Uploads a file, telling how far it is; the same key never stores it twice. Throws ApiFailure. */
  uploadMedia(file: Blob, options: UploadOptions): Promise<MediaView> {
    return uploadFile(file, options, this.#access);
  }

  /** Posts a file to an address of ours, telling how far it is. Throws ApiFailure. */
  sendFile<T>(url: string, file: Blob, options: SendOptions): Promise<T> {
    return sendFile(url, file, options, this.#access);
  }

  /** A file of ours as bytes. Throws ApiFailure. */
  async loadFile(url: string): Promise<Blob> {
    const response = await this.#fetch(url).catch(() => {
      // Awaited: TypeError when no server answers.
      throw unreachable();
    });
    if (!response.ok) throw unreadable(response.status);
    return response.blob();
  }

  /** A group of settings as it is stored. Throws ApiFailure. */
  async getSettings<V extends object>(group: string): Promise<{ version: number; values: V }> {
    return (await this.#send(`/api/v2/settings/${group}`, {})) as { version: number; values: V };
  }

  /** Changes settings of a group whose fields only its schema knows. Throws ApiFailure. */
  async patchSettings(group: string, change: { version: number; values: Record<string, unknown> }): Promise<void> {
    const headers = { "content-type": "application/json" };
    await this.#send(`/api/v2/settings/${group}`, { method: "PATCH", body: JSON.stringify(change), headers });
  }

  /** Sends a file as it is and answers what became of it. Throws ApiFailure. */
  async postFile<T>(url: string, file: Blob, idempotencyKey: string): Promise<T> {
    const headers = { "content-type": file.type || "text/csv", "idempotency-key": idempotencyKey };
    return (await this.#send(url, { method: "POST", body: file, headers })) as T;
  }

  async #send(url: string, init: RequestInit): Promise<unknown> {
    const response = await this.#fetch(url, init).catch((error: unknown) => {
      // Awaited: TypeError when no server answers; a session that has ended comes as it is.
      throw error instanceof ApiFailure ? error : unreachable();
    });
    // Awaited: SyntaxError for an answer of somebody else.
    const body: unknown = await response.json().catch(() => null);
    if (isFailureEnvelope(body))
      throw new ApiFailure(body.error, body.code, response.status, body.requestId, body.details, body.exact);
    if (!response.ok || typeof body !== "object" || body === null || !("data" in body)) throw unreadable(response.status);
    return body.data;
  }

  /** Contacts that own this WhatsApp id, user id, username or phone. */
  findContacts(identity: string) {
    return pageOf(this.#api.contacts.get({ query: { identity, limit: 1 } }));
  }

  getSandbox() {
    return dataOf(this.#api.sandbox.get());
  }

  createPhone(phone: NewPhone) {
    return dataOf(this.#api.sandbox.phones.post(phone));
  }

  changePhone(id: string, patch: PhonePatch) {
    return dataOf(this.#api.sandbox.phones({ id }).patch(patch));
  }

  /** Oldest first, as the phone shows it. */
  getPhoneThread(id: string) {
    return dataOf(this.#api.sandbox.phones({ id }).thread.get());
  }

  sendFromPhone(id: string, text: string) {
    return dataOf(this.#api.sandbox.phones({ id }).messages.post({ type: "text", text }));
  }
}

function withToken(input: RequestInfo | URL, init: RequestInit, token: string | null): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token) headers.set("authorization", `Bearer ${token}`);
  return fetch(input, { ...init, headers });
}

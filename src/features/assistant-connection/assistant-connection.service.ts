/**
 * The assistant's connection to its provider. The environment wins; without it the stored one counts, and without that the sandbox
 * where there is one. A change holds from the next turn on, in every process.
 */
import type { ClientSession } from "mongoose";
import type { AiConnection } from "../../ai/connection";
import type { ProbeReport } from "../../ai/connection-probe";
import type { ModelInfo } from "../../ai/model-list";
import type { Actor } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import type { UrlGuard } from "../../core/url-guard";
import type { EventBus } from "../../events/bus";
import type { EventLog } from "../../events/log";
import type { CredentialBox } from "../channels/credential-box";
import type { AssistantConnectionModel, StoredConnection } from "./assistant-connection.model";
import type { ConnectionPatch, ConnectionTrial, ConnectionView } from "./assistant-connection.schema";

export interface AssistantConnectionService {
  /** Reads what is stored, and listens for changes of other processes. */
  load(): Promise<void>;
  /** The connection that counts now; null when there is none. Always the same object until it changes. */
  current(): AiConnection | null;
  view(): ConnectionView;
  /** Throws `assistant.connection-fixed` when the environment decides, `request.stale`, `url.refused`. */
  patch(change: ConnectionPatch, actor: Actor): Promise<ConnectionView>;
  /** Forgets the stored one. */
  remove(actor: Actor): Promise<ConnectionView>;
  /** Three small calls; changes nothing. */
  test(trial: ConnectionTrial, signal: AbortSignal): Promise<ProbeReport>;
  listModels(signal: AbortSignal): Promise<ModelInfo[]>;
  stop(): void;
}

export interface AssistantConnectionDeps {
  connections: AssistantConnectionModel;
  /** Null: the environment says nothing. */
  environment: AiConnection | null;
  sandbox: AiConnection | null;
  /** ASSISTANT=off. */
  isOff: boolean;
  defaultModel: string;
  box: CredentialBox;
  guard: UrlGuard;
  probe: (connection: AiConnection, signal: AbortSignal) => Promise<ProbeReport>;
  fetchModels: (connection: AiConnection, signal: AbortSignal) => Promise<ModelInfo[]>;
  audit: Auditor<ClientSession>;
  log: EventLog;
  bus: EventBus;
  clock: Clock;
}

const ID = "assistant";
/** Under this name a change is told, as of any group of settings. */
const GROUP = "assistant-connection";
const NO_KEY = "none";

export function createAssistantConnectionService(deps: AssistantConnectionDeps): AssistantConnectionService {
  const { connections, environment, sandbox, box, guard, audit, log, bus, clock } = deps;
  let stored: StoredConnection | null = null;
  let connection: AiConnection | null = null;
  /** As it was when it was read: a key that is being replaced locks it anew behind. */
  let isKeyReadable = true;
  let unsubscribe = () => {};

  function keep(row: StoredConnection | null): void {
    stored = row;
    isKeyReadable = row === null || keyOf(row) !== null;
    connection = deps.isOff ? null : (environment ?? (stored && readable(stored)) ?? sandbox);
  }

  const keyOf = (row: StoredConnection): string | null =>
    row.lockedKey === null ? NO_KEY : ((box.open(row.lockedKey, ID) as { key?: string } | null)?.key ?? null);

  function readable(row: StoredConnection): AiConnection | null {
    const apiKey = keyOf(row);
    if (apiKey === null || (row.lockedKey === null && row.baseUrl === null)) return null;
    return {
      apiKey,
      model: row.model ?? deps.defaultModel,
      // The name may lead elsewhere by the time it is used.
      ...(row.baseUrl !== null && { baseUrl: row.baseUrl, fetch: guard.open }),
      ...(row.provider !== null && { provider: row.provider as never }),
      ...(row.wire !== null && { wire: row.wire as never }),
    };
  }

  const refresh = async () => keep((await connections.findById(ID).lean()) as StoredConnection | null);

  function view(): ConnectionView {
    const source = connection === null ? "none" : connection === environment ? "environment" : null;
    return {
      source: source ?? (connection === sandbox ? "sandbox" : "stored"),
      version: stored?.version ?? 0,
      provider: connection?.provider ?? null,
      baseUrl: connection === sandbox ? null : (connection?.baseUrl ?? null),
      model: connection?.model ?? null,
      wire: connection?.wire ?? null,
      hasKey: connection !== null && connection.apiKey !== NO_KEY,
      keyEnd: stored?.keyEnd ?? null,
      isKeyReadable,
      updatedAt: stored?.updatedAt.toISOString() ?? null,
      updatedBy: stored?.updatedBy ?? null,
    } as ConnectionView;
  }

  async function change(
    actor: Actor,
    action: "assistant-connection.update" | "assistant-connection.remove",
    next: (before: StoredConnection | null) => StoredConnection,
  ): Promise<ConnectionView> {
    if (environment) throw fail("assistant.connection-fixed");
    const row = await log.change(async (change) => {
      const options = { session: change.session };
      const before = (await connections.findById(ID, null, options).lean()) as StoredConnection | null;
      const after = next(before);
      if (before) await connections.collection.replaceOne({ _id: ID as never, version: before.version }, after as never, options);
      else await connections.collection.insertOne(after as never, options);
      await audit.record(change, {
        actor,
        action,
        target: { kind: "settings", id: GROUP, name: "Assistant's connection" },
        before: before && shown(before),
        after: shown(after),
      });
      change.emit("settings:updated", { group: GROUP, version: after.version });
      return after;
    });
    keep(row);
    return view();
  }

  /** What a trial or a change says, over what is in use. */
  const given = <T>(value: T | null | undefined, before: T | null | undefined): T | null =>
    value === undefined ? (before ?? null) : value;

  return {
    async load() {
      await refresh();
      unsubscribe = bus.subscribe(({ event, data }) => {
        const { group, version } = data as { group?: string; version?: number };
        if (event !== "settings:updated" || group !== GROUP || version === stored?.version) return;
        // A store that fails for a moment: what is in memory goes on to hold until the next change.
        refresh().catch(() => {});
      });
    },
    current: () => connection,
    view,

    async patch({ version, values }, actor) {
      if (values.baseUrl) await guard.check(values.baseUrl);
      return change(actor, "assistant-connection.update", (before) => {
        if ((before?.version ?? 0) !== version) throw fail("request.stale", { current: view() });
        const { apiKey } = values;
        const key =
          apiKey === undefined
            ? { lockedKey: before?.lockedKey ?? null, keyEnd: before?.keyEnd ?? null }
            : apiKey === null
              ? { lockedKey: null, keyEnd: null }
              : { lockedKey: box.lock({ key: apiKey }, ID), keyEnd: apiKey.length >= 12 ? apiKey.slice(-4) : null };
        return {
          _id: ID,
          version: version + 1,
          baseUrl: given(values.baseUrl, before?.baseUrl),
          model: given(values.model, before?.model),
          provider: given(values.provider, before?.provider),
          wire: given(values.wire, before?.wire),
          ...key,
          updatedAt: new Date(clock.now()),
          updatedBy: { id: actor.id, name: actor.name },
        };
      });
    },

    remove: (actor) =>
      change(actor, "assistant-connection.remove", (before) => ({
        _id: ID,
        version: (before?.version ?? 0) + 1,
        baseUrl: null,
        model: null,
        provider: null,
        wire: null,
        lockedKey: null,
        keyEnd: null,
        updatedAt: new Date(clock.now()),
        updatedBy: { id: actor.id, name: actor.name },
      })),

    async test(trial, signal) {
      if (trial.baseUrl) await guard.check(trial.baseUrl);
      const now = connection;
      const baseUrl = given(trial.baseUrl, now?.baseUrl);
      // A stored key goes only to the address it was stored for.
      const isElsewhere = trial.baseUrl !== undefined && trial.baseUrl !== (now?.baseUrl ?? null);
      const apiKey = given(trial.apiKey, isElsewhere ? null : now?.apiKey);
      if (!baseUrl && !apiKey) throw fail("assistant.no-connection");
      const provider = given(trial.provider, isElsewhere ? null : now?.provider);
      const wire = given(trial.wire, isElsewhere ? null : now?.wire);
      return deps.probe(
        {
          apiKey: apiKey ?? NO_KEY,
          model: given(trial.model, now?.model) ?? deps.defaultModel,
          ...(baseUrl !== null && { baseUrl }),
          ...(trial.baseUrl ? { fetch: guard.open } : now?.fetch && { fetch: now.fetch }),
          ...(provider !== null && { provider }),
          ...(wire !== null && { wire }),
        },
        signal,
      );
    },

    async listModels(signal) {
      if (!connection) throw fail("assistant.no-connection");
      try {
        return await deps.fetchModels(connection, signal);
      } catch (error) {
        // Awaited: AiError, whatever the provider answered.
        throw fail("assistant.provider-failed", { cause: error });
      }
    },

    stop: () => unsubscribe(),
  };
}

const shown = ({ baseUrl, model, provider, wire, keyEnd, lockedKey }: StoredConnection) => ({
  baseUrl,
  model,
  provider,
  wire,
  hasKey: lockedKey !== null,
  keyEnd,
});

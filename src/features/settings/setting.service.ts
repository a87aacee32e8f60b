/**
 * Settings people change while the product runs. Reading answers from memory and always with a complete, valid set; a change names
 * the version it was made from, and is told to everybody, other processes included.
 */
import type { Static, TObject } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Actor } from "../../core/actor";
import type { Clock, Timer } from "../../core/clock";
import { describeError, fail } from "../../core/errors";
import type { Log } from "../../core/log";
import type { EventBus } from "../../events/bus";
import type { EventLog } from "../../events/log";
import type { AuditPort } from "../audit/audit.service";
import type { ReferenceService } from "../references/reference.service";
import type { SettingModel, StoredSetting } from "./setting.model";
import type { SettingGroup } from "./setting-group";

export interface SettingState<V = unknown> {
  group: string;
  version: number;
  values: V;
  updatedAt: string | null;
  updatedBy: { id: string; name: string } | null;
}

export interface SettingsService {
  readonly groups: readonly SettingGroup[];
  /** Reads what is stored. Call once at start; also begins to listen for changes of other processes. */
  load(): Promise<void>;
  /** The values that hold now. From memory; frozen. */
  get<T extends TObject>(group: SettingGroup<T>): Static<T>;
  /** The values with their version. */
  state<T extends TObject>(group: SettingGroup<T>): SettingState<Static<T>>;
  /** Changes some values. Throws `request.stale` with the stored state when `version` is not the newest. */
  patch<T extends TObject>(
    group: SettingGroup<T>,
    change: { version: number; values: Partial<Static<T>> },
    actor: Actor,
  ): Promise<SettingState<Static<T>>>;
  stop(): void;
}

export interface SettingsDeps {
  settings: SettingModel;
  groups: readonly SettingGroup[];
  log: EventLog;
  bus: EventBus;
  audit: AuditPort;
  references: Pick<ReferenceService, "missing" | "watch">;
  /** No other process works on these data. */
  isAlone: boolean;
  clock: Clock;
  logger: Log;
}

/** How long another process may go on with old settings. */
const LOOK_AGAIN_MS = 5_000;

export function createSettingsService(deps: SettingsDeps): SettingsService {
  const { settings, groups, log, bus, audit, references, isAlone, clock, logger } = deps;
  const byName = new Map(groups.map((group) => [group.name, group]));
  if (byName.size !== groups.length) throw fail("internal", { message: "Two groups of settings have the same name." });
  const cache = new Map(groups.map((group) => [group.name, stateOf(group, null)]));
  let timer: Timer | null = null;
  let unsubscribe = () => {};

  function stateOf(group: SettingGroup, stored: StoredSetting | null): SettingState {
    return {
      group: group.name,
      version: stored?.version ?? 0,
      values: deepFreeze(valuesOf(group, stored)),
      updatedAt: stored?.updatedAt.toISOString() ?? null,
      updatedBy: stored?.updatedBy ?? null,
    };
  }

  /** A stored value that no longer fits its schema, after an update of the product, gives way to the default. */
  function valuesOf(group: SettingGroup, stored: StoredSetting | null): Record<string, unknown> {
    const values: Record<string, unknown> = structuredClone(group.defaults);
    if (!stored) return values;
    const given = JSON.parse(stored.values) as Record<string, unknown>;
    for (const [name, schema] of Object.entries(group.schema.properties)) {
      if (!Object.hasOwn(given, name)) continue;
      if (Value.Check(schema, given[name])) values[name] = given[name];
      else logger.warn("a stored setting does not fit any more; its default holds", { group: group.name, setting: name });
    }
    return values;
  }

  async function refresh(names: readonly string[]): Promise<void> {
    const rows = (await settings.find({ _id: { $in: [...names] } }).lean()) as StoredSetting[];
    for (const row of rows) keep(row);
  }

  /** Old news change nothing: another change may have been kept meanwhile. */
  function keep(row: StoredSetting): void {
    const group = byName.get(row._id);
    if (group && row.version > (cache.get(row._id)?.version ?? 0)) cache.set(row._id, stateOf(group, row));
  }

  function lookAgain(): void {
    timer = clock.timer(LOOK_AGAIN_MS, () => {
      refresh([...byName.keys()])
        // The store is away for a moment: what is in memory goes on to hold.
        .catch((error: unknown) => logger.warn("the settings could not be read", { reason: describeError(error) }))
        .finally(() => timer && lookAgain());
    });
  }

  const state = <T extends TObject>(group: SettingGroup<T>): SettingState<Static<T>> => {
    const found = cache.get(group.name);
    if (!found) throw fail("internal", { message: `The settings "${group.name}" are not registered.` });
    return found as SettingState<Static<T>>;
  };

  references.watch(() =>
    groups.flatMap((group) => {
      const named = group.references?.(state(group).values) ?? [];
      return named.length > 0 ? [{ kind: "settings", id: group.name, name: group.title, references: named }] : [];
    }),
  );

  return {
    groups,
    async load() {
      await refresh([...byName.keys()]);
      unsubscribe = bus.subscribe(({ event, data }) => {
        if (event !== "settings:updated") return;
        const { group, version } = data as { group: string; version: number };
        if (version <= (cache.get(group)?.version ?? 0)) return;
        refresh([group]).catch((error: unknown) =>
          // It is read again with the next change.
          logger.warn("the settings could not be read", { group, reason: describeError(error) }),
        );
      });
      if (!isAlone) lookAgain();
    },

    state,
    get: (group) => state(group).values,

    async patch(group, { version, values }, actor) {
      const saved = await log.change(async (change) => {
        const stored = (await settings.findById(group.name, null, { session: change.session }).lean()) as StoredSetting | null;
        const before = stateOf(group as unknown as SettingGroup, stored);
        if (before.version !== version) throw fail("request.stale", { current: before });
        const after = { ...(before.values as object), ...values } as Static<typeof group.schema>;
        // What has gone since and is not touched now is no reason to refuse the rest.
        const named = (group.references?.(after) ?? []).filter(({ path }) => Object.hasOwn(values, path.split(".")[0] ?? ""));
        const wrong = [...(group.check?.(after) ?? []), ...(await references.missing(named, change.session))];
        if (wrong.length > 0)
          throw fail("request.invalid", {
            details: wrong.map(({ path, message }) => ({ path: `body.values.${path}`, message })),
          });
        const row: StoredSetting = {
          _id: group.name,
          version: version + 1,
          values: JSON.stringify(after),
          updatedAt: new Date(clock.now()),
          updatedBy: { id: actor.id, name: actor.name },
        };
        const options = { session: change.session };
        // The version in the condition: of two first changes at once the second one fails by its key.
        if (stored) await settings.collection.replaceOne({ _id: group.name as never, version }, row as never, options);
        else await settings.collection.insertOne(row as never, options);
        await audit.record(change, {
          actor,
          action: "settings.update",
          target: { kind: "settings", id: group.name, name: group.title },
          before: before.values as object,
          after: after as object,
        });
        change.emit("settings:updated", { group: group.name, version: row.version });
        return row;
      });
      keep(saved);
      return state(group);
    },

    stop() {
      unsubscribe();
      timer?.cancel();
      timer = null;
    },
  };
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === "object") {
    for (const item of Object.values(value)) deepFreeze(item);
    Object.freeze(value);
  }
  return value;
}

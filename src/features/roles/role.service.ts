/**
 * The rules of roles: three are always there, others are made by people. What a role may do is asked on every request, so it is
 * answered from memory; a change is known to this process with its commit, and to others as soon as they have read the log.
 */
import type { ClientSession } from "mongoose";
import { type Actor, can } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { BUILT_IN_ROLES, type BuiltInRole, type Permission, REACHES, type Reach, ROLES } from "../../core/permissions";
import type { EventLog } from "../../events/log";
import type { News } from "../../events/news";
import type { RoleView } from "../../events/view";
import type { Role, RoleModel } from "./role.model";
import type { NewRole, RolePatch } from "./role.schema";

export interface Rights {
  permissions: ReadonlySet<Permission>;
  reach: Reach;
}

export interface RoleService {
  /** Reads what is stored and begins to listen for changes. Call once at start. */
  load(): Promise<void>;
  /** What this role may do; nothing when it no longer exists. From memory. */
  rightsOf(role: string): Rights;
  exists(role: string): boolean;
  /** Reads a role that is not in memory, because another process has made it a moment ago. Call before `rightsOf` and `exists`. */
  learn(role: string): Promise<void>;
  /** Throws `auth.cannot-grant` when the role may do something, or reach further, than the actor. */
  assertGrantable(role: string, actor: Actor): void;
  listRoles(): RoleView[];
  createRole(role: NewRole, actor: Actor): Promise<RoleView>;
  patchRole(name: string, patch: RolePatch, actor: Actor): Promise<RoleView>;
  /** Throws `role.in-use` while somebody has it. */
  removeRole(name: string, actor: Actor): Promise<void>;
  stop(): void;
}

export interface RoleDeps {
  roles: RoleModel;
  /** Whether an agent has this role. */
  isInUse: (role: string, session: ClientSession) => Promise<boolean>;
  audit: Auditor<ClientSession>;
  log: EventLog;
  news: Pick<News, "listen">;
  clock: Clock;
}

const NOTHING: Rights = { permissions: new Set(), reach: "own" };

const builtIn = new Map<string, Rights>(
  ROLES.map((name) => [name, { permissions: new Set(BUILT_IN_ROLES[name].permissions), reach: BUILT_IN_ROLES[name].reach }]),
);
const TITLES: Record<BuiltInRole, string> = { admin: "Administrator", supervisor: "Supervisor", agent: "Agent" };

export function createRoleService({ roles, isInUse, audit, log, news, clock }: RoleDeps): RoleService {
  let known = new Map<string, { view: RoleView; rights: Rights }>();
  let unsubscribe = () => {};

  const entry = (view: RoleView) => ({
    view,
    rights: { permissions: new Set(view.permissions as Permission[]), reach: view.reach },
  });

  async function refresh(): Promise<void> {
    known = new Map(((await roles.find({}).lean()) as Role[]).map((role) => [role._id, entry(toRoleView(role))]));
  }

  const exists = (role: string) => builtIn.has(role) || known.has(role);

  async function learn(role: string): Promise<void> {
    while (!exists(role)) {
      const before = known;
      const stored = (await roles.findById(role).lean()) as Role | null;
      // All of them were read again meanwhile, perhaps because this one was removed.
      if (before !== known) continue;
      if (stored) known.set(role, entry(toRoleView(stored)));
      return;
    }
  }

  const rightsOf = (role: string): Rights => builtIn.get(role) ?? known.get(role)?.rights ?? NOTHING;

  function assertWithin({ permissions, reach }: { permissions: Iterable<Permission>; reach: Reach }, actor: Actor): void {
    const beyond = [...permissions].filter((name) => !can(actor, name));
    if (beyond.length > 0)
      throw fail("auth.cannot-grant", { details: beyond.map((message) => ({ path: "body.permissions", message })) });
    if (isWider(reach, actor.reach)) throw fail("auth.cannot-grant", { details: [{ path: "body.reach", message: reach }] });
  }

  async function findStored(name: string, session: ClientSession): Promise<Role> {
    if (builtIn.has(name)) throw fail("role.built-in");
    const stored = (await roles.findById(name, null, { session }).lean()) as Role | null;
    if (!stored) throw fail("role.not-found");
    return stored;
  }

  return {
    async load() {
      await refresh();
      unsubscribe = news.listen((told) => {
        const isAboutRoles = told === null || told.event === "role:updated" || told.event === "role:removed";
        if (!isAboutRoles) return undefined;
        if (!told?.isOwn) return refresh();
        // A new map: what `learn` reads meanwhile may be older than this.
        known = new Map(known);
        if (told.event === "role:removed") known.delete(told.data.role as string);
        else known.set((told.data.role as RoleView).name, entry(told.data.role as RoleView));
        return undefined;
      });
    },

    rightsOf,
    exists,
    learn,
    assertGrantable: (role, actor) => assertWithin(rightsOf(role), actor),

    listRoles: () => [...ROLES.map(builtInView), ...[...known.values()].map(({ view }) => view).sort(byTitle)],

    async createRole({ name, title, permissions, reach }, actor) {
      if (builtIn.has(name)) throw fail("role.exists");
      assertWithin({ permissions, reach }, actor);
      return log.change(async (change) => {
        if (await roles.exists({ _id: name }).session(change.session)) throw fail("role.exists");
        const at = new Date(clock.now());
        const role: Role = { _id: name, title, permissions, reach, createdAt: at, updatedAt: at };
        await roles.collection.insertOne(role as never, { session: change.session });
        const view = toRoleView(role);
        const target = { kind: "role", id: name, name: title };
        await audit.record(change, { actor, action: "role.create", target, after: view });
        change.emit("role:updated", { role: view });
        return view;
      });
    },

    async patchRole(name, patch, actor) {
      return log.change(async (change) => {
        const before = await findStored(name, change.session);
        const after: Role = { ...before, ...patch, updatedAt: new Date(clock.now()) };
        // What it may do already and goes on to may stay, whoever changes the rest.
        const had = new Set(before.permissions);
        assertWithin(
          {
            permissions: after.permissions.filter((one) => !had.has(one)),
            reach: isWider(after.reach, before.reach) ? after.reach : "own",
          },
          actor,
        );
        await roles.collection.replaceOne({ _id: name as never }, after as never, { session: change.session });
        const view = toRoleView(after);
        const target = { kind: "role", id: name, name: after.title };
        await audit.record(change, { actor, action: "role.update", target, before: toRoleView(before), after: view });
        change.emit("role:updated", { role: view });
        return view;
      });
    },

    async removeRole(name, actor) {
      await log.change(async (change) => {
        const stored = await findStored(name, change.session);
        if (await isInUse(name, change.session)) throw fail("role.in-use");
        await roles.collection.deleteOne({ _id: name as never }, { session: change.session });
        const target = { kind: "role", id: name, name: stored.title };
        await audit.record(change, { actor, action: "role.remove", target, before: toRoleView(stored) });
        change.emit("role:removed", { role: name });
      });
    },

    stop() {
      unsubscribe();
    },
  };
}

/** `REACHES` goes from the widest to the narrowest. */
export const isWider = (one: Reach, other: Reach): boolean => REACHES.indexOf(one) < REACHES.indexOf(other);

const byTitle = (a: RoleView, b: RoleView) => a.title.localeCompare(b.title);

const builtInView = (name: BuiltInRole): RoleView => ({
  name,
  title: TITLES[name],
  permissions: [...BUILT_IN_ROLES[name].permissions],
  reach: BUILT_IN_ROLES[name].reach,
  isBuiltIn: true,
  updatedAt: null,
});

const toRoleView = ({ _id, title, permissions, reach, updatedAt }: Role): RoleView => ({
  name: _id,
  title,
  permissions: [...permissions],
  reach,
  isBuiltIn: false,
  updatedAt: updatedAt.toISOString(),
});

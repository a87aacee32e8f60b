/** The rules of teams. A team that goes leaves its members and gives its conversations back to everybody's queue. */
import type { ClientSession } from "mongoose";
import type { Actor } from "../../core/actor";
import type { Auditor } from "../../core/audit-port";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Change, EventLog } from "../../events/log";
import type { TeamView } from "../../events/view";
import type { Team, TeamModel } from "./team.model";
import type { NewTeam, TeamPatch } from "./team.schema";

export interface TeamService {
  /** Everybody's teams, by name. */
  listTeams(): Promise<TeamView[]>;
  getTeam(id: string): Promise<TeamView>;
  find(id: string): Promise<TeamView | null>;
  createTeam(team: NewTeam, actor: Actor): Promise<TeamView>;
  patchTeam(id: string, patch: TeamPatch, actor: Actor): Promise<TeamView>;
  removeTeam(id: string, actor: Actor): Promise<void>;
  /** Throws `team.not-found` unless all of these exist. */
  assertExist(ids: readonly string[], session: ClientSession): Promise<void>;
}

export interface TeamDeps {
  teams: TeamModel;
  /** Takes everybody out of a team that goes. */
  dismiss: (team: string, change: Change) => Promise<void>;
  /** Frees the conversations of a team that goes. */
  release: (team: string, change: Change) => Promise<void>;
  audit: Auditor<ClientSession>;
  log: EventLog;
  clock: Clock;
}

const MOST_TEAMS = 200;

export function createTeamService({ teams, dismiss, release, audit, log, clock }: TeamDeps): TeamService {
  async function get(id: string, session?: ClientSession): Promise<Team> {
    const team = (await teams.findById(id, null, session ? { session } : {}).lean()) as Team | null;
    if (!team) throw fail("team.not-found");
    return team;
  }

  async function assertFree(nameKey: string, id: string, session: ClientSession): Promise<void> {
    if (await teams.exists({ nameKey, _id: { $ne: id } }).session(session)) throw fail("team.exists");
  }

  return {
    async listTeams() {
      return ((await teams.find({}).sort({ nameKey: 1 }).limit(MOST_TEAMS).lean()) as Team[]).map(toTeamView);
    },

    getTeam: async (id) => toTeamView(await get(id)),

    async find(id) {
      const team = (await teams.findById(id).lean()) as Team | null;
      return team && toTeamView(team);
    },

    async createTeam({ name, description = "" }, actor) {
      return log.change(async (change) => {
        const at = new Date(clock.now());
        const id = newId(at.getTime());
        if ((await teams.countDocuments({}).session(change.session)) >= MOST_TEAMS) throw fail("team.too-many");
        const team: Team = { _id: id, ...named(name), description, createdAt: at, updatedAt: at };
        await assertFree(team.nameKey, id, change.session);
        await teams.collection.insertOne(team as never, { session: change.session });
        const view = toTeamView(team);
        await audit.record(change, { actor, action: "team.create", target: target(team), after: view });
        change.emit("team:updated", { team: view });
        return view;
      });
    },

    async patchTeam(id, { name, ...rest }, actor) {
      return log.change(async (change) => {
        const before = await get(id, change.session);
        const team: Team = { ...before, ...rest, ...(name === undefined ? {} : named(name)), updatedAt: new Date(clock.now()) };
        await assertFree(team.nameKey, id, change.session);
        await teams.collection.replaceOne({ _id: id as never }, team as never, { session: change.session });
        const [was, is] = [toTeamView(before), toTeamView(team)];
        await audit.record(change, { actor, action: "team.update", target: target(team), before: was, after: is });
        change.emit("team:updated", { team: is });
        return is;
      });
    },

    async removeTeam(id, actor) {
      await log.change(async (change) => {
        const team = await get(id, change.session);
        await teams.collection.deleteOne({ _id: id as never }, { session: change.session });
        await dismiss(id, change);
        await release(id, change);
        await audit.record(change, { actor, action: "team.remove", target: target(team), before: toTeamView(team) });
        change.emit("team:removed", { team: id });
      });
    },

    async assertExist(ids, session) {
      const wanted = [...new Set(ids)];
      if (wanted.length === 0) return;
      const found = await teams.countDocuments({ _id: { $in: wanted } }).session(session);
      if (found < wanted.length) throw fail("team.not-found");
    },
  };
}

const named = (name: string) => ({ name: name.trim(), nameKey: name.trim().toLowerCase() });
const target = ({ _id, name }: Team) => ({ kind: "team", id: _id, name });

const toTeamView = ({ _id, name, description, createdAt }: Team): TeamView => ({
  id: _id,
  name,
  description,
  createdAt: createdAt.toISOString(),
});

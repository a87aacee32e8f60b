/**
 * Opening hours of the company, of numbers and of teams. A team's schedule goes before that of the number, and that before the
 * company's; where there is none it is always open. Asking costs nothing: everything is in memory.
 */
import type { Actor } from "../../core/actor";
import { fail } from "../../core/errors";
import { addOpenMillis, isOpenAt, nextOpening, type OpeningHours, openMillisBetween } from "../../core/opening-hours";
import { isTimeZone } from "../../core/time-zone";
import {
  type AutomationRecords,
  createAutomationRecords,
  type RecordDeps,
} from "../automation-records/automation-record.service";
import type { Reference, ReferenceService } from "../references/reference.service";
import type { BusinessHours, BusinessHoursModel } from "./business-hours.model";
import type { HoursPatch, HoursView, NewHours } from "./business-hours.schema";

/** Whose hours are asked for. */
export interface Whose {
  channel?: string | null;
  team?: string | null;
}

/** What other features ask. Times are milliseconds since 1970. */
export interface HoursPort {
  isOpen(whose: Whose, at: number): boolean;
  /** The schedule that counts; null: always open. */
  scheduleOf(whose: Whose): OpeningHours | null;
  /** The first open moment at or after `at`; null when it never opens. */
  nextOpening(whose: Whose, at: number): number | null;
  businessMillisBetween(whose: Whose, from: number, to: number): number;
  /** When so much open time has passed since `from`; null when that is never. */
  addBusinessMillis(whose: Whose, from: number, ms: number): number | null;
}

export interface BusinessHoursService extends HoursPort {
  list(): HoursView[];
  get(id: string): HoursView;
  create(hours: NewHours, actor: Actor): Promise<HoursView>;
  patch(id: string, patch: HoursPatch, actor: Actor): Promise<HoursView>;
  remove(id: string, actor: Actor): Promise<void>;
  status(id: string, at: string | undefined): { isOpen: boolean; opensAt: string | null };
  /** Called when any schedule has changed. */
  onChange(listener: () => void): void;
  load(): Promise<void>;
  stop(): void;
}

export type BusinessHoursDeps = Omit<RecordDeps<BusinessHours>, "kind" | "notFound" | "model" | "sort" | "view"> & {
  hours: BusinessHoursModel;
  references: Pick<ReferenceService, "assertExist" | "watch">;
};

export function createBusinessHoursService({ hours: model, references, ...deps }: BusinessHoursDeps): BusinessHoursService {
  const { clock } = deps;
  const records: AutomationRecords<BusinessHours> = createAutomationRecords({
    ...deps,
    kind: "business-hours",
    notFound: "business-hours.not-found",
    model: model as never,
    sort: (a, b) => Number(b.isDefault) - Number(a.isDefault) || a.name.localeCompare(b.name),
    view: toHoursView,
  });

  references.watch(() =>
    records
      .all()
      .map(({ _id, name, teams }) => ({ kind: "business-hours", id: _id, name, references: referencesInTeams(teams) })),
  );

  function hoursOf({ channel, team }: Whose): BusinessHours | null {
    const all = records.all();
    const ofTeam = team ? all.find((one) => one.teams.includes(team)) : undefined;
    const ofChannel = channel ? all.find((one) => one.channels.includes(channel)) : undefined;
    return ofTeam ?? ofChannel ?? all.find((one) => one.isDefault) ?? null;
  }

  async function check({ zone, teams = [] }: Partial<NewHours>): Promise<void> {
    const refuse = (path: string, message: string) => fail("request.invalid", { details: [{ path: `body.${path}`, message }] });
    if (zone !== undefined && !isTimeZone(zone)) throw refuse("zone", "is not an IANA time zone such as America/Lima");
    await references.assertExist(referencesInTeams(teams));
  }

  /** A number, a team and the company have one schedule each. */
  function assertFree(id: string | null, { channels = [], teams = [], isDefault = false }: Partial<NewHours>): void {
    for (const other of records.all()) {
      if (other._id === id) continue;
      const taken = [
        ...channels.filter((one) => other.channels.includes(one)),
        ...teams.filter((one) => other.teams.includes(one)),
      ];
      if (taken.length > 0 || (isDefault && other.isDefault))
        throw fail("business-hours.taken", { details: [{ path: "body", message: `"${other.name}" is their schedule.` }] });
    }
  }

  return {
    isOpen: (whose, at) => {
      const hours = hoursOf(whose);
      return hours === null || isOpenAt(hours, at);
    },
    scheduleOf: hoursOf,
    nextOpening: (whose, at) => {
      const hours = hoursOf(whose);
      return hours === null ? at : nextOpening(hours, at);
    },
    businessMillisBetween: (whose, from, to) => {
      const hours = hoursOf(whose);
      return hours === null ? to - from : openMillisBetween(hours, from, to);
    },
    addBusinessMillis: (whose, from, ms) => {
      const hours = hoursOf(whose);
      return hours === null ? from + ms : addOpenMillis(hours, from, ms);
    },

    list: () => records.all().map(toHoursView),
    get: (id) => toHoursView(records.get(id)),

    async create({ holidays = [], isDefault = false, channels = [], teams = [], ...given }, actor) {
      const fields = { ...given, holidays: holidays.map(withSpans), isDefault, channels, teams };
      await check(fields);
      assertFree(null, fields);
      return toHoursView(await records.create(fields, actor));
    },

    async patch(id, { version, holidays, ...given }, actor) {
      const fields = { ...given, ...(holidays ? { holidays: holidays.map(withSpans) } : {}) };
      await check(fields);
      assertFree(id, fields);
      return toHoursView(await records.patch(id, fields, version, actor));
    },

    remove: (id, actor) => records.remove(id, actor),

    status(id, text) {
      const hours = records.get(id);
      const at = text === undefined ? clock.now() : Date.parse(text);
      if (Number.isNaN(at)) throw fail("request.invalid", { details: [{ path: "query.at", message: "is not a time" }] });
      const opens = isOpenAt(hours, at) ? null : nextOpening(hours, at);
      return { isOpen: isOpenAt(hours, at), opensAt: opens === null ? null : new Date(opens).toISOString() };
    },

    onChange: records.onChange,
    load: records.load,
    stop: records.stop,
  };
}

const referencesInTeams = (teams: readonly string[]): Reference[] =>
  teams.map((id, index) => ({ kind: "team", id, path: `teams.${index}` }));

const withSpans = ({ spans = [], ...holiday }: NonNullable<NewHours["holidays"]>[number]) => ({ ...holiday, spans });

const toHoursView = ({ _id, createdAt, updatedAt, ...hours }: BusinessHours): HoursView => ({
  id: _id,
  ...(hours as unknown as Omit<HoursView, "id" | "createdAt" | "updatedAt">),
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

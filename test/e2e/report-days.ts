/** Three weeks of work for reports: seeded conversations spread over days and hours, some of them taken by people. */
import { seedDataDir } from "../../src/tools/seed/seed-store";
import { openRooms, type Rooms } from "../helpers/rooms";

/** The last of the days, UTC. */
const LAST_DAY = Date.UTC(2026, 8, 1);
const DAYS = 23;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Hours in Lima in which most people write; they differ by five from UTC. */
const HOURS = [9, 10, 10, 11, 11, 11, 12, 12, 15, 17, 18, 18, 19, 19, 19, 20, 20, 21];
const SUNDAY = 0;

export interface ReportDays {
  dataDir: string;
  conversations: number;
  messages: number;
}

/** Fills an empty data directory; `more` adds to it while it is open. */
export async function seedReportDays({ dataDir, ...size }: ReportDays, more: (rooms: Rooms) => Promise<void>): Promise<void> {
  await seedDataDir({ dataDir, ...size, seed: 7 });
  const rooms = await openRooms({ dataDir });
  const { conversations, messages } = rooms.models;
  const talks = await conversations.find({}).sort({ _id: 1 }).lean();
  const said = Map.groupBy(await messages.find({}).sort({ createdAt: 1 }).lean(), ({ conversation }) => conversation);
  const rows: object[] = [];
  for (const [index, talk] of talks.entries()) {
    const begins = beginOf(index, talks.length);
    const own = said.get(talk._id) ?? [];
    const gap = (1 + (index % 5)) * MINUTE_MS;
    const isTaken = index % 4 === 0;
    for (const [place, message] of own.entries()) {
      const at = new Date(begins + place * gap);
      const byPerson = isTaken && message.direction === "outbound" && place > 2;
      rows.push({ ...message, sentAt: at, createdAt: at, ...(byPerson ? { role: "operator", epoch: null } : {}) });
    }
    const last = new Date(begins + Math.max(0, own.length - 1) * gap);
    const resolvedAt = talk.resolvedAt ? new Date(last.getTime() + (3 + (index % 9) * 7) * MINUTE_MS) : null;
    const dates = { createdAt: new Date(begins), lastMessageAt: last, updatedAt: last, resolvedAt };
    await conversations.collection.updateOne({ _id: talk._id as never }, { $set: dates });
  }
  await messages.collection.deleteMany({});
  await messages.collection.insertMany(rows as never[]);
  await more(rooms);
  await rooms[Symbol.asyncDispose]();
}

/** More in the later weeks than in the first, and little on Sundays. */
function beginOf(index: number, count: number): number {
  const day = Math.floor(DAYS * (index / count) ** 0.8);
  const start = LAST_DAY - (DAYS - 1 - day) * DAY_MS;
  const isRest = new Date(start).getUTCDay() === SUNDAY && index % 3 !== 0;
  const hour = (HOURS[(index * 7) % HOURS.length] ?? 12) + 5;
  return start - (isRest ? DAY_MS : 0) + (hour - 12) * 60 * MINUTE_MS + ((index * 13) % 60) * MINUTE_MS;
}

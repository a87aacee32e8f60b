/** Reports over REST: what people did is in the figures a moment later, for whoever may see it, and a rebuild changes nothing. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync } from "node:fs";
import type { ConversationView } from "../../../src/events/view";
import type {
  BreakdownView,
  Figures,
  ReportStatusView,
  SeriesView,
  SummaryView,
} from "../../../src/features/reports/report.schema";
import type { ApiClient } from "../../helpers/api-client";
import { hire, makeRole, makeTeam } from "../../helpers/people";
import { tempDir } from "../../helpers/temp-dir";
import { until } from "../../helpers/until";
import { type InboxWorld, openInboxWorld } from "../inbox/inbox-world";

setDefaultTimeout(60_000);

let world: InboxWorld;
let talks: ConversationView[];
let team: string;

const counted = (api: ApiClient) =>
  until(
    async () => {
      const { position, newest, rebuild } = await api.data<ReportStatusView>("/reports/status");
      return position === newest && rebuild === null;
    },
    { within: 20_000, what: "the figures to be up to date" },
  );
const summary = async (api: ApiClient, query = "") => (await api.data<{ figures: Figures }>(`/reports/summary?${query}`)).figures;
/** Every report there is, as texts. */
async function everything(api: ApiClient): Promise<unknown> {
  await counted(api);
  const filters = ["", `&team=${team}`, "&agent=none", "&label=vip&team=none", `&zone=Asia/Kolkata&label=vip,late`];
  return Promise.all(
    filters.flatMap((filter) => [
      summary(api, filter),
      ...["hour", "day", "week", "month"].map((by) => api.data(`/reports/series?by=${by}${filter}`)),
      ...["channel", "team", "agent", "label"].map((by) => api.data(`/reports/breakdown?by=${by}${filter}`)),
      api.data(`/reports/heatmap?metric=messagesIn${filter}`),
    ]),
  );
}

beforeAll(async () => {
  world = await openInboxWorld();
  const { admin, lucia, pedro } = world;
  for (const name of ["vip", "late"]) await admin.post("/labels", { name });
  team = await makeTeam(world.app, "Sales");
  const customers = [world.customer(), world.customer(), world.customer(), world.customer()];
  talks = [];
  for (const one of customers) talks.push(await one.opens("hola"));
  const [first, second, third, fourth] = talks.map(({ id }) => `/conversations/${id}`);
  await lucia.post(`${first}/take`);
  await lucia.post(`${first}/messages`, { text: "buenas" });
  await customers[0]!.writes("gracias");
  await lucia.post(`${first}/messages`, { text: "de nada" });
  await lucia.patch(first!, { status: "resolved", labels: ["vip"] });
  await pedro.post(`${second}/take`);
  await pedro.post(`${second}/messages`, { text: "un momento" });
  await pedro.patch(second!, { status: "resolved" });
  // It comes again.
  await customers[1]!.writes("otra cosa");
  await until(async () => (await admin.data<ConversationView>(second!)).status !== "resolved");
  await admin.post(`${third}/assign`, { team });
  await admin.patch(third!, { labels: ["vip", "late"] });
  await pedro.post(`${fourth}/notes`, { text: "only for us" });
});
afterAll(() => world[Symbol.asyncDispose]());

test("what was done is counted: messages, resolutions, reopenings, replies, by whoever did it", async () => {
  await counted(world.admin);
  const all = await summary(world.admin);
  expect(all).toMatchObject({
    conversations: 4,
    messagesIn: 6,
    messagesPeople: 3,
    messagesAssistant: 0,
    resolved: 2,
    reopened: 1,
  });
  expect(all.firstReply.count).toBe(2);
  expect(all.nextReply.count).toBe(1);
  expect(all.resolution.count).toBe(2);
  const people = await world.admin.data<BreakdownView[]>("/reports/breakdown?by=agent");
  const lucia = people.find(({ key }) => key === world.lucia.id)!;
  expect(lucia).toMatchObject({ name: "Lucia", figures: { messagesPeople: 2, resolved: 1, reopened: 0 } });
  expect(people.find(({ key }) => key === world.pedro.id)).toMatchObject({
    figures: { messagesPeople: 1, resolved: 1, reopened: 1 },
  });
  const labels = await world.admin.data<BreakdownView[]>("/reports/breakdown?by=label");
  expect(labels.map(({ key, figures }) => [key, figures.conversations])).toEqual([
    ["vip", 2],
    ["late", 1],
  ]);
  const teams = await world.admin.data<BreakdownView[]>("/reports/breakdown?by=team");
  expect(teams.find(({ key }) => key === team)).toMatchObject({ name: "Sales", figures: { conversations: 1, messagesIn: 1 } });
  expect(await summary(world.admin, `label=vip&agent=${world.lucia.id}`)).toMatchObject({ conversations: 1, messagesPeople: 2 });
});

test("steps have no gaps, add up to the whole, and follow the viewer's clock", async () => {
  await counted(world.admin);
  const now = new Date();
  for (const zone of ["UTC", "Asia/Kathmandu", "America/Lima", "Europe/Madrid"]) {
    const days = await world.admin.data<SeriesView[]>(`/reports/series?by=day&zone=${zone}`);
    expect(days).toHaveLength(30);
    expect(days.reduce((sum, { figures }) => sum + figures.messagesIn, 0)).toBe(6);
    const today = days.at(-1)!.start;
    expect(today).toBe(new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(now));
    const hours = await world.admin.data<SeriesView[]>(`/reports/series?by=hour&zone=${zone}&from=${today}&to=${today}`);
    expect(hours).toHaveLength(24);
    expect(hours[0]!.local).toBe(`${today}T00:00`);
  }
  const long = await world.admin.data<SeriesView[]>("/reports/series?by=hour&zone=Europe/Madrid&from=2026-10-25&to=2026-10-25");
  expect(long).toHaveLength(25);
  expect(long.slice(1, 5).map(({ local }) => local.slice(11))).toEqual(["01:00", "02:00", "02:00", "03:00"]);
  expect(
    await world.admin.data<SeriesView[]>("/reports/series?by=hour&zone=Europe/Madrid&from=2026-03-29&to=2026-03-29"),
  ).toHaveLength(23);
  const { hours } = await world.admin.data<{ hours: number[][] }>("/reports/heatmap");
  expect(hours.flat().reduce((sum, one) => sum + one, 0)).toBe(6);
});

test("compared: as many days before, and while today is not over they end at the same time of day", async () => {
  await counted(world.admin);
  const load = (query: string) => world.admin.data<SummaryView>(`/reports/summary?zone=America/Lima&compare=true&${query}`);
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: "America/Lima", dateStyle: "short" }).format(new Date());
  const shift = (days: number) => new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10);
  const week = await load(`from=${shift(-6)}&to=${today}`);
  expect(week).toMatchObject({ figures: { conversations: 4 }, before: { from: shift(-13), to: shift(-7) } });
  expect(week.before?.figures).toMatchObject({ conversations: 0, messagesIn: 0 });
  expect(Math.abs(Date.parse(week.before!.until!) - (Date.now() - 7 * 86_400_000))).toBeLessThan(60_000);
  // What is today is before tomorrow, whole.
  const tomorrow = await load(`from=${shift(1)}&to=${shift(1)}`);
  expect(tomorrow).toMatchObject({ figures: { conversations: 0 }, before: { from: today, until: null } });
  expect(tomorrow.before?.figures).toEqual(await summary(world.admin, `from=${today}&to=${today}&zone=America/Lima`));
  expect(tomorrow.before?.figures.conversations).toBe(4);
  expect(await world.admin.data<SummaryView>("/reports/summary")).not.toHaveProperty("before");
});

test("built anew the figures are the same, also without the file, which forgets nothing that documents forget", async () => {
  const before = await everything(world.admin);
  const begun = await world.admin.post<ReportStatusView>("/reports/rebuild");
  expect(begun.status).toBe(200);
  expect(await everything(world.admin)).toEqual(before);
  using dir = tempDir();
  const own = await openInboxWorld({ dataDir: dir.path });
  const customer = own.customer();
  const { id } = await customer.opens();
  await own.admin.patch(`/conversations/${id}`, { status: "resolved" });
  await customer.writes("again");
  await until(async () => (await own.admin.data<ConversationView>(`/conversations/${id}`)).status !== "resolved");
  await counted(own.admin);
  const figures = await summary(own.admin);
  expect(figures).toMatchObject({ resolved: 1, reopened: 1 });
  await own[Symbol.asyncDispose]();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${dir.path}/reports.db${suffix}`, { force: true });
  await using later = await openInboxWorld({ dataDir: dir.path });
  await counted(later.admin);
  expect(await summary(later.admin)).toEqual(figures);
});

describe("who sees which figures", () => {
  test("somebody of a team sees the team's and their own, and no others", async () => {
    await makeRole(world.app, { name: "lead", permissions: ["reports.read", "conversations.read"], reach: "team" });
    await makeRole(world.app, { name: "counter", permissions: ["reports.read"], reach: "own" });
    const lead = await hire(world.app, { email: "lead@example.com", role: "lead", teams: [team] });
    const counter = await hire(world.app, { email: "counter@example.com", role: "counter" });
    await counted(world.admin);
    expect(await summary(lead.api)).toMatchObject({ conversations: 1, messagesIn: 1, messagesPeople: 0, resolved: 0 });
    expect((await lead.api.data<BreakdownView[]>("/reports/breakdown?by=agent")).map(({ key }) => key)).not.toContain(
      world.lucia.id,
    );
    expect(await summary(lead.api, `agent=${world.lucia.id}`)).toMatchObject({ conversations: 0, messagesPeople: 0 });
    expect(await summary(counter.api)).toMatchObject({ conversations: 0, messagesIn: 0 });
    expect((await world.lucia.get("/reports/summary")).status).toBe(403);
    expect((await lead.api.post("/reports/rebuild")).status).toBe(403);
  });

  test("an erased customer is in no figure any more", async () => {
    const own = await openInboxWorld();
    const customer = own.customer();
    const talk = await customer.opens();
    await own.admin.patch(`/conversations/${talk.id}`, { status: "resolved" });
    await counted(own.admin);
    expect(await summary(own.admin)).toMatchObject({ conversations: 1, messagesIn: 1, resolved: 1 });
    const erased = await own.admin.post(`/data-protection/contacts/${talk.contact.id}/erase`, {
      confirm: talk.contact.id,
      reason: "asked",
    });
    expect(erased.body).toMatchObject({ success: true });
    await until(async () => {
      await counted(own.admin);
      return (await summary(own.admin)).conversations === 0;
    });
    expect(await summary(own.admin)).toMatchObject({ messagesIn: 0, resolved: 0 });
    await own[Symbol.asyncDispose]();
  });
});

test("as CSV: one header, one line a step, and no cell is a formula", async () => {
  await world.admin.post("/labels", { name: "=1+1" });
  await world.admin.patch(`/conversations/${talks[3]!.id}`, { labels: ["=1+1"] });
  await counted(world.admin);
  const load = async (path: string) => {
    const response = await fetch(`${world.app.url}/api/v2${path}`, { headers: { authorization: `Bearer ${world.admin.token}` } });
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    return (await response.text()).trim().split("\r\n");
  };
  const days = await load("/reports/series.csv?by=day&zone=America/Lima");
  expect(days).toHaveLength(31);
  expect(days[0]).toStartWith("start,local,conversations,messagesIn");
  const labels = await load("/reports/breakdown.csv?by=label");
  expect(labels.map((line) => line.split(",")[0])).toEqual(["key", "vip", "'=1+1", "late"]);
});

test.each([
  ["/reports/summary?zone=Mars/Olympus", 422],
  ["/reports/summary?from=2026-02-30", 422],
  ["/reports/summary?from=2026-11-20&to=2026-11-19", 422],
  ["/reports/series?by=hour&from=2026-01-01&to=2026-11-19", 422],
  ["/reports/summary?from=2010-01-01", 422],
  ["/reports/series?by=minute", 422],
  ["/reports/breakdown", 422],
  ["/reports/summary?unknown=1", 422],
])("%s is refused with %i", async (path, status) => {
  expect(await world.admin.get(path)).toMatchObject({ status, body: { code: "request.invalid" } });
});

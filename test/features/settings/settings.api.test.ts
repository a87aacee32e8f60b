/** Settings: valid from the first moment, changed by version, refused with the newest state, told live and written into the audit log. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { type TSchema, Type as t } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Actor } from "../../../src/core/actor";
import { silentLog } from "../../../src/core/log";
import { auditModel } from "../../../src/features/audit/audit.model";
import { createAuditService } from "../../../src/features/audit/audit.service";
import { assistantPrices } from "../../../src/features/settings/assistant-prices";
import { assistantSettings } from "../../../src/features/settings/assistant-settings";
import { keptAddress, privacySettings } from "../../../src/features/settings/privacy-settings";
import { retentionSettings } from "../../../src/features/settings/retention-settings.service";
import { securitySettings } from "../../../src/features/settings/security-settings";
import { settingModel } from "../../../src/features/settings/setting.model";
import { createSettingsService, type SettingState } from "../../../src/features/settings/setting.service";
import { settingGroup } from "../../../src/features/settings/setting-group";
import { ManualClock } from "../../helpers/manual-clock";
import { openRooms } from "../../helpers/rooms";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(30_000);

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
});
afterAll(() => app[Symbol.asyncDispose]());

type State = SettingState<Record<string, unknown>>;

test("the defaults hold until somebody changes them", async () => {
  const { status, body } = await app.api.get<State>("/settings/retention");
  expect(status).toBe(200);
  expect(body.data).toEqual({
    group: "retention",
    version: 0,
    values: retentionSettings.defaults,
    updatedAt: null,
    updatedBy: null,
  });
});

test("a change keeps the other values, says who made it, and is written down with before and after", async () => {
  const changed = await app.api.patch<State>("/settings/retention", { version: 0, values: { messages: 365 } });
  expect(changed.status).toBe(200);
  expect(changed.body.data).toMatchObject({ version: 1, values: { ...retentionSettings.defaults, messages: 365 } });
  expect(changed.body.data.updatedBy?.name).toBe("Admin");
  const [entry] = await app.api.data<Record<string, unknown>[]>("/audit?action=settings.update&limit=1");
  expect(entry).toMatchObject({
    action: "settings.update",
    actor: { kind: "agent", name: "Admin" },
    target: { kind: "settings", id: "retention" },
    before: { messages: null },
    after: { messages: 365 },
  });
});

test("a change made from an old version is refused with the newest state", async () => {
  const fresh = await app.api.data<State>("/settings/privacy");
  await app.api.patch("/settings/privacy", { version: fresh.version, values: { auditAddresses: "shortened" } });
  const late = await app.api.patch<State>("/settings/privacy", { version: fresh.version, values: { auditAddresses: "none" } });
  expect(late.status).toBe(409);
  expect(late.body).toMatchObject({
    code: "request.stale",
    current: { version: fresh.version + 1, values: { auditAddresses: "shortened" } },
  });
  expect((await app.api.data<State>("/settings/privacy")).values).toEqual({ auditAddresses: "shortened" });
});

test("of two changes at the same moment one is kept and the other is told so", async () => {
  const { version } = await app.api.data<State>("/settings/security");
  const answers = await Promise.all(
    [12, 14, 16].map((passwordMinimum) => app.api.patch<State>("/settings/security", { version, values: { passwordMinimum } })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  const kept = answers.find(({ status }) => status === 200)?.body.data.values;
  expect((await app.api.data<State>("/settings/security")).values).toEqual(kept as Record<string, unknown>);
});

test.each([
  ["a wrong type", { messages: "365" }, "body.values.messages"],
  ["a value out of bounds", { messages: 0 }, "body.values.messages"],
  ["a field that does not exist", { message: 365 }, "body.values"],
  ["nothing at all", {}, "body.values"],
])("%s is refused with its place and changes nothing", async (_, values, path) => {
  const before = await app.api.data<State>("/settings/retention");
  const answer = await app.api.patch("/settings/retention", { version: before.version, values });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: "request.invalid" });
  expect((answer.body as unknown as { details: { path: string }[] }).details[0]?.path).toStartWith(path);
  expect(await app.api.data<State>("/settings/retention")).toEqual(before);
});

test("an unknown group is not found", async () => {
  for (const name of ["nothing", "__proto__", "constructor"]) expect((await app.api.get(`/settings/${name}`)).status).toBe(404);
});

test("the list shows every group with its schema", async () => {
  const list = await app.api.data<{ group: string; schema: { properties: object }; defaults: object }[]>("/settings");
  expect(list.map(({ group }) => group)).toEqual(expect.arrayContaining(["security", "privacy", "retention"]));
  for (const { schema, defaults } of list) expect(Object.keys(schema.properties).sort()).toEqual(Object.keys(defaults).sort());
});

test.each([securitySettings, privacySettings, retentionSettings, assistantSettings, assistantPrices])(
  "$name: every field has a description, the defaults fit, and no schema fills in absent fields",
  ({ schema, defaults }) => {
    expect(Value.Check(schema as TSchema, defaults)).toBe(true);
    for (const property of Object.values<TSchema>(schema.properties)) expect(property.description).toBeString();
    expect(JSON.stringify(schema)).not.toContain('"default":');
  },
);

test("addresses are kept as far as the setting says", () => {
  expect(["full", "shortened", "none"].map((kept) => keptAddress("203.0.113.77", kept as "full"))).toEqual([
    "203.0.113.77",
    "203.0.113.0",
    "",
  ]);
  expect(keptAddress("2001:db8:1:2::5", "shortened")).toBe("2001:db8:1::");
});

const group = settingGroup({
  name: "trial",
  title: "Trial",
  description: "For this test",
  schema: t.Object({ size: t.Integer({ maximum: 9 }), word: t.String() }),
  defaults: { size: 1, word: "a" },
  check: ({ size, word }) => (word.length > size ? [{ path: "word", message: "is longer than size" }] : []),
});
const actor: Actor = {
  kind: "agent",
  id: "a1",
  name: "Ana",
  role: "admin",
  permissions: new Set(),
  reach: "all",
  teams: [],
};

async function openTrial() {
  const clock = new ManualClock();
  const rooms = await openRooms({ clock });
  const settings = settingModel(rooms.store.connection);
  const audit = createAuditService({ entries: auditModel(rooms.store.connection), clock });
  const open = (isAlone: boolean, of: typeof group = group) =>
    createSettingsService({
      settings,
      groups: [of],
      log: rooms.eventLog,
      bus: rooms.bus,
      audit,
      references: { missing: async () => [], watch: () => {} },
      isAlone,
      clock,
      logger: silentLog,
    });
  return { clock, rooms, settings, open };
}

test("rules between fields are told with their field, and nobody can change what they read", async () => {
  const { rooms, open } = await openTrial();
  await using _ = rooms;
  const service = open(true);
  await service.load();
  expect(service.patch(group, { version: 0, values: { word: "abc" } }, actor)).rejects.toMatchObject({
    code: "request.invalid",
    details: [{ path: "body.values.word" }],
  });
  expect(() => Object.assign(service.get(group), { size: 5 })).toThrow();
  expect(service.get(group)).toEqual({ size: 1, word: "a" });
});

test("another process hears of a change, at the latest when it looks again", async () => {
  const { clock, rooms, settings, open } = await openTrial();
  await using _ = rooms;
  const [one, other] = [open(false), open(false)];
  await one.load();
  await other.load();
  await one.patch(group, { version: 0, values: { size: 4 } }, actor);
  await until(() => other.get(group).size === 4, { what: "the event to be heard" });
  // A process on another machine: no event comes, only the stored document changes.
  await settings.updateOne({ _id: "trial" }, { $set: { version: 2, values: JSON.stringify({ size: 7, word: "a" }) } });
  await until(() => {
    clock.advance(6_000);
    return other.get(group).size === 7;
  });
  one.stop();
  other.stop();
});

test("a stored value that no longer fits gives way to the default; the others stay", async () => {
  const { rooms, settings, open } = await openTrial();
  await using _ = rooms;
  await settings.create({
    _id: "trial",
    version: 3,
    values: JSON.stringify({ size: "large", word: "z", gone: true }),
    updatedAt: new Date(),
    updatedBy: { id: "a1", name: "Ana" },
  });
  const service = open(true);
  await service.load();
  expect(service.state(group)).toMatchObject({ version: 3, values: { size: 1, word: "z" } });
});

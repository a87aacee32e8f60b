import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ImportView } from "../../../src/events/customer-view";
import type { ContactView } from "../../../src/events/view";
import { ApiClient } from "../../helpers/api-client";
import { startServer } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

type Target = { url: string; api: ApiClient };
let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  for (const name of ["vip", "nuevo"]) await app.api.post("/labels", { name });
  await app.api.post("/attributes", { key: "city", name: "Ciudad", type: "list", options: ["Lima", "Cusco"] });
});
afterAll(() => app[Symbol.asyncDispose]());

const upload = async ({ url, api }: Target, body: string, query = "") => {
  const response = await fetch(`${url}/api/v2/imports?${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${api.token}`, "content-type": "text/csv" },
    body,
  });
  return { status: response.status, body: (await response.json()) as { data: ImportView; code?: string; error?: string } };
};
const finished = (target: Target, id: string, within = 20_000) =>
  until(
    async () => {
      const one = await target.api.data<ImportView>(`/imports/${id}`);
      return one.state === "running" ? null : one;
    },
    { within },
  );
const importNow = async (body: string, query = "") => {
  const { status, body: answer } = await upload(app, body, query);
  if (status !== 200) throw new Error(JSON.stringify(answer));
  return finished(app, answer.data.id);
};
const text = async (path: string) => {
  const response = await fetch(`${app.url}/api/v2${path}`, { headers: { authorization: `Bearer ${app.api.token}` } });
  expect(response.status).toBe(200);
  return response.text();
};
const byPhone = async (digits: string) => (await app.api.data<ContactView[]>(`/contacts?identity=${digits}`))[0];

describe("importing contacts", () => {
  const FILE = [
    "Nombre;Celular;Correo;Empresa;Etiquetas;Ciudad;Sobra;Opt-in",
    'Íñigo "el Vasco";+51 900 100 001;i@example.com;"Telares; Puno";vip,nuevo;lima;x;sí',
    "Lucía;900100002;;;;Cusco;x;",
    ";51900100003;;;;;x;no",
    "Broken;12;;;;;x;",
    "Nobody;;;;;;x;",
    "Wrong;+51900100004;nobody;;unheard;Puno;x;perhaps",
  ].join("\r\n");

  test("a try tells what would be, and changes nothing", async () => {
    const done = await importNow(FILE, "countryCode=51&dryRun=true");
    expect(done).toMatchObject({ state: "done", isDryRun: true, total: 6, done: 6, created: 3, failed: 3, delimiter: ";" });
    expect(await byPhone("51900100001")).toBeUndefined();
  });

  test("rows become contacts; what is wrong is told row by row; a second time changes nothing", async () => {
    const done = await importNow(FILE, "countryCode=51&filename=people.csv");
    expect(done).toMatchObject({ state: "done", created: 3, updated: 0, skipped: 0, failed: 3, filename: "people.csv" });
    expect(done.columns.find(({ header }) => header === "Sobra")?.target).toBeNull();
    expect(await byPhone("51900100001")).toMatchObject({
      name: 'Íñigo "el Vasco"',
      phone: "+51900100001",
      email: "i@example.com",
      company: "Telares; Puno",
      labels: ["vip", "nuevo"],
      attributes: { city: "Lima" },
      optedInAt: expect.any(String),
      source: "import",
    });
    expect(await byPhone("51900100002")).toMatchObject({ name: "Lucía", attributes: { city: "Cusco" } });
    expect(await byPhone("51900100003")).toMatchObject({ name: "+51900100003", optedOutAt: expect.any(String) });
    const report = (await text(`/imports/${done.id}/report`)).trim().split("\r\n");
    expect(report).toHaveLength(4);
    expect(report[0]).toStartWith("row,problem,Nombre");
    expect(report[1]).toStartWith("4,");
    expect(report[1]).toContain("not a phone number");
    expect(report[2]).toContain("neither a phone number nor an external id");
    for (const part of ["e-mail", "unheard", "Lima, Cusco", "yes or no"]) expect(report[3]).toContain(part);

    const again = await importNow(FILE, "countryCode=51");
    expect(again).toMatchObject({ created: 0, updated: 0, skipped: 3, failed: 3 });
  });

  test("what is known is updated, or left alone when asked to; what the file does not say stays", async () => {
    const rows = "phone,name,company\n+51900100002,Lucía Dos,Nueva\n+51900100002,Lucía Dos,Nueva\n";
    expect(await importNow(rows, "onExisting=skip")).toMatchObject({ skipped: 2, updated: 0 });
    expect(await importNow(rows)).toMatchObject({ updated: 1, skipped: 1 });
    expect(await byPhone("51900100002")).toMatchObject({ name: "Lucía Dos", company: "Nueva", attributes: { city: "Cusco" } });
  });

  test("contacts are known by external id too, and a number of somebody else is a problem", async () => {
    expect(await importNow("External ID,name\nA-1,Uno\nA-2,Dos\n")).toMatchObject({ created: 2 });
    expect(await importNow("external_id,phone\nA-1,+51900100011\n")).toMatchObject({ updated: 1 });
    expect(await byPhone("51900100011")).toMatchObject({ name: "Uno", externalId: "A-1" });
    expect(await importNow("external_id,phone\nA-2,+51900100011\n")).toMatchObject({ failed: 1, updated: 0 });
  });

  test("the same number in another form is the same contact, and a customer who writes is found again", async () => {
    expect(await importNow("phone,name\n+5215512340077,Mex\n+525512340077,Mex\n")).toMatchObject({ created: 1, skipped: 1 });
    await app.receive({ from: "5215512340077", id: "wamid.mex", text: "hola" });
    const conversation = await until(async () => {
      const contact = await byPhone("525512340077");
      return (await app.api.data<{ id: string }[]>(`/conversations?contact=${contact?.id}`))[0];
    });
    expect(conversation.id).toBeString();
  });

  test("columns mean what a mapping says", async () => {
    const mapping = encodeURIComponent(JSON.stringify({ A: "phone", B: "name", C: "attributes.city" }));
    expect(await importNow("A,B,C\n+51900100021,Ana,Lima\n", `mapping=${mapping}`)).toMatchObject({ created: 1 });
    expect(await byPhone("51900100021")).toMatchObject({ name: "Ana", attributes: { city: "Lima" } });
  });

  test.each([
    ["name,colour\nx,y\n", "", 422, "import.file"],
    ["phone\n", "", 422, "import.file"],
    ['phone\n"unclosed', "", 422, "import.file"],
    ["", "", 400, "request.malformed"],
    ["phone\n1\n", `mapping=${encodeURIComponent('{"Nope":"phone"}')}`, 422, "import.file"],
    ["phone\n1\n", `mapping=${encodeURIComponent('{"phone":"attributes.nope"}')}`, 422, "import.file"],
    ["phone\n1\n", "mapping=[1]", 422, "request.invalid"],
    ["phone\n1\n", "mapping=nonsense", 422, "request.invalid"],
    ["phone\n1\n", "countryCode=x", 422, "request.invalid"],
    ["phone\n1\n", "delimiter=x", 422, "request.invalid"],
  ])("%j with %j is refused", async (body, query, status, code) => {
    const answer = await upload(app, body, query);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test("one that runs can be cancelled, one that has ended cannot", async () => {
    const rows = Array.from({ length: 3_000 }, (_, index) => `+5190020${String(index).padStart(4, "0")},N ${index}`);
    const { body } = await upload(app, `phone,name\n${rows.join("\n")}`);
    expect((await app.api.post<ImportView>(`/imports/${body.data.id}/cancel`)).body.data.state).toBe("cancelled");
    expect((await app.api.post(`/imports/${body.data.id}/cancel`)).status).toBe(409);
    const { done } = await app.api.data<ImportView>(`/imports/${body.data.id}`);
    expect(done).toBeLessThan(3_000);
    await Bun.sleep(200);
    expect((await app.api.data<ImportView>(`/imports/${body.data.id}`)).done).toBe(done);
    expect((await app.api.get("/imports/019345f2c1a4000a5be1f00d")).status).toBe(404);
  });
});

describe("exporting", () => {
  test("contacts as CSV can be imported again; formulas are text; JSON lines say the same", async () => {
    await app.api.post("/contacts", { name: "=cmd|' /C calc'!A1", phone: "+51900100031", labels: ["vip"] });
    const csv = await text("/exports/contacts?label=vip");
    expect(csv).toStartWith("id,name,phone");
    const bytes = await fetch(`${app.url}/api/v2/exports/contacts`, { headers: { authorization: `Bearer ${app.api.token}` } });
    expect([...new Uint8Array(await bytes.arrayBuffer()).slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(csv).toContain("'=cmd|' /C calc'!A1,+51900100031");
    expect(csv).not.toContain("Lucía");
    const lines = (await text("/exports/contacts?label=vip&format=jsonl")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).labels)).toEqual(["vip,nuevo", "vip"]);
    const again = await importNow(csv);
    expect(again).toMatchObject({ failed: 0, created: 0, updated: 0, skipped: 2 });
  });

  test("conversations are one row each, messages too", async () => {
    await app.receive({ from: "51900100041", id: "wamid.e1", text: "uno,\ndos" });
    const contact = await until(() => byPhone("51900100041"));
    await until(async () => (await text("/exports/messages?format=jsonl")).includes("uno,"));
    const rows = (await text("/exports/conversations?format=jsonl"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const own = rows.filter((row) => row.contact === contact.id);
    expect(own).toMatchObject([{ contactPhone: "+51900100041", channel: expect.any(String) }]);
    const messages = await text(`/exports/messages?conversation=${own[0].id}`);
    expect(messages).toContain('"uno,\ndos"');
    expect(await text("/exports/conversations?to=2020-01-01T00:00:00Z")).not.toContain(own[0].id);
  });

  test.each(["/exports/contacts?format=xml", "/exports/messages?from=never", "/exports/contacts?segment=x"])(
    "%s is refused",
    async (path) => {
      expect((await app.api.get(path)).status).toBe(422);
    },
  );
});

describe("faults", () => {
  test("kill -9 in the middle: it goes on, every row is there once, and none is told twice", async () => {
    using dir = tempDir();
    const env = { LOG_LEVEL: "error" };
    let server = await startServer({ dataDir: dir.path, env });
    const client = async () => ({ url: server.url, api: await new ApiClient(server.url).signIn(server.admin) });
    const rows = Array.from({ length: 2_000 }, (_, index) =>
      index % 10 === 0 ? `bad ${index},x` : `+5190030${String(index).padStart(4, "0")},N ${index}`,
    );
    let target = await client();
    const { body } = await upload(target, `phone,name\n${rows.join("\n")}`);
    await until(async () => (await target.api.data<ImportView>(`/imports/${body.data.id}`)).done > 200, { within: 30_000 });
    await server.kill();
    server = await startServer({ dataDir: dir.path, env });
    try {
      target = await client();
      const done = await finished(target, body.data.id, 40_000);
      expect(done).toMatchObject({ state: "done", done: 2_000, created: 1_800, skipped: 0, failed: 200 });
      const headers = { authorization: `Bearer ${target.api.token}` };
      const report = await (await fetch(`${server.url}/api/v2/imports/${body.data.id}/report`, { headers })).text();
      const told = report
        .trim()
        .split("\r\n")
        .slice(1)
        .map((line) => Number(line.split(",")[0]));
      expect(told).toEqual(rows.flatMap((row, index) => (row.startsWith("bad") ? [index + 1] : [])));
      const all = await (await fetch(`${server.url}/api/v2/exports/contacts?format=jsonl`, { headers })).text();
      expect(all.trim().split("\n")).toHaveLength(1_800);
    } finally {
      await server.stop();
    }
  }, 90_000);
});

/** The audit log: everything that matters is in it, secrets are not, and nobody can change it. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { withoutSecrets } from "../../../src/core/secret-name";
import type { AuditEntryView } from "../../../src/features/audit/audit.schema";
import { csvCell } from "../../../src/features/audit/audit-export";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(30_000);

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
  for (let version = 0; version < 5; version++)
    await app.api.patch("/settings/retention", { version, values: { audit: 100 + version } });
});
afterAll(() => app[Symbol.asyncDispose]());

const list = (query = "") => app.api.data<AuditEntryView[]>(`/audit?limit=100${query}`);

test("filters by action, noun, actor, target and time", async () => {
  const all = await list("&action=settings.update");
  expect(all).toHaveLength(5);
  expect(all.map(({ after }) => (after as { audit: number }).audit)).toEqual([104, 103, 102, 101, 100]);
  expect(await list("&action=settings")).toEqual(all);
  expect(await list("&target=retention")).toEqual(all);
  expect(await list("&target=nothing")).toEqual([]);
  expect(await list(`&actor=${all[0]?.actor.id}&action=settings`)).toEqual(all);
  expect(await list("&actor=nobody")).toEqual([]);
  const at = all[2]?.at ?? "";
  expect(await list(`&action=settings&from=${at}`)).toEqual(all.filter((one) => one.at >= at));
  expect(await list(`&action=settings&to=${at}`)).toEqual(all.filter((one) => one.at < at));
  expect((await app.api.get("/audit?from=2026-13-45")).status).toBe(422);
});

test("pages by key", async () => {
  const seen: AuditEntryView[] = [];
  let cursor = "";
  do {
    const { body } = await app.api.get<AuditEntryView[]>(`/audit?action=settings&limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.data);
    cursor = body.page?.next ?? "";
  } while (cursor !== "");
  expect(seen).toEqual(await list("&action=settings"));
});

test("is handed out as lines of JSON or as a table, the oldest first, and that is written down too", async () => {
  const get = async (format: string) => {
    const answer = await fetch(`${app.url}/api/v2/audit/export?action=settings&format=${format}`, {
      headers: { authorization: `Bearer ${app.api.token}` },
    });
    expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="audit.${format}"`);
    return answer.text();
  };
  const lines = (await get("jsonl")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual((await list("&action=settings")).reverse());
  const table = (await get("csv")).trim().split("\r\n");
  expect(table).toHaveLength(6);
  expect(table[0]).toStartWith("id,at,actorKind");
  expect(await list("&action=audit.export")).toHaveLength(2);
});

test("a cell cannot become a formula", () => {
  expect(['=HYPERLINK("x")', "+1", "-1", "@a", 'a "b"', "a,b", "plain"].map(csvCell)).toEqual([
    `"'=HYPERLINK(""x"")"`,
    "'+1",
    "'-1",
    "'@a",
    '"a ""b"""',
    '"a,b"',
    "plain",
  ]);
});

test("no route changes or removes an entry", async () => {
  const [entry] = await list();
  for (const method of ["PUT", "PATCH", "DELETE", "POST"])
    for (const path of ["/audit", `/audit/${entry?.id}`]) {
      const { status } = await fetch(`${app.url}/api/v2${path}`, {
        method,
        headers: { authorization: `Bearer ${app.api.token}`, "content-type": "application/json" },
        body: "{}",
      });
      expect([method, path, status]).toEqual([method, path, 404]);
    }
});

test("a refused change leaves no entry", async () => {
  const before = await list("&action=settings");
  await app.api.patch("/settings/retention", { version: 0, values: { audit: 7 } });
  expect(await list("&action=settings")).toEqual(before);
});

test("merging and taking it back are written down with both contacts", async () => {
  await app.receive(
    { from: "51987650001", id: "wamid.audit.1", text: "hola" },
    { from: "51987650002", id: "wamid.audit.2", text: "hola" },
  );
  const contacts = await until(async () => {
    const found = await app.api.data<{ id: string }[]>("/contacts");
    return found.length >= 2 ? found : null;
  });
  const [one, two] = contacts.map(({ id }) => id);
  const merge = await app.api.post<{ id: string }>(`/contacts/${one}/merge`, { contact: two });
  await app.api.post(`/contact-merges/${merge.body.data.id}/undo`);
  expect((await list(`&target=${one}`)).map(({ action, after }) => [action, after])).toEqual([
    ["contact.unmerge", { separated: two }],
    ["contact.merge", { merged: two }],
  ]);
});

test("secrets are never kept, whatever they are called and however deep", () => {
  const kept = withoutSecrets({
    accessToken: "x",
    nested: [{ appSecret: "x", password: "x", verify_token: "x", "api-key": "x", note: "plain" }],
    credentials: { a: "x" },
    tokenIsValid: true,
    recoveryCodes: ["x"],
  });
  expect(JSON.stringify(kept)).not.toContain('"x"');
  expect(kept).toMatchObject({ tokenIsValid: true, nested: [{ note: "plain" }] });
});

test("data that leave or enter in bulk are written down, with what was asked for", async () => {
  await app.api.post("/labels", { name: "vip" });
  for (const noun of ["contacts", "conversations", "messages"]) {
    const response = await fetch(`${app.url}/api/v2/exports/${noun}?format=jsonl${noun === "contacts" ? "&label=vip" : ""}`, {
      headers: { authorization: `Bearer ${app.api.token}` },
    });
    expect([noun, response.status]).toEqual([noun, 200]);
    await response.text();
  }
  const imported = await fetch(`${app.url}/api/v2/imports?dryRun=true&filename=people.csv`, {
    method: "POST",
    headers: { authorization: `Bearer ${app.api.token}`, "content-type": "text/csv" },
    body: "phone,name\n+51987654321,Somebody\n",
  });
  expect(imported.status).toBe(200);
  const of = async (action: string) => (await app.api.data<AuditEntryView[]>(`/audit?action=${action}`)).at(0);
  expect(await of("contacts.export")).toMatchObject({ actor: { name: "Admin" }, after: { format: "jsonl", label: "vip" } });
  expect(await of("conversations.export")).toMatchObject({ target: { kind: "export", id: "conversations" } });
  expect(await of("messages.export")).toMatchObject({ target: { kind: "export", id: "messages" } });
  expect(await of("contacts.import")).toMatchObject({
    target: { kind: "import", name: "people.csv" },
    after: { isDryRun: true, onExisting: "update" },
  });
});

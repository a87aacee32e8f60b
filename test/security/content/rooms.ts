/** What stands in the rooms of the marked company: written by those whose it is, over REST. */
import type { ApiClient } from "../../helpers/api-client";
import { graphFailure } from "../../helpers/graph-recorder";
import { until } from "../../helpers/until";
import { PLACES, type Place } from "./marker";
import type { Builder } from "./world";

type Made = { id: string };
const IN_A_WEEK = new Date(Date.now() + 7 * 86_400_000).toISOString();

/** Whoever works on the customers of a place. */
const writerOf = ({ app, people }: Builder, place: Place): [string, ApiClient] =>
  place === "queue" ? ["admin", app.api] : [place, people[place].api];

const REFUSED = "refused:";

export async function furnish(builder: Builder): Promise<void> {
  builder.app.graph.judge = ({ text }) => (text.startsWith(REFUSED) ? graphFailure(131_026) : null);
  await furnishCompany(builder);
  for (const place of PLACES) await furnishPlace(builder, place);
  await furnishPeople(builder);
  await furnishAdmin(builder);
  await furnishAssistant(builder);
}

async function upload(app: Builder["app"], filename: string, body: string): Promise<Made> {
  const uploaded = await fetch(`${app.url}/api/v2/media?type=document&filename=${filename}`, {
    method: "POST",
    headers: { authorization: `Bearer ${app.api.token}`, "content-type": "text/plain" },
    body,
  });
  return ((await uploaded.json()) as { data: Made }).data;
}

async function furnishPlace(builder: Builder, place: Place): Promise<void> {
  const { app, conversations, mark, target, done } = builder;
  const [, by] = writerOf(builder, place);
  const { id, contact } = conversations[place];
  const note = await done(by.post<Made>(`/conversations/${id}/notes`, { text: mark("note", place) }));
  target("note", { id: note.id, whose: place });
  const contactNote = await done(by.post<Made>(`/contacts/${contact.id}/notes`, { text: mark("contactNote", place) }));
  target("contactNote", { id: contactNote.id, whose: place, params: { id: contact.id, note: contactNote.id } });
  const later = { dueAt: IN_A_WEEK, content: { text: mark("scheduled", place) } };
  target("scheduled", { id: (await done(by.post<Made>(`/conversations/${id}/scheduled`, later))).id, whose: place });
  await done(
    by.patch(`/contacts/${contact.id}`, { company: mark("detail", place), email: `${mark("detail", place)}@example.com` }),
  );
  const filename = `${mark("fileName", place)}.txt`;
  const media = await upload(app, filename, mark("fileText", place));
  await done(app.api.post(`/conversations/${id}/messages`, { type: "document", document: { mediaId: media.id, filename } }));
  target("media", { id: media.id, whose: place });
  // A message that Meta refuses for good, with the word of the place.
  const failed = await done(app.api.post<Made>(`/conversations/${id}/messages`, { text: `${REFUSED} ${mark("reply", place)}` }));
  await until(
    async () => (await app.api.data<{ delivery: { state: string } }>(`/messages/${failed.id}`)).delivery.state === "failed",
  );
  target("delivery", { id: failed.id, whose: place });
  const starred = await app.api.data<{ id: string; direction: string }[]>(`/conversations/${id}/messages?direction=older`);
  const newest = starred[0]?.id;
  if (newest) target("readUpTo", { id, whose: place, more: newest });
  await done(by.patch(`/messages/${starred.find(({ direction }) => direction === "inbound")?.id}`, { starred: true }));
  // Somebody who was written down twice, and is one again; their other half is erased later on by nobody.
  const twin = await done(
    app.api.post<Made>("/contacts", { name: mark("twin", place), phone: `+5198769${1000 + PLACES.indexOf(place)}` }),
  );
  const merged = await app.api.post<Made>(`/contacts/${contact.id}/merge`, { contact: twin.id });
  if (merged.status !== 200) throw new Error(`merging answered ${merged.status}: ${JSON.stringify(merged.body)}`);
  const [merge] = await app.api.data<Made[]>(`/contacts/${contact.id}/merges`);
  target("merge", { id: String(merge?.id), whose: place });
  const macro = await done(
    by.post<Made>("/macros", { name: `run-${place}`, actions: [{ do: "note", text: "a macro was here" }] }),
  );
  const [run] = await done(by.post<Made[]>(`/macros/${macro.id}/run`, { conversations: [id] }));
  target("run", { id: String(run?.id), whose: place });
  target("participant", { id, whose: place, params: { id, agent: builder.people.lead.id } });
  target("draft", { id, whose: place, params: { id, kind: "note" } });
  for (const [what, room] of [
    ["rendered", "sharedReply"],
    ["tested", "rule"],
    ["runnable", "sharedMacro"],
  ] as const)
    target(what, { id: builder.idOf(room), whose: place, more: id });
  const [turn] = await until(async () => {
    const found = await app.api.data<Made[]>(`/assistant/runs?conversation=${id}`);
    return found.length > 0 ? found : null;
  });
  target("turn", { id: String(turn?.id), whose: place });
}

async function furnishPeople(builder: Builder): Promise<void> {
  const { app, people, conversations, mark, target, done } = builder;
  const owners: [string, ApiClient, Place][] = [
    ["person:sales", people.sales.api, "sales"],
    ["person:support", people.support.api, "support"],
    ["person:own", people.own.api, "own"],
    ["person:lead", people.lead.api, "sales"],
    ["person:admin", app.api, "queue"],
  ];
  for (const [whose, by, place] of owners) {
    const { id } = conversations[place];
    await done(by.put(`/conversations/${id}/drafts/reply`, { text: mark("draft", whose) }));
    const view = await done(by.post<Made>("/views", { name: mark("ownView", whose), filter: {} }));
    target("view", { id: view.id, whose });
    const segment = await done(by.post<Made>("/segments", { name: mark("ownSegment", whose), filter: {} }));
    target("segment", { id: segment.id, whose });
    const macro = await done(
      by.post<Made>("/macros", { name: mark("ownMacro", whose), actions: [{ do: "priority", priority: "low" }] }),
    );
    target("macro", { id: macro.id, whose });
    const reply = await done(
      by.post<Made>("/canned-replies", { shortcut: "mine", title: mark("ownReply", whose), text: "x", scope: "personal" }),
    );
    target("cannedReply", { id: reply.id, whose });
    const job = await done(
      by.post<Made>("/conversations/bulk", { ids: [id], actions: [{ do: "priority", priority: "normal" }] }),
    );
    target("job", { id: job.id, whose });
    const [session] = await by.data<Made[]>("/auth/sessions");
    if (by !== app.api) target("session", { id: String(session?.id), whose });
  }
}

async function furnishCompany({ app, teams, mark, target, done }: Builder): Promise<void> {
  const { api } = app;
  const make = async (what: string, path: string, body: object): Promise<void> =>
    target(what, { id: (await done(api.post<Made>(path, body))).id, whose: "company" });
  const label = mark("label", "company");
  await make("label", "/labels", { name: label });
  await make("attribute", "/attributes", { key: "size", name: mark("attribute", "company"), type: "text" });
  await make("sharedView", "/views", { name: mark("sharedView", "company"), filter: {}, scope: "shared" });
  await make("sharedSegment", "/segments", { name: mark("sharedSegment", "company"), filter: {}, isShared: true });
  await make("sharedMacro", "/macros", {
    name: mark("sharedMacro", "company"),
    visibility: "all",
    actions: [{ do: "priority", priority: "low" }],
  });
  await make("sharedReply", "/canned-replies", {
    shortcut: "shared",
    title: mark("sharedReply", "company"),
    text: "x",
    scope: "shared",
  });
  const day = [{ from: "09:00", to: "18:00" }];
  await make("hours", "/business-hours", { name: mark("hours", "company"), zone: "America/Lima", week: Array(7).fill(day) });
  await make("sla", "/sla-policies", { name: mark("sla", "company"), match: { labels: [label] }, firstReply: 15 });
  await make("rule", "/automation-rules", {
    name: mark("rule", "company"),
    trigger: { event: "message:received" },
    conditions: { all: [{ field: "message.text", is: "has-word", value: ["nobody-says-this"] }] },
    actions: [{ do: "priority", priority: "high" }],
  });
  await make("article", "/knowledge/articles", { title: mark("article", "company"), text: "The shop opens at nine." });
  for (const id of [teams.sales, teams.support]) target("team", { id, whose: "company" });
}

async function furnishAdmin({ app, people, teams, mark, adopt, target, done }: Builder): Promise<void> {
  const { api } = app;
  for (const { id } of Object.values(people)) target("agent", { id, whose: "company" });
  await done(
    api.post("/roles", { name: "marked", title: mark("role", "company"), permissions: ["contacts.read"], reach: "own" }),
  );
  target("role", { id: "marked", whose: "company" });
  const key = await done(
    api.post<{ secret: string; key: Made }>("/api-keys", { name: mark("apiKey", "company"), permissions: ["contacts.read"] }),
  );
  adopt("secret", "company", key.secret);
  target("key", { id: key.key.id, whose: "company" });
  const endpoint = await done(
    api.post<{ secret: string; endpoint: Made }>("/webhook-endpoints", {
      name: mark("endpoint", "company"),
      url: "https://93.184.216.34/hook",
      events: ["label:updated"],
    }),
  );
  adopt("secret", "company", endpoint.secret);
  target("endpoint", { id: endpoint.endpoint.id, whose: "company" });
  const [channel] = await api.data<Made[]>("/channels");
  target("channel", { id: String(channel?.id), whose: "company" });
  const { version } = await api.data<{ version: number }>("/settings/assistant");
  await done(api.patch("/settings/assistant", { version, values: { businessName: mark("prompt", "company") } }));
  const phone = await done(api.post<Made>("/sandbox/phones", { name: mark("phoneName", "company") }));
  target("phone", { id: phone.id, whose: "company" });
  const invited = await done(
    api.post<{ agent: Made; invitation: { link: string } }>("/agents", { email: "invited@example.com", role: "reader" }),
  );
  adopt("secret", "company", invited.invitation.link.split("#")[1] ?? "");
  target("invited", { id: invited.agent.id, whose: "company" });
  target("member", { id: teams.support, whose: "company", params: { id: teams.support, agent: people.own.id } });
  const imported = await fetch(`${app.url}/api/v2/imports`, {
    method: "POST",
    headers: { authorization: `Bearer ${api.token}`, "content-type": "text/csv" },
    body: "phone,name\n+51987720002,Import\nno phone,Nobody\n",
  });
  target("import", { id: ((await imported.json()) as { data: Made }).data.id, whose: "person:admin" });
  // A person who is gone: the receipt tells nothing of them.
  const erased = await done(api.post<Made>("/contacts", { name: mark("secret", "company"), phone: "+51987699009" }));
  const receipt = await done(api.post<Made>(`/data-protection/contacts/${erased.id}/erase`));
  target("erasure", { id: receipt.id, whose: "company" });
}

/** What the assistant is told and may do; none of it is in use, so that its turns tell nothing of it. */
async function furnishAssistant({ app, mark, adopt, target, done }: Builder): Promise<void> {
  const { api } = app;
  const text = () => `Be kind. ${mark("promptText", "company")}`;
  const { id } = await done(
    api.post<Made>("/assistant/prompts", { name: mark("promptText", "company"), text: text(), isPaused: true }),
  );
  await done(api.post(`/assistant/prompts/${id}/publish`, {}));
  await done(api.put(`/assistant/prompts/${id}/draft`, { text: text() }));
  target("assistantPrompt", { id, whose: "company" });
  target("promptVersion", { id, whose: "company", params: { id, number: "1" } });
  const yaml = "messages:\n  - hola\nexpect:\n  outcome: reply\n";
  const golden = await done(api.post<Made>("/assistant/goldens", { name: mark("golden", "company"), yaml, isEnabled: false }));
  target("golden", { id: golden.id, whose: "company" });
  const replay = await done(api.post<Made>("/assistant/replays", { last: 4, maxMicros: 1_000_000 }));
  target("replay", { id: replay.id, whose: "company" });
  const tool = await done(
    api.post<Made>("/assistant/tools", {
      name: "order_status",
      description: `Where an order is. ${mark("tool", "company")}`,
      method: "GET",
      url: "https://93.184.216.34/orders",
      secretHeader: "authorization",
      secret: adopt("secret", "company", `Bearer ${crypto.randomUUID()}`),
      isEnabled: false,
    }),
  );
  target("tool", { id: tool.id, whose: "company" });
  const file = await upload(app, "prices.txt", "prices");
  target("sharedFile", { id: file.id, whose: "company" });
  const item = await done(
    api.post<Made>("/media-library", { name: mark("libraryItem", "company"), media: file.id, forAssistant: false }),
  );
  target("libraryItem", { id: item.id, whose: "company" });
}

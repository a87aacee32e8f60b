/** Rules that reach people outside the conversation's window: an approved template on the phone of the sandbox, a mail in a real mail server. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { SMTPServer } from "smtp-server";
import type { TemplateView } from "../../../src/events/view";
import { until } from "../../helpers/until";
import { createSandboxApp, type SandboxApp } from "../channels/sandbox-app";
import type { InboxWorld } from "../inbox/inbox-world";
import { makeRule, ran, removeRule } from "./automation-world";

setDefaultTimeout(60_000);

const mails: { to: string; text: string }[] = [];
/** What the mail server refuses the next recipients with. */
let refusals = 0;
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS"],
  onRcptTo(_address, _session, done) {
    done(refusals-- > 0 ? Object.assign(new Error("later"), { responseCode: 451 }) : null);
  },
  onData(stream, session, done) {
    let text = "";
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    stream.on("end", () => {
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(), text });
      done();
    });
  },
});

let app: SandboxApp;
let world: InboxWorld;
beforeAll(async () => {
  await new Promise<void>((resolve) => smtp.listen(0, "127.0.0.1", () => resolve()));
  const { port } = smtp.server.address() as { port: number };
  app = await createSandboxApp({ env: { ASSISTANT: "off", SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: "crm@example.com" } });
  world = { admin: app.api } as InboxWorld;
  await app.plays({ type: "text", text: "hola" });
  await app.conversation();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
});

test("an approved template with the customer's name reaches the phone, once", async () => {
  await until(async () => (await app.api.data<TemplateView[]>("/templates?name=saludo_inicial"))[0]?.status === "APPROVED");
  const rule = await makeRule(world, {
    event: "conversation:resolved",
    actions: [
      {
        do: "send",
        message: {
          type: "template",
          template: { name: "saludo_inicial", language: "es", body: ["{{contact.first_name}}", "su consulta"] },
        },
      },
    ],
  });
  const { id, contact } = await app.conversation();
  await app.api.patch(`/conversations/${id}`, { status: "resolved" });
  const [run] = await ran(world, rule.id);
  expect(run?.outcomes[0]).toMatchObject({ state: "done" });
  const said = await until(async () => {
    const texts = (await app.thread()).map(({ content }) => content.text);
    const found = texts.filter((text) => text.includes("seguimos con tu consulta sobre su consulta"));
    return found.length > 0 ? found : null;
  });
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(`Hola ${contact.name.split(" ")[0]},`);
  await removeRule(world, rule.id);
});

test("a mail with what the conversation knows arrives; a mail server that refuses is asked again", async () => {
  refusals = 1;
  const rule = await makeRule(world, {
    actions: [{ do: "mail", to: "jefe@example.com", subject: "Escribió {{contact.first_name}}", text: "Alguien espera." }],
  });
  await app.plays({ type: "text", text: "¿hay alguien?" });
  const [run] = await ran(world, rule.id);
  expect(run?.outcomes[0]).toMatchObject({ do: "mail", state: "done" });
  expect(mails).toHaveLength(1);
  const { contact } = await app.conversation();
  expect(mails[0]?.to).toBe("jefe@example.com");
  expect(mails[0]?.text).toContain("Alguien espera.");
  expect(mails[0]?.text).toContain(contact.name.split(" ")[0] ?? "?");
  await removeRule(world, rule.id);
});

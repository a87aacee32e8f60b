/**
 * What the product is compared with: the bot that is built by hand in an afternoon, with Express, Socket.io and Mongoose documents
 * in memory. Checks the signature, keeps contact and message, tells the agents. Nothing is written to a disk, nothing is answered.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { Server } from "socket.io";
import { BotContact, BotMessage } from "./express-bot.model";

interface Webhook {
  entry: {
    changes: {
      value: {
        contacts?: { wa_id: string; profile: { name: string } }[];
        messages?: { id: string; from: string; timestamp: string; type: string; text?: { body: string } }[];
      };
    }[];
  }[];
}

const appSecret = process.argv[2] ?? "";
const contacts = new Map<string, InstanceType<typeof BotContact>>();
const messages = new Map<string, InstanceType<typeof BotMessage>>();
let answered = 0;

const app = express();
const http = createServer(app);
const io = new Server(http);

app.use(
  express.json({
    verify: (request, _, raw) => {
      const given = Buffer.from(String(request.headers["x-hub-signature-256"] ?? "").slice(7), "hex");
      const expected = createHmac("sha256", appSecret).update(raw).digest();
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Error("bad signature");
    },
  }),
);

app.post("/", async (request, response) => {
  for (const { changes } of (request.body as Webhook).entry)
    for (const { value } of changes)
      for (const { id, from, timestamp, type, text } of value.messages ?? []) {
        if (messages.has(id)) continue;
        const sentAt = new Date(Number(timestamp) * 1_000);
        const name = value.contacts?.find(({ wa_id }) => wa_id === from)?.profile.name;
        const contact = contacts.get(from) ?? new BotContact({ waId: from });
        contact.set({ name, lastMessageAt: sentAt });
        await contact.validate();
        contacts.set(from, contact);
        const message = new BotMessage({ wamid: id, contact: contact.id, role: "user", type, content: text?.body, sentAt });
        await message.validate();
        messages.set(id, message);
        io.to("inbox").emit("message:new", message.toObject());
      }
  answered++;
  response.sendStatus(200);
});
app.get("/count", (_, response) => {
  response.json({ answered, rows: messages.size });
});

http.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (http.address() as AddressInfo).port })));

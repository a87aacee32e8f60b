/** What a customer can do on the phone besides writing, and what can be tapped in what the business sent. Pure. */
import type { PhoneMessage as Act } from "@server/channels/whatsapp/sandbox/phone-message.schema";
import type { WordKey } from "../i18n/words";
import type { PhoneMessage } from "./phone-view";

export interface PhoneAct {
  id: string;
  word: WordKey;
  icon: string;
  message: Act;
}

/** Files are small samples of the sandbox itself. */
export const ACTS: readonly PhoneAct[] = [
  { id: "image", word: "kind.image", icon: "image", message: { type: "image" } },
  { id: "video", word: "kind.video", icon: "video", message: { type: "video" } },
  { id: "voice", word: "kind.voice", icon: "mic", message: { type: "audio", voice: true } },
  { id: "document", word: "kind.document", icon: "file", message: { type: "document", filename: "pedido.pdf" } },
  { id: "sticker", word: "kind.sticker", icon: "sticker", message: { type: "sticker" } },
  {
    id: "location",
    word: "kind.location",
    icon: "pin",
    message: { type: "location", latitude: -13.5164, longitude: -71.9785, name: "Plaza de Armas, Cusco" },
  },
  {
    id: "contacts",
    word: "kind.contacts",
    icon: "card",
    message: { type: "contacts", contacts: [{ name: "Killa Quispe", phone: "+51900000733" }] },
  },
  {
    id: "order",
    word: "kind.order",
    icon: "cart",
    message: {
      type: "order",
      catalogId: "1000",
      items: [{ productId: "manta-colca", quantity: 2, price: 89.9, currency: "PEN" }],
    },
  },
  { id: "poll", word: "sandbox.poll", icon: "help", message: { type: "unsupported", subject: "poll_creation" } },
  { id: "call", word: "sandbox.call", icon: "phone", message: { type: "call", seconds: 42 } },
  { id: "stop", word: "sandbox.stop", icon: "x-circle", message: { type: "preference", value: "stop" } },
  { id: "resume", word: "sandbox.resume", icon: "check-circle", message: { type: "preference", value: "resume" } },
];

export interface Tappable {
  text: string;
  detail: string;
  act: Act;
}

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Buttons and rows of a message of the business, each with what a tap on it sends. */
export function tappablesOf({ id, from, content }: Pick<PhoneMessage, "id" | "from" | "content">): Tappable[] {
  if (from !== "business") return [];
  const body = fields(content.body);
  const action = fields(body.action);
  const buttons = list(action.buttons).map((button) => {
    const reply = fields(button.reply);
    const title = text(reply.title);
    return { text: title, detail: "", act: { type: "button_reply" as const, id: text(reply.id), title, replyTo: id } };
  });
  const rows = list(action.sections)
    .flatMap(({ rows: all }) => list(all))
    .map((row) => {
      const title = text(row.title);
      const description = text(row.description);
      const act = { type: "list_reply" as const, id: text(row.id), title, ...(description ? { description } : {}), replyTo: id };
      return { text: title, detail: description, act };
    });
  const quick = list(fields(body.rendered).buttons)
    .filter(({ type }) => text(type).toUpperCase() === "QUICK_REPLY")
    .map((button) => {
      const words = text(button.text);
      return { text: words, detail: "", act: { type: "button" as const, payload: words, text: words, replyTo: id } };
    });
  return [...buttons, ...rows, ...quick].filter((one) => one.text !== "");
}

/** Message ids in WhatsApp's form: `wamid.` and base64 of who and which. */
import { newId } from "../../../core/id";

export function newWamid(person: string): string {
  return `wamid.${Buffer.from(`\x1d\x0b${person}\x15\x02\x00\x12\x18\x14${newId().toUpperCase()}\0`, "latin1").toString("base64")}`;
}

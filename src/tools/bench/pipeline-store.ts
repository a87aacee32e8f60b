/** Compares every message in the store that the server has left with what the world outside said and heard. */
import { customerOfNumber } from "./pipeline-plan";
import type { Ledger } from "./pipeline-world";
import { storedMessages } from "./stored-messages";

/** Throws with every count that is not as it must be. */
export async function assertStore(dataDir: string, { said, heard }: Ledger): Promise<void> {
  const inbound = new Map(said.map(({ wamid, text, customer }) => [wamid, { text, customer }]));
  const outbound = new Map(heard.map(({ wamid, text, to }) => [wamid, { text, customer: customerOfNumber(to) }]));
  const contacts = new Map<number, string>();
  const wrong = { foreignOrTwice: 0, otherText: 0, otherContact: 0, notRead: 0 };
  for await (const { wamid, direction, content, contact, delivery } of storedMessages(dataDir)) {
    const awaited = direction === "inbound" ? inbound : outbound;
    const one = awaited.get(wamid ?? "");
    if (!one) {
      wrong.foreignOrTwice++;
      continue;
    }
    awaited.delete(wamid ?? "");
    if (one.text !== content) wrong.otherText++;
    if (contacts.getOrInsert(one.customer, contact) !== contact) wrong.otherContact++;
    if (direction === "outbound" && delivery?.state !== "read") wrong.notRead++;
  }
  const missing = inbound.size + outbound.size;
  if (missing > 0 || Object.values(wrong).some((count) => count > 0))
    throw new Error(`The store is not as it must be: ${JSON.stringify({ missing, ...wrong })}`);
}

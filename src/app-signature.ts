/**
 * Webhook signatures of several Meta apps behind one address: a body is believed only about the numbers of the app that signed it,
 * so the secret of one app does not open the inbox of another (facts §2.2).
 */
import { listOf, objectOf, textOf } from "./channels/whatsapp/json-value";
import { createSignatureCheck, type SignatureCheck } from "./channels/whatsapp/signature";
import type { ConnectedChannel } from "./features/channels/channel-line";

type ListChannels = () => readonly Pick<ConnectedChannel, "channel">[];

/** Asks for the numbers at every call, because they come and go while the server runs. */
export function createChannelSignatureCheck(listChannels: ListChannels): SignatureCheck {
  const secretsInUse = () => [...new Set(listChannels().map(({ channel }) => channel.appSecret))];
  const signedByAny = createSignatureCheck(secretsInUse);
  let candidate: readonly string[] = [];
  const signedByCandidate = createSignatureCheck(() => candidate);

  return (raw, header) => {
    if (!signedByAny(raw, header)) return false;
    const secrets = secretsInUse();
    // The usual case, and the fast one: one app, nothing to tell apart.
    if (secrets.length === 1) return true;
    const named = namedIn(raw);
    return secrets.some((secret) => {
      candidate = [secret];
      return signedByCandidate(raw, header) && maySpeakOf(named, secret, listChannels());
    });
  };
}

interface Named {
  numbers: Set<string>;
  accounts: Set<string>;
}

/** False when the body names a number, or an account, that only other apps serve. Unknown ones may be named by everybody. */
function maySpeakOf({ numbers, accounts }: Named, secret: string, channels: ReturnType<ListChannels>): boolean {
  const foreign = (matches: (channel: ConnectedChannel["channel"]) => boolean) => {
    const concerned = channels.filter(({ channel }) => matches(channel));
    return concerned.length > 0 && concerned.every(({ channel }) => channel.appSecret !== secret);
  };
  return (
    [...numbers].every((id) => !foreign((channel) => channel.phoneNumberId === id)) &&
    [...accounts].every((id) => !foreign((channel) => channel.wabaId === id))
  );
}

function namedIn(raw: Uint8Array): Named {
  const named: Named = { numbers: new Set(), accounts: new Set() };
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(raw));
  } catch {
    return named; // SyntaxError or RangeError: the door records what it cannot read
  }
  for (const entry of listOf(objectOf(body)?.entry)) {
    const account = textOf(objectOf(entry)?.id);
    if (account) named.accounts.add(account);
    for (const change of listOf(objectOf(entry)?.changes)) {
      const number = textOf(objectOf(objectOf(objectOf(change)?.value)?.metadata)?.phone_number_id);
      if (number) named.numbers.add(number);
    }
  }
  return named;
}

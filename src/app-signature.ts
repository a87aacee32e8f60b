/**
 * Webhook signatures of several Meta apps behind one address: a body is believed only about the numbers of the app that signed it,
 * so the secret of one app does not open the inbox of another (facts §2.2). A replaced secret counts until its time is over.
 */
import { secretsOf } from "./channels/whatsapp/channel";
import { listOf, objectOf, textOf } from "./channels/whatsapp/json-value";
import { createFindSigner, type SignatureCheck } from "./channels/whatsapp/signature";
import type { Clock } from "./core/clock";
import type { ConnectedChannel } from "./features/channels/channel-line";

type Line = Pick<ConnectedChannel, "channel">;
/** The same list until something about a number changes: what is made of it is kept as long. */
type ListChannels = () => readonly Line[];
type SecretsOfLine = ReadonlyMap<Line, ReadonlySet<string>>;

interface Known {
  channels: readonly Line[];
  /** When the next replaced secret ends. */
  until: number;
  /** Those that hold now before those that were replaced: the usual webhook costs one hash. */
  secrets: readonly string[];
  /** Secrets of an app that serves every number: there is nothing to tell apart. */
  shared: ReadonlySet<string>;
  secretsOfLine: SecretsOfLine;
}

export function createChannelSignatureCheck(listChannels: ListChannels, clock: Pick<Clock, "now">): SignatureCheck {
  let known: Known | null = null;
  function know(): Known {
    const channels = listChannels();
    const now = clock.now();
    if (!known || known.channels !== channels || now >= known.until) known = learn(channels, now);
    return known;
  }
  const findSigner = createFindSigner(() => know().secrets);

  return (raw, header) => {
    const signer = findSigner(raw, header);
    if (signer === null) return false;
    const { shared, secretsOfLine } = know();
    return shared.has(signer) || maySpeakOf(namedIn(raw), signer, secretsOfLine);
  };
}

function learn(channels: readonly Line[], now: number): Known {
  const secretsOfLine = new Map(channels.map((line) => [line, new Set(secretsOf(line.channel, "appSecret", now))]));
  const sets = [...secretsOfLine.values()];
  const secrets = [...new Set([...channels.map(({ channel }) => channel.appSecret), ...sets.flatMap((own) => [...own])])];
  const ends = channels.flatMap(({ channel }) => (channel.retired ?? []).map(({ until }) => until ?? 0)).filter((at) => at > now);
  return {
    channels,
    until: Math.min(Number.POSITIVE_INFINITY, ...ends),
    secrets,
    shared: new Set(secrets.filter((secret) => sets.every((own) => own.has(secret)))),
    secretsOfLine,
  };
}

interface Named {
  numbers: Set<string>;
  accounts: Set<string>;
}

/** False when the body names a number, or an account, that only other apps serve. Unknown ones may be named by everybody. */
function maySpeakOf({ numbers, accounts }: Named, secret: string, lines: SecretsOfLine): boolean {
  const foreign = (matches: (channel: ConnectedChannel["channel"]) => boolean) => {
    const concerned = [...lines].filter(([{ channel }]) => matches(channel));
    return concerned.length > 0 && concerned.every(([, own]) => !own.has(secret));
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

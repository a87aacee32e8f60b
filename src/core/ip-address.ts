/** Which network an address belongs to: the public internet, or somewhere a stranger must not send us. */
import { BlockList, isIP } from "node:net";

/** IANA's special-purpose registry: everything that is not a host on the public internet. */
const NOT_PUBLIC_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8",
  "169.254.0.0/16", // link-local, with the metadata services of clouds
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
/** Of IPv6 only 2000::/3 is given out, and of that not these. */
const NOT_PUBLIC_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];
/** Their last 32 bits are an IPv4 address: IPv4-mapped, and the two forms of NAT64. */
const CARRIES_V4 = ["::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48"];

const notPublicV4 = blocks(NOT_PUBLIC_V4);
const notPublicV6 = blocks(NOT_PUBLIC_V6);
const globalV6 = blocks(["2000::/3"]);
const carriesV4 = blocks(CARRIES_V4);

/** Whether this is the address of a host on the public internet. Anything that is no plain IPv4 or IPv6 address is not. */
export function isPublicAddress(address: string): boolean {
  const kind = isIP(address);
  if (kind === 4) return !notPublicV4.check(address, "ipv4");
  if (kind !== 6) return false;
  if (carriesV4.check(address, "ipv6")) return isPublicAddress(lastFourBytes(address));
  return globalV6.check(address, "ipv6") && !notPublicV6.check(address, "ipv6");
}

/** The form addresses are compared in: an IPv4 address that came through an IPv6 socket is an IPv4 address. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, "");
  return isIP(bare) === 6 && mapped.check(bare, "ipv6") ? lastFourBytes(bare) : bare;
}
const mapped = blocks(["::ffff:0:0/96"]);

/** A list of addresses and blocks such as `10.0.0.0/8`. Null when an entry is neither. */
export function addressList(entries: readonly string[]): ((address: string) => boolean) | null {
  if (!entries.every(isBlock)) return null;
  const list = blocks(entries);
  return (address) => {
    const plain = plainAddress(address);
    const kind = isIP(plain);
    return kind !== 0 && list.check(plain, kind === 4 ? "ipv4" : "ipv6");
  };
}

function isBlock(entry: string): boolean {
  const [address = "", bits, ...more] = entry.split("/");
  const kind = isIP(address);
  if (kind === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (kind === 4 ? 32 : 128));
}

function blocks(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = "", bits] = entry.split("/");
    const kind = isIP(address) === 4 ? "ipv4" : "ipv6";
    list.addSubnet(address, bits === undefined ? (kind === "ipv4" ? 32 : 128) : Number(bits), kind);
  }
  return list;
}

function lastFourBytes(address: string): string {
  const dotted = /(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (dotted) return dotted;
  // A URL writes every IPv6 address in one form: without dots, with the two last groups in place.
  const groups = new URL(`http://[${address}]/`).hostname.slice(1, -1).split(":");
  const [high, low] = [groups.at(-2), groups.at(-1)].map((group) => Number.parseInt(group || "0", 16));
  return [high, low].flatMap((group = 0) => [group >> 8, group & 255]).join(".");
}

/** Which proxies in front of the server are believed when they say whom they speak for. */
import { addressList } from "../core/ip-address";

const LOOPBACK = ["127.0.0.0/8", "::1"];
const PRIVATE = [...LOOPBACK, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/** What TRUST_PROXY names. Null when it names something else. */
export function readTrustedProxies(text: string): ((address: string) => boolean) | null {
  if (text === "off") return () => false;
  return addressList(
    text.split(",").flatMap((entry) => {
      const word = entry.trim();
      return word === "loopback" ? LOOPBACK : word === "private" ? PRIVATE : [word];
    }),
  );
}

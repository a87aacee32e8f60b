import { describe, expect, test } from "bun:test";
import { clientAddress, networkOf } from "../../src/core/client-address";

const server = (address: string) => ({ requestIP: () => ({ address }) });
const from = (forwarded: string | null, proxies: number, peer = "10.0.0.1") =>
  clientAddress(
    new Request("http://localhost/", { headers: forwarded === null ? {} : { "x-forwarded-for": forwarded } }),
    server(peer),
    proxies,
  );

describe("the client's address", () => {
  test.each([
    ["without proxies the header says nothing", "203.0.113.9", 0, "10.0.0.1"],
    ["behind one proxy its entry counts, whatever was there before", "1.1.1.1, 203.0.113.9", 1, "203.0.113.9"],
    ["behind two the one before the last", "1.1.1.1, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"],
    ["fewer entries than proxies: the first", "203.0.113.9", 3, "203.0.113.9"],
    ["nonsense in its place: the peer", "203.0.113.9, <script>", 1, "10.0.0.1"],
    ["no header: the peer", null, 1, "10.0.0.1"],
    ["IPv4 inside IPv6 is the same address", "::ffff:203.0.113.9", 1, "203.0.113.9"],
  ] as const)("%s", (_, forwarded, proxies, expected) => {
    expect(from(forwarded, proxies)).toBe(expected);
  });
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["2001:db8:0:1::1", "2001:db8:0:1"],
  ["2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1"],
  ["2001:DB8::9", "2001:db8:0:0"],
  ["2001:db8::", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["no:address", "no:address"],
])("the network of %s is %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

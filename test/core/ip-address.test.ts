/** Which addresses are public: every special range refused, in whatever spelling. */
import { expect, test } from "bun:test";
import { addressList, isPublicAddress, plainAddress } from "../../src/core/ip-address";

test.each([
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.8",
  "192.168.1.1",
  "198.19.0.1",
  "203.0.113.7",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::ffff:a9fe:a9fe",
  "::ffff:10.0.0.1",
  "64:ff9b::10.0.0.1",
  "64:ff9b::a00:1",
  "64:ff9b:1::7f00:1",
  "fe80::1",
  "fc00::1",
  "fd00:ec2::254",
  "fec0::1",
  "ff02::1",
  "2001:db8::1",
  "2001::1",
  "2002:7f00:1::",
  "3fff::1",
  "::7f00:1",
  "100::1",
  "localhost",
  "",
  "127.1",
  "0x7f000001",
  "2130706433",
])("%s is not public", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  "1.1.1.1",
  "8.8.8.8",
  "100.63.255.255",
  "100.128.0.1",
  "172.15.0.1",
  "172.32.0.1",
  "169.253.1.1",
  "223.255.255.255",
  "2606:4700::1111",
  "2a00:1450:4001::1",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
])("%s is public", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test("lists of addresses and blocks", () => {
  const list = addressList(["10.0.0.0/8", "192.0.2.7", "fd00::/8"]);
  expect(
    ["10.9.9.9", "::ffff:10.1.1.1", "192.0.2.7", "fd12::1", "192.0.2.8", "11.0.0.1", "x", ""].map((one) => list?.(one)),
  ).toEqual([true, true, true, true, false, false, false, false]);
  for (const wrong of ["10.0.0.0/33", "host", "10.0.0.0/8/8", "10.0.0.0/x", "::/129", ""])
    expect(addressList([wrong])).toBeNull();
});

test("an IPv4 address that came through an IPv6 socket is an IPv4 address", () => {
  expect([plainAddress("::ffff:192.0.2.1"), plainAddress("::ffff:c000:201"), plainAddress("fe80::1%eth0")]).toEqual([
    "192.0.2.1",
    "192.0.2.1",
    "fe80::1",
  ]);
});

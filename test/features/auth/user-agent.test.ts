/** A device list is only of use when people recognise their own machine in it. */
import { describe, expect, test } from "bun:test";
import { deviceOf } from "../../../src/features/auth/user-agent";

const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
const LINUX = "Mozilla/5.0 (X11; Linux x86_64)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)";
const ANDROID = "Mozilla/5.0 (Linux; Android 10; K)";
const KIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)";

const DEVICES: readonly [name: string, header: string][] = [
  ["Chrome on Windows", `${WINDOWS} ${KIT} Chrome/142.0.0.0 Safari/537.36`],
  ["Chrome on Linux", `${LINUX} ${KIT} HeadlessChrome/142.0.0.0 Safari/537.36`],
  ["Chrome on Android", `${ANDROID} ${KIT} Chrome/142.0.0.0 Mobile Safari/537.36`],
  ["Chrome on Linux", `${LINUX} ${KIT} Ubuntu Chromium/142.0.0.0 Chrome/142.0.0.0 Safari/537.36`],
  ["Chrome on ChromeOS", `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${KIT} Chrome/142.0.0.0 Safari/537.36`],
  ["Chrome on iPhone", `${IPHONE} ${APPLE} CriOS/142.0.7444.46 Mobile/15E148 Safari/604.1`],
  ["Edge on Windows", `${WINDOWS} ${KIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`],
  ["Edge on Linux", `${LINUX} ${KIT} HeadlessChrome/142.0.0.0 Safari/537.36 HeadlessEdg/142.0.0.0`],
  ["Edge on Windows", `${WINDOWS} ${KIT} Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763`],
  ["Edge on Android", `${ANDROID} ${KIT} Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0`],
  ["Edge on iPhone", `${IPHONE} ${APPLE} Version/18.0 EdgiOS/142.0.0.0 Mobile/15E148 Safari/604.1`],
  ["Opera on macOS", `${MAC} ${KIT} Chrome/142.0.0.0 Safari/537.36 OPR/125.0.0.0`],
  ["Opera on iPhone", `${IPHONE} ${APPLE} Version/18.1 Mobile/15E148 Safari/604.1 OPT/5.6.0`],
  ["Vivaldi on Linux", `${LINUX} ${KIT} Chrome/142.0.0.0 Safari/537.36 Vivaldi/7.6`],
  ["Yandex on Windows", `${WINDOWS} ${KIT} Chrome/140.0.0.0 YaBrowser/25.10.0.0 Safari/537.36`],
  ["Samsung Internet on Android", `${ANDROID} ${KIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`],
  ["Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"],
  ["Firefox on iPhone", `${IPHONE} ${APPLE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15`],
  ["Firefox on Android", "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"],
  ["Safari on macOS", `${MAC} ${APPLE} Version/18.1 Safari/605.1.15`],
  ["Safari on iPhone", `${IPHONE} ${APPLE} Version/18.1 Mobile/15E148 Safari/604.1`],
  ["Safari on iPad", `Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) ${APPLE} Version/18.1 Mobile/15E148 Safari/604.1`],
  ["iPhone", `${IPHONE} ${APPLE} Mobile/15E148`],
  ["curl/8.11.1", "curl/8.11.1"],
  ["Unknown device", "  "],
  ["Unknown device", ""],
];

describe("deviceOf", () => {
  test.each(DEVICES)("%s: %s", (name, header) => expect(deviceOf(header)).toBe(name));

  test("a header that names nothing is cut, whatever its length", () => {
    expect(deviceOf(`x${"y".repeat(5_000)}`)).toBe(`x${"y".repeat(59)}`);
  });
});

/** What can be read off the code itself. Each gives the places that break it. */
import { readSources } from "../../../src/tools/house/source-file";

const sources = (await readSources("src/**/*.ts")).filter(({ path }) => !path.includes(".spec.") && !path.includes(".testing."));
/** What is delivered: tools build and measure. */
const product = sources.filter(({ path }) => !path.startsWith("src/tools/"));
const server = product.filter(({ path }) => !path.startsWith("src/web/"));

const placesOf = (pattern: RegExp, among = product, except: RegExp = /^$/): string[] =>
  among.flatMap(({ path, text }) =>
    except.test(path)
      ? []
      : text
          .split("\n")
          .flatMap((line, at) =>
            pattern.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line) ? [`${path}:${at + 1} ${line.trim()}`] : [],
          ),
  );

/** Files that open lines by themselves, and to whom. A line to where a person points goes through core/url-guard.ts. */
const OPEN_LINES: Readonly<Record<string, string>> = {
  "src/core/url-guard.ts": "the guard itself",
  "src/channels/whatsapp/graph-http.ts": "Meta's Graph API, whose address the operator sets",
  "src/channels/whatsapp/media.ts": "Meta's files: hosts of Meta only, redirects by hand",
  "src/channels/whatsapp/sandbox/webhook-body.ts": "the sandbox to our own door",
  "src/commands/control-client.ts": "the socket of our own server",
  "src/commands/health.ts": "our own server",
  "src/commands/torture/rest-client.ts": "our own server under test",
};

/** Authenticator apps know only HMAC-SHA1 everywhere (RFC 6238). MongoDB's `filemd5` is the checksum of a file; nothing rests on it. */
const PRESCRIBED = /^src\/(features\/auth\/second-factor\.service|store\/embedded\/command\/file-md5)\.ts$/;

export const sourceChecks: Readonly<Record<string, () => string[]>> = {
  noEvaluation: () => placesOf(/\beval\(|new Function\(|\bsetTimeout\(["'`]|vm\.run|from "node:vm"/),
  noCommands: () => placesOf(/node:child_process|Bun\.spawn|Bun\.\$|\bexecSync\(/, product, /^src\/commands\/torture\//),
  weakCryptography: () => placesOf(/["'](md5|sha1|md4|rc4|des|des-ede3|[\w-]+-ecb|blowfish)["']/i, server, PRESCRIBED),
  randomness: () =>
    placesOf(
      /Math\.random\(/,
      server,
      /^src\/(commands\/torture|ai\/sandbox|channels\/whatsapp\/sandbox|store\/embedded\/aggregate)\//,
    ),
  certificates: () => placesOf(/rejectUnauthorized:\s*false|NODE_TLS_REJECT_UNAUTHORIZED|checkServerIdentity/),
  outgoingCalls: () =>
    placesOf(/(?<![.\w])fetch\(|new WebSocket\(|Bun\.connect\(|net\.connect\(|https?\.request\(/, server)
      .filter((place) => !OPEN_LINES[place.split(":")[0] ?? ""])
      // A method of that name, not a call.
      .filter((place) => !/ (async )?fetch\([\w, :{}?]*\)( \{|:)/.test(place)),
  noOtherParsers: () =>
    placesOf(/from "(yaml|js-yaml|xml2js|fast-xml-parser|sax|libxmljs|node:v8|serialize-javascript)"/, server).concat(
      placesOf(/new DOMParser\(|v8\.deserialize/, server),
    ),
};

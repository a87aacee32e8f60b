/** V1: architecture. Mostly decisions; those the code can break are tests. */
import { type Row, tested, words } from "./row";

export const ARCHITECTURE: readonly Row[] = [
  words(
    "1.1.1",
    "security in every stage of development",
    "Every change runs types, linter, tests and the checks of this folder before it is merged.",
  ),
  words(
    "1.1.2",
    "threats are thought of with every change",
    "The table of routes, of personal data and this list fail when something new is not decided on.",
  ),
  tested("1.1.3", "features say who may do what", "routes: every route is in the table, and the table names no other"),
  words(
    "1.1.4",
    "trust boundaries are written down",
    "The README names them: browser, Meta, assistant's provider, files of the data directory, operators of the machine.",
  ),
  words(
    "1.1.5",
    "remote services are known",
    "Meta's Graph API, the assistant's provider, and if configured S3, SMTP, OpenID provider, MongoDB: all in src/config/env.ts.",
  ),
  tested("1.1.6", "controls are central and simple", "house: every file imports only what its place in the house allows"),
  words(
    "1.1.7",
    "rules for secure code are at hand",
    "The rules of the house are tests (test/architecture.test.ts) and name file and rule when broken.",
  ),
  tested("1.2.1", "an account of low privilege", "docker: does not run as root"),
  tested(
    "1.2.2",
    "parts talk to each other authenticated",
    "webhook: afterwards exactly what was well signed is stored",
    "routes: %s as the table says",
  ),
  tested(
    "1.2.3",
    "one way of signing in, watched",
    "auth: a wrong password and an unknown e-mail get the very same answer, and no cookie",
    "audit: filters by action, noun, actor, target and time",
  ),
  tested(
    "1.2.4",
    "no weaker way beside it",
    "sso: another account with somebody's address, and somebody who was shut out, stay outside",
    "people: a role that needs one is let in only after setting it up",
  ),
  tested("1.4.1", "access is decided on the server", "routes: %s as the table says"),
  tested("1.4.4", "one mechanism for all of it", "routes: every route is in the table, and the table names no other"),
  tested(
    "1.4.5",
    "permissions, not roles, are asked for",
    "roles: a change holds at once for everybody who has it, and a role in use stays",
  ),
  tested(
    "1.5.1",
    "what comes in and goes out is defined",
    "fuzz: every route says what it is for, what it takes and how it fails",
  ),
  words(
    "1.5.2",
    "no serialized objects from clients",
    "Only JSON is read, into plain data, by one reader (src/http/json-body.ts).",
  ),
  tested("1.5.3", "input is validated on the server", "fuzz: are refused in every body and every query"),
  tested("1.5.4", "encoding happens where it is interpreted", "policy: no page breaks it"),
  words(
    "1.6.1",
    "a policy for keys",
    "Each key has one purpose, 256 bits, its own file of mode 0600 or variable, and a way to be replaced.",
  ),
  words(
    "1.6.2",
    "secrets are protected by a vault or its like",
    "Files only the owner reads, or variables that a vault fills; the product runs without one by design.",
  ),
  tested(
    "1.6.3",
    "every key can be replaced, data encrypted anew",
    "rotation: while the server runs: a new key",
    "rotation: kill -9 leaves everything readable",
  ),
  words(
    "1.6.4",
    "secrets in the browser protect nothing",
    "The browser holds an access token of 15 minutes in memory and a cookie it cannot read.",
  ),
  tested("1.7.1", "one format of logs", "log: a line is one JSON object with time, level, message and fields"),
  words(
    "1.7.2",
    "logs go elsewhere",
    "They are written to standard output for the collector of the installation; the audit log can be exported by API.",
  ),
  tested("1.8.1", "sensitive data are known", "personal: every collection is erased from, or exempt for a reason"),
  tested(
    "1.8.2",
    "each kind has its protection",
    "retention: only what is older than the setting is removed",
    "box: gives back what was locked, and says nothing of it before",
  ),
  words(
    "1.9.1",
    "parts talk encrypted",
    "One process; MongoDB, Redis, SMTP, S3 by TLS as their addresses say; the browser by https of the proxy (README).",
  ),
  words("1.9.2", "both sides are proven", "Certificates are checked by the runtime for every outgoing call; see 9.2.1."),
  words("1.10.1", "a version control with traceability", "git; changes name their folder and what they do."),
  tested("1.11.1", "parts are documented by what they do", "house: the README's map shows the folders there are"),
  tested(
    "1.11.2",
    "no state is shared unsynchronized",
    "auth: guesses that come at the same moment are counted one by one",
    "agents: two who shut each other out at the same moment: one stays",
  ),
  tested(
    "1.12.2",
    "files of strangers are served harmlessly",
    "files: a drawing with a script",
    "inbound: nobody without a session gets a file",
  ),
  words(
    "1.14.1",
    "parts of different trust are separated",
    "One process on its own data directory; commands reach it by a socket only its owner opens.",
  ),
  words(
    "1.14.2",
    "signed binaries on remote devices",
    "Nothing is installed on remote devices; the binary is built from a locked checkout (package-lock.json with checksums).",
  ),
  tested("1.14.3", "the build warns of weak parts", "dependencies: npm audit finds nothing"),
  tested("1.14.4", "the build is a verified step", "smoke: is small enough and tells nothing of the machine that built it"),
  tested("1.14.5", "the deployment is isolated", "docker: does not run as root"),
  tested("1.14.6", "no dead client technologies", "policy: a plugin"),
];

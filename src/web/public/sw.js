/*
 * The worker behind the page: opens the app without a network, shows what was read last, and tells of what comes while no window is
 * open. It holds no logic of the app: hashed files never change, pages come from the network first, and of the API only what is listed
 * below is kept.
 */
const FILES = "chasqui-files-1";
const DATA = "chasqui-data-1";
const SHELL = ["/", "/theme.js", "/icons.svg", "/logo.svg", "/icon.svg", "/manifest.webmanifest"];
const HASHED = /-[\w-]{8}\.\w+$/;
/** What can be read without a network: lists, open conversations, names. */
const READABLE =
  /^\/api\/v2\/(?:conversations(?:\/counts)?|conversations\/[0-9a-f]{24}(?:\/messages|\/scheduled)?|contacts\/[0-9a-f]{24}(?:\/notes|\/duplicates|\/timeline)?|agents|attributes|labels|teams|views|drafts)$/;
const MOST_DATA = 300;
/** A network that says nothing for so long counts as none. */
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(FILES)
      .then((cache) => cache.addAll(SHELL))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== FILES && name !== DATA).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  const { type, urls } = event.data ?? {};
  // What the page had loaded before this worker was there.
  if (type === "keep") event.waitUntil(keepFiles(urls));
  // Somebody has signed out: nothing of theirs stays.
  if (type === "forget") event.waitUntil(caches.delete(DATA));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith("/api/")) {
    if (READABLE.test(url.pathname) && !url.searchParams.has("cursor")) event.respondWith(data(event));
  } else if (HASHED.test(url.pathname)) event.respondWith(file(request));
  else if (SHELL.includes(url.pathname)) event.respondWith(fresh(request));
});

async function keepFiles(urls) {
  const cache = await caches.open(FILES);
  const known = new Set((await cache.keys()).map(({ url }) => url));
  const wanted = urls.filter((url) => HASHED.test(new URL(url).pathname));
  await Promise.all(wanted.filter((url) => !known.has(url)).map((url) => cache.add(url).catch(() => undefined)));
  // Files of earlier versions are asked for by nobody any more.
  if (known.size > 400) for (const request of (await cache.keys()).slice(0, 200)) if (!wanted.includes(request.url)) await cache.delete(request);
}

const isApp = (url, answer) =>
  !/^\/(?:api|docs)(?:\/|$)/.test(new URL(url).pathname) && (answer.headers.get("content-type") ?? "").startsWith("text/html");

async function page(request) {
  try {
    const answer = await soon(fetch(request));
    // Whatever its address, every page of the app is the same file; files and the reference of the API are others.
    if (answer.ok && isApp(request.url, answer)) (await caches.open(FILES)).put("/", answer.clone());
    return answer;
  } catch {
    return (await caches.match("/")) ?? Response.error();
  }
}

async function file(request) {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) (await caches.open(FILES)).put(request, answer.clone());
  return answer;
}

async function fresh(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) (await caches.open(FILES)).put(request, answer.clone());
    return answer;
  } catch {
    return (await caches.match(request, { ignoreVary: true })) ?? Response.error();
  }
}

async function data(event) {
  const { request } = event;
  try {
    const answer = await fetch(request);
    if (answer.ok) event.waitUntil(keepData(request.url, answer.clone()));
    return answer;
  } catch (error) {
    const kept = await caches.open(DATA).then((cache) => cache.match(request.url, { ignoreVary: true }));
    if (!kept) throw error;
    return kept;
  }
}

async function keepData(url, answer) {
  const cache = await caches.open(DATA);
  // Put anew, it is the youngest.
  await cache.delete(url, { ignoreVary: true });
  await cache.put(url, answer);
  const all = await cache.keys();
  for (const old of all.slice(0, Math.max(0, all.length - MOST_DATA))) await cache.delete(old, { ignoreVary: true });
}

const soon = (work) => Promise.race([work, new Promise((_, refuse) => setTimeout(() => refuse(new Error("slow")), PATIENCE_MS))]);

self.addEventListener("push", (event) => event.waitUntil(show(event.data)));

async function show(sent) {
  let notice;
  try {
    notice = sent.json();
  } catch {
    return;
  }
  if (typeof notice?.title !== "string") return;
  const windows = await self.clients.matchAll({ type: "window" });
  if (windows.some((one) => one.visibilityState === "visible" && one.focused)) return;
  await self.registration.showNotification(notice.title, {
    body: notice.body,
    tag: notice.tag,
    renotify: true,
    icon: "/icon.svg",
    badge: "/icon.svg",
    data: { url: notice.url },
  });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url ?? "/"));
});

/** How long a window may take to say that it goes there. One that is still starting, or shows the sign-in, hears nothing. */
const ANSWER_MS = 1000;

async function open(url) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const first = windows.find(({ focused }) => focused) ?? windows.find(({ visibilityState }) => visibilityState === "visible") ?? windows[0];
  if (!first) return self.clients.openWindow(url);
  // A browser that does not let the window come forward does not keep it from going where the notification leads.
  await first.focus().catch(() => undefined);
  if (await isTakenBy(first, url)) return;
  // It is loaded anew at that address; a window that this worker does not look after is left alone.
  await first.navigate(url).catch(() => self.clients.openWindow(url));
}

/** Asks a window to go somewhere by itself, without losing what is on it. */
function isTakenBy(window, url) {
  return new Promise((settle) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => settle(true);
    setTimeout(() => settle(false), ANSWER_MS);
    window.postMessage({ type: "open", url }, [port2]);
  });
}

// Pages come from the network; without one, the page that says so. Nothing private is ever kept.
const SHELF = "looks-1";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const shelf = await caches.open(SHELF);
    const kept = KEPT.map((path) => new URL(path, self.location).href);
    for (const request of await shelf.keys()) if (!kept.includes(request.url)) await shelf.delete(request);
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data === "spoken") event.waitUntil(caches.open(SHELF).then((shelf) => shelf.add("/offline")));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => caches.match("/offline")));
  } else if (KEPT.includes(new URL(event.request.url).pathname + new URL(event.request.url).search)) {
    event.respondWith(caches.match(event.request).then((found) => found || fetch(event.request)));
  }
});

self.addEventListener("push", (event) => {
  const told = event.data ? event.data.json() : {};
  const shown = { body: told.text, tag: told.link, data: told.link, icon: "/assets/icon-192.png" };
  event.waitUntil(self.registration.showNotification(told.title || "", shown));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  if (event.notification.data) event.waitUntil(self.clients.openWindow(event.notification.data));
});

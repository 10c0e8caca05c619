// Shows push notices and opens what they are about. Nothing is cached, no request is answered here.
addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    // Whatever it was, browsers want a notice to be shown.
  }
  const {
    title = "Weir",
    body = "Something waits for you.",
    tag = "weir",
    url = "/approvals",
  } = told;
  event.waitUntil(
    self.registration.showNotification(title, {
      body,
      tag,
      renotify: true,
      icon: "/weir-192.png",
      data: { url },
    }),
  );
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url ?? "/approvals", self.location.origin);
  if (url.origin === self.location.origin) event.waitUntil(open(url.href));
});

/** In a window that shows approvals already, else in a new one: nobody's drawing is left. */
async function open(href) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((each) => new URL(each.url).pathname === "/approvals");
  if (there) {
    try {
      await there.navigate(href);
      await there.focus();
      return;
    } catch {
      // It is not ours to lead elsewhere yet.
    }
  }
  await self.clients.openWindow(href);
}

// One charge on its customer's telephone. Without this script every page still works.
"use strict";

// A charge that somebody follows: drawn anew by the server, until its receipt takes the page.
function followCharge(box) {
  const stream = new EventSource(`${box.dataset.follow}?in=${document.documentElement.lang}`);
  stream.onmessage = (event) => { box.innerHTML = JSON.parse(event.data).html; };
  stream.addEventListener("receipt", () => { stream.close(); location.reload(); });
}

// Messages to this browser (RFC 8030): asked on the tap, and only then; the server gets an address.
function subscribe(form) {
  const key = form.dataset.push;
  form.addEventListener("submit", async (event) => {
    if (form.subscription.value || !key) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const isAllowed = "PushManager" in window && await Notification.requestPermission() === "granted";
    const given = isAllowed ? await address(key).catch(() => null) : null;
    form.subscription.value = given ? JSON.stringify(given) : "-";
    form.submit();
  });
}

// A subscription made with a key that the server has no more is ended first.
async function address(key) {
  const worker = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return await worker.pushManager.subscribe(options);
  } catch (error) {
    const older = await worker.pushManager.getSubscription();
    if (!older) throw error;
    await older.unsubscribe();
    return worker.pushManager.subscribe(options);
  }
}

const followed = document.querySelector("[data-follow]");
if (followed) followCharge(followed);
for (const form of document.querySelectorAll("form[data-push]")) subscribe(form);

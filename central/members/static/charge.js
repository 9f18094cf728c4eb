// One charge on its customer's telephone. Without this script every page still works.
"use strict";

// A charge that somebody follows: drawn anew by the server, until its receipt takes the page.
function followCharge(box) {
  const stream = new EventSource(`${box.dataset.follow}?in=${document.documentElement.lang}`);
  stream.onmessage = (event) => { box.innerHTML = JSON.parse(event.data).html; };
  stream.addEventListener("receipt", () => { stream.close(); location.reload(); });
}

// Messages to this browser (RFC 8030): where the server has a key, the browser gives an address.
function subscribe(form) {
  form.addEventListener("submit", async (event) => {
    if (form.subscription.value || !form.dataset.push || !("serviceWorker" in navigator)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const worker = await navigator.serviceWorker.ready;
    const options = { userVisibleOnly: true, applicationServerKey: form.dataset.push };
    const given = await worker.pushManager.subscribe(options).catch(() => null);
    form.subscription.value = given ? JSON.stringify(given) : "-";
    form.submit();
  });
}

const followed = document.querySelector("[data-follow]");
if (followed) followCharge(followed);
for (const form of document.querySelectorAll("form[data-push]")) subscribe(form);

// Live points, what is near, forms that are sent once. Without this script every page still works.
"use strict";

const page = document.documentElement;

const list = document.querySelector("[data-moment]");

function follow() {
  const away = document.querySelector("[data-live]");
  const told = document.querySelector("[data-counts]");
  const stream = new EventSource(`/live?in=${page.lang}&since=${list.dataset.moment}`);
  const say = (isLive) => { if (away) away.dataset.live = isLive ? "on" : "off"; };
  stream.onopen = () => say(true);
  stream.onerror = () => say(false);
  stream.onmessage = (event) => {
    const news = JSON.parse(event.data);
    for (const place of news.places) show(place);
    if (told && told.textContent !== news.counts) told.textContent = news.counts;
  };
}

function show(place) {
  const at = (name) => document.querySelector(`[data-${name}="${CSS.escape(place.id)}"]`);
  const row = at("place");
  const holder = document.createElement("template");
  holder.innerHTML = place.html;
  if (row) {
    row.replaceWith(holder.content);
  } else if ("whole" in list.dataset) {  // neither searched nor in pages: a new point belongs here
    list.append(holder.content);
    document.querySelector("[data-none]")?.remove();
  }
  const pin = at("pin");
  if (pin) {
    pin.dataset.state = place.state;
    pin.querySelector("title").textContent = `${pin.dataset.name}: ${place.word}`;
  }
}

// Sorted here: where somebody stands is nobody else's business.
function near(button) {
  button.hidden = !navigator.geolocation;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition((here) => {
    const far = (row) => {
      const [north, east] = [row.dataset.north, row.dataset.east].map(Number);
      if (!row.dataset.north) return Infinity;
      const wide = Math.cos(here.coords.latitude * Math.PI / 180);
      return Math.hypot(north - here.coords.latitude, (east - here.coords.longitude) * wide);
    };
    list.append(...[...list.children].sort((a, b) => far(a) - far(b)));
  }, () => { button.disabled = true; }));
}

if (list) follow();
const button = document.querySelector("[data-near]");
if (button && list) near(button);
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => setTimeout(() => {
    for (const each of form.querySelectorAll("button")) each.disabled = true;
  }));
}
for (const choice of document.querySelectorAll("[data-go]")) {
  choice.addEventListener("change", () => choice.form.submit());
}
if (document.querySelector("[data-again]")) setTimeout(() => location.reload(), 4000);
const wrong = document.querySelector("[aria-invalid=true]");
if (wrong) wrong.focus();
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/service-worker.js");
  // What is kept for a day without network speaks the language that was chosen last.
  navigator.serviceWorker.ready.then((kept) => {
    if (localStorage.getItem("spoken") !== page.lang) kept.active.postMessage("spoken");
    localStorage.setItem("spoken", page.lang);
  });
}
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

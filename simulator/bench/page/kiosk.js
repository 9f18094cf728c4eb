// The kiosk's own pixels, and a finger: a click touches that spot, a key press the button under focus.

import { h, text } from "/page/dom.js";
import { act, on } from "/page/station.js";

const image = h("img", { alt: "The kiosk screen", draggable: false, width: 1024, height: 600 });
const targets = h("div", {});
const dark = h("div", { className: "dark" }, "");
const glass = h("div", { className: "glass" }, image, targets, dark);
const where = h("strong", {}, "…");
const hint = h("span", {}, "Click is a touch · Tab and Enter work too");
const kiosk = document.getElementById("kiosk");
kiosk.append(glass, h("footer", {}, h("span", {}, "Screen ", where), hint));

let shownButtons = "";
let wanted = 0;
let loaded = -1;
let loading = false;
let isOff = true;
let size = { width: 1024, height: 600 };

// One picture at a time; the newest wins.
function refresh(version) {
  wanted = Math.max(wanted, version);
  if (isOff || loading || loaded >= wanted) return;
  loading = true;
  const asked = wanted;
  const next = new Image();
  next.onload = () => {
    image.src = next.src;
    loaded = asked;
    loading = false;
    refresh(wanted);
  };
  next.onerror = () => {
    loading = false;
  };
  next.src = `/api/screen.png?v=${asked}`;
}

function spot(event) {
  const box = image.getBoundingClientRect();
  return {
    x: Math.round(((event.clientX - box.left) / box.width) * size.width),
    y: Math.round(((event.clientY - box.top) / box.height) * size.height),
  };
}

function showFinger(event) {
  const box = glass.getBoundingClientRect();
  const finger = h("i", { className: "finger" });
  finger.style.left = `${event.clientX - box.left}px`;
  finger.style.top = `${event.clientY - box.top}px`;
  glass.append(finger);
  setTimeout(() => finger.remove(), 500);
}

glass.addEventListener("click", (event) => {
  // A key press on a focused target arrives as a click without a pointer.
  if (event.detail === 0) return;
  showFinger(event);
  act({ touch: spot(event) });
});

function drawTargets(buttons) {
  const signature = JSON.stringify(buttons);
  if (signature === shownButtons) return;
  shownButtons = signature;
  targets.replaceChildren(...buttons.map((button) => {
    const [x, y, width, height] = button.px;
    const target = h("button", {
      type: "button", className: "target", disabled: !button.enabled,
      "aria-label": button.label || button.id, title: button.id,
      onclick: (event) => event.detail === 0 && act({ touch: button.id }),
    });
    target.style.left = `${(100 * x) / size.width}%`;
    target.style.top = `${(100 * y) / size.height}%`;
    target.style.width = `${(100 * width) / size.width}%`;
    target.style.height = `${(100 * height) / size.height}%`;
    return target;
  }));
}

on("screen", ({ version }) => refresh(version));
on("line", ({ up }) => {
  if (up) loaded = -1;
});
on("state", ({ state }) => {
  const { screen } = state;
  size = { width: screen.width ?? 1024, height: screen.height ?? 600 };
  image.width = size.width;
  image.height = size.height;
  glass.classList.toggle("tall", size.height > size.width);
  isOff = !state.power || screen.id === "";
  kiosk.classList.toggle("off", isOff);
  text(dark, state.power ? "The kiosk process was killed. It is being started again." : "No power.");
  text(where, screen.id ?? "none");
  image.alt = `Kiosk screen ${screen.id}: ${[screen.title, ...(screen.texts ?? [])].filter(Boolean).join(". ")}`;
  drawTargets(isOff ? [] : screen.buttons ?? []);
  refresh(screen.version ?? wanted);
});

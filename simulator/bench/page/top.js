// The bar at the top: what runs, how fast, day or night, and saving what was done.

import { drawing, h, note, text } from "/page/dom.js";
import { act, on } from "/page/station.js";

const SPEEDS = [1, 10, 60];
const SUN = `<svg width="26" height="26" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" aria-hidden="true"><circle cx="12" cy="12" r="4.6" fill="currentColor"/><path d="M12 2v2.4M12 19.600V22M2 12h2.400M19.600 12H22M4.900 4.900l1.700 1.700M17.400 17.400l1.700 1.700M4.900 19.100l1.700-1.700M17.400 6.600l1.700-1.700"/></svg>`;
const MOON = `<svg width="26" height="26" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"><path d="M20.500 14.500A9 9 0 0 1 9.500 3.500a9 9 0 1 0 11 11Z"/></svg>`;

// --- theme -------------------------------------------------------------------------------------
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const themeButton = document.getElementById("theme");

function applyTheme() {
  const chosen = localStorage.getItem("theme") ?? (dark.matches ? "night" : "day");
  root.dataset.theme = chosen;
  themeButton.replaceChildren(drawing(chosen === "night" ? SUN : MOON));
  themeButton.setAttribute("aria-label", chosen === "night" ? "Day colours" : "Night colours");
}
themeButton.addEventListener("click", () => {
  localStorage.setItem("theme", root.dataset.theme === "night" ? "day" : "night");
  applyTheme();
});
dark.addEventListener("change", applyTheme);
applyTheme();

// --- speed -------------------------------------------------------------------------------------
async function changeSpeed(rate) {
  if ((await act({ speed: rate })) && rate !== 1) {
    note(`Time runs ×${rate}. Real processes cannot hurry: core and kiosk now live inside the bench.`);
  }
}
const speedButtons = SPEEDS.map((rate) =>
  h("button", { type: "button", role: "radio", "aria-checked": "false", title: `The simulated world runs ${rate} times as fast`, onclick: () => changeSpeed(rate) }, `×${rate}`));
document.getElementById("speed").append(...speedButtons);

// --- what runs ---------------------------------------------------------------------------------
const KIND = { running: "good", online: "good", starting: "busy", pending: "warm", up: "good" };
const lamps = {};
for (const [name, label] of [["line", "Bench"], ["core", "Core"], ["ui", "Kiosk"], ["central", "Central"]]) {
  lamps[name] = h("li", { className: "pill" }, label);
  document.getElementById("lamps").append(lamps[name]);
}
function lamp(name, label, value) {
  lamps[name].className = `pill ${KIND[value] ?? "bad"}`;
  const isGood = KIND[value] === "good";
  text(lamps[name], isGood ? label : `${label} ${value}`);
  lamps[name].title = `${label}: ${value}`;
}

on("line", ({ up }) => {
  lamps.line.hidden = up;
  lamp("line", "Bench", "gone");
});
on("state", ({ state }) => {
  text(document.getElementById("station-name"), state.station?.name ?? "");
  document.title = `Charge point ${state.station?.name ?? ""} · bench`;
  lamp("core", "Core", state.processes?.core ?? "unknown");
  lamp("ui", "Kiosk", state.processes?.ui ?? "unknown");
  lamp("central", "Central", state.central?.link ?? "unknown");
  SPEEDS.forEach((rate, index) => speedButtons[index].setAttribute("aria-checked", String(rate === state.speed)));
  const page = document.getElementById("central-page");
  page.hidden = !state.central?.url;
  if (state.central?.url) page.href = state.central.url;
});

document.getElementById("save").addEventListener("click", () =>
  note("Saved: scenario.yaml. Play it with ./run play scenario.yaml"));

// Inside the cabinet, as a technician sees it: bowls of coins, note validator, bank terminal.

import { h, money, text } from "/page/dom.js";
import { act, on } from "/page/station.js";

const FULL = 40; // coins that draw a full bowl
const bowls = h("div", { className: "bowls" });
const escrow = h("span", { className: "pill" }, "");
const stacker = h("span", {}, "");
const reserved = h("span", {}, "");
const reboot = h("button", { type: "button", className: "tap", onclick: () => act({ bank: "reboot" }) }, "Reboot");
const off = h("button", { type: "button", className: "tap warn", onclick: () => switchTerminal() }, "Off");
const notes = h("div", { className: "box" }, h("h3", {}, "Note validator"), escrow, stacker);
const terminal = h("div", { className: "box" }, h("h3", {}, "Bank terminal"), reserved, h("div", { className: "acts-small" }, reboot, off));

document.getElementById("cabinet").append(
  h("header", {}, h("h2", { id: "cabinet-title" }, "Inside the cabinet"), h("span", { className: "hint" }, "Bowls of change: fill, empty or jam them")),
  h("div", { className: "cabinet" }, bowls, notes, terminal));

const byValue = new Map();
let faults = {};

const major = (value) => (Number(value) / 100).toFixed(2);
const has = (device, kind) => (faults[device] ?? []).includes(kind);

function toggle(device, kind, where) {
  return act(has(device, kind) ? { clear: { ...where, kind } } : { fault: { ...where, kind } });
}

function switchTerminal() {
  return toggle("bank_terminal", "off", { device: "bank_terminal" });
}

function bowlOf(value) {
  if (byValue.has(value)) return byValue.get(value);
  const where = { device: "hopper", value: major(value) };
  const label = Number(value) >= 100 ? `${value / 100} €` : `${value} c`;
  const level = h("i", {});
  const count = h("b", {}, "0");
  const fill = (coins) => () => act({ hopper: { [major(value)]: coins } });
  const jam = h("button", { type: "button", className: "tap", "aria-label": `Jam the hopper of ${label}`, onclick: () => toggle(`hopper:${value}`, "stuck", where) }, "Jam");
  const element = h("div", { className: "hopper" },
    h("span", { className: "coin-name" }, label),
    h("div", { className: "gauge", role: "img", "aria-label": `Level of the ${label} coins` }, level, count),
    h("div", { className: "acts-small" },
      h("button", { type: "button", className: "tap", "aria-label": `Fill the hopper of ${label}`, onclick: fill(FULL) }, "Fill"),
      h("button", { type: "button", className: "tap", "aria-label": `Empty the hopper of ${label}`, onclick: fill(0) }, "Empty"), jam));
  const made = { element, level, count, jam };
  byValue.set(value, made);
  bowls.replaceChildren(...[...byValue.entries()].sort(([a], [b]) => b - a).map(([, each]) => each.element));
  return made;
}

function showNotes(known) {
  notes.hidden = !known;
  if (!known) return;
  escrow.className = `pill ${known.escrow ? "busy" : ""}`;
  text(escrow, known.escrow ? `in escrow: ${known.escrow.slice(0, 2) === "EU" ? `${Number(known.escrow.slice(2, 6))} €` : known.escrow}` : "escrow empty");
  text(stacker, `stacker: ${known.stacked} ${known.stacked === 1 ? "note" : "notes"}, ${money(known.stacker)}`);
}

on("state", ({ state }) => {
  faults = state.faults ?? {};
  const hoppers = Object.entries(state.money?.hoppers ?? {});
  document.getElementById("cabinet").hidden = !state.money || (hoppers.length === 0 && !state.money.notes && !state.money.terminal);
  for (const [value, { coins }] of hoppers) {
    const bowl = bowlOf(value);
    text(bowl.count, coins);
    bowl.level.style.height = `${Math.min(100, (100 * coins) / FULL)}%`;
    bowl.element.classList.toggle("low", coins < 5);
    bowl.jam.setAttribute("aria-pressed", String(has(`hopper:${value}`, "stuck")));
  }
  showNotes(state.money?.notes);
  const known = state.money?.terminal;
  terminal.hidden = !known;
  if (known) text(reserved, `reserved ${money(known.reserved)} · captured ${money(known.captured)}`);
  const isOff = has("bank_terminal", "off");
  text(off, isOff ? "On" : "Off");
  off.setAttribute("aria-pressed", String(isOff));
});

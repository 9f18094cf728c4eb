// Every serial line, with the frames that pass on it and what they mean.

import { Log, clockTime, h, text } from "/page/dom.js";
import { on } from "/page/station.js";

const PROTOCOL = {
  note_validator: "ccTalk", hopper: "ccTalk", bank_terminal: "ZVT", printer: "ESC/POS",
  coin_acceptor: "ccTalk", card_reader: "PN532", evse: "RAPI", meter: "Modbus", lease_timer: "Modbus",
  cabinet: "Modbus",
};
const NAMES = {
  coin_acceptor: "Coins", card_reader: "Cards", evse: "Board", meter: "Meter", lease_timer: "Lease",
  note_validator: "Notes", hopper: "Hopper", bank_terminal: "Bank", printer: "Printer", cabinet: "Keys",
};
const MOST_PULSES = 3;

const log = new Log("No frame has passed yet.", 300);
const lanes = h("div", { className: "lanes" });
const quiet = h("input", { type: "checkbox", checked: true });
const byBus = new Map();
let only = null;

document.getElementById("wires").append(
  h("header", {}, h("h2", { id: "wires-title" }, "Wires"), h("label", { className: "hint" }, quiet, " fold repeated polling")),
  lanes, log.element);
log.element.setAttribute("aria-label", "Frames on the wires");

function nameOf(bus) {
  const [kind, connector] = bus.split(":");
  return `${NAMES[kind] ?? kind}${connector ? ` ${connector}` : ""}`;
}

function lane(bus) {
  if (byBus.has(bus)) return byBus.get(bus);
  const line = h("span", { className: "line" });
  const count = h("span", { className: "count" }, "0");
  const made = { line, count, frames: 0, last: {}, element: null };
  made.element = h("button", { type: "button", className: "lane", "aria-pressed": "false", title: "Show this wire only", onclick: () => choose(bus) },
    h("span", {}, `${nameOf(bus)} · ${PROTOCOL[bus.split(":")[0]] ?? "serial"}`), count, line);
  byBus.set(bus, made);
  lanes.replaceChildren(...[...byBus.entries()].sort(([a], [b]) => a.localeCompare(b)).map(([, each]) => each.element));
  return made;
}

function choose(bus) {
  only = only === bus ? null : bus;
  for (const [name, { element }] of byBus) element.setAttribute("aria-pressed", String(name === only));
  for (const row of log.element.children) row.hidden = only !== null && row.dataset.bus !== only;
}

function pulse(line, dir) {
  if (document.hidden || line.childElementCount >= MOST_PULSES) return;
  const spark = h("i", { className: dir });
  spark.addEventListener("animationend", () => spark.remove());
  line.append(spark);
}

// Polling repeats the same few frames for ever: one row with a count says it as well.
function folded(known, event) {
  const row = known.last[`${event.dir} ${event.meaning}`];
  if (!quiet.checked || !row || !row.element.isConnected) return false;
  row.times += 1;
  text(row.hex, event.hex);
  text(row.count, `  ×${row.times}`);
  return true;
}

on("wire", (event) => {
  const known = lane(event.bus);
  known.frames += 1;
  text(known.count, known.frames);
  pulse(known.line, event.dir);
  if (folded(known, event)) return;
  const count = h("span", { className: "times" });
  const hex = h("span", { className: "hex mono" }, event.hex);
  const element = h("li", { "data-bus": event.bus, hidden: only !== null && only !== event.bus },
    h("span", { className: "at" }, clockTime(event.t)),
    h("span", {}, nameOf(event.bus)),
    h("span", { className: `dir ${event.dir}`, title: event.dir === "tx" ? "from the core" : "to the core" }, event.dir === "tx" ? "▶" : "◀"),
    h("span", { className: "meaning" }, event.meaning || "…", count),
    hex);
  element.dataset.bus = event.bus;
  known.last[`${event.dir} ${event.meaning}`] = { element, count, hex, times: 1 };
  if (Object.keys(known.last).length > 60) delete known.last[Object.keys(known.last)[0]];
  log.add(element);
});

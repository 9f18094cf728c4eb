// The world around the charge point: mains, processes, central system, and everything that breaks.

import { h, text } from "/page/dom.js";
import { act, on } from "/page/station.js";

const WIRE = [["silent", "Silent"], ["garbled", "Garbled"], ["slow", "Slow"], ["unplugged", "Cable out"]];
const OFF = ["off", "Switched off"];
const KINDS = {
  evse: [...WIRE, ["weld", "Welded contactor"], ["lock_jam", "Lock jams"], ["leakage_ac", "Leakage AC"], ["leakage_dc", "Leakage DC"], ["ground_lost", "Ground lost"], ["overheat", "Overheat"]],
  lease_timer: [...WIRE, ["stuck", "Stuck closed"]],
  meter: WIRE,
  coin_acceptor: [...WIRE, OFF, ["stuck", "Coin jam"], ["full", "Rejects all"]],
  note_validator: [...WIRE, OFF, ["stuck", "Note jam"], ["full", "Stacker full"], ["wrong", "Rejects all"]],
  hopper: [...WIRE, OFF, ["stuck", "Coin jam"], ["empty", "Nothing falls"]],
  bank_terminal: [...WIRE, OFF, ["busy", "Busy"], ["out_of_service", "Out of service"]],
  card_reader: [...WIRE, OFF],
  printer: [...WIRE, OFF, ["paper_out", "Paper out"], ["paper_low", "Paper low"], ["cover_open", "Cover open"], ["stuck", "Knife jam"]],
  cabinet: [...WIRE, ["stuck", "Keys held down"], ["door_open", "Door open"],
    ["emergency_stop", "Emergency stop pressed"],
    ["mains_lost", "Mains lost"], ["tilt", "Hit or leaning"], ["flood", "Water inside"],
    ["cable_torn", "Cable torn off"]],
  network: [["silent", "Silent"], ["slow", "Slow"], ["unplugged", "Cable out"]],
};
const NAMES = {
  evse: "Charging board", lease_timer: "Lease timer", meter: "Meter", coin_acceptor: "Coin acceptor",
  card_reader: "Card reader", network: "Network", note_validator: "Note validator", hopper: "Hopper",
  bank_terminal: "Bank terminal", printer: "Printer", cabinet: "Keys and jack",
};
const MODES = [["up", "Up"], ["down", "Down"], ["rejecting", "Rejecting"], ["slow", "Slow"]];
const STATE_KIND = { online: "good", inhibited: "warm", fault: "bad", offline: "bad" };

const nameOf = (device) => {
  const [kind, place] = device.split(":");
  if (kind === "hopper" && place) return `Hopper ${Number(place) >= 100 ? `${place / 100} €` : `${place} c`}`;
  return `${NAMES[kind] ?? kind}${place ? ` ${place}` : ""}`;
};
// `evse:1` in the state is {device: evse, connector: 1} in a step; a hopper goes by its coins.
const address = (device) => {
  const [kind, place] = device.split(":");
  if (!place) return { device: kind };
  return kind === "hopper" ? { device: kind, value: (place / 100).toFixed(2) } : { device: kind, connector: Number(place) };
};

const power = h("button", { type: "button", className: "tap stop", onclick: () => act({ power: powered ? "cut" : "restore" }) }, "Cut power");
const killCore = h("button", { type: "button", className: "tap warn", onclick: () => act({ kill: "core" }) }, "Kill core");
const killKiosk = h("button", { type: "button", className: "tap warn", onclick: () => act({ kill: "ui" }) }, "Kill kiosk");
const modes = MODES.map(([mode, label]) => h("button", { type: "button", role: "radio", "aria-checked": "false", onclick: () => act({ central: mode }) }, label));
const deviceChoice = h("select", { "aria-label": "Device", onchange: fillKinds });
const kindChoice = h("select", { "aria-label": "What is wrong with it" });
const present = h("ul", { "aria-label": "Faults now present" });
const devices = h("div", { className: "devices", role: "list", "aria-label": "Devices" });
const breakIt = h("button", { type: "button", className: "tap warn", onclick: () =>
  deviceChoice.value && act({ fault: { ...address(deviceChoice.value), kind: kindChoice.value } }) }, "Break it");
let powered = true;
let shownDevices = "";
let shownFaults = "";

document.getElementById("around").append(
  h("header", {}, h("h2", { id: "around-title" }, "What may go wrong")),
  h("div", { className: "groups" },
    h("div", {}, h("h3", {}, "Power and processes"), h("div", { className: "row" }, power, killCore, killKiosk)),
    h("div", {}, h("h3", {}, "Central system"), h("div", { className: "central", role: "radiogroup", "aria-label": "Central system" }, modes)),
    h("div", { className: "faults" }, h("h3", {}, "Faults"), h("div", { className: "picker" }, deviceChoice, kindChoice, breakIt), present),
    devices));

function fillKinds() {
  const kinds = KINDS[deviceChoice.value.split(":")[0]] ?? WIRE;
  kindChoice.replaceChildren(...kinds.map(([value, label]) => h("option", { value }, label)));
}

function showDevices(known) {
  const signature = JSON.stringify(known);
  if (signature === shownDevices) return;
  shownDevices = signature;
  devices.replaceChildren(...Object.entries(known).map(([device, state]) =>
    h("span", { role: "listitem", className: `pill ${STATE_KIND[state] ?? ""}`, title: state }, `${nameOf(device)}${state === "online" ? "" : `: ${state}`}`)));
  const options = [...new Set([...Object.keys(known), "network"])];
  if (options.length === deviceChoice.options.length) return;
  const chosen = deviceChoice.value;
  deviceChoice.replaceChildren(...options.map((device) => h("option", { value: device }, nameOf(device))));
  if (options.includes(chosen)) deviceChoice.value = chosen;
  fillKinds();
}

function showFaults(faults) {
  const signature = JSON.stringify(faults);
  if (signature === shownFaults) return;
  shownFaults = signature;
  const each = Object.entries(faults).flatMap(([device, kinds]) => kinds.map((kind) => [device, kind]));
  present.replaceChildren(...each.map(([device, kind]) => h("li", {},
    h("button", { type: "button", className: "tap", "aria-pressed": "true", title: "Repair it", onclick: () => act({ clear: { ...address(device), kind } }) },
      `${nameOf(device)}: ${kind} ✕`))));
}

on("state", ({ state }) => {
  powered = state.power;
  text(power, powered ? "Cut power" : "Power on");
  power.className = `tap ${powered ? "stop" : "go"}`;
  killCore.disabled = !powered;
  killKiosk.disabled = !powered;
  MODES.forEach(([mode], index) => modes[index].setAttribute("aria-checked", String(mode === state.central?.mode)));
  showDevices(state.devices ?? {});
  showFaults(state.faults ?? {});
});

// The first card: charge a car with 5 €, then pull the plug. Each act lights what it set in motion:
// the wire it travelled on, the frame, the move of the state machine, and the posting.

import { clockTime, h, money, picture, text } from "/page/dom.js";
import { shortName } from "/page/books.js";
import { vehicleAt } from "/page/cars.js";
import * as station from "/page/station.js";
import { act, on } from "/page/station.js";

const CONNECTOR = 1;
const COINS = ["2.00", "2.00", "1.00"];
const POWERLESS_MS = 1500;
const BACK_WITHIN_MS = 20000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// What an act waits for before the next one is offered; it follows from the state alone, so that
// acts done elsewhere on the page count as well.
const point = (state) => state.connectors[CONNECTOR];
const sumOf = (state, prefix) => Object.entries(state.ledger?.accounts ?? {})
  .filter(([name]) => name.startsWith(prefix)).reduce((sum, [, minor]) => sum + minor, 0);
const isHot = (state) => point(state).contactor === "closed";

const ACTS = [
  {
    id: "plug", title: "Plug in", picture: "plug", bus: `evse:${CONNECTOR}`,
    frame: /car connected|vehicle/i, machine: `point:${CONNECTOR}`, posting: "no money moves",
    run: () => act({ plug: { connector: CONNECTOR, ev: vehicleAt(CONNECTOR) } }),
    isDone: (state) => point(state).plugged,
  },
  {
    id: "coins", title: "Insert 5 €", picture: "coin", bus: "coin_acceptor",
    frame: /accepted/i, machine: null, posting: null,
    run: async () => {
      for (const value of COINS) if (!(await act({ coin: value }))) return;
    },
    isDone: (state) => sumOf(state, "credit") + sumOf(state, "held") + sumOf(state, "unassigned") >= 500,
  },
  {
    id: "start", title: "Touch Start", picture: "energy", bus: `evse:${CONNECTOR}`,
    frame: /\$FE/, machine: `point:${CONNECTOR}`, posting: null,
    run: () => act({ touch: "start" }),
    isDone: isHot,
  },
  {
    id: "stop", title: "Touch Stop", picture: "hand", bus: `evse:${CONNECTOR}`,
    frame: /\$F[SD]/, machine: `point:${CONNECTOR}`, posting: null,
    run: async () => {
      if (await act({ touch: "stop" })) await act({ enter_code: "own" });
    },
    isDone: (state) => /^(settling|idle)/.test(point(state).machine),
  },
];

const PROOFS = [["wire", "wire"], ["frame", "frame"], ["move", "move"], ["posting", "posting"]];

function proofList(rows) {
  const lines = rows.map(([key, label]) => {
    const what = h("span", { className: "what" }, "…");
    return { key, what, element: h("li", {}, h("span", {}, label), what) };
  });
  return { lines, element: h("ul", { className: "proof", "aria-live": "polite" }, lines.map((line) => line.element)) };
}

function light(view, key, words) {
  const line = view.proof.lines.find((each) => each.key === key);
  if (line.element.classList.contains("lit")) return;
  line.element.classList.add("lit");
  text(line.what, words);
  line.what.title = words;
}

const views = ACTS.map((each, index) => {
  const proof = proofList(PROOFS);
  const button = h("button", { type: "button", className: "tap", onclick: () => run(index) },
    h("span", { className: "step" }, String(index + 1)), h("span", {}, each.title), picture(each.picture, 34));
  return { ...each, proof, button, done: false, element: h("div", { className: "act" }, button, proof.element) };
});

const cut = {
  proof: proofList([["power", "power"], ["open", "socket"], ["boot", "boot"], ["books", "books"]]),
  button: h("button", { type: "button", className: "tap stop", onclick: () => pullThePlug() }, picture("power", 34), h("span", {}, "Pull the plug now")),
  busy: false,
};
cut.element = h("div", { className: "act" }, cut.button, cut.proof.element);

const again = h("button", { type: "button", className: "tap", hidden: true, onclick: () => reset() }, "Once more");
const lead = h("p", { className: "hint" }, "Four clicks. Watch what each of them sets in motion, then cut the power.");
document.getElementById("guide").append(
  h("header", {}, picture("cablecar", 44), h("h2", { id: "guide-title" }, "Charge a car with 5 €"), lead, again),
  h("div", { className: "acts" }, views.map((view) => view.element), cut.element));

let current = 0;
let listening = null; // the act whose consequences are being watched

function clear(view) {
  for (const { element, what } of view.proof.lines) {
    element.classList.remove("lit", "none");
    text(what, "…");
  }
}

async function run(index) {
  const view = views[index];
  clear(view);
  listening = view;
  view.element.classList.add("running");
  view.button.disabled = true;
  await view.run();
  view.button.disabled = false;
  view.element.classList.remove("running");
}

function show(state) {
  while (current < views.length && views[current].isDone(state)) {
    // Stop is done only after Start: an open contactor proves nothing before.
    views[current].done = true;
    current += 1;
  }
  views.forEach((view, index) => {
    view.element.classList.toggle("now", index === current);
    view.element.classList.toggle("done", view.done);
    view.button.disabled = view.element.classList.contains("running") || index > current || !state.power;
    if (view.posting) text(view.proof.lines[3].what, view.posting);
    view.proof.lines[3].element.classList.toggle("none", Boolean(view.posting));
  });
  cut.element.classList.toggle("now", current >= 3 && !cut.busy);
  cut.button.disabled = cut.busy || !state.power;
  again.hidden = current < 4;
}

// What a customer still sees after a charge, and how it is left.
const WAY_HOME = { change: "key_ok", cash_iou: "key_ok", receipt: "receipt_none" };

async function goHome() {
  for (let tries = 0; tries < 40 && station.state.screen.id !== "home"; tries += 1) {
    const button = WAY_HOME[station.state.screen.id];
    if (button) await act({ touch: button });
    await pause(500);
  }
}

async function reset() {
  again.disabled = true;
  if (point(station.state).plugged) await act({ unplug: { connector: CONNECTOR } });
  await goHome();
  again.disabled = false;
  current = 0;
  listening = null;
  for (const view of views) {
    view.done = false;
    clear(view);
  }
  clear(cut);
  if (station.state) show(station.state);
}

async function until(holds, limitMs) {
  for (let waited = 0; waited < limitMs; waited += 100) {
    if (station.state && holds(station.state)) return true;
    await pause(100);
  }
  return false;
}

async function pullThePlug() {
  const before = station.state.ledger.accounts.cash_box ?? 0;
  clear(cut);
  cut.busy = true;
  try {
    if (!(await act({ power: "cut" }))) return;
    light(cut, "power", `cut at ${clockTime(station.state.t)}`);
    if (await until((state) => !isHot(state), BACK_WITHIN_MS)) light(cut, "open", "contactor open");
    await pause(POWERLESS_MS);
    if (!(await act({ power: "restore" }))) return;
    const began = performance.now();
    const isBack = await until((state) => state.processes?.core === "running" && state.ready, BACK_WITHIN_MS);
    if (!isBack) return;
    light(cut, "boot", `back in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    await pause(500);
    const { balanced, accounts } = station.state.ledger;
    if (balanced && (accounts.cash_box ?? 0) === before) light(cut, "books", `balanced, ${money(before)} in the box`);
  } finally {
    cut.busy = false;
    show(station.state);
  }
}

on("state", ({ state }) => show(state));
on("wire", (event) => {
  if (!listening || event.bus !== listening.bus || !listening.frame.test(event.meaning ?? "")) return;
  light(listening, "wire", event.bus);
  light(listening, "frame", event.meaning);
});
on("transition", (event) => {
  if (!listening || (listening.machine && event.machine !== listening.machine)) return;
  light(listening, "move", `${event.from} → ${event.to}`);
});
on("posting", (event) => {
  if (!listening || listening.posting) return;
  const entries = Object.entries(event.entries).map(([name, minor]) => `${shortName(name)} ${minor > 0 ? "+" : ""}${money(minor)}`);
  light(listening, "posting", entries.join("  "));
});

// One place to park per connector: the drawn car, what is true of the cable, and the plug.

import { drawing, h, text } from "/page/dom.js";
import { act, on } from "/page/station.js";

const PAINT = { 1: ["#1976D2", "#0D4F9E"], 2: ["#D9485F", "#98283D"] };
const CABLE = "M104 118C104 196 150 204 196 192C232 182 226 150 262 150";

function scene(number) {
  const [body, sill] = PAINT[number] ?? ["#7A57C2", "#51368C"];
  return drawing(`
  <svg viewBox="0 0 480 250" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
    <defs><linearGradient id="sky-${number}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="var(--sky-high)"/><stop offset="1" stop-color="var(--sky-low)"/></linearGradient></defs>
    <rect width="480" height="250" fill="url(#sky-${number})"/>
    <circle cx="424" cy="44" r="22" fill="var(--star)"/>
    <path d="M0 172C90 120 190 150 270 160S420 120 480 150V250H0Z" fill="var(--hill-far)"/>
    <path d="M0 194C120 166 250 196 480 178V250H0Z" fill="var(--hill-near)"/>
    <rect y="208" width="480" height="42" fill="var(--road)"/>
    <g class="bay"><rect x="250" y="214" width="210" height="30" rx="6" fill="none" stroke="#fff" stroke-width="4" stroke-dasharray="14 10" opacity=".8"/><text x="355" y="238" text-anchor="middle" font-family="Words" font-weight="800" font-size="24" fill="#fff">P</text></g>
    <rect class="lamp" x="74" y="32" width="62" height="14" rx="6"/>
    <rect x="66" y="44" width="78" height="166" rx="14" fill="#159A4C"/><path d="M66 166H144V196A14 14 0 0 1 130 210H80A14 14 0 0 1 66 196Z" fill="#0B6B35"/>
    <rect x="78" y="58" width="54" height="38" rx="7" fill="#fff"/><path d="M108 62L92 81H103L98 93L116 74H105Z" fill="#159A4C"/>
    <circle cx="105" cy="124" r="15" fill="#0B6B35"/><circle cx="105" cy="124" r="9" fill="#fff"/>
    <g class="cable-out"><path d="M104 126C104 190 158 212 160 168V140" fill="none" stroke="#08131E" stroke-width="13" stroke-linecap="round"/><path d="M104 126C104 190 158 212 160 168V140" fill="none" stroke="#FF9F1C" stroke-width="8" stroke-linecap="round"/><rect x="150" y="112" width="20" height="34" rx="7" fill="#17222C"/><rect x="153" y="104" width="14" height="10" rx="3" fill="#8FA3B5"/></g>
    <g class="vehicle">
      <g class="body">
        <path d="M262 196V158C264 142 274 136 292 132L318 96C326 86 336 82 350 82H396C410 82 420 88 426 98L446 134C462 138 470 148 470 164V188A8 8 0 0 1 462 196Z" fill="${body}"/>
        <path d="M262 178H470V188A8 8 0 0 1 462 196H270A8 8 0 0 1 262 188Z" fill="${sill}"/>
        <path d="M310 132L332 102C336 97 342 95 350 95H362V132ZM372 95H394C402 95 408 98 412 104L430 132H372Z" fill="#CFE8FF"/>
        <rect x="330" y="146" width="20" height="5" rx="2.500" fill="#CFE8FF"/><rect x="386" y="146" width="20" height="5" rx="2.500" fill="#CFE8FF"/>
        <rect x="450" y="152" width="20" height="9" rx="4" fill="#FFF3B0"/><rect x="260" y="168" width="14" height="8" rx="4" fill="#FF6F61"/>
        <circle cx="280" cy="150" r="11" fill="#fff"/><circle cx="280" cy="150" r="6" fill="${sill}"/>
        <g class="bolt"><circle cx="366" cy="164" r="20" fill="#fff"/><path d="M371 148L354 168H364L360 182L378 161H367Z" fill="#F59E0B"/></g>
      </g>
      <g fill="#08131E"><circle cx="312" cy="198" r="22"/><circle cx="424" cy="198" r="22"/></g><g fill="#C9D5DF"><circle cx="312" cy="198" r="10"/><circle cx="424" cy="198" r="10"/></g>
      <g class="charge"><rect x="320" y="34" width="92" height="34" rx="9" fill="#08131E" stroke="var(--border)" stroke-width="2"/><rect x="412" y="44" width="7" height="14" rx="3" fill="var(--border)"/><rect class="soc" x="325" y="39" width="0" height="24" rx="5" fill="#35D07F"/><text class="soc-text" x="366" y="58" text-anchor="middle" font-family="Numbers" font-weight="800" font-size="18" fill="#fff"></text></g>
    </g>
    <g class="cable-in"><path d="${CABLE}" fill="none" stroke="#08131E" stroke-width="14" stroke-linecap="round"/><path d="${CABLE}" fill="none" stroke="#159A4C" stroke-width="9" stroke-linecap="round"/><path class="flow" d="${CABLE}" fill="none" stroke="#fff" stroke-width="9" stroke-linecap="round" stroke-dasharray="0.1 27.900"/><rect x="248" y="138" width="32" height="24" rx="8" fill="#17222C"/>
      <g class="padlock"><path d="M258 128v-7a8 8 0 0 1 16 0v7" fill="none" stroke="#566C80" stroke-width="5"/><rect x="252" y="126" width="28" height="22" rx="5" fill="#D97706"/><circle cx="266" cy="136" r="3.500" fill="#fff"/></g></g>
  </svg>`);
}

const STATUS_KIND = { Available: "good", Preparing: "warm", Charging: "busy", SuspendedEV: "warm", SuspendedEVSE: "warm", Finishing: "warm", Reserved: "warm" };
const FACTS = [
  ["pilot", "Pilot", (c) => c.pilot], ["contactor", "Contactor", (c) => c.contactor], ["lock", "Lock", (c) => c.lock],
  ["current", "Current", (c) => [Number(c.current_a ?? 0).toFixed(1), "A"]], ["power", "Power", (c) => [((c.power_w ?? 0) / 1000).toFixed(2), "kW"]],
  ["energy", "Energy", (c) => [((c.energy_wh ?? 0) / 1000).toFixed(3), "kWh"]],
];
const CAR = [
  ["soc", "Battery %", { min: 0, max: 100, value: 20 }], ["battery_kwh", "Size kWh", { min: 5, max: 150, value: 40 }],
  ["max_a", "Max A", { min: 6, max: 32, value: 16 }], ["phases", "Phases", [1, 3]],
];

class Place {
  constructor(number) {
    this.number = number;
    this.plugged = false;
    this.ready = true;
    this.scene = h("div", { className: "scene" }, scene(number));
    this.label = h("b", { className: "socket" }, "");
    this.status = h("span", { className: "pill" }, "");
    this.facts = FACTS.map(([key, name, read]) => ({ key, read, value: h("dd", {}, "–"), name }));
    this.inputs = CAR.map(([name, label, kind]) => ({ name, label, input: this.#input(name, kind) }));
    this.plug = h("button", { type: "button", className: "tap primary", onclick: () => this.#toggle() }, "Plug in");
    this.pause = h("button", { type: "button", className: "tap", hidden: true, onclick: () => this.#pause() }, "Car pauses");
    this.element = h("section", { className: "card car", "aria-label": `Connector ${number}` },
      this.scene,
      h("div", { className: "title" }, this.label, h("h2", {}, `Connector ${number}`), this.status),
      h("dl", { className: "meters" }, this.facts.map((fact) => h("div", {}, h("dt", {}, fact.name), fact.value))),
      h("form", { onsubmit: (event) => event.preventDefault() },
        this.inputs.map(({ label, input }) => h("label", {}, label, input)),
        h("div", { className: "actions" }, this.plug, this.pause)));
    document.getElementById("cars").append(this.element);
  }

  #input(name, kind) {
    if (Array.isArray(kind)) return h("select", { name }, kind.map((value) => h("option", { value }, String(value))));
    return h("input", { type: "number", name, ...kind });
  }

  vehicle() {
    return Object.fromEntries(this.inputs.map(({ name, input }) => [name, Number(input.value)]));
  }

  #toggle() {
    const step = this.plugged ? { unplug: { connector: this.number } } : { plug: { connector: this.number, ev: this.vehicle() } };
    return act(step);
  }

  async #pause() {
    if (await act({ ev: { connector: this.number, ready: !this.ready } })) this.ready = !this.ready;
    text(this.pause, this.ready ? "Car pauses" : "Car goes on");
  }

  show(connector) {
    const flowing = Number(connector.current_a ?? 0) > 0.1;
    if (this.plugged !== connector.plugged) this.ready = true;
    this.plugged = Boolean(connector.plugged);
    text(this.label, connector.label || this.number);
    text(this.status, connector.status ?? "unknown");
    this.status.className = `pill ${STATUS_KIND[connector.status] ?? "bad"}`;
    this.scene.classList.toggle("plugged", this.plugged);
    this.scene.classList.toggle("hot", flowing);
    this.scene.classList.toggle("locked", connector.lock === "locked");
    this.element.classList.toggle("hot", connector.contactor === "closed");
    for (const { key, read, value } of this.facts) {
      const shown = read(connector) ?? "–";
      if (Array.isArray(shown)) value.replaceChildren(shown[0], " ", h("small", {}, shown[1]));
      else text(value, shown);
      value.classList.toggle("hot", (key === "contactor" && shown === "closed") || (key === "current" && flowing));
      value.classList.toggle("on", key === "lock" && shown === "locked");
    }
    for (const { input } of this.inputs) input.disabled = this.plugged;
    text(this.plug, this.plugged ? "Unplug" : "Plug in");
    this.plug.className = `tap ${this.plugged ? "" : "primary"}`;
    this.pause.hidden = !this.plugged;
    text(this.pause, this.ready ? "Car pauses" : "Car goes on");
    this.#showBattery(connector.ev);
  }

  light(lamp) {
    const bar = this.scene.querySelector(".lamp");
    const [colour, rhythm] = (lamp ?? "dark").split(" ");
    bar.setAttribute("class", `lamp ${colour} ${rhythm ?? ""}`);
    bar.style.display = lamp === undefined ? "none" : "";
    this.scene.title = lamp === undefined ? "" : `Lamp: ${lamp}`;
  }

  #showBattery(ev) {
    const soc = Math.max(0, Math.min(100, Number(ev?.soc ?? this.inputs[0].input.value)));
    this.scene.querySelector(".soc").setAttribute("width", String(0.82 * soc));
    text(this.scene.querySelector(".soc-text"), `${soc.toFixed(soc % 1 ? 1 : 0)} %`);
  }
}

const places = new Map();
export const vehicleAt = (number) => places.get(String(number))?.vehicle() ?? {};

on("state", ({ state }) => {
  for (const [number, connector] of Object.entries(state.connectors)) {
    if (!places.has(number)) places.set(number, new Place(Number(number)));
    places.get(number).show(connector);
    places.get(number).light(state.lamps?.[number]);
  }
});

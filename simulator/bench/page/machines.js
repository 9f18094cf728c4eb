// Where each connector's state machine stands, and every move it made.

import { Log, clockTime, h, text } from "/page/dom.js";
import { on } from "/page/station.js";

const STATES = ["booting", "idle", "starting", "energised", "suspended", "stopping", "settling"];
const log = new Log("Nothing has moved yet.", 200);
const maps = h("div", { className: "maps" });
const byNumber = new Map();
document.getElementById("machines").append(
  h("header", {}, h("h2", { id: "machines-title" }, "States"), h("span", { className: "hint" }, "One machine per connector, one for the screen")),
  maps, log.element);
log.element.setAttribute("aria-label", "Transitions");

function mapOf(number) {
  if (byNumber.has(number)) return byNumber.get(number);
  const stops = STATES.map((name) => {
    const leaf = h("span", { className: "leaf" });
    return { name, leaf, element: h("li", {}, name, leaf) };
  });
  maps.append(h("div", { className: "map" }, h("strong", {}, `Point ${number}`), h("ol", { className: "stops" }, stops.map((stop) => stop.element))));
  byNumber.set(number, stops);
  return stops;
}

on("state", ({ state }) => {
  for (const [number, connector] of Object.entries(state.connectors)) {
    const [top, ...leaf] = (connector.machine ?? "").replace(/^session\//, "").split("/");
    for (const stop of mapOf(number)) {
      const here = stop.name === top;
      stop.element.classList.toggle("here", here);
      if (here) stop.element.setAttribute("aria-current", "step");
      else stop.element.removeAttribute("aria-current");
      text(stop.leaf, here ? leaf.join("/").replaceAll("_", " ") : "");
    }
  }
});

on("incident", (event) => log.add(h("li", { className: "incident" },
  h("span", { className: "at" }, clockTime(event.t)),
  h("strong", {}, "incident"),
  h("span", {}, event.code, h("span", { className: "times" }, `  ${event.detail ?? ""}`)))));

on("transition", (event) => log.add(h("li", {},
  h("span", { className: "at" }, clockTime(event.t)),
  h("strong", {}, event.machine),
  h("span", {}, event.from, h("span", { className: "arrow" }, " → "), event.to,
    event.event ? h("span", { className: "times" }, `  ${event.event}`) : null))));

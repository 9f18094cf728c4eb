// The conversation with the central system; each message opens to its payload.

import { Log, clockTime, h } from "/page/dom.js";
import { on } from "/page/station.js";

const TYPE = { 2: "", 3: "answer", 4: "error" };
const log = new Log("No message yet.", 200);
document.getElementById("ocpp").append(
  h("header", {}, h("h2", { id: "ocpp-title" }, "OCPP 1.6"), h("span", { className: "hint" }, "Open a message to read it")),
  log.element);
log.element.setAttribute("aria-label", "OCPP messages");

// What a reader wants to see without opening it.
function brief(payload) {
  if (payload === null || typeof payload !== "object") return String(payload ?? "");
  const parts = [];
  for (const [name, value] of Object.entries(payload)) {
    if (value === null || Array.isArray(value)) continue;
    parts.push(typeof value === "object" ? brief(value) : `${name} ${value}`);
  }
  return parts.filter(Boolean).join(" · ");
}

function pretty(payload) {
  const opened = { ...payload };
  // DataTransfer carries JSON inside a string.
  if (typeof opened.data === "string") {
    try {
      opened.data = JSON.parse(opened.data);
    } catch {
      // Not JSON: shown as it is.
    }
  }
  return JSON.stringify(opened, null, 2);
}

on("ocpp", (event) => {
  const sent = event.dir === "sent";
  const title = event.type === 2 && event.action === "DataTransfer" && event.payload?.messageId ? event.payload.messageId : event.action;
  log.add(h("li", { className: event.type === 4 ? "failed" : "" }, h("details", {},
    h("summary", {},
      h("span", { className: "at" }, clockTime(event.t)),
      h("span", { className: `dir ${event.dir}`, title: sent ? "sent by the charge point" : "received by the charge point" }, sent ? "▶" : "◀"),
      h("strong", {}, [title ?? "?", TYPE[event.type]].filter(Boolean).join(" ")),
      h("span", { className: "brief" }, brief(event.payload))),
    h("pre", { className: "mono" }, pretty(event.payload)))));
});

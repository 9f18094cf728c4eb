// What comes out of the machine: change in the tray, paper from the printer, the page behind a QR code.

import { h, money, text } from "/page/dom.js";
import { act, on } from "/page/station.js";

const amount = h("b", {}, "0.00 €");
const take = h("button", { type: "button", className: "tap cash take", disabled: true, onclick: () => act({ take_change: true }) }, "Take the change");
const bowl = h("div", { className: "bowl" }, h("span", { className: "tray-name" }, "Change tray"), amount, take);
const coins = h("div", { className: "fallen", "aria-hidden": "true" });
const sheet = h("div", { className: "sheet", tabIndex: 0, "aria-label": "The last printed receipt" });
const slot = h("div", { className: "slot", hidden: true }, h("span", { className: "tray-name" }, "Printed"), h("div", { className: "lip" }), sheet);
const qr = h("img", { alt: "", width: 96, height: 96 });
const link = h("a", { target: "_blank", rel: "noopener", className: "tap primary receipt-link" }, "Open the receipt");
const phone = h("div", { className: "phone", hidden: true }, qr, h("div", {}, h("span", { className: "tray-name" }, "The QR code on the screen, as a phone reads it"), link));
const nothing = h("p", { className: "hint empty" }, "Receipts appear here: printed, or behind the QR code on the screen.");

document.getElementById("outlet").append(
  h("header", {}, h("h2", { id: "outlet-title" }, "What comes out")),
  h("div", { className: "out" }, h("div", { className: "left" }, bowl, coins, phone), h("div", { className: "right" }, slot, nothing)));

let shownPaper = "";
let shownQr = "";
const isAddress = (words) => /^https?:\/\//.test(words);
const qrOf = (words) => `/api/qr.svg?text=${encodeURIComponent(words)}`;

function showPaper(paper) {
  const signature = JSON.stringify(paper);
  if (signature === shownPaper) return;
  shownPaper = signature;
  slot.hidden = !paper?.sheets;
  nothing.hidden = !slot.hidden;
  if (slot.hidden) return;
  const codes = paper.qr.map((words) => h(isAddress(words) ? "a" : "span", isAddress(words) ? { href: words, target: "_blank", rel: "noopener" } : {},
    h("img", { src: qrOf(words), alt: words, width: 128, height: 128 })));
  sheet.replaceChildren(h("pre", {}, paper.lines.join("\n").replace(/^\n+|\s+$/g, "")), ...codes);
  sheet.classList.remove("fresh");
  void sheet.offsetWidth; // lets the paper come out again
  sheet.classList.add("fresh");
}

function showQr(words) {
  if (words === shownQr) return;
  shownQr = words;
  phone.hidden = words === "";
  if (phone.hidden) return;
  qr.src = qrOf(words);
  qr.alt = words;
  link.hidden = !isAddress(words);
  if (isAddress(words)) link.href = words;
}

on("state", ({ state }) => {
  const tray = state.money?.tray ?? 0;
  text(amount, money(tray));
  bowl.classList.toggle("full", tray > 0);
  take.disabled = tray === 0;
  if (tray === 0) coins.replaceChildren();
  showPaper(state.money?.paper);
  showQr(state.screen?.qr ?? "");
});

on("physical", (event) => {
  if (event.what !== "paid_out" || coins.childElementCount > 40) return;
  const minor = Number(event.value);
  coins.append(h("i", { className: minor >= 100 ? "euro" : "cent" }, minor >= 100 ? `${minor / 100} €` : `${minor}`));
});

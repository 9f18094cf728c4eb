// What the customer has in the pocket: coins and notes to insert, bank cards, cards to tap, and what
// was written down: stop codes and vouchers.

import { drawing, h, money, note } from "/page/dom.js";
import { act, on } from "/page/station.js";

const GOLD = ["#F5D77B", "#C9972B", "#7A5510"];
const SILVER = ["#F1F4F6", "#AEBAC4", "#5A6873"];
// value, size on the page (true to scale), rim, centre
const COINS = [
  ["0.10", 48, GOLD, GOLD], ["0.20", 54, GOLD, GOLD], ["0.50", 60, GOLD, GOLD],
  ["1.00", 58, GOLD, SILVER], ["2.00", 63, SILVER, GOLD],
];

function coin([value, size, rim, centre]) {
  const euros = Number(value) >= 1;
  const id = `coin-${value.replace(".", "-")}`;
  const face = drawing(`
    <svg width="${size}" height="${size}" viewBox="0 0 100 100" aria-hidden="true">
      <defs>
        <linearGradient id="${id}-rim" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${rim[0]}"/><stop offset="1" stop-color="${rim[1]}"/></linearGradient>
        <linearGradient id="${id}-mid" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${centre[0]}"/><stop offset="1" stop-color="${centre[1]}"/></linearGradient>
      </defs>
      <circle cx="50" cy="50" r="49" fill="url(#${id}-rim)" stroke="${rim[2]}" stroke-width="2"/>
      <circle cx="50" cy="50" r="44" fill="none" stroke="${rim[2]}" stroke-width="1.500" stroke-dasharray="2 4" opacity=".6"/>
      ${euros ? `<circle cx="50" cy="50" r="35" fill="url(#${id}-mid)" stroke="${centre[2]}" stroke-width="1.500"/>` : ""}
      <text x="50" y="${euros ? 64 : 61}" text-anchor="middle" font-family="Numbers" font-weight="800" font-size="${euros ? 42 : 40}" fill="${centre[2]}">${euros ? Number(value) : Math.round(Number(value) * 100)}</text>
      <text x="50" y="${euros ? 77 : 79}" text-anchor="middle" font-family="Words" font-weight="700" font-size="${euros ? 11 : 13}" fill="${centre[2]}">${euros ? "EURO" : "CENT"}</text>
    </svg>`);
  const name = `Insert a coin of ${value} €`;
  return h("button", { type: "button", className: "coin", title: name, "aria-label": name, onclick: () => act({ coin: value }) }, face);
}

// value, paper, ink, width on the page; the last one is no money here
const NOTES = [
  ["5.00", "#D5DAD6", "#54645B", 92], ["10.00", "#F4C9BF", "#A23B2A", 98], ["20.00", "#BFD6F2", "#1F4E8C", 104],
  ["50.00", "#F6D9AE", "#9C5A0B", 110], ["10.00", "#D9C9E6", "#5B3B82", 98, "GBP"],
];

function banknote([value, paper, ink, width, currency]) {
  const whole = Number(value);
  const foreign = currency !== undefined;
  const face = drawing(`
    <svg width="${width}" height="${Math.round(width * 0.52)}" viewBox="0 0 120 62" aria-hidden="true">
      <rect x="1" y="1" width="118" height="60" rx="5" fill="${paper}" stroke="${ink}" stroke-width="1.500"/>
      <path d="M70 61V36a14 14 0 0 1 28 0V61M77 61V37a7 7 0 0 1 14 0V61M62 30h44M66 24h36" fill="none" stroke="${ink}" stroke-width="2.500" opacity=".45"/>
      <g fill="${ink}" opacity=".5">${[0, 60, 120, 180, 240, 300].map((turn) => `<circle cx="36" cy="32" r="1.600" transform="rotate(${turn} 46 32)"/>`).join("")}</g>
      <rect x="110" y="1" width="5" height="60" fill="#fff" opacity=".7"/>
      <text x="9" y="26" font-family="Numbers" font-weight="800" font-size="22" fill="${ink}">${foreign ? "£" : ""}${whole}</text>
      <text x="9" y="54" font-family="Words" font-weight="700" font-size="10" fill="${ink}">${foreign ? "POUNDS" : "EURO"}</text>
    </svg>`);
  const name = foreign ? `Insert a foreign note: ${whole} pounds` : `Insert a note of ${value} €`;
  const step = foreign ? { note: { value, currency } } : { note: value };
  return h("button", { type: "button", className: "banknote", title: name, "aria-label": name, onclick: () => act(step) }, face);
}

const LEAF = `<g transform="translate(30 44) scale(.62)"><path d="M-18 16C-24 -8 -4 -22 22 -20C24 4 10 24 -12 17Z" fill="#fff"/><path d="M-20 22C-12 8 0 -2 12 -9" stroke="VEIN" stroke-width="4.500" stroke-linecap="round" fill="none"/></g>`;
const WAVES = `<g fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" opacity=".85"><path d="M116 14q8 8 0 16"/><path d="M122 9q13 13 0 26"/></g>`;

function cardFace({ top, low, label, small, leaf, stamp }) {
  return drawing(`
    <svg viewBox="0 0 138 88" aria-hidden="true">
      <rect x="1" y="1" width="136" height="86" rx="11" fill="${top}"/>
      <path d="M1 60C44 70 92 44 137 54V76A11 11 0 0 1 126 87H12A11 11 0 0 1 1 76Z" fill="${low}"/>
      ${leaf ? LEAF.replace("VEIN", top) : `<rect x="16" y="30" width="26" height="20" rx="4" fill="#FFD54A"/><path d="M16 40h26M29 30v20" stroke="#9A7A12" stroke-width="1.500"/>`}
      ${WAVES}
      <text x="14" y="22" font-family="Words" font-weight="800" font-size="14" fill="#fff">${label}</text>
      <text x="14" y="78" font-family="Words" font-weight="700" font-size="12.500" fill="#fff">${small}</text>
      ${stamp ? `<g transform="rotate(-9 88 44)"><rect x="50" y="33" width="78" height="22" rx="5" fill="#fff" stroke="${stamp[1]}" stroke-width="3"/><text x="89" y="49" text-anchor="middle" font-family="Words" font-weight="800" font-size="14" fill="${stamp[1]}">${stamp[0]}</text></g>` : ""}
    </svg>`);
}

const GREEN = { top: "#159A4C", low: "#0B6B35", label: "Green Card", leaf: true };
const CARDS = [
  ["Tap Green Card GC-1", { ...GREEN, small: "GC-1 · prepaid" }, { tap: "GC-1" }],
  ["Tap Green Card GC-2, which is blocked", { ...GREEN, top: "#4E7F63", low: "#345A45", small: "GC-2", stamp: ["blocked", "#C4241A"] }, { tap: "GC-2" }],
  ["Tap a copy of GC-1: its number without its keys", { ...GREEN, top: "#6E7B87", low: "#4A5763", small: "a copy of GC-1", stamp: ["copied", "#9A5200"] }, { tap: { card: "GC-1", clone: true } }],
  ["Tap a card that is no Green Card", { top: "#1976D2", low: "#0D4F9E", label: "Other card", small: "UID DEADBEEF" }, { tap: { token: "DEADBEEF" } }],
];
const BRANDS = [
  ["visa", { top: "#1B2F7E", low: "#101D52", label: "VISA", small: "•••• 1881" }],
  ["mastercard", { top: "#3B3F46", low: "#22252A", label: "Mastercard", small: "•••• 8074" }],
  ["maestro", { top: "#0A6AA6", low: "#064A75", label: "Maestro", small: "•••• 5007" }],
];
const VERDICTS = [
  ["approve", "is approved"], ["pin", "asks for the PIN"], ["wrong_pin", "PIN wrong, then right"], ["decline", "is declined"],
  ["insufficient", "has too little money"], ["expired", "has expired"], ["unreadable", "cannot be read"],
  ["remove_early", "is taken out early"], ["silent", "gets no answer"],
];
const verdict = h("select", { "aria-label": "What becomes of the bank card" }, VERDICTS.map(([value, label]) => h("option", { value }, label)));
const terminal = h("span", { className: "pill" }, "terminal");
const memory = h("div", { className: "memory", hidden: true });

function payCard([brand, face]) {
  const name = `Hold the ${face.label} to the bank terminal`;
  return h("button", { type: "button", className: "paycard", title: name, "aria-label": name, onclick: () => act({ bank: { do: verdict.value, brand } }) }, cardFace(face));
}

const tray = (name, content, more) => [h("span", { className: "tray-name" }, name, more), content];

document.getElementById("pocket").append(
  h("header", {}, h("h2", { id: "pocket-title" }, "Your pocket"), h("span", { className: "hint" }, "Click money to insert it, a card to hold it to its reader")),
  h("div", { className: "trays" },
    h("div", { className: "cash" },
      h("div", {}, tray("Coins", h("div", { className: "coins" }, COINS.map(coin)))),
      h("div", {}, tray("Notes", h("div", { className: "banknotes" }, NOTES.map(banknote))))),
    tray("Green Cards and others", h("div", { className: "cards" }, CARDS.map(([name, face, step]) =>
      h("button", { type: "button", className: "bankcard", title: name, "aria-label": name, onclick: () => act(step) }, cardFace(face))))),
    tray("Bank cards", h("div", { className: "paycards" }, BRANDS.map(payCard),
      h("div", { className: "verdict" }, h("label", {}, "The card ", verdict), terminal))),
    memory),
);

let shownMemory = "";

function showMemory(state) {
  const { codes = {}, vouchers = {} } = state.memory ?? {};
  const isRunning = (number) => /^(session|settling)/.test(state.connectors[number]?.machine ?? "");
  const kept = Object.entries(codes).filter(([number]) => isRunning(number));
  const signature = JSON.stringify([kept, vouchers]);
  if (signature === shownMemory) return;
  shownMemory = signature;
  memory.hidden = kept.length + Object.keys(vouchers).length === 0;
  memory.replaceChildren(
    h("span", { className: "tray-name" }, "Written down"),
    ...kept.map(([number, code]) => slip("Stop code", `${state.connectors[number].label} ${code}`, "Type it where the screen asks for it", { enter_code: code })),
    ...Object.entries(vouchers).slice(-3).map(([code, minor]) => slip(`Voucher ${money(minor)}`, code, "Type it where the screen asks for a voucher", { enter_code: code })));
}

function slip(title, words, name, step) {
  return h("button", { type: "button", className: "slip", title: name, onclick: () => act(step) }, h("small", {}, title), h("b", {}, words));
}

on("state", ({ state }) => {
  const waits = state.money?.terminal?.waits;
  terminal.className = `pill ${waits ? "busy" : ""}`;
  terminal.textContent = waits ? "the terminal waits for a card" : "the terminal asks for no card";
  terminal.hidden = !state.money?.terminal;
  showMemory(state);
});

on("physical", (event) => {
  if (event.what === "coin_returned") note(`${money(Number(event.value))} came back: no coins are taken just now.`);
  if (event.what === "note_returned") note("The note came back.");
});

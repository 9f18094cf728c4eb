// Below the glass: the four tactile keys, the headphone jack, and what the kiosk says, as captions.

import { h, text } from "/page/dom.js";
import { act, on } from "/page/station.js";

const KEYS = [["prev", "◀", "Previous"], ["next", "▶", "Next"], ["ok", "OK", "OK"], ["cancel", "✕", "Cancel"]];
const CAPTIONS = 3;

const keys = KEYS.map(([key, sign, name]) =>
  h("button", { type: "button", className: "key", "aria-label": `Tactile key ${name}`, onclick: () => act({ key }) }, sign));
const jack = h("button", { type: "button", className: "key jack", onclick: () => act({ jack: isIn ? "out" : "in" }) }, "");
const aloud = h("button", { type: "button", className: "key", "aria-pressed": "false", onclick: () => listen() }, "Read aloud");
const captions = h("ol", { className: "captions", "aria-label": "What the kiosk says" });
const element = h("div", { className: "hearing" },
  h("div", { className: "keys", role: "group", "aria-label": "Tactile keys and headphone jack" }, keys, jack, aloud), captions);
document.getElementById("kiosk").append(element);

let isIn = false;
let isAloud = false;
let language = "en";
let newest = 0;
let shown = "";
aloud.hidden = !("speechSynthesis" in window);

// With a voice of the browser's own: the kiosk's loudspeaker is a file of captions here.
function listen() {
  isAloud = !isAloud;
  aloud.setAttribute("aria-pressed", String(isAloud));
  if (!isAloud) speechSynthesis.cancel();
}

function speak(words) {
  const spoken = new SpeechSynthesisUtterance(words);
  spoken.lang = language;
  speechSynthesis.speak(spoken);
}

function show(said) {
  const last = said.slice(-CAPTIONS);
  const signature = JSON.stringify(last);
  if (signature === shown) return;
  shown = signature;
  captions.replaceChildren(...last.map(({ text: words, by }) =>
    h("li", { className: by }, h("span", { className: "by" }, by === "jack" ? "Headphones" : "Loudspeaker"), h("span", {}, words))));
  const fresh = said.filter(({ number }) => number > newest);
  if (said.length) newest = said[said.length - 1].number;
  if (isAloud) fresh.forEach(({ text: words }) => speak(words));
}

on("state", ({ state }) => {
  const hearing = state.hearing ?? { jack: null, said: [] };
  const isFitted = hearing.jack !== null;
  [...keys, jack].forEach((key) => {
    key.hidden = !isFitted;
  });
  isIn = Boolean(hearing.jack);
  language = state.screen?.language || language;
  text(jack, isIn ? "Headphones out" : "Headphones in");
  jack.setAttribute("aria-pressed", String(isIn));
  show(hearing.said);
  element.hidden = !isFitted && hearing.said.length === 0;
});

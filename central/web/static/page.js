"use strict";
/* Shows what the events bring. Text only ever becomes text: nothing from the wire is read as HTML. */
const shown = { points: new Map(), transactions: [], cards: [], findings: [], frames: [], books: {}, now: "" };
const FRAMES_MAX = 300;
const $ = id => document.getElementById(id);
const NAMES = { es: "Español", eu: "Euskara", en: "English" };
const NEXT = { es: "eu", eu: "en", en: "es" };
const known = code => (code in NAMES ? code : "");
let language = known(localStorage.getItem("language")) || known(navigator.language.slice(0, 2)) || "es";
let unwrapped = new Set();

const word = key => WORDS[language][key] ?? key;
const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter(child => child != null && child !== ""));
  return node;
};
const picture = name => el("img", { src: `/static/${name}.svg`, alt: "" });
const number = (value, unit, digits) => el("span", { class: "n" },
  `${value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`);
const money = (minor, look = "big") => el("span", { class: `n ${look}` }, (minor / 100).toLocaleString(language,
  { style: "currency", currency: shown.books.currency || "EUR" }));
const kwh = wh => number(wh / 1000, "kWh", 2);
const kilowatt = watt => number(watt / 1000, "kW", 1);
const clock = text => new Date(text).toLocaleTimeString(language, { hour12: false });
const day = text => {
  const then = new Date(text), today = new Date(shown.now);
  const same = then.toDateString() === today.toDateString();
  return same ? clock(text) : then.toLocaleString(language, { dateStyle: "short", timeStyle: "short" });
};

const time = text => el("span", { class: "n plain" }, day(text));

/* status -> colour role and pictogram; the word is beside it, so colour is never alone */
const LOOKS = {
  Available: ["go", "ok"], Preparing: ["primary", "plug"], Charging: ["primary", "energy"],
  SuspendedEV: ["primary", "clock"], SuspendedEVSE: ["cash", "clock"], Finishing: ["primary", "clock"],
  Reserved: ["cash", "lock"], Unavailable: ["", "wrench"], Faulted: ["stop", "warn"], Unknown: ["", "clock"],
};
const chip = (role, image, text) => el("span", { class: `chip ${role}` }, image && picture(image), text);

/* --- points --- */
const nameOf = point => point.name || point.id;
function pointCard(point) {
  const kind = [point.vendor, point.model].filter(Boolean).join(" ");
  const details = [point.id === nameOf(point) ? "" : point.id, kind, point.firmware].filter(Boolean).join(" · ");
  const connectors = point.connectors.filter(each => each.id > 0);
  const station = point.connectors.find(each => each.id === 0);
  const boot = { Pending: ["cash", "clock", word("pending")], Rejected: ["stop", "no", word("rejected")] }[point.boot];
  const state = !point.connected ? chip("", "no", word("away")) : boot ? chip(...boot)
    : chip("go", "ok", word("isOnline"));
  const closed = station?.status === "Unavailable"
    || (connectors.length > 0 && connectors.every(each => each.status === "Unavailable"));
  return el("article", { class: `card point${point.connected ? "" : " away"}` },
    el("header", {}, el("div", {}, el("h3", {}, el("a", { href: `/operator/points/${encodeURIComponent(point.id)}` }, nameOf(point))),
      el("p", { class: "sub" }, details || point.id,
        el("small", {}, `${word("lastSeen")} `, point.lastSeen ? time(point.lastSeen) : word("never")))), state),
    ...connectors.map(each => connectorRow(point, each)),
    ...upkeepLines(point).map(line => el("p", { class: "sub" }, line)),
    el("div", { class: "buttons" },
      orderButton(point, closed ? "open" : "close", closed ? "ok" : "wrench", "quiet", () => ["ChangeAvailability",
        { connectorId: 0, type: closed ? "Operative" : "Inoperative" }], nameOf(point)),
      orderButton(point, "reset", "clock", "quiet", () => ["Reset", { type: "Soft" }], nameOf(point))));
}
function upkeepLines(point) {
  const health = point.health || {}, levels = (point.cash || {}).levels || [];
  const faults = (health.connectors || []).flatMap(each => (each.faults || []).map(f => `${each.connectorId}: ${f.reference} ${f.fault}`));
  const away = Object.entries(health.devices || {}).filter(([, state]) => state === "offline").map(([name]) => name);
  const held = levels.map(each => `${each.place} ${(each.valueMinor / 100).toFixed(2)} × ${each.count}`);
  return [[word("faults"), faults], [word("devicesAway"), away], [word("cashHeld"), held]]
    .filter(([, found]) => found.length).map(([name, found]) => `${name}: ${found.join(", ")}`);
}
function connectorRow(point, connector) {
  const [role, image] = LOOKS[connector.status] || LOOKS.Unknown;
  const running = connector.transaction;
  const where = `${nameOf(point)}, ${word("connector").toLowerCase()} ${connector.id}`;
  const facts = el("div", { class: "facts" });
  if (running) {
    facts.append(kwh(running.energyWh));
    if (running.powerW != null) facts.append(kilowatt(running.powerW));
    facts.append(el("span", {}, running.idTag));
  } else if (connector.errorCode !== "NoError") {
    facts.append(el("span", {}, [connector.errorCode, connector.info].filter(Boolean).join(": ")));
  } else if (connector.since) facts.append(time(connector.since));
  const button = running
    ? orderButton(point, "stop", "", "stop", () => ["RemoteStopTransaction", { transactionId: running.id }], where)
    : orderButton(point, "start", "", "go", tag => ["RemoteStartTransaction", { idTag: tag, connectorId: connector.id }], where,
      !["Available", "Preparing"].includes(connector.status));
  return el("div", { class: "connector" },
    el("div", { class: "socket", title: `${word("connector")} ${connector.id}` }, picture("plug"), el("b", { class: "n" }, String(connector.id))),
    chip(role, image, word(`s_${connector.status}`)), facts, el("div", { class: "buttons" }, button));
}
function orderButton(point, name, image, look, order, where, disabled = false) {
  return el("button", { type: "button", class: look, disabled: disabled || !point.connected,
    "aria-label": `${word(name)}: ${where}`, onclick: () => ask(point, name, order, where) },
  image && picture(image), word(name));
}

/* --- orders --- */
async function ask(point, name, order, where) {
  const title = name[0].toUpperCase() + name.slice(1);
  $("ask-title").textContent = word(`ask${title}`);
  $("ask-text").textContent = word(`text${title}`)(where);
  $("ask-tag-part").hidden = name !== "start";
  $("ask-ok").textContent = word(name);
  $("ask-ok").className = name === "stop" || name === "close" ? "stop" : "go";
  const dialog = $("ask");
  dialog.returnValue = "cancel";
  dialog.showModal();
  await new Promise(resolve => dialog.addEventListener("close", resolve, { once: true }));
  if (dialog.returnValue !== "ok") return;
  const [action, payload] = order($("ask-tag").value.trim());
  try {
    const response = await fetch(`/api/points/${encodeURIComponent(point.id)}/call`,
      { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ action, payload }) });
    const answer = await response.json();
    const done = response.ok && answer.status !== "Rejected";
    toast(done, response.ok ? `${where}: ${word(answer.status)}` : `${word("failed")}: ${answer.error}`);
  } catch (error) { toast(false, `${word("failed")}: ${error.message}`); }
}
function toast(done, text) {
  const node = el("div", { class: `toast${done ? "" : " bad"}` }, picture(done ? "ok" : "no"), text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), 6000);
}

/* --- tables --- */
const heads = (...names) => el("thead", {}, el("tr", {}, ...names.map(([key, right]) =>
  el("th", { scope: "col", class: right ? "right" : "" }, word(key)))));
const cell = (...children) => el("td", {}, ...children);
const right = (...children) => el("td", { class: "right" }, ...children);
const empty = (table, text) => table.replaceChildren(el("tbody", {}, el("tr", {}, el("td", { class: "empty" }, text))));

function drawTransactions() {
  if (!shown.transactions.length) return empty($("transactions"), word("noTransactions"));
  $("transactions").replaceChildren(heads(["when"], ["where"], ["who"], ["energy", 1], ["price", 1], ["state"]),
    el("tbody", {}, ...shown.transactions.map(each => {
      const at = shown.points.get(each.point);
      const state = !each.stoppedAt ? chip("primary", "energy", word("running"))
        : each.totalMinor != null ? chip("go", "ok", word("settled")) : chip("cash", "clock", word("open_"));
      const doubt = each.status === "Accepted" ? "" : el("small", {}, word(each.status));
      return el("tr", {}, cell(el("span", { class: "n" }, day(each.startedAt))),
        cell(at ? nameOf(at) : each.point, " · ", el("span", { class: "n" }, String(each.connector))),
        cell(each.idTag, doubt), right(kwh(each.energyWh)),
        right(each.totalMinor != null ? money(each.totalMinor) : each.holdMinor
          ? el("small", {}, `${word("held")} `, money(each.holdMinor, "")) : "–"),
        cell(state));
    })));
}
function drawCards() {
  if (!shown.cards.length) return empty($("cards"), word("noCards"));
  $("cards").replaceChildren(heads(["number"], ["plan"], ["balance", 1], ["points_", 1], ["state"]),
    el("tbody", {}, ...shown.cards.map(card => {
      const look = { active: ["go", "ok"], blocked: ["stop", "no"], expired: ["cash", "clock"] }[card.state];
      const until = card.chargesUntilDiscount == null ? "" : word("untilDiscount")(card.chargesUntilDiscount);
      const promotion = card.promotionPercent ? `${word("promotion")} −${card.promotionPercent} %` : until;
      const plan = el("small", {}, card.whLeft == null ? promotion : kwh(card.whLeft));
      return el("tr", {}, cell(el("span", { class: "n big" }, card.number)), cell(word(card.plan), plan),
        right(money(card.balanceMinor), card.heldMinor ? el("small", {}, `${word("held")} `, money(card.heldMinor, "")) : ""),
        right(el("span", { class: "n" }, card.points.toLocaleString(language))),
        cell(chip(...look, word(card.stateReason || card.state))));
    })));
}
function drawFindings() {
  $("findings-part").hidden = !shown.findings.length;
  $("findings").replaceChildren(...shown.findings.map(each =>
    el("li", {}, el("b", {}, each.code), ` ${each.point} · `, el("span", { class: "n" }, day(each.at)), el("br"), each.detail)));
}
/* A page of the points that are looked for: of a thousand nobody reads all at once. */
const POINTS_SHOWN = 12;
const TAKEN = ["Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Reserved"];
const IS = {
  away: point => !point.connected,
  fault: point => point.connectors.some(each => each.status === "Faulted" || each.errorCode !== "NoError"),
  out: point => point.connectors.some(each => each.status === "Unavailable"),
  taken: point => point.connectors.some(each => each.id > 0 && (each.transaction || TAKEN.includes(each.status))),
  free: point => point.connected && point.connectors.some(each => each.id > 0 && each.status === "Available"),
};
let pointsPage = 0;
function soughtPoints() {
  const words = $("sought").value.trim().toLowerCase().split(/\s+/);
  return [...shown.points.values()].sort((a, b) => a.id.localeCompare(b.id)).filter(point => {
    const text = `${point.id} ${point.name} ${point.address} ${point.serial}`.toLowerCase();
    return words.every(each => text.includes(each));
  });
}
function drawPoints() {
  const sought = soughtPoints(), wanted = $("wanted").value, known = shown.points.size;
  const points = IS[wanted] ? sought.filter(IS[wanted]) : sought;
  for (const option of $("wanted").options) option.textContent = option.value
    ? `${word(`is_${option.value}`)} (${sought.filter(IS[option.value]).length})` : word("every");
  const pages = Math.max(1, Math.ceil(points.length / POINTS_SHOWN));
  pointsPage = Math.min(pointsPage, pages - 1);
  const begin = pointsPage * POINTS_SHOWN, part = points.slice(begin, begin + POINTS_SHOWN);
  $("points").replaceChildren(...(part.length ? part.map(pointCard)
    : [known ? el("p", { class: "card empty" }, word("noneSuch"))
      : el("p", { class: "card empty" }, el("strong", {}, word("noPoints")), word("noPointsHint"))]));
  $("shown-points").textContent = part.length ? `${begin + 1}–${begin + part.length} / ${points.length}` : "";
  $("before").hidden = $("after").hidden = pages === 1;
  $("before").disabled = pointsPage === 0;
  $("after").disabled = pointsPage === pages - 1;
}
function turn(pages) {
  pointsPage = Math.max(0, pointsPage + pages);
  drawPoints();
}
for (const each of ["", ...Object.keys(IS)]) $("wanted").append(el("option", { value: each }));
for (const name of ["sought", "wanted"]) $(name).addEventListener("input", () => { pointsPage = 0; drawPoints(); });
$("before").addEventListener("click", () => turn(-1));
$("after").addEventListener("click", () => turn(1));
function drawSums() {
  const points = [...shown.points.values()];
  const running = points.flatMap(point => point.connectors.map(each => each.transaction)).filter(Boolean);
  const watt = running.reduce((sum, each) => sum + (each.powerW || 0), 0);
  const sum = (value, key) => el("div", {}, el("dt", {}, word(key)), el("dd", {}, value));
  const online = points.filter(point => point.connected).length;
  $("sums").replaceChildren(sum(el("span", { class: "n" }, `${online} / ${points.length}`), "online"),
    sum(el("span", { class: "n" }, String(running.length)), "charging"), sum(kilowatt(watt), "power"),
    sum(money(shown.books.salesMinor || 0), "sales"));
}

/* --- messages --- */
const KINDS = { 2: "call", 3: "result", 4: "error" };
const asked = new Map();
function describe(frame) {
  let parts;
  try { parts = JSON.parse(frame.text); } catch { parts = null; }
  if (!Array.isArray(parts)) return { kind: "error", action: "?", body: frame.text };
  const kind = KINDS[parts[0]] || "error", key = `${frame.point} ${parts[1]}`;
  if (kind === "call") {
    asked.set(key, parts[2]);
    const inner = parts[3]?.messageId ? `${parts[2]} ${parts[3].messageId}` : parts[2];
    return { kind, action: String(inner), body: JSON.stringify(parts[3]) };
  }
  const action = asked.get(key) || "";
  return kind === "error" ? { kind, action: `${action} ${parts[2]}`, body: JSON.stringify(parts.slice(3)) }
    : { kind, action, body: JSON.stringify(parts[2]) };
}
function frameRow(frame) {
  const { kind, action, body } = frame;
  const time = `${new Date(frame.at).toLocaleTimeString("en-GB")}.${frame.at.slice(-4, -1)}`;
  return el("div", { class: `frame ${frame.direction} ${kind}${unwrapped.has(frame.sequence) ? " wrapped" : ""}`,
    onclick: event => {
      event.currentTarget.classList.toggle("wrapped");
      if (!unwrapped.delete(frame.sequence)) unwrapped.add(frame.sequence);
    } },
  el("span", { class: "at" }, time), el("span", { class: "arrow" }, frame.direction === "in" ? "→" : "←"),
  el("span", {}, frame.point), el("span", { class: "action" }, kind === "result" ? `${action} ✓` : action),
  el("span", { class: "body" }, body));
}
const isWanted = frame => {
  const sought = $("filter").value.trim().toLowerCase();
  return !sought || `${frame.point} ${frame.action} ${frame.body}`.toLowerCase().includes(sought);
};
function drawLog() {
  if ($("hold").checked) return;
  const log = $("log"), rows = shown.frames.filter(isWanted).reverse().map(frameRow);
  log.replaceChildren(...(rows.length ? rows : [el("p", { class: "empty" }, word("noFrames"))]));
}

/* --- live --- */
/* A row that is exchanged under a pressed finger loses the click: wait until it is lifted. */
let pressed = false, waiting = [];
addEventListener("pointerdown", () => { pressed = true; });
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => {
  setTimeout(() => {
    pressed = false;
    const parts = waiting;
    waiting = [];
    parts.forEach(take);
  });
});
function keepFocus(draw) {
  const label = document.activeElement?.getAttribute("aria-label");
  draw();
  if (label) document.querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
}
function take(part) {
  if (pressed) return waiting.push(part);
  if (part.now) shown.now = part.now;
  for (const key of ["transactions", "cards", "findings", "books"]) if (part[key]) shown[key] = part[key];
  for (const point of part.points || []) shown.points.set(point.id, point);
  if (part.frames) {
    for (const frame of part.frames) Object.assign(frame, describe(frame));
    shown.frames = [...shown.frames, ...part.frames].slice(-FRAMES_MAX);
    if (asked.size > 4 * FRAMES_MAX) asked.clear();
  }
  if (part.points) keepFocus(drawPoints);
  if (part.transactions || part.points) drawTransactions();
  if (part.cards) drawCards();
  if (part.findings) drawFindings();
  if (part.frames) drawLog();
  if (part.points || part.books) drawSums();
}
function everything(part) {
  shown.points.clear();
  shown.frames = [];
  waiting = [];
  take(part);
}
function drawWords() {
  document.documentElement.lang = language;
  document.title = word("title");
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  $("language").textContent = NAMES[NEXT[language]];
  $("language").lang = NEXT[language];
  drawPoints(); drawTransactions(); drawCards(); drawFindings(); drawSums(); drawLog();
}
function live(isLive) {
  document.body.classList.remove("waiting");
  $("live").textContent = word(isLive ? "live" : "lost");
  $("live").classList.toggle("lost", !isLive);
}
$("language").addEventListener("click", () => {
  language = NEXT[language];
  localStorage.setItem("language", language);
  drawWords();
  live(events.readyState === EventSource.OPEN);
});
$("filter").addEventListener("input", drawLog);
$("hold").addEventListener("change", drawLog);
const events = new EventSource("/api/events");
events.addEventListener("everything", event => { everything(JSON.parse(event.data)); live(true); });
events.addEventListener("changed", event => take(JSON.parse(event.data)));
events.addEventListener("error", () => live(false));
drawWords();
$("live").textContent = "…";

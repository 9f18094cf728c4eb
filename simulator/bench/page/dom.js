// Building blocks: elements, drawings, and how amounts are written.

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// Only for drawings written in this page: never for text that comes from the station.
export function drawing(markup) {
  const template = document.createElement("template");
  template.innerHTML = markup.trim();
  return template.content.firstElementChild;
}

export function picture(name, size = 32) {
  return h("img", { src: `/assets/pictograms/${name}.svg`, alt: "", width: size, height: size });
}

export function money(minor) {
  const sign = minor < 0 ? "−" : "";
  return `${sign}${(Math.abs(minor) / 100).toFixed(2)} €`;
}

export function clockTime(seconds) {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return `${hours ? hours + ":" : ""}${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

export function text(element, value) {
  const wanted = String(value);
  if (element.textContent !== wanted) element.textContent = wanted;
}

export function note(message, kind = "") {
  const shown = h("p", { className: `note ${kind}` }, message);
  document.getElementById("notes").append(shown);
  setTimeout(() => shown.remove(), kind === "bad" ? 7000 : 3500);
}

// A list that grows at the end, keeps its newest `limit` rows, and stays at the end unless the
// reader scrolled up.
export class Log {
  constructor(empty, limit = 250) {
    this.element = h("ol", { className: "log", tabIndex: 0, "data-empty": empty });
    this.limit = limit;
    this.waiting = [];
  }

  add(row) {
    if (this.waiting.length === 0) requestAnimationFrame(() => this.#flush());
    this.waiting.push(row);
    if (this.waiting.length > this.limit) this.waiting.shift();
  }

  clear() {
    this.waiting = [];
    this.element.replaceChildren();
  }

  #flush() {
    const log = this.element;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(...this.waiting.splice(0));
    while (log.childElementCount > this.limit) log.firstElementChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
  }
}

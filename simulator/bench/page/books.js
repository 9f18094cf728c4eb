// The ledger: every account's balance, and every posting as it is made.

import { Log, clockTime, h, money, text } from "/page/dom.js";
import { on } from "/page/station.js";

const log = new Log("No money has moved yet.", 200);
const verdict = h("span", { className: "pill" }, "");
const accounts = h("div", { className: "accounts" });
const byName = new Map();
// Long session ids say nothing to a reader.
export const shortName = (name) => name.replace(/([0-9a-f]{4})[0-9a-f-]{8,}/i, "$1…");

document.getElementById("books").append(
  h("header", {}, h("h2", { id: "books-title" }, "Books"), verdict, h("span", { className: "hint" }, "Double entry, in cents, natural sign")),
  accounts, log.element);
log.element.setAttribute("aria-label", "Postings");

function show(name, minor) {
  let account = byName.get(name);
  if (!account) {
    account = { value: h("b", {}), minor: null };
    account.element = h("div", { className: "account", title: name }, h("span", {}, shortName(name)), account.value);
    byName.set(name, account);
    accounts.append(account.element);
  }
  text(account.value, money(minor));
  if (account.minor !== null && account.minor !== minor) {
    account.element.classList.remove("moved");
    void account.element.offsetWidth; // lets the animation begin again
    account.element.classList.add("moved");
  }
  account.minor = minor;
}

on("state", ({ state }) => {
  const balances = state.ledger?.accounts ?? {};
  // An account that was emptied stays while it is interesting, then goes.
  for (const [name, account] of byName) {
    if (name in balances) continue;
    account.element.remove();
    byName.delete(name);
  }
  for (const [name, minor] of Object.entries(balances)) show(name, minor);
  const balanced = state.ledger?.balanced;
  verdict.className = `pill ${balanced ? "good" : "bad"}`;
  text(verdict, balanced ? "balanced" : "not balanced");
});

on("posting", (event) => log.add(h("li", {},
  h("span", { className: "at" }, clockTime(event.t)),
  h("div", {},
    h("div", { className: "entries" }, Object.entries(event.entries).map(([name, minor]) =>
      h("span", { title: name }, `${shortName(name)} `, h("b", {}, `${minor > 0 ? "+" : ""}${money(minor)}`)))),
    h("code", { className: "times" }, shortName(event.key))))));

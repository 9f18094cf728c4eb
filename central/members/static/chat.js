// Chats as they happen. Without this script every form still works, one page after the other.
"use strict";

const thread = document.querySelector("[data-thread]");
const inbox = document.querySelector("[data-inbox]");
const pulse = document.querySelector("[data-live]");

function listen(address, hear) {
  const stream = new EventSource(address);
  const say = (isLive) => { if (pulse) pulse.dataset.live = isLive ? "on" : "off"; };
  stream.onopen = () => say(true);
  stream.onerror = () => say(false);
  stream.onmessage = (event) => hear(JSON.parse(event.data));
}

function add(message) {
  if (thread.querySelector(`[data-message="${message.id}"]`)) return;
  const holder = document.createElement("template");
  holder.innerHTML = message.html;
  thread.append(holder.content);
}

function mark(seen) {
  for (const row of thread.querySelectorAll(".said.mine")) {
    const told = row.querySelector("[data-read]");
    if (told) told.hidden = Number(row.dataset.message) > seen;
  }
}

function newest() {
  const rows = thread.querySelectorAll("[data-message]");
  return rows.length ? Number(rows[rows.length - 1].dataset.message) : 0;
}

let told = thread ? newest() : 0;

function tellSeen() {
  const upto = newest();
  if (document.visibilityState !== "visible" || upto <= told) return;
  told = upto;
  const proof = document.querySelector("[data-write] [name=proof]").value;
  fetch(thread.dataset.seenAt, { method: "POST", body: new URLSearchParams({ proof, upto }) });
}

function follow() {
  listen(`${thread.dataset.liveAt}?after=${newest()}`, (news) => {
    news.said.forEach(add);
    mark(news.seen);
    if (news.said.length) thread.scrollTop = thread.scrollHeight;
    tellSeen();
  });
  document.addEventListener("visibilitychange", tellSeen);
}

// Sent beside the page once there is a chat; the stream brings it back as the other side sees it.
async function send(form, fields) {
  const lost = document.querySelector("[data-lost]");
  fields.set("quiet", "1");
  const buttons = [...form.querySelectorAll("button")];
  for (const each of buttons) each.disabled = true;
  let isSent = false;
  try {
    isSent = (await fetch(form.action, { method: "POST", body: new URLSearchParams(fields) })).status === 204;
  } catch { isSent = false; }
  setTimeout(() => { for (const each of buttons) each.disabled = false; });
  if (lost) lost.hidden = isSent;
  if (isSent && !("keeps" in form.dataset)) form.reset();
}

if (thread) {
  thread.scrollTop = thread.scrollHeight;
  mark(Number(thread.dataset.seen || 0));
  if (thread.dataset.liveAt) {
    follow();
    for (const form of document.querySelectorAll("[data-write]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        send(form, new FormData(form, event.submitter));
      });
    }
  }
  document.querySelector("textarea")?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
}
if (inbox) listen("/desk/live", (news) => {
  inbox.innerHTML = news.html;
  document.title = document.title.replace(/^(\(\d+\) )?/, news.unread ? `(${news.unread}) ` : "");
});

// The line to the station: steps out, events in. Everything on the page listens here.

import { note } from "/page/dom.js";

const listeners = new Map();
export let state = null;

export function on(kind, listener) {
  if (!listeners.has(kind)) listeners.set(kind, []);
  listeners.get(kind).push(listener);
}

function tell(kind, event) {
  for (const listener of listeners.get(kind) ?? []) listener(event);
}

// Carries out one scenario step. Resolves to the answer, or null after saying why not.
export async function act(step) {
  try {
    const response = await fetch("/api/do", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(step),
    });
    const answer = await response.json();
    if (response.ok) return answer;
    note(answer.error ?? `refused (${response.status})`, "bad");
  } catch {
    note("The bench does not answer. Is ./run still running?", "bad");
  }
  return null;
}

export function follow() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/api/events`);
  socket.onopen = () => tell("line", { up: true });
  socket.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (event.kind === "state") state = event.state;
    tell(event.kind, event);
  };
  socket.onclose = () => {
    tell("line", { up: false });
    setTimeout(follow, 1000);
  };
}

// The one event stream that all tabs of a preview share (a shared worker).
//
// Hands every state on to the pages as it came, and asks the preview for those whose content security
// policy forbids it: a worker lives under its own.
"use strict";

const ports = new Set();
let state = null;
let lost = false;

function tell(port) {
  if (lost) port.postMessage({ lost: true });
  else if (state !== null) port.postMessage({ state });
}

function open() {
  const source = new EventSource(new URL("events", self.location.href));
  source.onmessage = (event) => {
    state = event.data;
    lost = false;
    ports.forEach(tell);
  };
  source.onerror = () => {
    lost = true;
    ports.forEach(tell);
    // A browser tries again by itself after a broken line, but not after a wrong answer.
    if (source.readyState === EventSource.CLOSED) setTimeout(open, 1000);
  };
}

async function fetchFor(port, id, url, method) {
  let answer = { text: null, status: 0 };
  try {
    const response = await fetch(url, { method, cache: "no-store" });
    answer = { text: await response.text(), status: response.status };
  } catch {
    // The preview has gone; the page is told so by `lost`.
  }
  port.postMessage({ answer: id, ...answer });
}

self.onconnect = (event) => {
  const port = event.ports[0];
  port.onmessage = ({ data }) => {
    if (data.bye) ports.delete(port);
    if (data.ask) fetchFor(port, data.ask, data.url, data.method);
    if (data.hello) {
      ports.add(port);
      tell(port);
    }
  };
};

open();

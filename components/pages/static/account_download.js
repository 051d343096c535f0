// Everything as one ZIP: asked for, packed while the person goes on, then offered for seven days.

import { get, post } from "./api.js";
import { button, h, icon } from "./dom.js";
import { confirmed } from "./confirm.js";
import { toast, toastFailure } from "./overlays.js";
import { bytes, moment, say } from "./words.js";

const LOOK_EVERY = 1500; // milliseconds, while one is packed

export const section = {
  id: "download",
  icon: "download",
  title: "privacy_download",
  note: "privacy_download_note",
  shown: () => true,
  build: async () => {
    const list = h("ul", { class: "devices", "aria-live": "polite" });
    const ask = button(say("privacy_download_ask"), { name: "download", kind: "primary", on: () => start(ask, list) });
    show(list, await get("/api/privacy/exports"));
    return [h("p", { class: "muted", text: say("privacy_download_text") }), h("ul", { class: "data-inside" }, ["images", "uploads", "data", "schema", "manifest"].map((part) => h("li", { text: say(`privacy_inside_${part}`) }))), h("div", {}, ask), list];
  },
};

async function start(ask, list) {
  ask.disabled = true;
  try {
    const answer = await confirmed(() => post("/api/privacy/exports"));
    if (answer) show(list, await get("/api/privacy/exports"));
  } catch (failure) {
    toastFailure(failure);
  } finally {
    ask.disabled = false;
  }
}

function show(list, exports) {
  list.replaceChildren(...exports.map(row));
  if (exports.some((one) => one.state !== "ready")) setTimeout(() => look(list), LOOK_EVERY);
}

async function look(list) {
  if (!list.isConnected) return;
  try {
    const exports = await get("/api/privacy/exports");
    if (exports.every((one) => one.state === "ready")) toast(say("privacy_download_ready"));
    show(list, exports);
  } catch {
    setTimeout(() => look(list), LOOK_EVERY * 4);
  }
}

function row({ state, created_at: asked, expires_at: ends, size_bytes: size, url, digest }) {
  if (state !== "ready") return h("li", {}, icon("again"), h("div", {}, h("strong", { text: say("privacy_download_packing") }), h("small", { text: moment(asked) })));
  const fetchIt = async () => {
    try {
      // A first byte tells whether the password is wanted; the browser's own download follows.
      const ready = await confirmed(() => probe(url));
      if (ready) location.assign(url);
    } catch (failure) {
      toastFailure(failure);
    }
  };
  return h(
    "li",
    {},
    icon("check"),
    h("div", {}, h("strong", { text: say("privacy_download_size", { size: bytes(size) }) }), h("small", { text: say("privacy_download_until", { date: moment(ends) }) }), h("small", {}, "SHA-256 ", h("code", { text: digest }))),
    button(say("download"), { name: "download", kind: "outlined", on: fetchIt }),
  );
}

async function probe(url) {
  const answer = await fetch(url, { headers: { range: "bytes=0-0" } });
  if (answer.ok) return true;
  const { error } = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(error?.title ?? ""), error);
}

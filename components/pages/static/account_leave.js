// Deleting everything: what goes, how long one can change one's mind, and the receipt.

import { get, post } from "./api.js";
import { button, h, icon } from "./dom.js";
import { confirmed } from "./confirm.js";
import { listen, stopListening } from "./live.js";
import { ask, copy, toastFailure } from "./overlays.js";
import { moment, say } from "./words.js";

const LOOK_EVERY = 2000; // milliseconds, while it is carried out

export const section = {
  id: "leave",
  icon: "trash",
  title: "privacy_leave",
  note: "privacy_leave_note",
  shown: () => true,
  build: async (me) => {
    const place = h("div", { class: "choices-of" });
    draw(place, me, await get("/api/privacy/deletion"));
    return place;
  },
};

function draw(place, me, state) {
  const parts = { none: () => offer(place, me, state), waiting: () => waiting(place, me, state), running: () => running(place, state), done: () => done(state) };
  place.replaceChildren(...parts[state.state]());
}

function offer(place, me, { most_days: most }) {
  const choices = [
    [most, say("privacy_leave_later", { n: most })],
    [0, say("privacy_leave_now")],
  ];
  const rows = choices.map(([days, words], index) => {
    const id = `leave-${days}`;
    return h("li", {}, h("input", { type: "radio", name: "days", id, value: days, checked: index === 0 }), h("label", { for: id, text: words }));
  });
  const list = h("ul", { class: "leave-days" }, rows);
  const go = button(say(me.kind === "owner" ? "privacy_leave_everything" : "privacy_leave_account"), { name: "trash", kind: "danger", on: () => begin(place, me, Number(list.querySelector(":checked").value)) });
  return [
    h("p", { text: say("privacy_leave_text") }),
    h("ul", { class: "data-inside" }, ["images", "words", "keys"].map((part) => h("li", { text: say(`privacy_leave_${part}`) }))),
    h("p", { class: "muted", text: say("privacy_leave_backups") }),
    h("p", { class: "muted" }, `${say("privacy_leave_first")} `, h("a", { href: "#account/download", text: say("privacy_download") })),
    list,
    h("div", {}, go),
  ];
}

async function begin(place, me, days) {
  const sure = await ask({ title: say("privacy_leave_sure"), text: say(days ? "privacy_leave_sure_later" : "privacy_leave_sure_now"), action: say("privacy_leave_go") });
  if (!sure) return;
  try {
    const state = await confirmed(() => post("/api/privacy/deletion", { days }));
    if (state) draw(place, me, state);
  } catch (failure) {
    toastFailure(failure);
  }
}

function waiting(place, me, { due_at: due, receipt }) {
  const back = async () => {
    try {
      draw(place, me, await post("/api/privacy/deletion/cancel"));
      listen();
    } catch (failure) {
      toastFailure(failure);
    }
  };
  const past = new Date(due) <= new Date();
  if (past) watch(place, receipt);
  return [
    h("p", { class: "data-note warn" }, icon("warning"), h("span", { text: past ? say("privacy_leave_running") : say("privacy_leave_waiting", { date: moment(due) }) })),
    number(receipt),
    h("div", {}, button(say("privacy_leave_cancel"), { kind: "outlined", on: back })),
  ];
}

function running(place, { receipt }) {
  watch(place, receipt);
  return [h("p", { class: "data-note warn" }, icon("again"), h("span", { text: say("privacy_leave_running") })), number(receipt)];
}

/** The account may be gone by now: the receipt is asked for by its number alone. */
function watch(place, receipt) {
  stopListening();
  const look = async () => {
    if (!place.isConnected) return;
    try {
      const state = await get(`/trust/receipt/${receipt}`);
      if (state.state === "done") return place.replaceChildren(...done(state));
    } catch {
      // Asked again in a moment.
    }
    setTimeout(look, LOOK_EVERY);
  };
  setTimeout(look, LOOK_EVERY);
}

function done({ receipt, verified_at: at, found, kept }) {
  const counts = Object.entries(found).map(([name, count]) => h("li", { text: `${name.split(".").pop().replaceAll("_", " ")}: ${count}` }));
  return [
    h("p", { class: "data-note" }, icon("check"), h("span", { text: say("privacy_leave_done", { date: moment(at) }) })),
    number(receipt),
    h("details", { class: "data-table" }, h("summary", {}, h("strong", { text: say("privacy_leave_found") })), h("ul", { class: "data-inside" }, counts)),
    h("details", { class: "data-table" }, h("summary", {}, h("strong", { text: say("privacy_leave_kept") })), h("ul", { class: "data-inside" }, kept.map((one) => h("li", { text: `${one.title}: ${one.because}` })))),
    h("div", {}, h("a", { class: "button outlined", href: "/", text: say("privacy_leave_anew") })),
  ];
}

function number(receipt) {
  const take = button(say("privacy_receipt_copy"), { name: "copy", kind: "outlined", on: () => copy(receipt, say("copied")) });
  return h("p", { class: "muted" }, `${say("privacy_receipt_number")} `, h("code", { text: receipt }), " ", take);
}

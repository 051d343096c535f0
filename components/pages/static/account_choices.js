// What the person allows: a switch for each purpose, and the receipts of every yes and no.

import { get, put } from "./api.js";
import { h, icon } from "./dom.js";
import { toast, toastFailure } from "./overlays.js";
import { language, moment, say } from "./words.js";

export const section = {
  id: "choices",
  icon: "settings",
  title: "privacy_choices",
  note: "privacy_choices_note",
  shown: () => true,
  build: async () => {
    const place = h("div", { class: "choices-of" });
    draw(place, await get("/api/privacy/choices"));
    return place;
  },
};

function draw(place, { purposes, receipts, signal, counted }) {
  const shown = purposes.filter(({ id }) => counted || !["analytics", "marketing"].includes(id));
  place.replaceChildren(
    h("p", { class: "muted", text: say("privacy_choices_text") }),
    signal && h("p", { class: "data-note" }, icon("check"), h("span", { text: say("privacy_signal") })),
    !counted && h("p", { class: "data-note" }, icon("check"), h("span", { text: say("privacy_uncounted") })),
    h("ul", { class: "switches" }, shown.map((purpose) => row(place, purpose))),
    h(
      "div",
      { class: "block-of" },
      h("h3", { text: say("privacy_receipts") }),
      receipts.length ? h("ul", { class: "devices" }, receipts.map(receipt)) : h("p", { class: "muted", text: say("privacy_no_receipts") }),
    ),
  );
  for (const child of [...place.childNodes]) if (child.nodeType === Node.TEXT_NODE) child.remove();
}

function row(place, { id, on, new: fresh }) {
  const input = `choice-${id}`;
  const box = h("input", { id: input, type: "checkbox", role: "switch", class: "switch" });
  box.checked = on;
  box.addEventListener("change", async () => {
    try {
      draw(place, await put("/api/privacy/choices", { purpose: id, given: box.checked, locale: language }));
      place.querySelector(`#${input}`)?.focus();
      toast(say("account_saved"));
    } catch (failure) {
      box.checked = !box.checked;
      toastFailure(failure);
    }
  });
  return h("li", {}, h("label", { for: input }, h("strong", {}, say(`privacy_purpose_${id}`), fresh && h("span", { class: "fresh", text: say("privacy_new") })), h("small", { text: say(`privacy_purpose_${id}_note`) })), box);
}

function receipt({ purpose, version, given, at, how }) {
  const about = { box: "privacy_receipt_policy", use: "privacy_receipt_policy", picture: "privacy_receipt_picture" }[how] ?? `privacy_purpose_${purpose}`;
  const yes = how === "use" ? "privacy_receipt_used" : "privacy_receipt_given";
  const said = version === "gpc" ? say("privacy_receipt_signal") : say(given ? yes : "privacy_receipt_taken");
  const words = version === "gpc" ? moment(at) : `${moment(at)} · ${say("privacy_receipt_version", { version })}`;
  return h("li", {}, icon(given ? "check" : "close"), h("div", {}, h("strong", { text: `${say(about)}: ${said}` }), h("small", { text: words })));
}

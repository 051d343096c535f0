// Why a picture is held back, what a moderator said of it, and how to ask for another look.

import { get, post } from "./api.js";
import { button, h } from "./dom.js";
import { changed } from "./live.js";
import { toast, toastFailure } from "./overlays.js";
import { say } from "./words.js";

/** The words over a held picture, or null for a free one. */
export function flagOf(image) {
  const { flag } = image;
  if (!flag) return null;
  const why = h("p", { text: say(`flag_${flag.label}`) });
  const state = flag.state === "flagged" || flag.label === "reported" ? null : h("p", { text: say(`flag_${flag.state}`) });
  const answer = flag.answer && h("blockquote", { text: flag.answer });
  const over = !flag.may_ask && flag.state === "upheld" && h("p", { class: "over", text: say("flag_over") });
  return h("div", { class: flag.veiled ? "flag" : "flag open" }, why, state, answer || null, asking(image), over || null);
}

/** What the owner of a home of their own does: a reported picture was seen before. */
const freed = (flag) => (flag.label === "reported" ? "review_release" : "flag_show");

function asking(image) {
  const { flag } = image;
  if (flag.label === "blank") return null;
  if (flag.alone) return button(say(freed(flag)), { kind: "outlined", on: () => appeal(image, "") });
  if (!flag.may_ask) return null;
  return button(say(flag.state === "upheld" ? "flag_again" : "flag_appeal"), { kind: "outlined", on: () => askForLook(image) });
}

function askForLook(image) {
  const note = h("textarea", { rows: 4, maxlength: 1000, "aria-label": say("flag_note") });
  const send = button(say("flag_appeal"), { kind: "primary", type: "submit" });
  const no = button(say("cancel"), { kind: "outlined", on: () => dialog.close() });
  const form = h("form", {}, h("label", { class: "entry" }, h("span", { text: say("flag_note") }), note), h("div", { class: "choices" }, no, send));
  const dialog = h("dialog", { class: "question asking", "aria-label": say("flag_appeal") }, h("h2", { text: say("flag_appeal") }), h("p", { text: say("flag_asking") }), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    if (await appeal(image, note.value)) dialog.close();
    send.disabled = false;
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A picture to start from that is held back: nothing can be made from it. */
export function toastHeld(picture) {
  const { flag } = picture;
  const words = say("source_held", { label: say(`review_label_${flag.label}`) });
  const ask = flag.alone ? { label: say(freed(flag)), run: () => appeal(picture, "") } : flag.may_ask && { label: say("flag_appeal"), run: () => askForLook(picture) };
  toast(words, { kind: "bad", action: ask || null });
}

async function appeal(image, note) {
  try {
    const { flag } = await post(`/api/images/${image.id}/appeal`, { note });
    const now = await get(`/api/images/${image.id}`).catch(() => ({ flag })); // an upload is in no gallery
    changed([image.id], (one) => Object.assign(one, now));
    toast(say(flag ? "flag_appealed" : "flag_shown"));
    return true;
  } catch (failure) {
    toastFailure(failure);
    return false;
  }
}

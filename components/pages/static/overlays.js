// What lies over the page: menus, questions and short messages. Knows nothing of pictures.

import { button, h, icon } from "./dom.js";
import { say } from "./words.js";

const UNDO_FOR = 12_000; // milliseconds; the studio itself waits longer

/** Opens `content` beside `anchor`; a click elsewhere or Esc closes it. In a dialog it is a part of that: all else is inert. */
export function popover(anchor, content, label) {
  const box = h("div", { class: "popover", popover: "auto", role: "dialog", "aria-label": label }, content);
  // The browser says only later that one is shut, and the next may be asked for before.
  for (const shut of document.querySelectorAll(".popover:not(:popover-open)")) shut.remove();
  (anchor.closest("dialog") ?? document.body).append(box);
  box.showPopover();
  place(box, anchor);
  anchor.setAttribute("aria-expanded", "true");
  box.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    if (box.contains(document.activeElement)) anchor.focus();
  });
  box.addEventListener("toggle", (event) => event.newState === "closed" && box.remove());
  (box.querySelector("[autofocus]") ?? box.querySelector("button, a, input, select"))?.focus();
  box.addEventListener("keydown", walk);
  return { close: () => box.hidePopover() };
}

/** Entries are `{label, name, note, kind, href, run}`; a click runs one and closes the menu. */
export function menu(anchor, entries, label) {
  const rows = entries.map((entry) => {
    const inside = [icon(entry.name), h("span", {}, entry.label, entry.note && h("small", { text: entry.note }))];
    const options = { class: `row ${entry.kind ?? ""}`, on: { click: () => choose(entry) } };
    if (entry.href) return h("a", { ...options, href: entry.href, download: entry.download, target: entry.target }, inside);
    return h("button", { ...options, type: "button" }, inside);
  });
  const opened = popover(anchor, h("div", { class: "menu" }, rows), label);
  function choose(entry) {
    opened.close();
    entry.run?.();
  }
}

/** Asks before something goes. Resolves to true when the person agrees. */
export function ask({ title, text, action }) {
  return new Promise((resolve) => {
    const yes = button(action, { kind: "danger", on: () => dialog.close("yes") });
    const no = button(say("cancel"), { kind: "outlined", on: () => dialog.close() });
    const dialog = h(
      "dialog",
      { class: "question", "aria-label": title },
      h("h2", { text: title }),
      h("p", { text }),
      h("div", { class: "choices" }, no, yes),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}

/** Asks for a few words. Resolves to them, or to null. */
export function askWords({ title, label, value = "", action }) {
  return new Promise((resolve) => {
    const field = h("input", { type: "text", value, maxlength: 80, required: true, autocomplete: "off" });
    const yes = button(action, { kind: "primary", type: "submit" });
    const no = button(say("cancel"), { kind: "outlined", on: () => dialog.close() });
    const form = h("form", {}, h("label", { class: "entry" }, h("span", { text: label }), field), h("div", { class: "choices" }, no, yes));
    const dialog = h("dialog", { class: "question", "aria-label": title }, h("h2", { text: title }), form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close(field.value.trim());
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
    document.body.append(dialog);
    dialog.showModal();
    field.select();
  });
}

/**
 * A short message at the edge of the page, also read aloud. `undo` adds a button that takes back what it tells of;
 * an `action` ({label, run}) one with other words. Answers what takes the message away.
 */
export function toast(text, { kind = "", undo = null, action = undo && { label: say("undo"), run: undo } } = {}) {
  const message = h("div", { class: `toast ${kind}`, role: kind === "bad" ? "alert" : "status" }, h("span", { text }));
  if (action) message.append(button(action.label, { kind: "plain", on: () => takeBack(message, action.run) }));
  shelf().append(message);
  setTimeout(() => message.remove(), action ? UNDO_FOR : kind === "bad" ? 8000 : 3500);
  return () => message.remove();
}

async function takeBack(message, run) {
  message.remove();
  try {
    await run();
  } catch (failure) {
    toastFailure(failure);
  }
}

/** A message with one thing that can still be done about it. */
export function toastAction(text, label, run) {
  const act = button(label, { kind: "outlined", on: () => {
    message.remove();
    run();
  } });
  const message = h("div", { class: "toast acting", role: "status" }, h("span", { text }), act);
  shelf().append(message);
  setTimeout(() => message.remove(), 10000);
}

export function toastFailure(failure) {
  toast(`${failure.title ?? failure.message}. ${failure.hint ?? ""}`, { kind: "bad" });
}

export async function copy(text, message) {
  try {
    await navigator.clipboard.writeText(text);
    toast(message);
  } catch {
    toast(say("copy_failed"), { kind: "bad" });
  }
}

// A dialog makes the rest of the page inert, so messages stand in the top one; when it closes, on what lay below it.
function shelf() {
  const home = [...document.querySelectorAll("dialog[open]")].pop() ?? document.body;
  const here = home.querySelector(":scope > .toasts");
  if (here) return here;
  const made = home.appendChild(h("div", { class: "toasts" }));
  home.addEventListener("close", (event) => event.target === home && made.hasChildNodes() && shelf().append(...made.childNodes));
  return made;
}

function place(box, anchor) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = Math.max(8, Math.min(Math.max(8, at.right - width), innerWidth - width - 8));
  const beside = at.left < 100 && at.right + 8 + width <= innerWidth - 8; // of the rail; on a phone there is no room
  const below = at.bottom + 6 + height <= innerHeight - 8;
  const above = Math.max(8, (beside ? Math.min(at.bottom, innerHeight - 8) : Math.min(at.top - 6, innerHeight - 8)) - height);
  box.style.left = `${beside ? at.right + 8 : left}px`;
  box.style.top = `${below ? at.bottom + 6 : above}px`;
}

function walk(event) {
  if (!event.currentTarget.querySelector(".menu")) return;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const rows = [...event.currentTarget.querySelectorAll("button, a, input")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  rows[(rows.indexOf(document.activeElement) + step + rows.length) % rows.length].focus();
  event.preventDefault();
}

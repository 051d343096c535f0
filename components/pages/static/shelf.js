// The person's notebooks: go to another one, begin one from a template, delete one and take that back.

import { ask, get, post } from "./api.js";
import { button, h, icon } from "./dom.js";
import { popover, toast, toastFailure } from "./overlays.js";
import { moment, say } from "./words.js";

const TEMPLATES = ["icon_set", "character_sheet", "colour_variations", "before_and_after"];

export function shelfButton(book) {
  const place = button(say("notebooks"), { name: "book", kind: "outlined shelf-button", "aria-label": say("notebooks"), "aria-haspopup": "dialog", "aria-expanded": "false", on: () => openShelf(place, book) });
  return place;
}

async function openShelf(anchor, book) {
  let shelf;
  try {
    shelf = await get("/api/notebooks");
  } catch (failure) {
    return toastFailure(failure);
  }
  const others = shelf.notebooks.map((entry) => row(entry, book, () => opened.close()));
  const begin = [["empty", "plus"], ...TEMPLATES.map((name) => [name, "book"])].map(([name, sign]) =>
    h("button", { type: "button", class: "row", on: { click: () => start(name) } }, icon(sign), h("span", {}, say(`notebook_template_${name}`), h("small", { text: say(`notebook_about_${name}`) }))),
  );
  const content = h("div", { class: "menu shelf" }, h("h3", { text: say("notebooks") }), others, h("hr"), h("h3", { text: say("notebook_begin") }), begin);
  const opened = popover(anchor, content, say("notebooks"));

  function start(name) {
    opened.close();
    book.create(name).catch(toastFailure);
  }
}

function row(entry, book, close) {
  const here = entry.id === book.id;
  const open = () => {
    close();
    if (!here) book.open(entry.id).catch(toastFailure);
  };
  const facts = `${say("notebook_cells", { n: entry.cells })} · ${moment(entry.changed_at)}`;
  const name = h("span", {}, entry.title || say("notebook_untitled"), h("small", { text: facts }));
  const go = h("button", { type: "button", class: "row", "aria-pressed": String(here), on: { click: open } }, icon(here ? "check" : "book"), name);
  const away = button(say("notebook_delete", { title: entry.title || say("notebook_untitled") }), { name: "trash", quiet: true, kind: "bad", on: () => remove(entry, book, close) });
  return h("div", { class: "shelf-row" }, go, away);
}

async function remove(entry, book, close) {
  close();
  try {
    await book.flush();
    await ask(`/api/notebooks/${entry.id}`, "DELETE");
  } catch (failure) {
    return toastFailure(failure);
  }
  if (entry.id === book.id) await book.forget();
  const restore = () => post(`/api/notebooks/${entry.id}/restore`).then(() => book.open(entry.id)).catch(toastFailure);
  toast(say("notebook_deleted", { title: entry.title || say("notebook_untitled") }), { action: { label: say("notebook_undo"), run: restore } });
}

/** Templates as cards, for the empty studio. */
export function templateCards(book) {
  return h("div", { class: "templates" }, TEMPLATES.map((name) =>
    h("button", { type: "button", class: "template", on: { click: () => book.create(name).catch(toastFailure) } }, icon("book"), h("span", {}, h("strong", { text: say(`notebook_template_${name}`) }), h("small", { text: say(`notebook_about_${name}`) }))),
  ));
}

// Stars, tags and boards for one picture or many, each with a way back. Knows no grid.

import { get, post } from "./api.js";
import { button, h, icon } from "./dom.js";
import { changed } from "./live.js";
import { askWords, menu, popover, toast, toastFailure } from "./overlays.js";
import { say } from "./words.js";

/** Boards as last listed; `listBoards` asks again. */
export let boards = [];

export async function listBoards() {
  boards = await get("/api/boards");
  return boards;
}

export const boardTitle = (id) => boards.find((board) => board.id === id)?.title ?? "";

/** Sets or takes the star; the ones that changed can be turned back. */
export async function star(images, value) {
  await trying(async () => {
    const { changed: ids } = await post("/api/images/star", { ids: idsOf(images), starred: value });
    changed(ids, (image) => (image.starred = value));
    const back = async () => {
      await post("/api/images/star", { ids, starred: !value });
      changed(ids, (image) => (image.starred = !value));
    };
    if (ids.length && images.length > 1) toast(say(value ? "starred" : "unstarred", { n: ids.length }), { undo: back });
  });
}

/** Moves to a board, or with null off any board. */
export async function move(images, board) {
  await trying(async () => {
    const { moved } = await post("/api/images/move", { ids: idsOf(images), board: board?.id ?? null });
    const ids = Object.keys(moved);
    changed(ids, (image) => (image.board = board?.id ?? null));
    const n = ids.length;
    if (n === 0) return toast(say("moved_none"));
    const words = board ? say("moved", { n, board: board.title }) : say("moved_off", { n });
    toast(words, { undo: () => moveBack(moved) });
  });
}

async function moveBack(moved) {
  const from = Map.groupBy(Object.keys(moved), (id) => moved[id]);
  for (const [board, ids] of from) {
    await post("/api/images/move", { ids, board });
    changed(ids, (image) => (image.board = board));
  }
}

export async function tag(images, name, present) {
  await trying(async () => {
    const { changed: ids, tag: spelt } = await post("/api/images/tag", { ids: idsOf(images), tag: name, present });
    changed(ids, (image) => retag(image, spelt, present));
    const n = ids.length;
    const back = async () => {
      await post("/api/images/tag", { ids, tag: spelt, present: !present });
      changed(ids, (image) => retag(image, spelt, !present));
    };
    if (n && images.length > 1) toast(say(present ? "tagged" : "untagged", { n, tag: spelt }), { undo: back });
  });
}

function retag(image, name, present) {
  const others = image.tags.filter((one) => one !== name);
  image.tags = present ? [...others, name].sort((one, other) => one.localeCompare(other)) : others;
}

/** Every board, none, and a new one. */
export async function boardMenu(anchor, images) {
  await trying(async () => {
    await listBoards();
    const here = images.every((image) => image.board === images[0].board) ? images[0].board : undefined;
    const rows = boards.map((board) => ({
      label: board.title,
      name: board.id === here ? "check" : "board",
      run: () => move(images, board),
    }));
    if (here !== null) rows.push({ label: say("board_none"), name: "close", run: () => move(images, null) });
    rows.push({ label: say("board_new"), name: "plus", run: async () => {
      const board = await newBoard();
      if (board) await move(images, board);
    } });
    menu(anchor, rows, say("move_to_board"));
  });
}

/** Asks for a title. Resolves to the board, or to null. */
export async function newBoard() {
  const title = await askWords({ title: say("board_new_title"), label: say("board_title"), action: say("board_make") });
  if (!title) return null;
  try {
    const board = await post("/api/boards", { title });
    await listBoards();
    return board;
  } catch (failure) {
    toastFailure(failure);
    return null;
  }
}

/** The tags of these pictures, each with a way off, and a field for the next one. */
export async function tagPopover(anchor, images) {
  const known = await get("/api/tags").catch(() => []);
  const editor = tagEditor(images, known);
  editor.querySelector("input").setAttribute("autofocus", "");
  popover(anchor, editor, say("tags"));
}

export function tagEditor(images, known = []) {
  const chips = h("div", { class: "chips-row" });
  const id = `tags-${Math.random().toString(36).slice(2)}`;
  const list = h("datalist", { id }, known.map((one) => h("option", { value: one.name })));
  const field = h("input", { type: "text", maxlength: 40, list: id, placeholder: say("tag_add"), "aria-label": say("tag_add"), autocomplete: "off" });
  const form = h("form", { class: "tag-form" }, field, list, button(say("tag_put"), { name: "plus", quiet: true, type: "submit" }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    await tag(images, field.value, true);
    field.value = "";
    show();
    field.focus();
  });
  function show() {
    const names = [...new Set(images.flatMap((image) => image.tags))].sort((one, other) => one.localeCompare(other));
    chips.replaceChildren(...names.map((name) => chip(name)));
    chips.hidden = names.length === 0;
  }
  function chip(name) {
    const off = h("button", { type: "button", "aria-label": say("tag_take", { tag: name }), title: say("tag_take", { tag: name }) }, icon("close"));
    off.addEventListener("click", async () => {
      await tag(images, name, false);
      show();
      field.focus();
    });
    return h("span", { class: "tag" }, h("span", { text: name }), off);
  }
  show();
  return h("div", { class: "tag-editor" }, chips, form);
}

async function trying(run) {
  try {
    await run();
  } catch (failure) {
    toastFailure(failure);
  }
}

function idsOf(images) {
  return images.map((image) => image.id);
}

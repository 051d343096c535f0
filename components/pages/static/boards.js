// The list of boards beside the gallery, or above it on a phone: a place to look, and a place to drop pictures on.

import { patch, remove } from "./api.js";
import { boards, listBoards, move, newBoard } from "./collect.js";
import { button, h, icon } from "./dom.js";
import { ask, askWords, menu, toast, toastFailure } from "./overlays.js";
import { editTags } from "./tags.js";
import { hasTerm, valueOf, withTerm, withValue } from "./terms.js";
import { say } from "./words.js";

export class BoardList {
  /** `read` and `write` are the query's; `dragged()` answers the pictures that are being dragged, or null. */
  constructor({ read, write, dragged }) {
    this.read = read;
    this.write = write;
    this.dragged = dragged;
    this.element = h("nav", { class: "boards", "aria-label": say("boards") });
    this.show();
  }

  async reload() {
    await listBoards().catch(() => {});
    this.show();
  }

  show() {
    const query = this.read();
    const board = valueOf(query, "board").toLowerCase();
    const starred = hasTerm(query, "is:starred");
    const none = (text) => withTerm(withValue(text, "board", ""), "is:starred", false);
    const places = [
      this.place({ name: "gallery", title: say("gallery_all"), current: !board && !starred, go: none, drop: null }),
      this.place({ name: "star", title: say("gallery_starred"), current: starred, go: (text) => withTerm(text, "is:starred", !starred) }),
    ];
    const own = boards.map((one) => {
      const current = board === one.title.toLowerCase();
      return this.place({ board: one, title: one.title, current, go: (text) => withValue(text, "board", current ? "" : one.title), drop: one });
    });
    const add = button(say("board_new"), { name: "plus", kind: "place-add", on: async () => (await newBoard()) && this.show() });
    const tags = button(say("tags_edit"), { name: "edit", kind: "place-add", on: () => editTags({ read: this.read, write: this.write }) });
    this.element.replaceChildren(...places, h("h2", { text: say("boards") }), ...own, add, tags);
  }

  place({ name, board, title, current, go, drop }) {
    const cover = board?.cover ? h("img", { class: "cover", src: board.cover, alt: "", loading: "lazy" }) : h("span", { class: "cover" }, icon(name ?? "board"));
    const link = h("button", { type: "button", class: "board", "aria-current": current ? "true" : null, title }, cover, h("span", { class: "title", text: title }), board && h("span", { class: "count", text: String(board.pictures) }));
    link.addEventListener("click", () => this.write(go(this.read()).trim()));
    const item = h("div", { class: "board-item" }, link);
    if (board) {
      const more = button(say("board_menu", { board: title }), { name: "more", quiet: true, kind: "board-more", "aria-haspopup": "dialog", "aria-expanded": "false", on: () => this.menu(more, board) });
      item.append(more);
    }
    if (drop !== undefined) this.accept(item, drop);
    return item;
  }

  accept(item, board) {
    const over = (event) => {
      if (!this.dragged()) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      item.classList.add("over");
    };
    item.addEventListener("dragenter", over);
    item.addEventListener("dragover", over);
    item.addEventListener("dragleave", (event) => item.contains(event.relatedTarget) || item.classList.remove("over"));
    item.addEventListener("drop", (event) => {
      const images = this.dragged();
      item.classList.remove("over");
      if (!images) return;
      event.preventDefault();
      move(images, board);
    });
  }

  menu(anchor, board) {
    const rows = [
      { label: say("board_rename"), name: "edit", run: () => this.rename(board) },
      { label: say("board_delete"), name: "trash", kind: "bad", run: () => this.remove(board) },
    ];
    menu(anchor, rows, board.title);
  }

  async rename(board) {
    const title = await askWords({ title: say("board_rename"), label: say("board_title"), value: board.title, action: say("board_rename_do") });
    if (!title || title === board.title) return;
    const here = valueOf(this.read(), "board").toLowerCase() === board.title.toLowerCase();
    await this.trying(async () => {
      const renamed = await patch(`/api/boards/${board.id}`, { title });
      await this.reload();
      if (here) this.write(withValue(this.read(), "board", renamed.title));
    });
  }

  async remove(board) {
    const n = board.pictures;
    const question = { title: say("board_delete_ask", { board: board.title }), text: say("board_delete_text", { n }), action: say("board_delete") };
    if (!(await ask(question))) return;
    await this.trying(async () => {
      await remove(`/api/boards/${board.id}`);
      await this.reload();
      toast(say("board_deleted", { board: board.title }));
      if (valueOf(this.read(), "board").toLowerCase() === board.title.toLowerCase()) this.write(withValue(this.read(), "board", ""));
    });
  }

  async trying(run) {
    try {
      await run();
    } catch (failure) {
      toastFailure(failure);
    }
  }
}

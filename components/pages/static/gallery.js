// The gallery: everything made or brought, in pages by cursor; search, boards, and many pictures handled at once.

import { discardImages, offer } from "./actions.js";
import { get, patch } from "./api.js";
import { BoardList } from "./boards.js";
import { acceptDrops, importButton } from "./brings.js";
import { boardMenu, listBoards, star, tagPopover } from "./collect.js";
import { button, h, icon, keepingFocus } from "./dom.js";
import { filterPopover } from "./filters.js";
import { alike, Grid } from "./grid.js";
import { Listing } from "./listing.js";
import { on } from "./live.js";
import { noticeLines } from "./notice.js";
import { menu, toast } from "./overlays.js";
import { exportPopover } from "./takes.js";
import { valueOf } from "./terms.js";
import { day, say, zone } from "./words.js";

const SEARCH_AFTER = 250; // milliseconds without typing
const LOAD_WITHIN = 1600; // pixels left below the screen
const NEAR_TOP = 200; // pixels: so far up, what is new moves nothing that somebody looks at
const ORDERS = ["newest", "oldest", "starred", "seed"];

let current = null;
export function mount(element) {
  current = new Gallery(element);
}

/** The pictures before and after `id` as listed now, nearest first; asks the studio where the list ends. */
export async function neighbours(id) {
  if (!current) return { newer: [], older: [] };
  await null; // the news that makes one ask reaches the gallery too
  if (current.list.next === undefined) await current.list.loading;
  const { images } = current.list;
  const at = place(images, id);
  if (at >= images.length - 2) await current.list.more();
  const listed = place(current.list.images, id) < 0 ? images : current.list.images; // it may have left meanwhile
  const here = place(listed, id);
  const around = here < 0 ? { newer: [], older: [] } : { newer: listed.slice(0, here).reverse(), older: listed.slice(here + 1) };
  if (around.newer.length && around.older.length) return around;
  const { before, after } = await get(`/api/images/${encodeURIComponent(id)}/around?${current.listing()}`).catch(() => ({}));
  if (before && !around.newer.length) around.newer = [before];
  if (after && !around.older.length) around.older = [after];
  return around;
}

const place = (images, id) => images.findIndex((image) => image.id === id);

export class Gallery {
  constructor(element) {
    this.element = element;
    this.list = new Listing({ arrived: (fresh) => this.arrived(fresh), failed: (failure) => this.fail(failure) });
    this.chosen = new Set();
    this.query = "";
    this.order = localStorage.getItem("pixcosmos.order") ?? "newest";
    this.stale = true;
    this.build();
    this.listen();
    if (this.isOpen()) this.open();
  }

  build() {
    const popup = { "aria-haspopup": "dialog", "aria-expanded": "false" };
    const write = (query) => this.write(query);
    const read = () => this.search.value;
    this.search = h("input", { type: "search", placeholder: say("gallery_search"), "aria-label": say("gallery_search"), "aria-describedby": "search-trouble", autocomplete: "off", spellcheck: "false", enterkeyhint: "search" });
    this.trouble = h("p", { id: "search-trouble", class: "trouble", role: "alert", hidden: true });
    this.picking = button(say("gallery_select"), { kind: "outlined pick-toggle", on: () => this.setPicking(!this.element.classList.contains("picking")) });
    const filter = button(say("filter"), { name: "filter", quiet: true, ...popup, on: () => filterPopover(filter, { read, write }) });
    this.sort = button(say("sort"), { name: "sort", quiet: true, ...popup, on: () => this.sortMenu() });
    const take = button(say("export_found"), { name: "download", quiet: true, ...popup, on: () => exportPopover(take, this.wanted()) });
    const showImported = () => {
      this.order = "newest";
      this.write("kind:imported");
    };
    this.boards = new BoardList({ read, write, dragged: () => this.dragged });
    this.grid = new Grid({
      toggle: (image, range) => this.toggle(image, range),
      extend: (from, to) => this.extend(from, to),
      star: (image) => star([image], !image.starred),
      key: (event, image) => this.key(event, image),
      drag: (event, image) => this.drag(event, image),
      near: (left) => left < LOAD_WITHIN && this.list.more(),
    });
    this.message = h("div", { class: "message", role: "status" });
    this.tray = h("div", { class: "tray", role: "region", "aria-label": say("gallery_select"), hidden: true });
    const searching = h("div", { class: "search" }, icon("search"), this.search, filter);
    this.element.replaceChildren(
      h("header", { class: "top" }, h("h1", { text: say("gallery") }), searching, this.sort, take, importButton(showImported), this.picking),
      h("div", { class: "hall" }, this.boards.element, h("div", { class: "wall" }, this.trouble, this.grid.element, this.message)),
      this.tray,
    );
    acceptDrops(this.element, showImported);
  }

  listen() {
    let timer = 0;
    this.search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.find(), SEARCH_AFTER);
    });
    addEventListener("hashchange", () => this.isOpen() && this.open());
    addEventListener("find", ({ detail }) => this.write(detail)); // from another view that leads here
    on("job", (job) => job.state === "done" && this.refresh());
    on("jobs", () => this.refresh());
    on("gallery", () => {
      this.refresh();
      this.boards.reload();
    });
    on("removed", (ids) => this.remove(new Set(ids)));
    on("restored", () => this.renew());
    on("connection", ({ connected, again }) => connected && again && this.renew());
    on("changed", (change) => this.change(change));
    document.addEventListener("keydown", (event) => this.shortcut(event));
    addEventListener("dragend", () => (this.dragged = null));
  }

  /** Called each time the view comes to the front. */
  open() {
    if (this.stale) {
      this.boards.reload();
      this.reload();
    } else {
      requestAnimationFrame(() => this.grid.arrange());
    }
  }

  isOpen() {
    return location.hash.startsWith("#gallery");
  }

  get images() {
    return this.list.images;
  }

  /** Also behind a picture that lies over it. */
  isInFront() {
    return document.documentElement.dataset.view === "gallery";
  }

  isShown() {
    return this.isInFront() && !document.querySelector("dialog[open]");
  }

  /** What the studio is asked for, as a query string. */
  listing() {
    const query = new URLSearchParams({ sort: this.order, zone });
    if (this.query) query.set("q", this.query);
    return query;
  }

  /** The same for a download of everything that is found. */
  wanted() {
    return { q: this.query, sort: this.order, zone };
  }

  write(query) {
    this.search.value = query;
    this.find();
  }

  find() {
    const query = this.search.value.trim();
    this.boards.show();
    if (query === this.query) return;
    this.query = query;
    this.setPicking(false);
    this.reload();
  }

  /** Something may be new: shown at once where that moves nothing, else when the view is opened again. */
  refresh() {
    this.stale = true;
    if (this.isOpen() && scrollY < NEAR_TOP) this.reload();
  }

  /** What is listed changed: shown wherever one stands in the list. */
  renew() {
    this.stale = true;
    if (this.isInFront()) this.reload();
  }

  /** Reads the list anew, as far as somebody went through it or chose from it. */
  reload() {
    this.stale = false;
    const same = this.shownQuery === this.query && this.shownOrder === this.order;
    const far = same && (this.chosen.size > 0 || !this.isOpen() || scrollY >= NEAR_TOP);
    this.list.read(this.listing(), far ? this.images.length : undefined);
    if (this.images.length === 0) this.grid.show([], true);
  }

  arrived(fresh) {
    if (fresh && (this.shownQuery !== this.query || this.shownOrder !== this.order)) scrollTo(0, 0);
    Object.assign(this, { shownQuery: this.query, shownOrder: this.order });
    this.trouble.hidden = true;
    this.show();
  }

  show() {
    this.forgetUnlisted();
    this.grid.show(this.groups(), Boolean(this.list.next));
    this.showMessage();
  }

  /** Nothing is done to pictures that one cannot see: what left the list is no more chosen. */
  forgetUnlisted() {
    const listed = new Set(this.images.map((image) => image.id));
    for (const id of this.chosen) if (!listed.has(id)) this.chosen.delete(id);
    if (this.element.classList.contains("picking")) this.showChosen();
  }

  /** Days, or stars and the rest, or one group. */
  groups() {
    const headings = { newest: (image) => day(image.created_at), oldest: (image) => day(image.created_at), seed: () => null, starred: (image) => say(image.starred ? "gallery_starred" : "gallery_others") };
    const heading = headings[this.order];
    const groups = [];
    for (const image of this.images) {
      const words = heading(image);
      if (groups.at(-1)?.heading !== words || groups.length === 0) groups.push({ heading: words, items: [] });
      groups.at(-1).items.push(image);
    }
    return groups;
  }

  change({ ids, apply }) {
    this.list.alter(ids, apply);
    const board = valueOf(this.query, "board");
    this.grid.refresh(this.chosen);
    listBoards().then(() => {
      this.boards.show();
      if (board) this.reload();
    }).catch(() => {});
  }

  // Choosing

  setPicking(value) {
    this.element.classList.toggle("picking", value);
    if (!value) this.chosen.clear();
    this.showChosen();
  }

  /** With `range`, everything between the last choice and this one. */
  toggle(image, range) {
    const value = !this.chosen.has(image.id);
    const from = range && this.anchor ? this.anchor : image;
    this.between(from, image).forEach((one) => (value || range ? this.chosen.add(one.id) : this.chosen.delete(one.id)));
    this.anchor = image;
    this.element.classList.add("picking");
    this.showChosen();
  }

  extend(from, to) {
    this.anchor = to;
    for (const image of [from, to]) this.chosen.add(image.id);
    this.element.classList.add("picking");
    this.showChosen();
  }

  between(from, to) {
    const [first, last] = [from, to].map(({ id }) => place(this.images, id)).sort((one, other) => one - other);
    return first < 0 ? [to] : this.images.slice(first, last + 1);
  }

  selectAll() {
    for (const image of this.images) this.chosen.add(image.id);
    this.element.classList.add("picking");
    this.showChosen();
  }

  /** The chosen pictures in the order of the list. */
  chosenImages() {
    return this.images.filter((image) => this.chosen.has(image.id));
  }

  showChosen() {
    const n = this.chosen.size;
    const picking = this.element.classList.contains("picking");
    this.picking.querySelector("span").textContent = say(picking ? "gallery_select_done" : "gallery_select");
    this.grid.refresh(this.chosen);
    this.tray.hidden = !picking;
    document.documentElement.toggleAttribute("data-tray", picking);
    if (!picking) return;
    const images = this.chosenImages();
    const allStarred = n > 0 && images.every((image) => image.starred);
    const act = (key, name, on, options = {}) => button(say(key), { name, quiet: true, on, disabled: n === 0, ...options });
    const popup = { "aria-haspopup": "dialog", "aria-expanded": "false" };
    const tools = [
      h("span", { class: "how-many", role: "status", text: n ? say("gallery_selected", { n }) : say("gallery_selected_none") }),
      button(say("gallery_select_all"), { name: "check", quiet: true, on: () => this.selectAll() }),
      act(allStarred ? "unstar" : "star", "star", () => star(images, !allStarred), { "aria-pressed": String(allStarred) }),
      act("tags", "tag", (event) => tagPopover(event.currentTarget, images), popup),
      act("move_to_board", "board", (event) => boardMenu(event.currentTarget, images), popup),
      act("download", "download", (event) => exportPopover(event.currentTarget, { ids: images.map((image) => image.id) }), popup),
      act("delete", "trash", () => this.discardChosen(), { kind: "bad" }),
      button(say("gallery_select_none"), { name: "close", quiet: true, on: () => this.setPicking(false) }),
    ];
    keepingFocus(this.tray, () => this.tray.replaceChildren(...tools));
  }

  async discardChosen() {
    if (await discardImages([...this.chosen])) this.setPicking(false);
  }

  remove(ids) {
    if (!this.list.drop(ids)) return;
    if (this.shownQuery !== undefined) this.show();
    this.boards.reload();
  }

  // Keys, dragging, order

  key(event, image) {
    const images = this.chosen.has(image.id) ? this.chosenImages() : [image];
    const anchor = event.target.closest(".tile");
    const keys = {
      " ": () => this.toggle(image, event.shiftKey),
      s: () => star(images, !images.every((one) => one.starred)),
      t: () => tagPopover(anchor, images),
      b: () => boardMenu(anchor, images),
      Delete: () => discardImages(images.map((one) => one.id)),
    };
    const run = keys[event.key];
    if (!run || event.ctrlKey || event.metaKey || event.target.matches("input")) return;
    event.preventDefault();
    run();
  }

  shortcut(event) {
    if (!this.isShown() || document.querySelector(":popover-open") || event.target.closest?.("input[type=text], input[type=search], textarea, select, .popover")) return;
    if (event.key === "Escape" && this.element.classList.contains("picking")) this.setPicking(false);
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.selectAll();
    } else if (event.key === "/") {
      event.preventDefault();
      this.search.focus();
    }
  }

  drag(event, image) {
    this.dragged = this.chosen.has(image.id) ? this.chosenImages() : [image];
    const n = this.dragged.length;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", alike(image));
    const badge = h("div", { class: "drag-badge" }, icon("gallery"), h("span", { text: say("gallery_dragged", { n }) }));
    document.body.append(badge);
    event.dataTransfer.setDragImage(badge, 20, 20);
    setTimeout(() => badge.remove());
  }

  sortMenu() {
    const rows = ORDERS.map((order) => ({ label: say(`sort_${order}`), name: order === this.order ? "check" : "sort", run: () => this.sortBy(order) }));
    menu(this.sort, rows, say("sort"));
  }

  sortBy(order) {
    this.order = order;
    localStorage.setItem("pixcosmos.order", order);
    this.reload();
  }

  // What stands below the pictures, or instead of them

  fail(failure) {
    if (failure.code === "bad_search") {
      this.trouble.textContent = `${failure.title}. ${failure.reason.replace(/^q: /, "")}`;
      this.trouble.hidden = false;
      return this.images.length || this.grid.show([], false);
    }
    if (this.images.length === 0) this.grid.show([], false);
    const again = button(say("try_again"), { name: "again", kind: "outlined", on: () => this.reload() });
    this.message.replaceChildren(h("div", { class: "notice" }, noticeLines({ title: say("gallery_failed"), ...failure })), again);
  }

  showMessage() {
    if (this.list.next) return this.message.replaceChildren(this.images.length ? "" : h("p", { text: say("gallery_looking") }));
    if (this.images.length > 0) return this.message.replaceChildren(this.images.length > 12 ? h("p", { text: say("gallery_end") }) : "");
    const words = this.query;
    const [title, text] = words
      ? [say("gallery_nothing_title", { words }), say("gallery_nothing_text")]
      : [say("gallery_empty_title"), say("gallery_empty_text")];
    const start = words
      ? button(say("gallery_clear_search"), { kind: "outlined", on: () => this.clearSearch() })
      : h("a", { class: "button primary", href: "#studio", text: say("gallery_empty_start") });
    this.message.replaceChildren(h("div", { class: "welcome" }, h("h2", { text: title }), h("p", { text }), start));
  }

  clearSearch() {
    this.write("");
    this.search.focus();
  }
}

offer((image) => image.board && { label: say("board_cover"), name: "board", run: async () => {
  await patch(`/api/boards/${image.board}`, { cover: image.id });
  toast(say("board_cover_set"));
} });

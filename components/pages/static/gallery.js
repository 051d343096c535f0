// The gallery: everything made, newest first, in pages by cursor; search by words; choose many and delete them.

import { deleteImages } from "./actions.js";
import { get } from "./api.js";
import { button, h, icon } from "./dom.js";
import { on } from "./live.js";
import { noticeLines } from "./notice.js";
import { day, say } from "./words.js";

const PAGE = 48;
const SEARCH_AFTER = 250; // milliseconds without typing

let current = null;

export function mount(element) {
  current = new Gallery(element);
}

/** The pictures before and after `id` as listed now, loading more when it is the last one. */
export async function neighbours(id) {
  if (!current) return {};
  await current.reach(id);
  const { images } = current;
  const at = images.findIndex((image) => image.id === id);
  return at < 0 ? {} : { newer: images[at - 1], older: images[at + 1] };
}

class Gallery {
  constructor(element) {
    this.images = [];
    this.chosen = new Set();
    this.next = null;
    this.words = "";
    this.stale = true;
    this.round = 0;
    this.build(element);
    this.listen();
    if (this.isOpen()) this.reload();
  }

  build(element) {
    this.search = h("input", { type: "search", placeholder: say("gallery_search"), "aria-label": say("gallery_search"), autocomplete: "off", spellcheck: "false" });
    this.picking = button(say("gallery_select"), { kind: "outlined", on: () => this.setPicking(!element.classList.contains("picking")) });
    this.days = h("div", { class: "days" });
    this.sentinel = h("div", { class: "sentinel" });
    this.message = h("div", { class: "message", role: "status" });
    this.tray = h("div", { class: "tray", role: "region", "aria-label": say("gallery_select"), hidden: true });
    this.element = element;
    element.replaceChildren(
      h(
        "header",
        { class: "top" },
        h("h1", { text: say("gallery") }),
        h("label", { class: "search" }, icon("search"), this.search),
        this.picking,
      ),
      this.days,
      this.sentinel,
      this.message,
      this.tray,
    );
  }

  listen() {
    let timer = 0;
    this.search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.find(this.search.value.trim()), SEARCH_AFTER);
    });
    window.addEventListener("hashchange", () => this.isOpen() && this.stale && this.reload());
    on("job", (job) => job.state === "done" && this.refresh());
    on("jobs", () => this.refresh());
    on("removed", (ids) => this.remove(new Set(ids)));
    new IntersectionObserver(([entry]) => entry.isIntersecting && this.more(), { rootMargin: "900px" }).observe(this.sentinel);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.element.classList.contains("picking")) this.setPicking(false);
    });
  }

  isOpen() {
    return location.hash.startsWith("#gallery");
  }

  find(words) {
    if (words === this.words) return;
    this.words = words;
    this.reload();
  }

  refresh() {
    this.stale = true;
    if (this.isOpen() && scrollY < 200 && !this.chosen.size) this.reload();
  }

  async reload() {
    this.stale = false;
    this.round += 1;
    this.next = undefined;
    this.loading = null;
    const kept = this.images.length > 0 && this.words === this.shownWords;
    if (!kept) this.skeletons();
    await this.more(true);
  }

  /** Loads the next page; calls at the same time share one request. */
  more(fresh = false) {
    if (this.next === null || (!fresh && this.next === undefined)) return null;
    this.loading ??= this.load(fresh).finally(() => (this.loading = null));
    return this.loading;
  }

  async load(fresh) {
    const round = this.round;
    const query = new URLSearchParams({ limit: PAGE });
    if (this.words) query.set("q", this.words);
    if (!fresh) query.set("before", this.next);
    try {
      const page = await get(`/api/images?${query}`);
      if (round !== this.round) return;
      if (fresh) this.clear();
      this.shownWords = this.words;
      this.next = page.next;
      this.append(page.images);
    } catch (failure) {
      if (round === this.round) this.fail(failure);
    }
  }

  async reach(id) {
    if (this.stale || this.images.length === 0) await this.reload();
    const at = this.images.findIndex((image) => image.id === id);
    if (at >= this.images.length - 2) await this.more();
  }

  clear() {
    this.images = [];
    this.days.replaceChildren();
  }

  append(images) {
    this.images.push(...images);
    for (const image of images) this.roomOf(image).append(this.tile(image));
    this.showMessage();
  }

  /** The grid of the picture's day, made when it is the first one of it. */
  roomOf(image) {
    const heading = day(image.created_at);
    const last = this.days.lastElementChild;
    if (last?.dataset.day === heading) return last.querySelector(".tiles");
    const tiles = h("div", { class: "tiles" });
    this.days.append(h("section", { data: { day: heading }, "aria-label": heading }, h("h2", { text: heading }), tiles));
    return tiles;
  }

  tile(image) {
    const ratio = image.width / image.height;
    const alt = say("picture_alt", { prompt: image.prompt, seed: image.seed });
    const box = h("input", { type: "checkbox", "aria-label": say("gallery_pick", { prompt: image.prompt }) });
    box.checked = this.chosen.has(image.id);
    box.addEventListener("click", (event) => this.choose(image.id, box.checked, event.shiftKey));
    const picture = h("img", {
      src: image.thumb,
      srcset: `${image.thumb} 256w, ${image.thumb_large} 512w`,
      sizes: "(max-width: 767px) 33vw, 240px",
      alt,
      loading: "lazy",
      decoding: "async",
      width: image.width,
      height: image.height,
    });
    const link = h("a", { href: `#image/${image.id}` }, picture, h("span", { class: "caption", text: image.prompt }));
    link.addEventListener("click", (event) => {
      if (!this.element.classList.contains("picking")) return;
      event.preventDefault();
      box.checked = !box.checked;
      this.choose(image.id, box.checked, event.shiftKey);
    });
    const pick = h("label", { class: "pick" }, box, h("span", { class: "mark" }, icon("check")));
    return h("div", { class: "tile", data: { id: image.id }, style: { "--ratio": ratio } }, link, pick);
  }

  setPicking(value) {
    this.element.classList.toggle("picking", value);
    if (!value) this.chosen.clear();
    this.showChosen();
  }

  /** With the shift key, everything between the last choice and this one. */
  choose(id, value, range) {
    const ids = this.images.map((image) => image.id);
    const [from, to] = [ids.indexOf(range ? (this.anchor ?? id) : id), ids.indexOf(id)].sort((a, b) => a - b);
    for (const one of ids.slice(from, to + 1)) value ? this.chosen.add(one) : this.chosen.delete(one);
    this.anchor = id;
    this.element.classList.add("picking");
    this.showChosen();
  }

  showChosen() {
    const n = this.chosen.size;
    const picking = this.element.classList.contains("picking");
    this.picking.querySelector("span").textContent = say(picking ? "gallery_select_done" : "gallery_select");
    for (const tile of this.days.querySelectorAll(".tile")) {
      const chosen = this.chosen.has(tile.dataset.id);
      tile.classList.toggle("chosen", chosen);
      tile.querySelector("input").checked = chosen;
    }
    this.tray.hidden = n === 0;
    document.documentElement.toggleAttribute("data-tray", n > 0);
    if (n === 0) return;
    this.tray.replaceChildren(
      h("span", { role: "status", text: say("gallery_selected", { n }) }),
      button(say("gallery_select_none"), { kind: "plain", on: () => this.setPicking(false) }),
      button(say("delete_images", { n }), { name: "trash", kind: "danger", on: () => this.deleteChosen() }),
    );
  }

  async deleteChosen() {
    if (await deleteImages([...this.chosen])) this.setPicking(false);
  }

  remove(ids) {
    this.images = this.images.filter((image) => !ids.has(image.id));
    for (const id of ids) this.chosen.delete(id);
    for (const tile of this.days.querySelectorAll(".tile")) if (ids.has(tile.dataset.id)) tile.remove();
    for (const section of this.days.querySelectorAll("section")) if (!section.querySelector(".tile")) section.remove();
    this.showChosen();
    if (this.shownWords !== undefined) this.showMessage();
    if (this.images.length < PAGE / 2) this.more();
  }

  skeletons() {
    this.clear();
    const tiles = Array.from({ length: 18 }, () => h("div", { class: "tile skeleton", style: { "--ratio": 1 } }));
    this.days.replaceChildren(h("section", { "aria-hidden": "true" }, h("div", { class: "tiles" }, tiles)));
    this.message.replaceChildren(h("p", { class: "said", text: say("gallery_loading") }));
  }

  fail(failure) {
    this.next = null;
    if (this.images.length === 0) this.days.replaceChildren();
    const again = button(say("try_again"), { name: "again", kind: "outlined", on: () => this.reload() });
    this.message.replaceChildren(h("div", { class: "notice" }, noticeLines({ title: say("gallery_failed"), ...failure })), again);
  }

  showMessage() {
    if (this.images.length > 0) return this.message.replaceChildren(this.next === null && this.images.length > 12 ? h("p", { text: say("gallery_end") }) : "");
    const words = this.words;
    const [title, text] = words
      ? [say("gallery_nothing_title", { words }), say("gallery_nothing_text")]
      : [say("gallery_empty_title"), say("gallery_empty_text")];
    const start = words
      ? button(say("gallery_clear_search"), { kind: "outlined", on: () => this.clearSearch() })
      : h("a", { class: "button primary", href: "#studio", text: say("gallery_empty_start") });
    this.message.replaceChildren(h("div", { class: "welcome" }, h("h2", { text: title }), h("p", { text }), start));
  }

  clearSearch() {
    this.search.value = "";
    this.find("");
    this.search.focus();
  }
}

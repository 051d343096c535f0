// One picture, large, with its settings; arrow keys go to its neighbours, Esc goes back.

import { copySeed, discardImages, downloadMenu, hasSettings, mayPublish, moreMenu, reproduce, useSettings } from "./actions.js";
import { get } from "./api.js";
import { boardMenu, boardTitle, listBoards, star, tagEditor } from "./collect.js";
import { button, h } from "./dom.js";
import { flagOf } from "./flag.js";
import { neighbours } from "./gallery.js";
import { alike } from "./grid.js";
import { lineageOf } from "./lineage.js";
import { jobs, on } from "./live.js";
import { publish } from "./publish.js";
import { turns } from "./turns.js";
import { bytes, moment, say } from "./words.js";

const PREFIX = "#image/";
const sections = [];

/** Adds a part below the settings: `make(image)` answers an element, or null where it has nothing to say. */
export function addSection(make) {
  sections.push(make);
}

export function mount(element, { schedulers }) {
  new Detail(element, schedulers);
}

class Detail {
  constructor(element, schedulers) {
    this.schedulers = schedulers;
    this.opening = turns();
    this.looking = turns();
    this.gone = new Set(); // what was deleted while the picture is open: its neighbours may be asked for already
    this.canvas = h("div", { class: "canvas" });
    this.side = h("div", { class: "side" });
    this.newer = button(say("detail_previous"), { name: "previous", quiet: true, kind: "step newer", on: () => this.go("newer") });
    this.older = button(say("detail_next"), { name: "next", quiet: true, kind: "step older", on: () => this.go("older") });
    const close = button(say("close"), { name: "close", quiet: true, kind: "shut", on: () => this.leave() });
    this.dialog = h("dialog", { class: "detail", tabindex: -1, "aria-label": say("detail") }, h("div", { class: "ways" }, this.newer, this.older, close), h("div", { class: "scene" }, this.canvas), this.side);
    element.replaceChildren(this.dialog);
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (!this.dialog.querySelector(".popover")) this.leave(); // one Esc may ask all that is open; the menu alone goes
    });
    // On the document: a step that becomes disabled under the focus would swallow the keys.
    document.addEventListener("keydown", (event) => this.dialog.open && this.walk(event));
    window.addEventListener("hashchange", (event) => this.route(event.oldURL));
    on("changed", ({ ids, apply }) => this.image && ids.has(this.image.id) && this.changed(apply));
    on("removed", (ids) => this.image && this.removed(ids));
    on("restored", (ids) => this.restored(ids));
    this.route("");
  }

  /** The address decides: `#image/<id>` opens, anything else closes. */
  async route(before) {
    const id = location.hash.startsWith(PREFIX) ? location.hash.slice(PREFIX.length) : null;
    if (id === null) return this.shut();
    const from = before ? new URL(before).hash : "";
    if (!from.startsWith(PREFIX)) this.back = from || (document.documentElement.dataset.view === "studio" ? "#studio" : "#gallery");
    if (!this.dialog.open) {
      this.dialog.showModal();
      this.dialog.focus();
    }
    const last = this.opening.next();
    this.around = this.image = null;
    this.gone.clear();
    const image = known(id) ?? (await get(`/api/images/${encodeURIComponent(id)}`).catch(() => null));
    if (!last()) return;
    this.image = image;
    image ? this.show(image) : this.showGone();
    image ? this.look() : this.step({ newer: [], older: [] });
  }

  /** Asks for the pictures before and after this one. */
  async look() {
    const last = this.looking.next();
    const { image } = this;
    const around = await neighbours(image.id);
    if (last() && this.image === image) this.step(around);
  }

  /** Neighbours are known, or went: a picture that went itself is left for the next one. */
  step(around) {
    const here = (images) => images.filter(({ id }) => !this.gone.has(id));
    this.around = { newer: here(around.newer), older: here(around.older) };
    if (this.image && this.gone.has(this.image.id)) return this.leaveRemoved();
    for (const side of ["newer", "older"]) {
      this[side].disabled = this.around[side].length === 0;
      if (this[side].disabled && around[side].length) this.look(); // those beyond are not known yet
    }
    if (this.ahead) this.go(this.ahead);
  }

  removed(ids) {
    if (!this.image) return;
    for (const id of ids) this.gone.add(id);
    if (this.around) this.step(this.around); // else when they are known
  }

  restored(ids) {
    for (const id of ids) this.gone.delete(id);
    this.around = null; // a key that comes before they are known again waits for them
    if (this.image) this.look();
  }

  show(image) {
    const alt = image.prompt ? say("picture_alt", { prompt: image.prompt, seed: image.seed }) : alike(image);
    const picture = h("img", { src: image.url, alt, width: image.width, height: image.height });
    this.canvas.style.setProperty("--glow", `url("${image.thumb}")`);
    this.canvas.replaceChildren(...[picture, flagOf(image)].filter(Boolean));
    this.place = h("div", { class: "place-row" });
    this.tags = h("div", { class: "section" });
    this.side.replaceChildren(...this.settings(image), this.place, this.tags, this.tools(image), lineageOf(image), ...sections.map((make) => make(image)).filter(Boolean));
    this.side.scrollTop = 0;
    this.showPlace();
    this.showTags();
    listBoards().then(() => this.image === image && this.showPlace()).catch(() => {});
  }

  /** The star and the board: what a person decided about the picture. */
  showPlace() {
    const { image } = this;
    const board = button(boardTitle(image.board) || say("board_none"), { name: "board", kind: "outlined", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-label": say("detail_board", { board: boardTitle(image.board) || say("board_none") }), on: () => boardMenu(board, [image]) });
    const starred = button(say(image.starred ? "unstar" : "star"), { name: "star", quiet: true, kind: "outlined star", "aria-pressed": String(image.starred), on: () => star([image], !image.starred) });
    this.place.replaceChildren(starred, board);
  }

  showTags() {
    const { image } = this;
    const editor = tagEditor([image]);
    this.tags.replaceChildren(h("h2", { text: say("tags") }), editor);
    get("/api/tags").then((known) => editor.querySelector("datalist").replaceChildren(...known.map((one) => h("option", { value: one.name })))).catch(() => {});
  }

  changed(apply) {
    const before = this.image.flag?.state;
    apply(this.image);
    if (this.image.flag?.state === before) this.showPlace();
    else this.show(this.image);
  }

  settings(image) {
    const { draft } = image;
    const known = hasSettings(image);
    const seed = h("button", { type: "button", class: "seed", title: say("seed_copy", { seed: image.seed }), on: { click: () => copySeed(image.seed) } }, String(image.seed));
    const rows = [
      known && ["detail_model", image.model_name],
      ["detail_size", `${image.width} × ${image.height}`],
      known && ["detail_seed", seed],
      known && ["detail_steps", String(draft.steps)],
      known && ["detail_guidance", String(draft.guidance)],
      known && ["detail_scheduler", this.schedulers[draft.scheduler] ?? draft.scheduler],
      [image.kind === "imported" ? "detail_imported" : "detail_created", moment(image.created_at)],
      image.name && ["detail_name", image.name],
      ["detail_file", bytes(image.size_bytes)],
    ].filter(Boolean);
    const none = !image.prompt && h("p", { class: "words none", text: say("detail_no_prompt") });
    return [
      h("h2", { text: say("detail_prompt") }),
      none || h("p", { class: "words", text: image.prompt }),
      draft.negative_prompt && h("h2", { text: say("detail_negative") }),
      draft.negative_prompt && h("p", { class: "words", text: draft.negative_prompt }),
      h("dl", {}, rows.map(([key, value]) => h("div", {}, h("dt", { text: say(key) }), h("dd", {}, value)))),
    ].filter(Boolean);
  }

  tools(image) {
    const popup = { "aria-haspopup": "dialog", "aria-expanded": "false" };
    return h(
      "div",
      { class: "tools" },
      button(say("download"), { name: "download", kind: "primary", ...popup, on: (event) => downloadMenu(event.currentTarget, image) }),
      hasSettings(image) && button(say("use_settings"), { name: "settings", kind: "outlined", on: () => useSettings(image) }),
      image.kind !== "imported" && button(say("reproduce"), { name: "again", kind: "outlined", on: () => reproduce(image) }),
      mayPublish(image) && button(say("publish"), { name: "publish", kind: "outlined", on: () => publish(image) }),
      button(say("delete"), { name: "trash", kind: "outlined bad", on: () => discardImages([image.id]) }),
      button(say("more"), { name: "more", quiet: true, kind: "outlined", ...popup, on: (event) => moreMenu(event.currentTarget, image) }),
    );
  }

  showGone() {
    this.canvas.replaceChildren(h("div", { class: "welcome" }, h("h2", { text: say("detail_gone_title") }), h("p", { text: say("detail_gone_text") })));
    this.side.replaceChildren();
  }

  walk(event) {
    if (event.target.closest(".popover, input, select, textarea, dialog.question")) return;
    if (this.image && event.key === "s" && !event.ctrlKey && !event.metaKey) return star([this.image], !this.image.starred);
    if (this.image && event.key === "Delete") return discardImages([this.image.id]);
    if (event.key === "ArrowLeft") this.go("newer");
    else if (event.key === "ArrowRight") this.go("older");
  }

  /** Neighbours replace each other in the history: one step back leaves the picture. */
  go(side) {
    this.ahead = this.around ? null : side; // a key before the neighbours are known waits for them
    const [image] = this.around?.[side] ?? [];
    if (image) location.replace(PREFIX + image.id);
  }

  leave() {
    location.hash = this.back ?? "#gallery";
  }

  leaveRemoved() {
    const [image] = [...this.around.older, ...this.around.newer];
    this.image = null; // no key reaches it any more
    image ? location.replace(PREFIX + image.id) : this.leave();
  }

  shut() {
    this.opening.next();
    this.image = null;
    this.ahead = null;
    if (this.dialog.open) this.dialog.close();
  }
}

function known(id) {
  const views = [...jobs.values()].flatMap((job) => job.pictures);
  return views.find((view) => view.image?.id === id)?.image ?? null;
}

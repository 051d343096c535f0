// The pictures of a series: the prompts of a template or the pairs of a grid, small, in the cell that asked for them.

import { get } from "./api.js";
import { button, h, keepingFocus } from "./dom.js";
import { openSheet } from "./grids.js";
import { jobs } from "./live.js";
import { toastFailure } from "./overlays.js";
import { preview } from "./previews.js";
import { say } from "./words.js";

/** Stands where a cell's pictures stand; takes every job of its series. */
export class SeriesBoard {
  constructor(id) {
    this.id = id;
    this.jobs = new Map();
    this.tiles = new Map();
    this.view = null;
    this.facts = h("span");
    this.tools = h("div", { class: "tools" });
    this.grid = h("div", { class: "series-grid" });
    this.element = h("div", { class: "series-board" }, h("div", { class: "series-head" }, this.facts, this.tools), this.grid);
    this.load();
  }

  /** What the jobs have in common: their axes, and those the stream no longer tells of. */
  async load() {
    try {
      const { jobs: made, ...view } = await get(`/api/series/${this.id}`);
      this.view = view;
      if (view.x.length) this.lay(view);
      for (const job of made) if (job && !this.jobs.has(job.id)) this.update(jobs.get(job.id) ?? job);
      this.show();
    } catch (failure) {
      if (failure.code !== "not_found") toastFailure(failure);
    }
  }

  lay({ x, y }) {
    this.element.classList.add("crossed");
    this.grid.style.setProperty("--columns", x.length);
    const corner = y.length ? [h("span", { class: "corner" })] : [];
    this.grid.classList.toggle("named", y.length > 0);
    this.grid.prepend(...corner, ...x.map((name) => h("span", { class: "column-name", text: name, title: name })));
  }

  update(job) {
    this.jobs.set(job.id, job);
    const place = job.series.place;
    if (!this.tiles.has(place)) this.add(place, job);
    this.tiles.get(place).update(job);
    this.show();
  }

  add(place, job) {
    const tile = new Tile(job, job.draft.template ? job.draft.prompt : "");
    this.tiles.set(place, tile);
    this.grid.append(tile.element);
    this.sort();
  }

  /** Tiles in their places, each row of a grid behind its name. */
  sort() {
    const places = [...this.tiles.keys()].sort((one, other) => one - other);
    const names = this.view?.y ?? [];
    this.grid.querySelectorAll(".row-name").forEach((name) => name.remove());
    for (const place of places) {
      const columns = this.view?.x.length || Infinity;
      if (names.length && place % columns === 0) this.grid.append(h("span", { class: "row-name", text: names[place / columns], title: names[place / columns] }));
      this.grid.append(this.tiles.get(place).element);
    }
  }

  show() {
    if (this.view?.y.length && !this.grid.querySelector(".row-name")) this.sort();
    const all = [...this.jobs.values()];
    const n = this.view?.size ?? all.length;
    this.facts.textContent = say("series_drawn", { done: new Intl.NumberFormat().format(all.filter((job) => job.state === "done").length), n });
    const sheet = Boolean(this.view?.sheet) && !all.some((job) => job.state === "queued" || job.state === "running");
    if (this.tools.dataset.sheet === String(sheet)) return;
    this.tools.dataset.sheet = String(sheet);
    this.tools.replaceChildren(...(sheet ? [button(say("grid_sheet"), { name: "grid", kind: "outlined", on: () => openSheet(this.view) })] : []));
  }

  /** Why one of them could not be drawn. */
  get error() {
    return [...this.jobs.values()].find((job) => job.error)?.error ?? null;
  }

  remove(ids) {
    for (const tile of this.tiles.values()) if (ids.has(tile.shown)) tile.remove();
  }

  /** Pictures that were taken back are shown again. */
  async reshow() {
    if (![...this.tiles.values()].some((tile) => tile.gone)) return;
    const { jobs: made } = await get(`/api/series/${this.id}`).catch(() => ({ jobs: [] }));
    for (const job of made) {
      const tile = job && this.tiles.get(job.series.place);
      const image = job?.pictures[0].image;
      if (tile?.gone && image) tile.finish(image);
    }
  }

  /** One that is released shows itself; `known(id)` is what the page knows of a picture by now. */
  renew(known) {
    for (const tile of this.tiles.values()) {
      const image = known(tile.shown);
      if (image?.id && image.thumb !== tile.thumb) tile.finish(image);
    }
  }
}

/** One small picture: a place in the queue, a preview, the picture itself. */
class Tile {
  constructor(job, caption) {
    this.box = h("div", { class: "small-box" }, h("div", { class: "sky", "aria-hidden": "true" }));
    this.element = h("figure", { class: "small" }, this.box, caption && h("figcaption", { text: caption, title: caption }));
    this.box.style.setProperty("--ratio", `${job.draft.width} / ${job.draft.height}`);
    this.shown = null;
    this.gone = false;
  }

  update(job) {
    const [view] = job.pictures;
    if (this.gone || this.shown) return;
    if (view.image) return this.finish(view.image);
    if (view.preview) {
      const forming = this.box.querySelector("img") ?? this.box.appendChild(h("img", { alt: "", class: "forming" }));
      forming.src = view.preview;
    } else if (job.state === "failed") this.tell(say("series_failed", { title: job.error?.title ?? "" }));
    else if (job.state === "cancelled") this.tell(say("series_cancelled"));
    else if (job.state === "done") this.remove();
  }

  finish(image) {
    this.shown = image.id;
    this.thumb = image.thumb;
    this.gone = false;
    const alt = say("picture_alt", { prompt: image.prompt, seed: image.seed });
    const picture = preview(image, alt, { most: 512 });
    keepingFocus(this.box, () => this.box.replaceChildren(h("a", { href: `#image/${image.id}`, "aria-label": say("open_picture", { prompt: image.prompt }) }, picture)));
  }

  tell(words) {
    this.box.replaceChildren(h("p", { class: "gone", text: words }));
  }

  remove() {
    this.gone = true;
    this.shown = null;
    this.tell(say("picture_gone"));
  }
}

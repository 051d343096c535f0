// One picture, large, with its settings; arrow keys go to its neighbours, Esc goes back.

import { copySeed, discardImages, downloadMenu, flagOf, hasSettings, mayPublish, moreMenu, reproduce, useSettings } from "./actions.js";
import { get } from "./api.js";
import { button, h } from "./dom.js";
import { neighbours } from "./gallery.js";
import { lineageOf } from "./lineage.js";
import { jobs, on } from "./live.js";
import { publish } from "./publish.js";
import { bytes, moment, say } from "./words.js";

const PREFIX = "#image/";

export function mount(element, { schedulers }) {
  new Detail(element, schedulers);
}

class Detail {
  constructor(element, schedulers) {
    this.schedulers = schedulers;
    this.canvas = h("div", { class: "canvas" });
    this.side = h("div", { class: "side" });
    this.newer = button(say("detail_previous"), { name: "previous", quiet: true, kind: "step newer", on: () => this.go("newer") });
    this.older = button(say("detail_next"), { name: "next", quiet: true, kind: "step older", on: () => this.go("older") });
    const close = button(say("close"), { name: "close", quiet: true, kind: "shut", on: () => this.leave() });
    this.dialog = h("dialog", { class: "detail", tabindex: -1, "aria-label": say("detail") }, h("div", { class: "scene" }, this.canvas, this.newer, this.older), this.side, close);
    element.replaceChildren(this.dialog);
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.leave();
    });
    // On the document: a step that becomes disabled under the focus would swallow the keys.
    document.addEventListener("keydown", (event) => this.dialog.open && this.walk(event));
    window.addEventListener("hashchange", (event) => this.route(event.oldURL));
    on("removed", (ids) => this.image && ids.includes(this.image.id) && this.leaveRemoved());
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
    this.wanted = id;
    const image = known(id) ?? (await get(`/api/images/${encodeURIComponent(id)}`).catch(() => null));
    if (this.wanted !== id) return;
    this.image = image;
    image ? this.show(image) : this.showGone();
    this.around = image ? await neighbours(id) : {};
    if (this.wanted !== id) return;
    this.newer.disabled = !this.around.newer;
    this.older.disabled = !this.around.older;
  }

  show(image) {
    const alt = say("picture_alt", { prompt: image.prompt, seed: image.seed });
    const picture = h("img", { src: image.url, alt, width: image.width, height: image.height });
    this.canvas.style.setProperty("--glow", `url("${image.thumb}")`);
    this.canvas.replaceChildren(...[picture, flagOf(image)].filter(Boolean));
    this.side.replaceChildren(...this.settings(image), this.tools(image), lineageOf(image));
    this.side.scrollTop = 0;
  }

  settings(image) {
    const { draft } = image;
    const seed = h("button", { type: "button", class: "seed", title: say("seed_copy", { seed: image.seed }), on: { click: () => copySeed(image.seed) } }, String(image.seed));
    const rows = [
      ["detail_model", image.model_name],
      ["detail_size", `${image.width} × ${image.height}`],
      ["detail_seed", seed],
      ["detail_steps", String(draft.steps)],
      ["detail_guidance", String(draft.guidance)],
      ["detail_scheduler", this.schedulers[draft.scheduler] ?? draft.scheduler],
      ["detail_created", moment(image.created_at)],
      ["detail_file", bytes(image.size_bytes)],
    ];
    return [
      h("h2", { text: say("detail_prompt") }),
      h("p", { class: "words", text: image.prompt }),
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
      button(say("use_settings"), { name: "settings", kind: "outlined", on: () => useSettings(image) }),
      button(say("reproduce"), { name: "again", kind: "outlined", on: () => reproduce(image) }),
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
    if (event.target.closest(".popover, input, dialog.question")) return;
    if (event.key === "ArrowLeft") this.go("newer");
    else if (event.key === "ArrowRight") this.go("older");
  }

  /** Neighbours replace each other in the history: one step back leaves the picture. */
  go(side) {
    const image = this.around?.[side];
    if (image) location.replace(PREFIX + image.id);
  }

  leave() {
    location.hash = this.back ?? "#gallery";
  }

  leaveRemoved() {
    const { older, newer } = this.around ?? {};
    const image = older ?? newer;
    image ? location.replace(PREFIX + image.id) : this.leave();
  }

  shut() {
    this.wanted = null;
    this.image = null;
    if (this.dialog.open) this.dialog.close();
  }
}

function known(id) {
  const views = [...jobs.values()].flatMap((job) => job.pictures);
  return views.find((view) => view.image?.id === id)?.image ?? null;
}

// What text to image may start from and be steered by: a picture with a strength, and control maps. The choice reaches
// the server through a hidden field beside the prompt, as one text of JSON.

import { button, h, icon, keepingFocus } from "./dom.js";
import { select, slider } from "./fields.js";
import { MapPreview } from "./map-preview.js";
import { offers, onOffers, renewOffers } from "./offers.js";
import { menu, popover, toastFailure } from "./overlays.js";
import { acceptPastes, chooseSource, source, thumb } from "./sources.js";
import { openTab } from "./tabs.js";
import { openLessons } from "./teach.js";
import { turns } from "./turns.js";
import { say } from "./words.js";

const KEPT = "pixcosmos.extras";
const MOST_CONTROLS = 4;
const PREVIEW_AFTER = 300; // milliseconds

let bench = null;

export function mount(element) {
  bench = new Start(element);
}

/** Sets the picture that the next run starts from; null takes it away. */
export async function startFromPicture(id, strength) {
  openTab("text_to_image");
  const last = bench?.choosing.next();
  const found = id ? await source(id).catch((failure) => void toastFailure(failure)) : null;
  if (found === undefined || !last?.()) return;
  bench?.setPicture(found, strength);
  bench?.strength.element.querySelector("input[type=range]").focus({ preventScroll: true });
}

export async function addControl(id) {
  openTab("text_to_image");
  const found = await source(id).catch((failure) => void toastFailure(failure));
  if (found) bench?.addControl({ image: found.id });
  bench?.list.lastElementChild?.querySelector(".control-picture").focus({ preventScroll: true });
}

/** Takes what a draft says of pictures; a draft without any takes them away. */
export function restoreExtras(draft) {
  if (!bench || !("image" in draft || "controls" in draft)) return;
  bench.restore({ image: draft.kind === "image_to_image" ? draft.image : "", strength: draft.strength, controls: draft.controls ?? [] });
}

class Start {
  constructor(element) {
    this.waiting = ""; // a picture that is still being asked for
    this.choosing = turns(); // of a picture: an answer to an earlier choice comes too late
    this.picture = null;
    this.controls = [];
    this.strength = slider(say("strength_label"), { min: 0.05, max: 1, step: 0.05, value: 0.6, note: say("start_strength_note"), on: () => this.keep() });
    this.room = h("div", { class: "start-room" });
    this.list = h("div", { class: "controls-list" });
    this.loras = h("div", { class: "lora-row" });
    element.replaceChildren(this.room, this.list, this.loras);
    acceptPastes("text_to_image", (found) => this.setPicture(found));
    this.show();
    this.fill();
  }

  async fill() {
    onOffers((found) => this.offered(found));
    const untouched = this.choosing.now();
    await offers().catch(() => null);
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    if (untouched() && (kept.image || kept.controls?.length)) await this.restore(kept);
  }

  async restore({ image, strength, controls }) {
    const last = this.choosing.next();
    this.controls = (controls ?? []).map((values) => new Control(this, values));
    this.waiting = image;
    const found = image ? await source(image).catch(() => null) : null;
    if (last()) this.setPicture(found, strength);
    else this.show();
  }

  setPicture(found, strength) {
    this.choosing.next();
    this.waiting = "";
    this.picture = found;
    if (strength) this.strength.set(strength);
    this.show();
    this.keep();
  }

  addControl(values = {}) {
    if (this.controls.length >= MOST_CONTROLS) return;
    this.controls.push(new Control(this, values));
    this.show();
    this.keep();
    this.list.lastElementChild?.scrollIntoView({ block: "nearest" });
  }

  drop(control) {
    this.controls = this.controls.filter((one) => one !== control);
    this.show();
    this.keep();
  }

  show() {
    keepingFocus(this.room, () => this.room.replaceChildren(...(this.picture ? this.chosen() : [this.offer()])));
    keepingFocus(this.list, () => this.list.replaceChildren(...this.controls.map((control) => control.element)));
  }

  offer() {
    return h(
      "div",
      { class: "start-offer" },
      button(say("start_picture"), { name: "picture", kind: "outlined", on: async () => {
        const found = await chooseSource(say("start_picture"));
        if (found) this.setPicture(found);
      } }),
      button(say("control_add"), { name: "control", kind: "outlined", on: () => this.addControl() }),
    );
  }

  chosen() {
    const remove = button(say("start_remove"), { name: "close", quiet: true, on: () => this.setPicture(null) });
    const card = h("div", { class: "start-card" }, h("img", { src: thumb(this.picture.id), alt: "", width: 72, height: 72 }), h("div", {}, h("strong", { text: say("start_from") }), h("small", { text: `${this.picture.width} × ${this.picture.height}` })), remove);
    return [card, this.strength.element, this.controls.length < MOST_CONTROLS && button(say("control_add"), { name: "control", kind: "outlined small", on: () => this.addControl() })].filter(Boolean);
  }

  /** Adapters: each a click away from the prompt, and a way to make one. */
  showLoras() {
    const names = this.offers?.loras ?? [];
    const open = names.length > 0 && button(say("lora_pick"), { name: "plus", kind: "outlined small", "aria-haspopup": "dialog", "aria-expanded": "false", on: (event) => {
      const rows = names.map((name) => h("button", { type: "button", class: "row", text: name, on: { click: () => {
        wear(name, this.offers.taught[name]);
        opened.close();
      } } }));
      const opened = popover(event.currentTarget, h("div", { class: "menu" }, rows), say("lora_pick"));
    } });
    const learned = this.offers?.embeddings ?? [];
    const words = learned.length > 0 && button(say("embedding_pick"), { name: "plus", kind: "outlined small", "aria-haspopup": "dialog", "aria-expanded": "false", on: (event) => {
      const rows = learned.map((name) => ({ label: name, name: "styles", run: () => write(name) }));
      menu(event.currentTarget, rows, say("embedding_pick"));
    } });
    const teach = this.offers?.may_teach && button(say("teach_open"), { name: "learn", kind: "outlined small", on: () => openLessons(this.offers, wear, () => this.refill()) });
    this.loras.replaceChildren(...[open, words, teach].filter(Boolean));
  }

  offered(found) {
    this.offers = found;
    this.showLoras();
  }

  async refill() {
    await renewOffers().catch(() => {});
    return this.offers;
  }

  keep() {
    const values = { image: this.waiting || (this.picture?.id ?? ""), strength: this.strength.get(), controls: this.controls.map((one) => one.values()) };
    sessionStorage.setItem(KEPT, JSON.stringify(values));
    const field = document.querySelector("#extras textarea, #extras input");
    if (!field) return;
    field.value = values.image || values.controls.length ? JSON.stringify(values) : "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** One map: the picture it is read from, how, what obeys it, and how strongly, from where to where. */
class Control {
  constructor(owner, { image = "", map = "canny", network = "", weight = 1, start = 0, end = 1 }) {
    this.owner = owner;
    this.image = image;
    this.network = network;
    const changed = () => this.changed();
    const maps = ["canny", "lines", "shuffle", "tile", "as_it_is"].map((id) => [id, say(`map_${id}`)]);
    this.map = select(say("control_map"), maps, map, changed);
    this.networks = select(say("control_network"), [], network, changed);
    this.weight = slider(say("control_weight"), { min: 0, max: 2, step: 0.05, value: weight, on: changed });
    this.from = slider(say("control_start"), { min: 0, max: 0.95, step: 0.05, value: start, on: changed });
    this.to = slider(say("control_end"), { min: 0.05, max: 1, step: 0.05, value: end, on: changed });
    this.picture = h("button", { type: "button", class: "control-picture", on: { click: () => this.choose() } });
    this.preview = new MapPreview();
    this.note = h("p", { class: "field-note" });
    const remove = button(say("control_remove"), { name: "close", quiet: true, on: () => owner.drop(this) });
    this.element = h(
      "section",
      { class: "control-card", "aria-label": say("control") },
      h("div", { class: "control-head" }, h("strong", { text: say("control") }), remove),
      h("div", { class: "control-pair" }, this.picture, this.preview.element),
      this.map.element,
      this.networks.element,
      this.note,
      this.weight.element,
      h("details", { class: "fold slim" }, h("summary", {}, h("span", { text: say("control_when") })), h("div", { class: "fold-body" }, this.from.element, this.to.element)),
      elsewhere(owner),
    );
    this.show();
  }

  values() {
    return { image: this.image, map: this.map.get(), network: this.networks.get() ?? "", weight: this.weight.get(), start: this.from.get(), end: this.to.get() };
  }

  async choose() {
    const found = await chooseSource(say("control_choose"));
    if (!found) return;
    this.image = found.id;
    this.show();
    this.owner.keep();
  }

  changed() {
    this.owner.keep();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw(), PREVIEW_AFTER);
  }

  show() {
    this.picture.replaceChildren(...(this.image ? [h("img", { src: thumb(this.image), alt: say("control_choose") })] : [icon("picture"), h("span", { text: say("control_choose") })]));
    const model = JSON.parse(sessionStorage.getItem("pixcosmos.draft") ?? "{}").model ?? "starter";
    const known = this.owner.offers?.networks?.[model] ?? [];
    this.networks.fill(known.map((name) => [name, name]), this.network);
    this.networks.element.hidden = known.length === 0;
    this.note.textContent = known.length ? "" : say("control_no_network", { folder: this.owner.offers?.folders?.controlnets ?? "controlnets" });
    this.draw();
  }

  draw() {
    const size = JSON.parse(sessionStorage.getItem("pixcosmos.draft") ?? "{}").size ?? "512x512";
    const [width, height] = size.split("x").map(Number);
    return this.preview.show({ image: this.image, map: this.map.get(), width, height });
  }
}

/** Maps that are not drawn here, and why. */
function elsewhere(owner) {
  const rows = owner.offers?.elsewhere ?? [];
  if (!rows.length) return null;
  const lines = rows.map((one) => h("li", {}, h("strong", { text: say(`map_${one.id}`) }), ` ${one.repo}, ${one.file}`));
  return h("details", { class: "fold slim" }, h("summary", {}, h("span", { text: say("control_elsewhere") })), h("div", { class: "fold-body" }, h("p", { class: "field-note", text: say("control_elsewhere_note") }), h("ul", { class: "elsewhere" }, lines)));
}

/** Writes a learned word into the prompt. */
function write(name) {
  const prompt = document.querySelector("#prompt textarea");
  prompt.value = `${prompt.value.trimEnd()} ${name}`.trimStart();
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  prompt.focus();
}

/** Writes an adapter into the prompt, as if it was typed; one that was taught here comes with its words. */
function wear(name, words = "") {
  const prompt = document.querySelector("#prompt textarea");
  const tag = `<lora:${name}:${words ? 1 : 0.8}>`;
  const kept = prompt.value.includes(tag) ? prompt.value : `${prompt.value.trimEnd()} ${tag}`;
  prompt.value = (words && !kept.includes(words) ? `${words} ${kept.trimStart()}` : kept).trimStart();
  prompt.dispatchEvent(new Event("input", { bubbles: true }));
  prompt.focus();
}

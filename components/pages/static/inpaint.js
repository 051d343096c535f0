// The inpaint bench: a picture, a mask over it, and what was drawn where it marks. The mask lives on the server while
// it is painted, so a reload, a crash or a closed lid loses nothing.

import { copySeed, downloadMenu, moreMenu } from "./actions.js";
import { post, postForm } from "./api.js";
import { button, h, keepingFocus, onceAtATime } from "./dom.js";
import { chips, folded, negativeNote, seed, select, slider, toggle, whole, words } from "./fields.js";
import { jobs, on } from "./live.js";
import { MaskEditor } from "./mask.js";
import { MaskTools } from "./mask-tools.js";
import { noticeLines } from "./notice.js";
import { offers, onOffers } from "./offers.js";
import { menu, toast, toastFailure } from "./overlays.js";
import { queueNote } from "./picture.js";
import { acceptDrops, acceptPastes, askForFile, bring, chooser, decoded, source, thumb } from "./sources.js";
import { isOpen, onTab, openTab } from "./tabs.js";
import { turns } from "./turns.js";
import { say, seconds } from "./words.js";

const KEPT = "pixcosmos.inpaint";
const SAVE_AFTER = 500; // milliseconds without a stroke
const SIDES = ["left", "top", "right", "bottom"];
const ACTIVE = new Set(["queued", "running"]);

let bench = null;
let wanted = null;
const sending = turns(); // of pictures that were sent here the last one is the one that is meant

export function mount(element) {
  bench = new Inpaint(element);
  if (wanted) bench.open(wanted);
}

/** Takes a picture to the bench, from wherever it is shown. */
export async function sendToInpaint(id, given = {}) {
  openTab("inpaint");
  const last = sending.next();
  const found = await source(id).catch((failure) => void toastFailure(failure));
  if (!found || !last()) return;
  if (!bench) return void (wanted = found);
  await bench.open(found, given);
  bench.editor.canvas.focus({ preventScroll: true });
}

class Inpaint {
  constructor(element) {
    this.kept = { settings: {}, ...JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") };
    this.editor = new MaskEditor();
    this.trail = [];
    this.opening = turns(); // a slow picture does not take the place of a later one
    this.mask = "";
    this.shown = null;
    this.known = new Map(); // results by id
    this.build(element);
    this.restore(this.kept.settings); // at once: an answer that comes late would take away what is set in the meantime
    this.listen();
    this.fill();
  }

  build(element) {
    const keep = () => this.remember();
    this.prompt = words(say("prompt_label"), { placeholder: say("inpaint_prompt"), id: "inpaint-prompt", on: keep });
    this.strength = slider(say("strength_label"), { min: 0.05, max: 1, step: 0.05, value: 1, note: say("inpaint_strength_note"), on: keep });
    this.area = chips(say("inpaint_area"), [["whole", say("inpaint_area_whole")], ["masked", say("inpaint_area_masked")]], "whole", () => this.showPadding());
    this.padding = slider(say("inpaint_padding"), { min: 0, max: 256, step: 8, value: 32, unit: "px", on: keep });
    this.feather = slider(say("inpaint_feather"), { min: 0, max: 64, step: 1, value: 4, unit: "px", on: keep });
    this.invert = toggle(say("inpaint_invert"), false, () => this.showPadding() || keep(), say("inpaint_invert_note"));
    this.sides = Object.fromEntries(SIDES.map((side) => [side, whole(say(`side_${side}`), { min: 0, max: 4096, unit: "px", on: () => this.setSides() })]));
    this.count = chips(say("count_label"), [["1", "1"], ["2", "2"], ["4", "4"]], "1", keep);
    this.negative = words(say("negative_label"), { placeholder: say("negative_placeholder"), lines: 2, on: keep });
    this.idleNote = negativeNote();
    this.negative.element.append(this.idleNote.element);
    this.model = select(say("model_label"), [], "", () => this.likeModel());
    this.seed = seed();
    this.steps = slider(say("steps_label"), { min: 1, max: 150, step: 1, value: 20, on: keep });
    this.guidance = slider(say("guidance_label"), { min: 0, max: 30, step: 0.1, value: 3, on: keep });
    this.notice = h("div", { class: "notice", role: "alert", hidden: true });
    this.run = button(say("inpaint_run"), { kind: "primary launch", on: () => this.start() });
    this.stop = button(say("cancel"), { name: "close", kind: "outlined", hidden: true, on: () => this.cancel() });
    const outpaint = folded(say("outpaint"), h("p", { class: "field-note", text: say("outpaint_note") }), h("div", { class: "sides" }, SIDES.map((side) => this.sides[side].element)));
    const advanced = folded(say("advanced_label"), this.negative.element, this.seed.element, this.steps.element, this.guidance.element);
    this.panel = h(
      "div",
      { class: "bench-panel" },
      this.prompt.element,
      this.strength.element,
      this.area.element,
      this.padding.element,
      this.feather.element,
      this.invert.element,
      outpaint,
      this.count.element,
      this.model.element,
      advanced,
      h("div", { class: "bench-launch" }, this.notice, h("div", { class: "launch-row" }, this.run, this.stop)),
    );
    this.chooser = chooser(say("inpaint_empty_title"), say("inpaint_empty_text"), (found) => this.open(found));
    this.desk = h("div", { class: "desk", hidden: true }, this.tools(), this.editor.element, this.strip());
    this.work = h("div", { class: "bench-work" }, this.chooser.element, this.desk);
    element.classList.add("edit-bench");
    element.setAttribute("role", "tabpanel");
    element.setAttribute("aria-labelledby", "tab-inpaint");
    element.replaceChildren(this.panel, this.work);
    acceptDrops(this.work, say("source_drop_here"), (found) => this.open(found));
    this.showPadding();
  }

  tools() {
    this.saved = h("span", { class: "mask-saved", role: "status" });
    const more = button(say("more"), { name: "more", quiet: true, "aria-haspopup": "dialog", "aria-expanded": "false", on: (event) => this.moreOf(event.currentTarget) });
    this.full = button(say("mask_full"), { name: "full", quiet: true, kind: "mask-full", on: () => this.setFull(!this.desk.classList.contains("full")) });
    this.done = button(say("mask_done"), { name: "check", kind: "primary mask-done", on: () => this.setFull(false) });
    this.marking = new MaskTools(this.editor, [this.saved, this.full, more, this.done]);
    const keys = h("p", { class: "said", id: "mask-keys", text: say("mask_keys") });
    return h("div", { class: "mask-head" }, this.marking.bar, keys);
  }

  strip() {
    this.ring = h("div", { class: "edit-progress", hidden: true }, h("progress", { max: 1 }), h("span"));
    this.verdict = h("div", { class: "verdict", hidden: true });
    this.results = h("div", { class: "results", role: "list", "aria-label": say("inpaint_results") });
    return h("div", { class: "outcome" }, this.ring, this.verdict, this.results);
  }

  listen() {
    const { editor } = this;
    editor.addEventListener("changed", () => this.edited());
    editor.addEventListener("margins", () => this.showSides());
    editor.addEventListener("touched", () => this.look(null));
    acceptPastes("inpaint", (found) => this.open(found));
    document.addEventListener("keydown", (event) => this.key(event));
    onTab((tab) => tab === "inpaint" && !this.picture && this.chooser.fill());
    on("jobs", () => this.showJobs());
    on("job", (job) => job.kind === "inpaint" && this.showJobs(job));
    on("removed", (ids) => this.removed(ids));
    on("restored", (ids) => this.restored(ids));
    on("connection", ({ connected, again }) => connected && again && this.save());
    window.addEventListener("beforeunload", () => this.save());
    const touch = matchMedia("(max-width: 767px)");
    const paintable = () => {
      editor.paintable = !touch.matches || this.desk.classList.contains("full");
      editor.draw();
    };
    touch.addEventListener("change", paintable);
    this.paintable = paintable;
    paintable();
    editor.canvas.addEventListener("click", () => touch.matches && !this.shown && this.setFull(true));
  }

  /** What the server offers, then what this person had open. */
  async fill() {
    onOffers(({ models }) => {
      const first = !this.models;
      this.models = models;
      this.model.fill(models.map((model) => [model.id, model.name]), first ? (this.kept.settings.model ?? "starter") : this.model.get());
      if (first) this.likeModel(this.kept.settings);
    });
    const untouched = this.opening.now();
    await offers().catch(() => null);
    if (!wanted && this.kept.image && untouched()) {
      const found = await source(this.kept.image).catch(() => null);
      if (found && untouched()) await this.open(found, { mask: this.kept.mask, margins: this.kept.margins });
    }
    if (!this.picture && untouched()) this.chooser.fill();
  }

  /** A picture to redraw, with a mask that was painted before or none. */
  async open(found, { mask = "", margins = null, settings = null } = {}) {
    const last = this.opening.next();
    await this.save();
    const image = await decoded(found.url).catch(() => null);
    if (!last()) return;
    if (!image) return toast(say("inpaint_unreadable"), { kind: "bad" });
    if (Math.max(image.naturalWidth, image.naturalHeight) > 4096) return toast(say("inpaint_too_large"), { kind: "bad" });
    const painted = mask ? await decoded(`/inputs/${mask}`).catch(() => null) : null;
    if (!last()) return;
    this.picture = found;
    this.mask = painted ? mask : "";
    this.dirty = false;
    this.unsaved = null;
    this.shown = null;
    this.editor.over = null;
    this.chooser.element.hidden = true;
    this.desk.hidden = false;
    this.editor.margins = { left: 0, top: 0, right: 0, bottom: 0, ...margins };
    this.editor.open(image, painted);
    if (settings) this.restore(settings);
    this.editor.resize();
    this.showSides();
    this.marking.showHistory();
    this.showJobs();
    this.remember();
  }

  // Saving

  edited() {
    this.remember();
    this.showPadding();
    this.clearNotice();
    this.saved.textContent = "";
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), SAVE_AFTER);
  }

  /** Sends the mask as it is now; saves follow each other, so that the last one wins. */
  save() {
    clearTimeout(this.timer);
    if (!this.dirty || !this.picture) return this.saving;
    this.dirty = false;
    const { picture } = this;
    this.saving = (this.saving ?? Promise.resolve()).then(() => this.sendMask(picture));
    return this.saving;
  }

  async sendMask(picture) {
    try {
      const body = new FormData();
      body.append("file", await this.editor.file(), "mask.png");
      body.append("kind", "mask");
      body.append("image", picture.id);
      body.append("mask", this.mask);
      const kept = await postForm("/api/inputs", body);
      this.unsaved = null;
      if (picture !== this.picture) return;
      this.mask = kept.id;
      this.saved.textContent = say("mask_kept");
      this.remember();
    } catch (failure) {
      if (picture !== this.picture) return;
      this.dirty = true;
      this.unsaved = failure;
      this.saved.textContent = say("mask_not_kept");
    }
  }

  remember() {
    this.idleNote.show(this.guidance.get());
    // Until one is opened or left, the one of before is still being asked for.
    const { image = "", mask, margins } = this.picture || this.left ? { image: this.picture?.id, mask: this.mask, margins: this.editor.margins } : this.kept;
    const kept = { image, mask, margins, settings: this.settings() };
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  }

  settings() {
    return {
      prompt: this.prompt.get(),
      negative_prompt: this.negative.get(),
      model: this.model.get() || this.kept.settings.model || "starter",
      strength: this.strength.get(),
      area: this.area.get(),
      padding: this.padding.get(),
      feather: this.feather.get(),
      invert: this.invert.get(),
      count: Number(this.count.get()),
      steps: this.steps.get(),
      guidance: this.guidance.get(),
    };
  }

  restore(settings) {
    const controls = { prompt: this.prompt, negative_prompt: this.negative, strength: this.strength, area: this.area, padding: this.padding, feather: this.feather, invert: this.invert, count: this.count, steps: this.steps, guidance: this.guidance, seed: this.seed, model: this.model };
    for (const [name, control] of Object.entries(controls)) if (settings[name] !== undefined) control.set(settings[name]);
    this.idleNote.show(this.guidance.get());
    this.showPadding();
  }

  /** What a model is best drawn with; `kept` are settings that a person left here. */
  likeModel(kept = {}) {
    const model = this.models?.find((one) => one.id === this.model.get());
    if (!model) return;
    if (kept.steps === undefined) this.steps.set(model.steps);
    if (kept.guidance === undefined) this.guidance.set(model.guidance);
    this.scheduler = model.scheduler;
    this.remember();
  }

  // Running

  async start() {
    this.clearNotice();
    if (!this.picture) return this.say({ title: say("inpaint_nothing_title"), hint: say("inpaint_nothing_hint") });
    const margins = SIDES.some((side) => this.editor.margins[side] > 0);
    if (!margins && !this.invert.get() && this.editor.isEmpty()) return this.say({ title: say("inpaint_unmarked_title"), hint: say("inpaint_unmarked_hint") });
    await onceAtATime(this.run, () => this.send());
  }

  async send() {
    try {
      if (!this.mask && !this.editor.isEmpty()) this.dirty = true;
      await this.save();
      if (this.unsaved) throw this.unsaved; // what is marked is not known there
      const draft = { kind: "inpaint", ...this.settings(), ...this.editor.margins, image: this.picture.id, mask: this.mask, seed: this.seed.get(), scheduler: this.scheduler ?? "ddim" };
      const job = await post("/api/jobs", { draft });
      jobs.set(job.id, job);
      this.following = job.id;
      this.setFull(false);
      this.look(null);
      this.showJobs(job);
    } catch (failure) {
      this.say(failure);
    }
  }

  async cancel() {
    const active = this.mine().filter((job) => ACTIVE.has(job.state));
    await Promise.all(active.map((job) => post(`/api/jobs/${job.id}/cancel`).catch(toastFailure)));
  }

  mine() {
    return [...jobs.values()].filter((job) => job.kind === "inpaint" && job.draft.image === this.picture?.id).sort((one, other) => (one.created_at < other.created_at ? 1 : -1));
  }

  showJobs(changed = null) {
    if (!this.picture) return;
    const mine = this.mine();
    const active = mine.filter((job) => ACTIVE.has(job.state));
    this.stop.hidden = active.length === 0;
    this.ring.hidden = active.length === 0;
    if (active.length) this.showProgress(active.at(-1));
    const failed = changed && changed.state === "failed" && changed.id === this.following;
    if (failed) this.say(changed.error);
    this.known = new Map(mine.flatMap((job) => job.pictures.filter((one) => one.image).map((one) => [one.image.id, one.image])));
    this.showResults();
    const finished = changed && changed.state === "done" && changed.id === this.following;
    if (finished && !this.dirty) this.look(changed.pictures[0].image?.id ?? null);
  }

  showProgress(job) {
    const step = job.pictures.reduce((sum, one) => sum + one.step, 0);
    const of = job.pictures.reduce((sum, one) => sum + one.of, 0);
    const [bar, note] = this.ring.children;
    if (job.state === "queued") bar.removeAttribute("value");
    else bar.value = of ? step / of : 0;
    note.textContent = job.state === "queued" ? queueNote(job) : job.eta ? say("time_left", { time: seconds(job.eta) }) : say(`phase_${job.phase}`);
  }

  showResults() {
    const before = h("button", { type: "button", class: "result-tile", "aria-pressed": String(!this.shown), on: { click: () => this.look(null) } }, h("img", { src: thumb(this.picture.id), alt: "", width: 64, height: 64 }), h("span", { text: say("inpaint_mask") }));
    const tiles = [...this.known.values()].map((image) =>
      h("button", { type: "button", class: "result-tile", "aria-pressed": String(this.shown === image.id), "aria-label": say("inpaint_look", { seed: image.seed }), on: { click: () => this.look(image.id) } }, h("img", { src: image.thumb, alt: "", width: 64, height: 64 })),
    );
    this.results.hidden = tiles.length === 0;
    const key = JSON.stringify([this.picture.id, this.shown, [...this.known.values()].map((image) => image.thumb)]);
    if (key === this.tiled) return; // a click that is under way finds its tile
    this.tiled = key;
    keepingFocus(this.results, () => this.results.replaceChildren(before, ...tiles));
  }

  /** Shows a result over the canvas, or with null the picture and its mask again. */
  async look(id) {
    const image = id ? this.known.get(id) : null;
    this.shown = image ? id : null;
    this.desk.classList.toggle("looking", Boolean(image));
    this.verdict.hidden = !image;
    this.showResults();
    if (!image) return this.editor.show(null);
    this.verdict.replaceChildren(...this.verdictOf(image));
    const picture = await decoded(image.url).catch(() => null);
    if (this.shown === id) this.editor.show(picture);
  }

  verdictOf(image) {
    const popup = { quiet: true, "aria-haspopup": "dialog", "aria-expanded": "false" };
    const hold = button(say("inpaint_hold"), { name: "compare", kind: "outlined hold" });
    let over = null; // what lies there once the button is let go
    const press = () => {
      over ??= this.editor.over;
      this.editor.show(null);
    };
    const release = () => {
      if (over && this.shown === image.id) this.editor.show(over);
      over = null;
    };
    hold.addEventListener("pointerdown", press);
    for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"]) hold.addEventListener(name, release);
    hold.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      if (!event.repeat) press();
    });
    hold.addEventListener("keyup", release);
    return [
      button(say("inpaint_keep"), { name: "check", kind: "primary", on: () => this.goOn(image) }),
      hold,
      h("button", { type: "button", class: "seed", title: say("seed_copy", { seed: image.seed }), text: String(image.seed), on: { click: () => copySeed(image.seed) } }),
      button(say("download"), { name: "download", ...popup, on: (event) => downloadMenu(event.currentTarget, image) }),
      button(say("more"), { name: "more", ...popup, on: (event) => moreMenu(event.currentTarget, image) }),
    ];
  }

  /** The result becomes the picture, with nothing marked; one can go back. */
  async goOn(image) {
    const { picture } = this;
    const found = await source(image.id).catch((failure) => void toastFailure(failure));
    if (!found || this.picture !== picture) return; // pressed twice, or another one was opened meanwhile
    await this.save();
    const here = { id: picture.id, mask: this.mask, margins: { ...this.editor.margins } };
    await this.open(found);
    if (this.picture !== found) return;
    this.trail.push(here);
    toast(say("inpaint_kept"));
  }

  async goBack() {
    const last = this.trail.at(-1);
    const found = await source(last.id).catch((failure) => void toastFailure(failure));
    if (!found || this.trail.at(-1) !== last) return;
    this.trail.pop();
    await this.open(found, { mask: last.mask, margins: last.margins });
  }

  moreOf(anchor) {
    menu(
      anchor,
      [
        this.trail.length > 0 && { label: say("inpaint_back"), name: "previous", run: () => this.goBack() },
        { label: say("mask_upload"), name: "open", note: say("mask_upload_note"), run: () => this.uploadMask() },
        { label: say("mask_download"), name: "download", run: () => this.downloadMask() },
        { label: say("inpaint_change"), name: "picture", run: () => this.choose() },
        { label: say("inpaint_change_file"), name: "plus", run: () => this.chooseFile() },
      ].filter(Boolean),
      say("more"),
    );
  }

  async uploadMask() {
    const file = await askForFile();
    if (!file) return;
    const body = new FormData();
    body.append("file", file);
    body.append("kind", "mask");
    body.append("image", this.picture.id);
    try {
      const kept = await postForm("/api/inputs", body);
      this.editor.load(await decoded(kept.url));
    } catch (failure) {
      toastFailure(failure);
    }
  }

  async downloadMask() {
    const url = URL.createObjectURL(await this.editor.file());
    h("a", { href: url, download: "mask.png" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  choose() {
    this.save();
    this.opening.next(); // one on its way is no more wanted
    this.left = true;
    this.picture = null;
    this.desk.hidden = true;
    this.chooser.element.hidden = false;
    this.chooser.fill();
  }

  async chooseFile() {
    const file = await askForFile();
    const found = file && (await bring(file));
    if (found) await this.open(found);
  }

  removed(ids) {
    for (const id of ids) this.known.delete(id);
    if (this.shown && ids.includes(this.shown)) this.look(null);
    else if (this.picture) this.showResults();
    if (!this.picture || !ids.includes(this.picture.id)) return;
    this.lost = { found: this.picture, mask: this.mask, margins: { ...this.editor.margins } };
    this.choose();
  }

  /** The picture that was on the bench is back, and nothing else was taken there. */
  restored(ids) {
    if (!this.picture && ids.includes(this.lost?.found.id)) this.open(this.lost.found, this.lost);
  }

  // Showing

  setSides() {
    this.editor.setMargins(Object.fromEntries(SIDES.map((side) => [side, this.sides[side].get()])));
    this.editor.fit();
    this.remember();
  }

  showSides() {
    for (const side of SIDES) this.sides[side].set(this.editor.margins[side]);
  }

  showPadding() {
    this.padding.element.hidden = this.area.get() !== "masked";
    this.editor.setInverted(this.invert.get());
  }

  /** On a phone the editor takes the whole screen. */
  setFull(full) {
    if (full === this.desk.classList.contains("full")) return;
    this.desk.classList.toggle("full", full);
    document.documentElement.toggleAttribute("data-painting", full);
    this.paintable();
    this.editor.fitted = true;
    requestAnimationFrame(() => this.editor.resize());
  }

  say(failure) {
    this.setFull(false);
    this.notice.replaceChildren(...noticeLines(failure));
    this.notice.hidden = false;
  }

  clearNotice() {
    this.notice.hidden = true;
  }

  key(event) {
    if (!isOpen("inpaint") || !this.picture || event.target.closest?.("#stage")) return; // cells have keys of their own
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return event.repeat ? undefined : this.start();
    }
    if (event.key === "Escape" && !event.target.closest?.("textarea, input, select")) {
      event.preventDefault();
      return this.shown ? this.look(null) : this.setFull(false);
    }
    this.marking.key(event);
  }
}

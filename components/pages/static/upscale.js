// The upscale bench: a picture, how large it should become, and both side by side when it is done.

import { deleteImages, downloadMenu, moreMenu } from "./actions.js";
import { post } from "./api.js";
import { compare } from "./compare.js";
import { button, h, keepingFocus, onceAtATime } from "./dom.js";
import { chips, select, slider, toggle, whole, words } from "./fields.js";
import { jobs, on } from "./live.js";
import { noticeLines } from "./notice.js";
import { offers, onOffers } from "./offers.js";
import { toastFailure } from "./overlays.js";
import { queueNote } from "./picture.js";
import { acceptDrops, acceptPastes, chooser, chooseSource, source } from "./sources.js";
import { isOpen, onTab, openTab } from "./tabs.js";
import { turns } from "./turns.js";
import { say, seconds } from "./words.js";

const KEPT = "pixcosmos.upscale";
const MOST = 8192;
const ACTIVE = new Set(["queued", "running"]);

let bench = null;
let wanted = null;
const sending = turns(); // of pictures that were sent here the last one is the one that is meant

export function mount(element) {
  bench = new Upscale(element);
}

export async function sendToUpscale(id, given = {}) {
  openTab("upscale");
  const last = sending.next();
  const found = await source(id).catch((failure) => void toastFailure(failure));
  if (!found || !last()) return;
  if (!bench) return void (wanted = found);
  bench.open(found, given);
  bench.run.focus({ preventScroll: true });
}

class Upscale {
  constructor(element) {
    this.kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    this.build(element);
    this.restore(this.kept); // at once: an answer that comes late would take away what is set in the meantime
    this.changed();
    this.listen(element);
    this.fill();
  }

  build(element) {
    const keep = () => this.changed();
    this.factor = chips(say("upscale_factor"), [["2", "×2"], ["3", "×3"], ["4", "×4"], ["0", say("upscale_to_size")]], "4", keep);
    this.side = whole(say("upscale_longer_side"), { min: 16, max: MOST, value: 2048, unit: "px", on: keep });
    this.upscaler = select(say("upscale_with"), [], "", keep);
    this.more = h("p", { class: "field-note" });
    this.creative = toggle(say("upscale_creative"), false, keep, say("upscale_creative_note"));
    this.creativity = slider(say("strength_label"), { min: 0.1, max: 0.8, step: 0.05, value: 0.3, on: keep });
    this.prompt = words(say("prompt_label"), { placeholder: say("upscale_prompt"), id: "upscale-prompt", on: keep });
    this.model = select(say("model_label"), [], "", () => this.likeModel());
    this.steps = slider(say("steps_label"), { min: 2, max: 100, step: 1, value: 20, on: keep });
    this.redraw = h("div", { class: "sub-fields" }, this.creativity.element, this.prompt.element, this.model.element, this.steps.element);
    this.sizes = h("p", { class: "sizes", role: "status" });
    this.notice = h("div", { class: "notice", role: "alert", hidden: true });
    this.run = button(say("upscale_run"), { kind: "primary launch", on: () => this.start() });
    this.stop = button(say("cancel"), { name: "close", kind: "outlined", hidden: true, on: () => this.cancel() });
    this.panel = h(
      "div",
      { class: "bench-panel" },
      this.factor.element,
      this.side.element,
      this.upscaler.element,
      this.more,
      this.creative.element,
      this.redraw,
      h("div", { class: "bench-launch" }, this.sizes, this.notice, h("div", { class: "launch-row" }, this.run, this.stop)),
    );
    this.chooser = chooser(say("upscale_empty_title"), say("upscale_empty_text"), (found) => this.open(found));
    this.scene = h("div", { class: "upscale-scene" });
    this.ring = h("div", { class: "edit-progress", hidden: true }, h("progress", { max: 1 }), h("span"));
    this.tools = h("div", { class: "verdict" });
    this.desk = h("div", { class: "desk upscale-desk", hidden: true }, this.scene, this.ring, this.tools);
    this.work = h("div", { class: "bench-work" }, this.chooser.element, this.desk);
    element.classList.add("edit-bench");
    element.setAttribute("role", "tabpanel");
    element.setAttribute("aria-labelledby", "tab-upscale");
    element.replaceChildren(this.panel, this.work);
    acceptDrops(this.work, say("source_drop_here"), (found) => this.open(found));
  }

  listen() {
    acceptPastes("upscale", (found) => this.open(found));
    onTab((tab) => tab === "upscale" && !this.picture && this.chooser.fill());
    on("jobs", () => this.showJobs());
    on("job", (job) => job.kind === "upscale" && this.showJobs(job));
    on("removed", (ids) => {
      if (this.result && ids.includes(this.result.id)) this.show(null);
      if (!this.picture || !ids.includes(this.picture.id)) return;
      this.lost = this.picture;
      this.choose();
    });
    on("restored", (ids) => !this.picture && ids.includes(this.lost?.id) && this.open(this.lost));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !isOpen("upscale")) return;
      event.preventDefault();
      if (!event.repeat) this.start();
    });
  }

  async fill() {
    onOffers(({ models, upscalers, folders }) => {
      const first = !this.models;
      this.models = models;
      this.model.fill(models.map((model) => [model.id, model.name]), first ? (this.kept.model ?? "starter") : this.model.get());
      this.upscaler.fill(upscalers.map((one) => [one.id, one.name]), first ? this.kept.upscaler : this.upscaler.get());
      this.more.textContent = say("upscale_more", { folder: folders.upscalers });
      if (first) this.likeModel(this.kept);
    });
    await offers().catch(() => null);
    this.changed();
    const id = wanted?.id ?? this.kept.image;
    const found = id ? await source(id).catch(() => null) : null;
    this.restored = true;
    if (found && !this.picture) this.open(found);
    else if (!this.picture) this.chooser.fill();
  }

  restore(kept) {
    const controls = { factor: this.factor, side: this.side, upscaler: this.upscaler, creative: this.creative, prompt: this.prompt, model: this.model, steps: this.steps };
    for (const [name, control] of Object.entries(controls)) if (kept[name] !== undefined) control.set(kept[name]);
    if (kept.creativity) this.creativity.set(kept.creativity);
  }

  /** What a model is best drawn with; `kept` are settings that a person left here. */
  likeModel(kept = {}) {
    const model = this.models?.find((one) => one.id === this.model.get());
    if (!model) return;
    if (kept.steps === undefined) this.steps.set(model.steps);
    this.guidance = model.guidance;
    this.scheduler = model.scheduler;
    this.changed();
  }

  open(found, { settings = null } = {}) {
    this.picture = found;
    this.chooser.element.hidden = true;
    this.desk.hidden = false;
    if (settings) this.restore(settings);
    this.show(null);
    this.changed();
    this.showJobs();
  }

  choose() {
    this.picture = null;
    this.desk.hidden = true;
    this.chooser.element.hidden = false;
    this.chooser.fill();
    this.changed();
  }

  changed() {
    this.notice.hidden = true;
    this.side.element.hidden = this.factor.get() !== "0";
    this.redraw.hidden = !this.creative.get();
    this.showSizes();
    const image = this.picture || this.restored ? this.picture?.id : this.kept.image; // it is still being asked for
    const model = this.model.get() || this.kept.model;
    const upscaler = this.upscaler.get() || this.kept.upscaler;
    sessionStorage.setItem(
      KEPT,
      JSON.stringify({ image, factor: this.factor.get(), side: this.side.get(), upscaler, creative: this.creative.get(), creativity: this.creativity.get(), prompt: this.prompt.get(), model, steps: this.steps.get() }),
    );
  }

  /** The sides that the result will have. */
  size() {
    const { width, height } = this.picture;
    const factor = Number(this.factor.get()) || this.side.get() / Math.max(width, height);
    return [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))];
  }

  showSizes() {
    const { picture } = this;
    if (!picture) return void (this.sizes.textContent = "");
    const [width, height] = this.size();
    this.sizes.textContent = say("upscale_sizes", { from: `${picture.width} × ${picture.height}`, to: `${width} × ${height}` });
    const large = Math.max(width, height) > MOST;
    this.sizes.classList.toggle("wrong", large);
    if (large) this.sizes.textContent += ` ${say("upscale_too_large", { most: MOST })}`;
  }

  draft() {
    const [width, height] = this.size();
    const creative = this.creative.get() ? { creativity: this.creativity.get(), prompt: this.prompt.get(), model: this.model.get(), steps: this.steps.get(), guidance: this.guidance, scheduler: this.scheduler } : {};
    return { kind: "upscale", image: this.picture.id, scale: Number(this.factor.get()), width, height, upscaler: this.upscaler.get(), ...creative };
  }

  async start() {
    this.notice.hidden = true;
    if (!this.picture) return this.say({ title: say("inpaint_nothing_title"), hint: say("inpaint_nothing_hint") });
    await onceAtATime(this.run, () => this.send());
  }

  async send() {
    try {
      const job = await post("/api/jobs", { draft: this.draft() });
      jobs.set(job.id, job);
      this.following = job.id;
      this.showJobs(job);
    } catch (failure) {
      this.say(failure);
    }
  }

  mine() {
    return [...jobs.values()].filter((job) => job.kind === "upscale" && job.draft.image === this.picture?.id).sort((one, other) => (one.created_at < other.created_at ? 1 : -1));
  }

  async cancel() {
    await Promise.all(this.mine().filter((job) => ACTIVE.has(job.state)).map((job) => post(`/api/jobs/${job.id}/cancel`).catch(toastFailure)));
  }

  showJobs(changed = null) {
    if (!this.picture) return;
    const mine = this.mine();
    const active = mine.filter((job) => ACTIVE.has(job.state));
    this.stop.hidden = this.ring.hidden = active.length === 0;
    if (active.length) this.showProgress(active.at(-1));
    if (changed?.state === "failed" && changed.id === this.following) this.say(changed.error);
    const newest = mine.find((job) => job.state === "done" && job.pictures[0]?.image);
    if (newest && (changed?.id === newest.id || !this.result)) this.show(newest.pictures[0].image);
  }

  showProgress(job) {
    const [bar, note] = this.ring.children;
    const [view] = job.pictures;
    if (job.state === "queued" || !view.step) bar.removeAttribute("value");
    else bar.value = view.step / view.of;
    const phase = say(view.step ? `phase_${job.phase}` : "phase_enlarging");
    const left = job.eta ? say("time_left", { time: seconds(job.eta) }) : "";
    note.textContent = job.state === "queued" ? queueNote(job) : !view.step ? phase : say("upscale_progress", { phase, step: view.step, of: view.of, left });
  }

  /** Before and after, or the picture alone while there is no result. */
  show(image) {
    this.result = image;
    const popup = { quiet: true, "aria-haspopup": "dialog", "aria-expanded": "false" };
    const other = button(say("inpaint_change"), { name: "picture", kind: "outlined", on: () => this.change() });
    if (!image) {
      const { url, width, height, prompt } = this.picture;
      this.scene.replaceChildren(h("img", { class: "upscale-source", loading: "lazy", src: url, width, height, alt: prompt || say("untitled") }));
      keepingFocus(this.tools, () => this.tools.replaceChildren(other));
      return;
    }
    const alt = say("picture_alt", { prompt: image.prompt || say("untitled"), seed: image.seed });
    this.scene.replaceChildren(compare({ before: this.picture.url, after: image.url, width: image.width, height: image.height, alt }));
    const large = button(say("compare_pixels"), { name: "zoom", kind: "outlined", "aria-pressed": "false", on: () => this.magnify(large) });
    const all = [
      button(say("download"), { name: "download", kind: "primary", "aria-haspopup": "dialog", "aria-expanded": "false", on: (event) => downloadMenu(event.currentTarget, image) }),
      large,
      other,
      button(say("delete"), { name: "trash", quiet: true, on: () => deleteImages([image.id]) }),
      button(say("more"), { name: "more", ...popup, on: (event) => moreMenu(event.currentTarget, image) }),
    ];
    keepingFocus(this.tools, () => this.tools.replaceChildren(...all));
  }

  /** A pixel of the result for a pixel of the screen; the scene scrolls. */
  magnify(control) {
    const on = this.scene.classList.toggle("pixels");
    control.setAttribute("aria-pressed", String(on));
    if (on) this.scene.scrollTo((this.scene.scrollWidth - this.scene.clientWidth) / 2, (this.scene.scrollHeight - this.scene.clientHeight) / 2);
  }

  async change() {
    const found = await chooseSource(say("upscale_empty_title"));
    if (found) this.open(found);
  }

  say(failure) {
    this.notice.replaceChildren(...noticeLines(failure));
    this.notice.hidden = false;
  }
}


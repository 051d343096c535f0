// The settings of a cell: seed and count in reach, all others in a fold. Which ones a kind has is said here.

import { live } from "./cell.js";
import { button, h } from "./dom.js";
import { negativeNote, readSeed } from "./fields.js";
import { clock, say } from "./words.js";

const MODEL = ["model", "steps", "guidance", "scheduler"];
const WAYS = ["exact", "step_cache"]; // of models that can
const DRAWS = ["model", "width", "height", "steps", "guidance", "scheduler", "negative_prompt", ...WAYS];
const SIDES = ["left", "top", "right", "bottom"];
const ALL = {
  text_to_image: DRAWS,
  control: DRAWS,
  image_to_image: ["strength", ...DRAWS],
  inpaint: ["strength", "area", "padding", "feather", "invert", ...SIDES, ...MODEL, "negative_prompt", "exact"],
  upscale: ["upscaler", "creativity", ...MODEL],
};
const UPSCALE = ["scale", "width", "height", "seed"]; // what stands in reach there
const STEERED = new Set(["text_to_image", "control", "image_to_image"]); // kinds that control maps can shape
const SIZED = new Set(["text_to_image", "control", "grid"]); // kinds whose size the model decides, not a picture
const NUMBERS = {
  width: { min: 64, max: 4096, step: 8 },
  height: { min: 64, max: 4096, step: 8 },
  steps: { min: 1, max: 150, step: 1 },
  guidance: { min: 0, max: 30, step: 0.1 },
  strength: { min: 0.05, max: 1, step: 0.05 },
  creativity: { min: 0, max: 1, step: 0.05 },
  padding: { min: 0, max: 256, step: 8 },
  feather: { min: 0, max: 64, step: 1 },
  ...Object.fromEntries(SIDES.map((side) => [side, { min: 0, max: 4096, step: 8 }])),
};
const NAMES = { area: "inpaint_area", padding: "inpaint_padding", feather: "inpaint_feather", invert: "inpaint_invert", upscaler: "upscale_with", exact: "exact_label", step_cache: "step_cache_label", ...Object.fromEntries(SIDES.map((side) => [side, `side_${side}`])) };
const CACHES = ["none", "first_block", "taylorseer"];
const COUNTS = [1, 2, 4, 8];

export class Settings {
  constructor(cellView, options, kind) {
    this.view = cellView;
    this.book = cellView.book;
    this.id = cellView.id;
    this.options = options;
    this.fields = new Map();
    this.fold = h("div", { class: "all-settings", hidden: true });
    this.toggle = button(say("notebook_settings"), { name: "settings", kind: "plain", "aria-expanded": "false", on: () => this.open(this.fold.hidden) });
    const quick = kind === "upscale" ? UPSCALE : ["seed", "count"];
    this.row = h("div", { class: "quick" }, quick.map((name) => this.labelled(name, this.field(name))), this.toggle);
  }

  /** The fold is filled the first time it opens: sixty cells need not carry six hundred fields. */
  open(value) {
    if (value && !this.fold.firstChild) this.fillFold();
    this.fold.hidden = !value;
    this.toggle.setAttribute("aria-expanded", String(value));
  }

  fillFold() {
    const names = ALL[this.cell.kind] ?? ALL[this.cell.draft.kind];
    this.fold.append(...names.map((name) => this.labelled(name, this.field(name))));
    if (STEERED.has(this.cell.kind)) this.fold.append(button(say("control_add"), { name: "control", kind: "outlined small", on: () => this.view.maps.add() }));
    this.update(this.cell);
  }

  field(name) {
    const { models, schedulers, offers } = this.options;
    if (name === "seed") return this.seed();
    if (name === "count") return this.choice("count", COUNTS.map((n) => [n, String(n)]), Number);
    if (name === "model") return this.choice("model", offers?.all_models.map((one) => [one.id, one.name]) ?? models, undefined, (id) => this.liked(id));
    if (name === "scheduler") return this.choice("scheduler", Object.entries(schedulers));
    if (name === "upscaler") return this.choice("upscaler", (offers?.upscalers ?? []).map((one) => [one.id, one.name]));
    if (name === "area") return this.choice("area", ["whole", "masked"].map((id) => [id, say(`inpaint_area_${id}`)]));
    if (name === "scale") return this.choice("scale", [...[2, 3, 4].map((n) => [n, `×${n}`]), [0, say("upscale_to_size")]], Number);
    if (name === "negative_prompt") return this.kept(name, h("textarea", { rows: 1, placeholder: say("negative_placeholder") }));
    if (name === "step_cache") return this.choice("step_cache", CACHES.map((id) => [id, say(`step_cache_${id}_label`)]));
    if (name === "invert" || name === "exact") return this.switch(name);
    return this.kept(name, h("input", { type: "number", inputmode: "decimal", ...NUMBERS[name] }), (text) => (text === "" ? null : Number(text)));
  }

  labelled(name, field) {
    const note = name === "negative_prompt" && (this.idleNote = negativeNote());
    return h("label", { class: `setting for-${name}` }, h("span", { text: say(NAMES[name] ?? `notebook_${name}`) }), field, note && note.element);
  }

  seed() {
    return this.kept("seed", h("input", { inputmode: "numeric", autocomplete: "off", placeholder: say("seed_placeholder") }), readSeed);
  }

  choice(name, choices, read, along) {
    const options = choices.map(([value, label]) => h("option", { value, text: label }));
    return this.kept(name, h("select", {}, options), read, along);
  }

  switch(name) {
    const field = h("input", { type: "checkbox" });
    live(this.book, this.id, name, field, () => field.checked);
    this.fields.set(name, field);
    return field;
  }

  kept(name, field, read = (text) => text, along = undefined) {
    live(this.book, this.id, name, field, () => read(field.value), along);
    this.fields.set(name, field);
    return field;
  }

  update(cell) {
    this.cell = cell;
    for (const [name, field] of this.fields) {
      this.write(field, this.book.value(this.id, name) || this.usual(name));
      field.parentElement.hidden = this.idle(name);
    }
    this.idleNote?.show(this.book.value(this.id, "guidance"));
  }

  /** Settings that decide nothing as the others are now: there is no chance in enlarging, unless details are drawn anew. */
  idle(name) {
    const { kind, draft, series } = this.cell;
    if (name === "count" && series) return series.kind !== "prompts";
    const { offers } = this.options;
    if (name === "exact") return !offers?.models.some((model) => model.id === draft.model);
    if (name === "step_cache") return !((offers?.step_caches?.[draft.model]?.length ?? 0) > 1);
    if (kind === "inpaint") return name === "padding" && draft.area !== "masked";
    if (kind !== "upscale") return false;
    if (name === "width" || name === "height") return draft.scale !== 0;
    return MODEL.includes(name) || name === "seed" ? !draft.creativity : name === "count";
  }

  /** What a model is best drawn with comes along with it, and a size that it offers, where no picture decides that. */
  liked(id) {
    const model = this.options.offers?.all_models.find((one) => one.id === id);
    if (!model) return {};
    const { steps, guidance, scheduler, sizes } = model;
    const [width, height] = sizes[0];
    const offered = sizes.some((size) => size[0] === this.book.value(this.id, "width") && size[1] === this.book.value(this.id, "height"));
    return { steps, guidance, scheduler, ...(SIZED.has(this.cell.kind) && !offered ? { width, height } : {}) };
  }

  /** What stands for a choice that was not made. */
  usual(name) {
    if (name === "upscaler") return this.options.offers?.upscalers[0]?.id;
    return this.book.value(this.id, name);
  }

  write(field, value) {
    if (field.type === "checkbox") return void (field.checked = Boolean(value));
    const text = value === null || value === undefined ? "" : String(value);
    if (field.value === text || (field === document.activeElement && field.type === "number")) return;
    if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === text)) field.append(h("option", { value: text, text }));
    field.value = text;
  }
}

/** What decided the picture, in a line. */
export function factsOf(cell, ended) {
  const { draft } = cell;
  const size = `${draft.width} × ${draft.height}`;
  const drawn = [cell.model_name, size, say("steps_value", { n: draft.steps }), say("guidance_value", { value: draft.guidance })];
  const facts = draft.kind === "upscale" ? [say("notebook_scale_value", { scale: draft.scale })] : drawn;
  if (draft.kind === "image_to_image" || draft.kind === "inpaint") facts.push(say("notebook_strength_value", { value: draft.strength }));
  return ended ? [...facts, clock(ended)] : facts;
}

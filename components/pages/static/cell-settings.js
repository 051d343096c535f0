// The settings of a cell: seed and count in reach, all others in a fold. Which ones a kind has is said here.

import { live } from "./cell.js";
import { button, h } from "./dom.js";
import { clock, say } from "./words.js";

const DRAWS = ["model", "width", "height", "steps", "guidance", "scheduler", "negative_prompt"];
const ALL = { text_to_image: DRAWS, control: DRAWS, image_to_image: ["strength", ...DRAWS], inpaint: ["strength", "model", "steps", "guidance", "scheduler", "negative_prompt"], upscale: ["scale", "creativity"] };
const NUMBERS = {
  width: { min: 64, max: 4096, step: 8 },
  height: { min: 64, max: 4096, step: 8 },
  steps: { min: 1, max: 150, step: 1 },
  guidance: { min: 0, max: 30, step: 0.1 },
  strength: { min: 0.05, max: 1, step: 0.05 },
  scale: { min: 1, max: 8, step: 0.5 },
  creativity: { min: 0, max: 1, step: 0.05 },
};
const COUNTS = [1, 2, 4, 8];

export class Settings {
  constructor(book, cellId, options) {
    this.book = book;
    this.id = cellId;
    this.options = options;
    this.fields = new Map();
    this.fold = h("div", { class: "all-settings", hidden: true });
    this.toggle = button(say("notebook_settings"), { name: "settings", kind: "plain", "aria-expanded": "false", on: () => this.open(this.fold.hidden) });
    this.row = h("div", { class: "quick" }, this.labelled("seed", this.seed()), this.labelled("count", this.choice("count", COUNTS.map((n) => [n, String(n)]), Number)), this.toggle);
  }

  /** The fold is filled the first time it opens: sixty cells need not carry six hundred fields. */
  open(value) {
    if (value && !this.fold.firstChild) this.fillFold();
    this.fold.hidden = !value;
    this.toggle.setAttribute("aria-expanded", String(value));
  }

  fillFold() {
    const names = ALL[this.cell.kind] ?? DRAWS;
    this.fold.append(...names.map((name) => this.labelled(name, this.field(name))));
    this.update(this.cell);
  }

  field(name) {
    if (name === "model") return this.choice("model", this.options.models);
    if (name === "scheduler") return this.choice("scheduler", Object.entries(this.options.schedulers));
    if (name === "negative_prompt") return this.kept(name, h("textarea", { rows: 1, placeholder: say("negative_placeholder") }));
    return this.kept(name, h("input", { type: "number", inputmode: "decimal", ...NUMBERS[name] }), (text) => (text === "" ? null : Number(text)));
  }

  labelled(name, field) {
    return h("label", { class: `setting for-${name}` }, h("span", { text: say(`notebook_${name}`) }), field);
  }

  seed() {
    const read = (text) => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim() || null);
    return this.kept("seed", h("input", { inputmode: "numeric", autocomplete: "off", placeholder: say("seed_placeholder") }), read);
  }

  choice(name, choices, read) {
    const options = choices.map(([value, label]) => h("option", { value, text: label }));
    return this.kept(name, h("select", {}, options), read);
  }

  kept(name, field, read) {
    live(this.book, this.id, name, field, read);
    this.fields.set(name, field);
    return field;
  }

  update(cell) {
    this.cell = cell;
    const resized = cell.kind === "upscale"; // no chance in it, unless details are drawn anew
    this.row.querySelector(".for-count").hidden = resized;
    this.row.querySelector(".for-seed").hidden = resized && !cell.draft.creativity;
    for (const [name, field] of this.fields) this.write(field, this.book.value(this.id, name));
  }

  write(field, value) {
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

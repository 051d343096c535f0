// The control maps of a cell: for each how its picture is read, what obeys it, how strongly, and from where to where.

import { button, h, keepingFocus } from "./dom.js";
import { MapPreview, whenSeen } from "./map-preview.js";
import { say } from "./words.js";

const MOST = 4;
const MAPS = ["canny", "lines", "shuffle", "tile", "as_it_is"];
const NUMBERS = { weight: { min: 0, max: 2, step: 0.05 }, start: { min: 0, max: 0.95, step: 0.05 }, end: { min: 0.05, max: 1, step: 0.05 } };

/** A new one, for a model's first network. */
export function controlOf(offers, model) {
  return { map: "canny", image: "", network: offers?.networks?.[model ?? "starter"]?.[0] ?? "", weight: 1, start: 0, end: 1 };
}

export class ControlRows {
  constructor(notebook, cellId) {
    this.notebook = notebook;
    this.book = notebook.book;
    this.id = cellId;
    this.element = h("div", { class: "control-rows", hidden: true });
  }

  update(cell) {
    const controls = this.book.value(this.id, "controls") ?? [];
    const networks = this.notebook.options.offers?.networks?.[cell.draft.model] ?? [];
    this.element.hidden = controls.length === 0;
    const key = JSON.stringify([controls.length, networks]);
    if (key !== this.key) {
      this.key = key;
      this.rows = controls.map((_, index) => this.row(index, networks));
      keepingFocus(this.element, () => this.element.replaceChildren(...this.rows.map((row) => row.element)));
    }
    controls.forEach((values, index) => this.rows[index].write(values));
    this.rows?.forEach((row) => row.preview());
  }

  row(index, networks) {
    const folder = this.notebook.options.offers?.folders?.controlnets ?? "controlnets";
    const options = (rows) => rows.map(([value, text]) => h("option", { value, text }));
    const fields = {
      map: h("select", {}, options(MAPS.map((id) => [id, say(`map_${id}`)]))),
      network: h("select", {}, options(networks.map((name) => [name, name]))),
      ...Object.fromEntries(Object.entries(NUMBERS).map(([name, range]) => [name, h("input", { type: "number", inputmode: "decimal", ...range })])),
    };
    for (const [name, field] of Object.entries(fields)) field.addEventListener("change", () => this.set(index, { [name]: name in NUMBERS ? Number(field.value) : field.value }));
    const labelled = Object.entries(fields).map(([name, field]) => h("label", { class: `setting for-${name}` }, h("span", { text: say(`control_${name}`) }), field));
    fields.network.parentElement.hidden = networks.length === 0;
    const remove = button(say("control_remove"), { name: "close", quiet: true, on: () => this.remove(index) });
    const note = networks.length ? null : h("p", { class: "faint", text: say("control_no_network", { folder }) });
    const map = new MapPreview();
    const element = h("div", { class: "control-row", role: "group", "aria-label": `${say("control")} ${index + 1}` }, map.element, h("div", { class: "control-fields" }, labelled, note), remove);
    const preview = whenSeen(element, () => this.preview(index, map));
    return { element, preview, write: (values) => write(fields, values) };
  }

  /** Of the picture that the control reads, in the size that is drawn. */
  preview(index, map) {
    const cell = this.book.cell(this.id);
    const control = this.book.value(this.id, "controls")?.[index];
    if (!cell || !control) return;
    map.show({ image: this.book.source(cell, `controls.${index}.image`), map: control.map, width: cell.draft.width, height: cell.draft.height });
  }

  /** The rest of the controls stays as it is. */
  set(index, values) {
    const controls = this.book.value(this.id, "controls").map((one, at) => (at === index ? { ...one, ...values } : one));
    this.book.type(this.id, { controls });
    this.book.flush();
  }

  add() {
    this.book.change(() => {
      const { draft } = this.book.cell(this.id);
      if (draft.controls.length >= MOST) return null;
      const from = draft.controls.length ? draft.controls[0] : null;
      const made = controlOf(this.notebook.options.offers, draft.model);
      return { op: "edit", cell: this.id, draft: { controls: [...draft.controls, { ...made, network: from?.network || made.network }] } };
    });
  }

  /** Inputs name a control by its place: those behind it move up with theirs. Only then is the next one's place known. */
  async remove(index) {
    if (this.removing) return;
    this.removing = true;
    await this.book.change(() => this.without(index)).finally(() => (this.removing = false));
  }

  without(index) {
    const { draft, inputs } = this.book.cell(this.id);
    const kept = Object.entries(inputs).flatMap(([name, reference]) => {
      const at = /^controls\.(\d+)\.image$/.exec(name)?.[1];
      if (at === undefined || Number(at) < index) return [[name, reference]];
      return Number(at) === index ? [] : [[`controls.${at - 1}.image`, reference]];
    });
    const controls = draft.controls.filter((_, at) => at !== index);
    return { op: "edit", cell: this.id, draft: { controls }, inputs: Object.fromEntries(kept) };
  }
}

function write(fields, values) {
  for (const [name, field] of Object.entries(fields)) {
    const text = String(values[name] ?? "");
    if (field === document.activeElement && field.type === "number") continue;
    if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === text)) field.append(h("option", { value: text, text: text || "–" }));
    field.value = text;
  }
}

// Labelled controls for the benches that are drawn by scripts: each knows its value and says when it changes.

import { h, icon } from "./dom.js";
import { say } from "./words.js";

let count = 0;
const fresh = (name) => `${name}-${(count += 1)}`;

/** A text of some lines. */
export function words(label, { placeholder = "", lines = 3, id = fresh("words"), on } = {}) {
  const input = h("textarea", { id, rows: lines, placeholder, maxlength: 2000, on: { input: () => on?.(input.value) } });
  const element = h("div", { class: "field words-field" }, h("label", { for: id, text: label }), input);
  return { element, input, get: () => input.value.trim(), set: (value) => (input.value = value ?? "") };
}

/** A slider whose number can also be typed. */
export function slider(label, { min, max, step, value, unit = "", note = "", on } = {}) {
  const id = fresh("slider");
  const range = h("input", { type: "range", id, min, max, step });
  const number = h("input", { type: "number", min, max, step, "aria-label": label, inputmode: "decimal" });
  const paint = () => range.style.setProperty("--filled", `${(100 * (range.value - min)) / (max - min)}%`);
  const set = (given) => {
    range.value = number.value = given;
    paint();
  };
  range.addEventListener("input", () => {
    number.value = range.value;
    paint();
    on?.(Number(range.value));
  });
  number.addEventListener("change", () => {
    const wanted = Math.min(max, Math.max(min, Number(number.value) || 0));
    set(wanted);
    on?.(wanted);
  });
  set(value);
  const heading = h("div", { class: "field-head" }, h("label", { for: id, text: label }), h("span", { class: "amount" }, number, unit && h("span", { text: unit })));
  const element = h("div", { class: "field" }, heading, range, note && h("p", { class: "field-note", text: note }));
  return { element, get: () => Number(range.value), set };
}

/** One of a few, as chips. `options` are [value, label]. */
export function chips(label, options, value, on) {
  const name = fresh("chips");
  const inputs = options.map(([key]) => h("input", { type: "radio", name, value: key }));
  const rows = options.map(([, words], index) => h("label", {}, inputs[index], h("span", { text: words })));
  const set = (wanted) => inputs.forEach((input) => (input.checked = input.value === String(wanted)));
  for (const input of inputs) input.addEventListener("change", () => on?.(input.value));
  set(value);
  const element = h("fieldset", { class: "field choice-chips" }, h("legend", { text: label }), h("div", { class: "row-of-chips" }, rows));
  return { element, get: () => inputs.find((input) => input.checked)?.value, set };
}

/** Said beside a negative prompt: without guidance there is nothing that it could lead away from. */
export function negativeNote() {
  const element = h("small", { class: "idle-note", role: "status" });
  const show = (guidance) => (element.textContent = guidance <= 1 ? say("negative_idle") : "");
  return { element, show };
}

/** One of many. */
export function select(label, options, value, on) {
  const id = fresh("select");
  const input = h("select", { id, on: { change: () => on?.(input.value) } });
  const fill = (rows, wanted) => {
    input.replaceChildren(...rows.map(([key, words]) => h("option", { value: key, text: words })));
    if (rows.some(([key]) => key === wanted)) input.value = wanted;
  };
  fill(options, value);
  const element = h("div", { class: "field" }, h("label", { for: id, text: label }), h("div", { class: "select" }, input));
  return { element, input, fill, get: () => input.value, set: (wanted) => (input.value = wanted) };
}

export function toggle(label, value, on, note = "") {
  const input = h("input", { type: "checkbox", role: "switch", on: { change: () => on?.(input.checked) } });
  input.checked = value;
  const element = h("label", { class: "field switch" }, h("span", {}, label, note && h("small", { text: note })), input);
  return { element, get: () => input.checked, set: (wanted) => (input.checked = Boolean(wanted)) };
}

export function whole(label, { min, max, value = 0, on, unit = "" } = {}) {
  const id = fresh("whole");
  const input = h("input", { type: "number", id, min, max, step: 1, inputmode: "numeric" });
  input.value = value;
  input.addEventListener("change", () => {
    input.value = Math.min(max, Math.max(min, Math.round(Number(input.value) || 0)));
    on?.(Number(input.value));
  });
  const element = h("div", { class: "field whole" }, h("label", { for: id, text: label }), h("span", { class: "amount" }, input, unit && h("span", { text: unit })));
  return { element, get: () => Number(input.value), set: (wanted) => (input.value = wanted) };
}

/** What is rarely changed, folded away. */
export function folded(label, ...children) {
  return h("details", { class: "fold" }, h("summary", {}, h("span", { text: label })), h("div", { class: "fold-body" }, children));
}

/** What was typed as a seed, as text from here to the studio: a number of a script holds 53 bits, and a seed 64. */
export function readSeed(text) {
  const typed = text.trim();
  return /^\d+$/.test(typed) ? String(BigInt(typed)) : typed || null;
}

/** A seed: empty for a new one each time. */
export function seed() {
  const id = fresh("seed");
  const input = h("input", { type: "text", id, inputmode: "numeric", placeholder: say("seed_placeholder"), autocomplete: "off", maxlength: 20 });
  const roll = h("button", { type: "button", class: "button quiet", title: say("seed_roll"), "aria-label": say("seed_roll"), on: { click: () => (input.value = crypto.getRandomValues(new Uint32Array(1))[0]) } }, icon("dice"));
  const element = h("div", { class: "field seed-field" }, h("label", { for: id, text: say("seed_label") }), h("div", { class: "with-tool" }, input, roll));
  return { element, get: () => readSeed(input.value), set: (value) => (input.value = value ?? "") };
}

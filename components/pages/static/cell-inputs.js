// What a cell is made from: small pictures with their `#3.2`, the picker that changes them, and the mask over one.

import { h, icon, keepingFocus } from "./dom.js";
import { paintMask } from "./mask-dialog.js";
import { popover, toast } from "./overlays.js";
import { say } from "./words.js";

const NEEDS = { image_to_image: ["image"], inpaint: ["image"], upscale: ["image"] };

/** Fills `row` with a chip for each input. */
export function inputsRow(row, notebook, cell) {
  const names = new Set([...(NEEDS[cell.draft.kind] ?? []), ...Object.keys(cell.inputs)]);
  cell.draft.controls?.forEach((_, index) => names.add(`controls.${index}.image`));
  row.hidden = names.size === 0;
  const masked = cell.draft.kind === "inpaint";
  const key = JSON.stringify([cell.draft.mask, ...[...names].map((name) => [name, source(notebook.book, cell, name)])]);
  if (row.dataset.key === key) return;
  row.dataset.key = key;
  const chips = [...names].map((name) => chip(notebook, cell.id, name));
  keepingFocus(row, () => row.replaceChildren(...chips, ...(masked ? [maskChip(notebook.book, cell)] : [])));
}

/** The mask, small, and the way to paint it. */
function maskChip(book, cell) {
  const { mask } = cell.draft;
  const thumb = mask ? h("img", { src: `/inputs/${mask}`, alt: "", width: 40, height: 40, loading: "lazy" }) : h("span", { class: "hole" }, icon("brush"));
  const words = say(mask ? "mask_repaint" : "mask_paint");
  const open = h("button", { type: "button", class: `chip ${mask ? "" : "missing"}`, "aria-haspopup": "dialog", text: "" }, thumb, h("span", { text: words }));
  open.addEventListener("click", async () => {
    const now = book.cell(cell.id);
    const picture = book.source(now, "image");
    if (!picture) return toast(say("mask_no_picture"), { kind: "bad" });
    const painted = await paintMask(picture, now.draft.mask, marginsOf(now.draft));
    if (painted) book.change({ op: "edit", cell: cell.id, draft: painted });
  });
  return h("div", { class: "from" }, h("span", { class: "from-word", text: say("inpaint_mask") }), open);
}

function marginsOf({ left, top, right, bottom }) {
  return { left, top, right, bottom };
}

function source(book, cell, name) {
  const reference = cell.inputs[name];
  const image = book.source(cell, name);
  if (!reference) return { image, label: "" };
  return { image, label: `#${book.number(reference.cell)}.${reference.output + 1}`, cell: reference.cell };
}

function chip(notebook, cellId, name) {
  const { image, label, cell } = source(notebook.book, notebook.book.cell(cellId), name);
  const words = label || (image ? say("notebook_input_own") : say("notebook_input_none"));
  const thumb = image ? h("img", { src: `/sources/${image}/thumb512`, alt: "", width: 40, height: 40, loading: "lazy" }) : h("span", { class: "hole" }, icon("picture"));
  const popup = { "aria-haspopup": "dialog", "aria-expanded": "false" };
  const pick = h("button", { type: "button", class: `chip ${image || label ? "" : "missing"}`, title: say("notebook_input_change"), ...popup }, thumb, h("span", { text: words }));
  pick.setAttribute("aria-label", say("notebook_input_label", { words }));
  pick.addEventListener("click", () => openPicker(pick, notebook, cellId, name));
  if (cell) {
    pick.addEventListener("pointerenter", () => notebook.point(cell, true));
    pick.addEventListener("pointerleave", () => notebook.point(cell, false));
  }
  return h("div", { class: "from" }, h("span", { class: "from-word", text: say("notebook_made_from") }), pick);
}

/** Every picture of an earlier cell, the nearest first. */
function openPicker(anchor, notebook, cellId, name) {
  const { book } = notebook;
  const at = book.number(cellId) - 1;
  const earlier = book.document.cells.slice(0, at).filter((one) => one.draft).reverse();
  const rows = earlier.flatMap((one) => options(book, one));
  const none = h("p", { class: "faint", text: say("notebook_input_nothing") });
  const list = h("div", { class: "picker" }, rows.length ? rows.map((row) => option(row)) : none);
  const opened = popover(anchor, list, say("notebook_input_change"));

  function option({ reference, label, image, prompt }) {
    const thumb = image ? h("img", { src: `/i/${image}/thumb256`, alt: "", width: 72, height: 72, loading: "lazy" }) : h("span", { class: "hole" }, icon("picture"));
    const choose = () => {
      opened.close();
      book.change({ op: "edit", cell: cellId, inputs: { ...book.cell(cellId).inputs, [name]: reference } });
    };
    return h("button", { type: "button", class: "option", title: prompt, "aria-label": `${label} ${prompt}`, on: { click: choose } }, thumb, h("span", { text: label }));
  }
}

function options(book, cell) {
  const number = book.number(cell.id);
  const many = Math.max(cell.outputs.length, cell.outputs.length ? 0 : 1);
  return Array.from({ length: many }, (_, output) => ({
    reference: { cell: cell.id, output },
    label: `#${number}.${output + 1}`,
    image: cell.outputs[output]?.image,
    prompt: cell.draft.prompt,
  })).filter(({ image }) => image || !cell.outputs.length);
}

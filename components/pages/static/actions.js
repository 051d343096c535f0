// What can be done with a picture, wherever it is shown: keep it, use its settings, make it again, delete it.

import { post } from "./api.js";
import { restore } from "./bench.js";
import { compare } from "./compare.js";
import { button, h, icon } from "./dom.js";
import { sendToInpaint } from "./inpaint.js";
import { removed, restored } from "./live.js";
import { ask, copy, menu, popover, toast, toastFailure } from "./overlays.js";
import { publish } from "./publish.js";
import { openForm } from "./styles.js";
import { addControl, startFromPicture } from "./start.js";
import { openTab } from "./tabs.js";
import { sendToUpscale } from "./upscale.js";
import { bytes, say } from "./words.js";

const FORMATS = [["png", "PNG"], ["jpeg", "JPEG"], ["webp", "WebP"]];

/** Download as PNG, JPEG or WebP, with or without the settings inside, or as the model drew it. */
export function downloadMenu(anchor, image) {
  const box = () => h("input", { type: "checkbox", checked: true });
  const keep = { settings: box(), signed: box() };
  const rows = FORMATS.map(([format, name]) => fileRow(image, keep, { format, name: say("download_as", { format: name }) }));
  if (image.native) {
    const name = say("download_native", { width: image.native_width, height: image.native_height });
    rows.push(fileRow(image, keep, { format: "png", size: "native", name }));
  }
  const choice = (box, key) => h("label", { class: "row option" }, box, h("span", {}, say(key), h("small", { text: say(`${key}_note`) })));
  const choices = [choice(keep.settings, "download_metadata"), choice(keep.signed, "download_signed")];
  popover(anchor, h("div", { class: "menu" }, rows, h("hr"), choices), say("download"));
}

function fileRow(image, keep, { format, size = "full", name }) {
  const note = format === "png" && size === "full" && image.size_bytes ? bytes(image.size_bytes) : null;
  const row = h(
    "a",
    { class: "row", href: "#", download: "" },
    icon("download"),
    h("span", {}, name, note && h("small", { text: note })),
  );
  row.addEventListener("click", () => {
    const [metadata, signed] = [keep.settings, keep.signed].map((box) => (box.checked ? 1 : 0));
    row.href = `/i/${image.id}/download?${new URLSearchParams({ format, size, metadata, signed })}`;
  });
  return row;
}

const offers = [];

/** Adds entries to the menu of every picture: `make(image)` answers `{label, name, run, ...}`, a list of them, or null. */
export function offer(make) {
  offers.push(make);
}

/** A picture's menu: what the settings are good for, what other parts of the page offer, and the way out. */
export function moreMenu(anchor, image) {
  const known = hasSettings(image);
  const settings = [
    { label: say("use_settings"), name: "settings", run: () => useSettings(image) },
    image.kind !== "imported" && { label: say("reproduce"), name: "again", run: () => reproduce(image) },
    { label: say("copy_prompt"), name: "copy", run: () => copy(image.prompt, say("copied")) },
    { label: say("copy_settings"), name: "copy", run: () => copy(image.parameters, say("copied")) },
    { label: say("style_from_picture"), note: say("style_from_picture_note"), name: "styles", run: () => openForm({ prompt: `{prompt}, ${image.prompt}`, negative: image.draft.negative_prompt, of: image.id }) },
    image.command && { label: say("copy_command"), name: "copy", run: () => copy(image.command, say("copied")) },
  ];
  const entries = [
    ...destinations(image),
    image.draft.image && { label: say("compare_with_source"), name: "compare", run: () => compareWithSource(image) },
    mayPublish(image) && { label: say("publish"), name: "publish", run: () => publish(image) },
    ...(known ? settings : []),
    ...offers.flatMap((make) => make(image)),
    { label: say("open_new_tab"), name: "open", href: image.url, target: "_blank" },
    { label: say("delete"), name: "trash", kind: "bad", run: () => discardImages([image.id]) },
    { label: say("delete_final"), name: "trash", kind: "bad", run: () => deleteImages([image.id]) },
  ];
  menu(anchor, entries.filter(Boolean), say("more"));
}

/** What was made here and is not held back. */
export function mayPublish(image) {
  return !image.flag && image.kind !== "imported";
}

/** A picture that was brought may say nothing of how it was made. */
export function hasSettings(image) {
  return Boolean(image.draft.model);
}

/** Where a picture can go on from. */
function destinations(image) {
  return [
    { label: say("send_inpaint"), name: "brush", run: () => sendToInpaint(image.id) },
    { label: say("send_upscale"), name: "enlarge", run: () => sendToUpscale(image.id) },
    { label: say("send_image"), name: "picture", run: () => startFromPicture(image.id) },
    { label: say("send_control"), name: "control", run: () => addControl(image.id) },
  ];
}

/** The menu of these alone, for a button of its own. */
export function sendMenu(anchor, image) {
  menu(anchor, destinations(image), say("send_to"));
}

/** What it was made from and what became of it, over each other. */
export function compareWithSource(image) {
  const alt = say("picture_alt", { prompt: image.prompt, seed: image.seed });
  const pair = compare({ before: `/sources/${image.draft.image}`, after: image.url, width: image.width, height: image.height, alt });
  const close = button(say("close"), { name: "close", kind: "outlined", on: () => dialog.close() });
  const dialog = h("dialog", { class: "question compare-dialog", "aria-label": say("compare_with_source") }, pair, h("div", { class: "choices" }, close));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** Back into the controls of the bench that it was made on. */
export function useSettings(image) {
  openDraft({ ...image.draft, seed: image.seed });
  toast(say("settings_used"));
}

/** What a draft says, in the controls of its bench. */
export function openDraft(draft) {
  if (draft.kind === "inpaint") sendToInpaint(draft.image, { mask: draft.mask, margins: marginsOf(draft), settings: draft });
  else if (draft.kind === "upscale") sendToUpscale(draft.image, { settings: upscaleSettings(draft) });
  else {
    openTab("text_to_image");
    restore(draft);
  }
  location.hash = "#studio";
}

function marginsOf({ left, top, right, bottom }) {
  return { left, top, right, bottom };
}

function upscaleSettings({ scale, width, height, upscaler, creativity, prompt, model, steps }) {
  const factor = [2, 3, 4].includes(scale) ? String(scale) : "0";
  return { factor, side: Math.max(width, height), upscaler, creative: creativity > 0, creativity, prompt, model, steps };
}

export async function reproduce(image) {
  try {
    await post(`/api/images/${image.id}/reproduce`);
    location.hash = "#studio";
    toast(say("reproducing"));
  } catch (failure) {
    toastFailure(failure);
  }
}

/** They are gone at once, and for a while one click brings them back. Resolves to whether they went. */
export async function discardImages(ids) {
  const n = ids.length;
  try {
    await post("/api/images/discard", { ids });
  } catch (failure) {
    toastFailure(failure);
    return false;
  }
  removed(ids);
  toast(say("deleted", { n }), { undo: () => restoreImages(ids) });
  return true;
}

async function restoreImages(ids) {
  const { restored: back } = await post("/api/images/restore", { ids });
  restored(back);
  toast(back.length === ids.length ? say("restored", { n: back.length }) : say("restored_late"));
}

/** For good. Asks first; resolves to whether they went. */
export async function deleteImages(ids) {
  const n = ids.length;
  const question = { title: say("delete_ask", { n }), text: say("delete_text", { n }), action: say("delete_images", { n }) };
  if (!(await ask(question))) return false;
  try {
    await post("/api/images/delete", { ids });
  } catch (failure) {
    toastFailure(failure);
    return false;
  }
  removed(ids);
  toast(say("deleted_final", { n }));
  return true;
}

export function copySeed(seed) {
  copy(String(seed), say("seed_copied", { seed }));
}

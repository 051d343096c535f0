// Pictures to start from: chosen from what was made, dropped, pasted or picked as a file. Knows what one is on the server.

import { get, postFile } from "./api.js";
import { button, h, icon } from "./dom.js";
import { toastHeld } from "./flag.js";
import { toastFailure } from "./overlays.js";
import { isOpen } from "./tabs.js";
import { say } from "./words.js";

const RECENT = 12;

/** `{id, url, width, height, prompt}` of a picture of the gallery or of one that was brought along. */
export async function source(id) {
  const found = await get(`/api/sources/${encodeURIComponent(id)}`);
  if (found.flag?.veiled) toastHeld(found);
  return found;
}

/** Keeps a file on the server and answers what it is there, or null after saying why not. */
export async function bring(file) {
  try {
    const kept = await postFile("/api/inputs", file);
    return await source(kept.id);
  } catch (failure) {
    toastFailure(failure);
    return null;
  }
}

export function thumb(id) {
  return `/sources/${id}/thumb512`;
}

/** A decoded picture. */
export async function decoded(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

/** Asks for a file; resolves to null when the person changes their mind. */
export function askForFile() {
  return new Promise((resolve) => {
    const input = h("input", { type: "file", accept: "image/*" });
    input.addEventListener("change", () => resolve(input.files[0] ?? null));
    input.addEventListener("cancel", () => resolve(null));
    input.click();
  });
}

/** Files and pictures of the page that are dropped on `element`; `pick` gets a source. */
export function acceptDrops(element, label, pick) {
  const veil = h("div", { class: "drop", hidden: true }, h("span", { text: label }));
  element.append(veil);
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].some((type) => type === "Files" || type === "text/uri-list");
  element.addEventListener("dragenter", (event) => carries(event) && (veil.hidden = false));
  element.addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  veil.addEventListener("dragleave", () => (veil.hidden = true));
  element.addEventListener("drop", async (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    event.stopPropagation();
    veil.hidden = true;
    const found = await dropped(event.dataTransfer);
    if (found) pick(found);
  });
}

async function dropped(transfer) {
  const own = /\/(?:i|sources)\/([0-9a-f]{32})/.exec(transfer.getData("text/uri-list")) ?? /#image\/([0-9a-f]{32})/.exec(transfer.getData("text/uri-list"));
  if (own) return source(own[1]).catch((failure) => toastFailure(failure));
  return transfer.files[0] ? bring(transfer.files[0]) : null;
}

/** A picture pasted while the bench is open. */
export function acceptPastes(tab, pick) {
  document.addEventListener("paste", async (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
    if (!file || !isOpen(tab)) return;
    event.preventDefault();
    const found = await bring(file);
    if (found) pick(found);
  });
}

/** What stands where no picture is yet: a place to drop one, and the latest ones. */
export function chooser(title, text, pick) {
  const latest = h("div", { class: "latest" });
  const heading = h("h3", { text: say("source_latest"), hidden: true });
  const choose = button(say("source_file"), { name: "plus", kind: "primary", on: async () => {
    const file = await askForFile();
    const found = file && (await bring(file));
    if (found) pick(found);
  } });
  const element = h("div", { class: "chooser" }, h("div", { class: "chooser-zone" }, icon("picture"), h("h2", { text: title }), h("p", { text }), choose), heading, latest);
  return { element, fill: () => fillLatest(heading, latest, pick) };
}

async function fillLatest(heading, latest, pick) {
  const page = await get(`/api/images?limit=${RECENT}`).catch(() => ({ images: [] }));
  heading.hidden = page.images.length === 0;
  latest.replaceChildren(...page.images.map((image) => tile(image, pick)));
}

function tile(image, pick) {
  const label = say("source_use", { prompt: image.prompt || say("untitled") });
  const picture = h("img", { src: image.thumb, alt: "", width: 128, height: 128, loading: "lazy" });
  return h("button", { type: "button", class: "latest-tile", "aria-label": label, title: image.prompt, on: { click: async () => pick(await source(image.id)) } }, picture);
}

/** Resolves to a source chosen in a dialog, or null. */
export function chooseSource(title) {
  return new Promise((resolve) => {
    let chosen = null;
    const pick = (found) => {
      chosen = found;
      dialog.close();
    };
    const body = chooser(title, say("source_drop"), pick);
    const close = button(say("cancel"), { kind: "outlined", on: () => dialog.close() });
    const dialog = h("dialog", { class: "question wide chooser-dialog", "aria-label": title }, body.element, h("div", { class: "choices" }, close));
    acceptDrops(dialog, say("source_drop_here"), pick);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
    body.fill();
  });
}
